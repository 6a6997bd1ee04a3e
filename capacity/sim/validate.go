package sim

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/agencyos/headroom/capacity/hpa"
	"github.com/agencyos/headroom/capacity/sim/load"
)

// Bounds of a scenario: beyond them a run takes hours and means nothing.
const (
	longestWarmup   = 24 * time.Hour
	longestPhase    = 24 * time.Hour // of a pod's start and end
	longestScrape   = time.Hour
	mostPoints      = 10000
	mostReplicas    = 100000
	mostConnections = 1e6
	mostCores       = 1e5
	mostMilli       = 1e6  // of CPU for a pod
	mostRPS         = 1e8  // at the pods of a service
	mostPercent     = 1000 // of surge
	// leastResolution is what metrics-server accepts
	// (sigs.k8s.io/metrics-server cmd/metrics-server/app/options, v0.8.0).
	leastResolution = 10 * time.Second
)

// withDefaults fills in what is not stated.
func (s Scenario) withDefaults() Scenario {
	if s.Fidelity == "" {
		s.Fidelity = Control
	}
	if s.Points == 0 {
		s.Points = 600
	}
	if s.Warmup == 0 {
		s.Warmup = s.MetricsResolution // the clock needs some past
	}
	return s
}

// faults collects what is wrong.
type faults []error

func (f *faults) require(ok bool, format string, args ...any) {
	if !ok {
		*f = append(*f, fmt.Errorf(format, args...))
	}
}

// natural requires a number from 0 to a bound, which NaN is not.
func (f *faults) natural(path string, x, most float64) {
	f.require(x >= 0 && x <= most, "%s = %g: must be from 0 to %g", path, x, most)
}

// above requires a number above 0.
func (f *faults) above(path string, x, most float64) {
	f.require(x > 0 && x <= most, "%s = %g: must be above 0 and at most %g", path, x, most)
}

func (f *faults) count(path string, n, least, most int) {
	f.require(n >= least && n <= most, "%s = %d: must be from %d to %d", path, n, least, most)
}

func (f *faults) lasts(path string, d, least, most time.Duration) {
	f.require(d >= least && d <= most, "%s = %s: must be from %s to %s", path, d, least, most)
}

// part adds each problem of a part under its path; one that has its own needs none.
func (f *faults) part(path string, err error) {
	if err == nil {
		return
	}
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range all.Unwrap() {
			f.part(path, one)
		}
		return
	}
	if path != "" {
		err = fmt.Errorf("%s: %w", path, err)
	}
	*f = append(*f, err)
}

// validate lists everything that is wrong with a scenario.
func (s *Scenario) validate() error {
	var f faults
	f.require(s.Fidelity == Control || s.Fidelity == Request, "fidelity = %q: must be %q or %q", s.Fidelity, Control, Request)
	f.count("points", s.Points, 1, mostPoints)
	f.require(s.Load.Duration() > 0, "load: has no duration; give it two knots or more")
	f.lasts("warmup", s.Warmup, 0, longestWarmup)
	f.lasts("metricsResolution", s.MetricsResolution, leastResolution, longestScrape)
	f.lasts("scrapeInterval", s.ScrapeInterval, time.Second, longestScrape)
	f.natural("fixedUSDPerHour", s.FixedUSDPerHour, math.MaxFloat64)
	f.require(len(s.Services) > 0, "services: at least one is needed")
	names := map[string]bool{}
	for i := range s.Services {
		v := &s.Services[i]
		at := fmt.Sprintf("services[%d] %s", i, v.Name)
		f.require(!names[v.Name], "%s: the name occurs twice", at)
		names[v.Name] = true
		v.check(&f, at, s)
	}
	if s.Database != nil {
		s.Database.check(&f, len(s.Services))
	}
	f.part("", s.Fleet.Validate())
	for i, d := range s.Disturbances {
		problem := d.problem(s)
		f.require(problem == "", "disturbances[%d]: %s", i, problem)
	}
	return errors.Join(f...)
}

func (d *Database) check(f *faults, services int) {
	f.count("database: usable", d.Usable, 1, mostConnections)
	f.count("database: pooler", d.Pooler, 0, mostConnections)
	f.above("database: cores", d.Cores, mostCores)
	f.require(len(d.CPU) == services, "database: cpu has %d entries for %d services", len(d.CPU), services)
	for i, w := range d.CPU {
		f.require(w.Valid(), "database: cpu[%d] = %+v: must be a time in seconds from 0 and a cv2 from 0 to 100", i, w)
	}
}

func (v *Service) check(f *faults, at string, s *Scenario) {
	v.traffic(f, at+": ", s.Load.Max())
	v.pods(f, at+": ", len(s.Fleet.Demands))
	v.metrics(f, at+": ", s.ScrapeInterval)
	_, err := hpa.New(s.Kubernetes, v.HPA)
	f.part(at+": hpa", err)
	f.part(at+": station", v.Station.Validate())
}

// traffic is what reaches a service.
func (v *Service) traffic(f *faults, at string, top float64) {
	f.natural(at+"peakRPS", v.PeakRPS, mostRPS)
	f.natural(at+"cdnHitRatio", v.CDNHitRatio, 1)
	f.above(at+"missAmplification", v.MissAmplification, mostRPS)
	f.above(at+"targetRPS", v.TargetRPS, mostRPS)
	f.natural(at+"safeRPS", v.SafeRPS, mostRPS)
	if v.PeakRPS <= mostRPS && v.MissAmplification <= mostRPS {
		most := v.PeakRPS * v.MissAmplification * top
		f.require(!(most > mostRPS), "%speakRPS × missAmplification × the highest level of the load = %g: must be at most %g", at, most, mostRPS)
	}
}

func (v *Service) pods(f *faults, at string, demands int) {
	f.count(at+"replicas", v.Replicas, 0, mostReplicas)
	f.require(v.Demand >= 0 && v.Demand < demands, "%sdemand = %d: the fleet has %d", at, v.Demand, demands)
	f.above(at+"cpuRequest", v.CPURequest, mostMilli)
	f.natural(at+"idleCPU", v.IdleCPU, mostMilli)
	f.lasts(at+"start", v.Start, 0, longestPhase)
	f.lasts(at+"deregistration", v.Deregistration, 0, longestPhase)
	f.lasts(at+"preStop", v.PreStop, 0, longestPhase)
	f.lasts(at+"drain", v.Drain, 0, longestPhase)
	f.lasts(at+"minReady", v.MinReady, 0, longestPhase)
	f.natural(at+"surgePercent", v.SurgePercent, mostPercent)
	f.natural(at+"unavailablePercent", v.UnavailablePercent, 100)
	f.count(at+"disruptionBudget", v.DisruptionBudget, 0, mostReplicas)
}

// metrics must each have a signal that can be read as one.
func (v *Service) metrics(f *faults, at string, scrape time.Duration) {
	specs := v.HPA.Metrics
	if len(specs) == 0 {
		specs = []hpa.Metric{{Source: hpa.Resource}} // as the API server fills in
	}
	if len(v.Signals) != len(specs) {
		f.require(false, "%ssignals: %d for %d metrics of the autoscaler", at, len(v.Signals), len(specs))
		return
	}
	for i, g := range v.Signals {
		path := fmt.Sprintf("%ssignals[%d]", at, i)
		known := g.Kind == CPUUse || g.Kind == InFlight || g.Kind == RequestRate
		f.require(known, "%s kind = %q: must be %s, %s or %s", path, g.Kind, CPUUse, InFlight, RequestRate)
		total := specs[i].Source == hpa.External || specs[i].Source == hpa.Object
		f.require(!known || total == (g.Kind != CPUUse), "%s: %s cannot be read as a metric of source %s", path, g.Kind, specs[i].Source)
		f.require(g.Kind != RequestRate || g.Window >= 2*scrape && g.Window <= load.Longest, "%s window = %s: must hold two scrapes of %s", path, g.Window, scrape)
	}
}
