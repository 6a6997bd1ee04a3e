package sim

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Bounds of a scenario: beyond them a run takes hours and means nothing.
const (
	longestWarmup = 24 * time.Hour
	mostPoints    = 10000
	mostReplicas  = 100000
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

// validate lists what is wrong with a scenario; fleet, stations and autoscalers
// check their own parts.
func (s *Scenario) validate() error {
	var f faults
	f.require(s.Fidelity == Control || s.Fidelity == Request, "fidelity = %q: must be %q or %q", s.Fidelity, Control, Request)
	f.require(s.Points >= 1 && s.Points <= mostPoints, "points = %d: must be from 1 to %d", s.Points, mostPoints)
	f.require(len(s.Services) > 0, "services: at least one is needed")
	s.times(&f)
	for i := range s.Services {
		v := &s.Services[i]
		at := fmt.Sprintf("services[%d] %s", i, v.Name)
		v.traffic(&f, at)
		v.pods(&f, at, s)
	}
	if s.Database != nil {
		s.Database.check(&f, len(s.Services))
	}
	for i, d := range s.Disturbances {
		problem := d.problem(s)
		f.require(problem == "", "disturbances[%d]: %s", i, problem)
	}
	return errors.Join(f...)
}

func (s *Scenario) times(f *faults) {
	f.require(s.Load.Duration() > 0, "load: has no duration; give it two knots or more")
	f.require(s.Warmup >= 0 && s.Warmup <= longestWarmup, "warmup = %s: must be from 0 to %s", s.Warmup, longestWarmup)
	f.require(min(s.MetricsResolution, s.ScrapeInterval) >= time.Second && max(s.MetricsResolution, s.ScrapeInterval) <= time.Hour,
		"metricsResolution = %s and scrapeInterval = %s: must be from 1s to 1h", s.MetricsResolution, s.ScrapeInterval)
}

func (d *Database) check(f *faults, services int) {
	f.require(d.Usable >= 1 && positive(d.Cores) && d.Pooler >= 0, "database: usable = %d and cores = %g must be above 0, pooler = %d not below it", d.Usable, d.Cores, d.Pooler)
	f.require(len(d.CPU) == services, "database: cpu has %d entries for %d services", len(d.CPU), services)
}

// traffic is what reaches a service. Comparisons are such that NaN fails them.
func (v *Service) traffic(f *faults, at string) {
	f.require(v.PeakRPS == 0 || positive(v.PeakRPS), "%s: peakRPS = %g: must be a number from 0", at, v.PeakRPS)
	f.require(v.CDNHitRatio >= 0 && v.CDNHitRatio <= 1, "%s: cdnHitRatio = %g: must be from 0 to 1", at, v.CDNHitRatio)
	f.require(positive(v.MissAmplification) && positive(v.TargetRPS) && positive(v.CPURequest),
		"%s: missAmplification = %g, targetRPS = %g and cpuRequest = %g must be above 0", at, v.MissAmplification, v.TargetRPS, v.CPURequest)
	f.require(len(v.Signals) == max(1, len(v.HPA.Metrics)), "%s: signals: %d for %d metrics of the autoscaler", at, len(v.Signals), len(v.HPA.Metrics))
}

func (v *Service) pods(f *faults, at string, s *Scenario) {
	f.require(v.Replicas >= 0 && v.Replicas <= mostReplicas, "%s: replicas = %d: must be from 0 to %d", at, v.Replicas, mostReplicas)
	f.require(v.Demand >= 0 && v.Demand < len(s.Fleet.Demands), "%s: demand = %d: the fleet has %d", at, v.Demand, len(s.Fleet.Demands))
	f.require(min(v.Start, v.Deregistration, v.PreStop, v.Drain, v.MinReady) >= 0, "%s: start, deregistration, preStop, drain and minReady must not be negative", at)
	f.require(v.IdleCPU >= 0 && v.SurgePercent >= 0 && v.UnavailablePercent >= 0, "%s: idleCPU, surgePercent and unavailablePercent must not be negative", at)
}

func positive(x float64) bool { return x > 0 && !math.IsInf(x, 1) }
