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

// validate lists what is wrong with a scenario; fleet, stations and autoscalers
// check their own parts.
func (s *Scenario) validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if s.Fidelity != Control && s.Fidelity != Request {
		bad("fidelity = %q: must be %q or %q", s.Fidelity, Control, Request)
	}
	if s.Load.Duration() <= 0 {
		bad("load: has no duration; give it two knots or more")
	}
	if s.Warmup < 0 || s.Warmup > longestWarmup {
		bad("warmup = %s: must be from 0 to %s", s.Warmup, longestWarmup)
	}
	if min(s.MetricsResolution, s.ScrapeInterval) < time.Second || max(s.MetricsResolution, s.ScrapeInterval) > time.Hour {
		bad("metricsResolution = %s and scrapeInterval = %s: must be from 1s to 1h", s.MetricsResolution, s.ScrapeInterval)
	}
	if s.Points < 1 || s.Points > mostPoints {
		bad("points = %d: must be from 1 to %d", s.Points, mostPoints)
	}
	if len(s.Services) == 0 {
		bad("services: at least one is needed")
	}
	for i := range s.Services {
		for _, problem := range s.Services[i].problems(s) {
			bad("services[%d] %s: %s", i, s.Services[i].Name, problem)
		}
	}
	if db := s.Database; db != nil && (db.Usable < 1 || !positive(db.Cores) || db.Pooler < 0 || len(db.CPU) != len(s.Services)) {
		bad("database: usable = %d and cores = %g must be above 0, pooler = %d not below it, and cpu has %d entries for %d services", db.Usable, db.Cores, db.Pooler, len(db.CPU), len(s.Services))
	}
	for i, d := range s.Disturbances {
		if problem := d.problem(s); problem != "" {
			bad("disturbances[%d]: %s", i, problem)
		}
	}
	return errors.Join(errs...)
}

// problems of one service.
func (v *Service) problems(s *Scenario) []string {
	var out []string
	bad := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if !(v.PeakRPS >= 0) || math.IsInf(v.PeakRPS, 1) {
		bad("peakRPS = %g: must be a number from 0", v.PeakRPS)
	}
	if !(v.CDNHitRatio >= 0 && v.CDNHitRatio <= 1) {
		bad("cdnHitRatio = %g: must be from 0 to 1", v.CDNHitRatio)
	}
	if !positive(v.MissAmplification) || !positive(v.TargetRPS) || !positive(v.CPURequest) {
		bad("missAmplification = %g, targetRPS = %g and cpuRequest = %g must be above 0", v.MissAmplification, v.TargetRPS, v.CPURequest)
	}
	if v.Replicas < 0 || v.Replicas > mostReplicas {
		bad("replicas = %d: must be from 0 to %d", v.Replicas, mostReplicas)
	}
	if v.Demand < 0 || v.Demand >= len(s.Fleet.Demands) {
		bad("demand = %d: the fleet has %d", v.Demand, len(s.Fleet.Demands))
	}
	if len(v.Signals) != max(1, len(v.HPA.Metrics)) {
		bad("signals: %d for %d metrics of the autoscaler", len(v.Signals), len(v.HPA.Metrics))
	}
	if min(v.Start, v.Deregistration, v.PreStop, v.Drain, v.MinReady) < 0 {
		bad("start, deregistration, preStop, drain and minReady must not be negative")
	}
	if !(v.IdleCPU >= 0 && v.SurgePercent >= 0 && v.UnavailablePercent >= 0) {
		bad("idleCPU, surgePercent and unavailablePercent must not be negative")
	}
	return out
}

func positive(x float64) bool { return x > 0 && !math.IsInf(x, 1) }
