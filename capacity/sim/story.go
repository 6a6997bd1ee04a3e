package sim

import (
	"math"
	"time"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/sim/station"
)

// brokenShare is the share of promised requests above which a window breaks the
// promise, which is about the 99th percentile.
const brokenShare = 0.01

// story is what a service goes through.
type story struct {
	result ServiceResult
	// rise is when the load first rises, needed the pods for its highest level.
	rise   time.Duration
	rises  bool
	needed int
	// overloaded is since when the load is high enough to trigger; never else.
	overloaded time.Duration
	scaled     bool // a decision to scale up came after the rise
	// enough is since when as many pods as needed are Ready; never while they are
	// not. capable is true once they are after the rise.
	enough     time.Duration
	capable    bool
	podSeconds float64
	slice      sliced
}

// sliced is what a point of the timeline sums up.
type sliced struct {
	requests, failed, weight, p99 float64
}

const never = time.Duration(math.MinInt64)

func newStory(s *Scenario, v *Service) story {
	t := story{overloaded: never, enough: never, result: ServiceResult{Name: v.Name, PeakReplicas: v.Replicas}}
	t.rise, t.rises = s.Load.FirstRise()
	if v.SafeRPS > 0 {
		t.needed = int(math.Ceil(s.Load.Max()*v.origin()/v.SafeRPS - 1e-9))
	}
	return t
}

// origin are the requests per second that reach the pods at today's peak.
func (v *Service) origin() float64 { return v.PeakRPS * (1 - v.CDNHitRatio) * v.MissAmplification }

// add takes a window in.
func (t *story) add(w station.Window, length time.Duration) {
	r := &t.result
	r.Requests += w.Requests
	r.Failures = r.Failures.Plus(w.Failures)
	r.PoolWaitMs = math.Max(r.PoolWaitMs, 1000*w.PoolWait)
	r.OpenConnections = max(r.OpenConnections, w.Connections)
	if w.Promised > 0 && w.Broken > brokenShare*w.Promised {
		r.ViolationSeconds += length.Seconds()
	}
	failed := w.Sum()
	t.slice.requests += w.Requests
	t.slice.failed += failed
	if !math.IsInf(w.P99, 1) {
		t.slice.weight += w.Requests
		t.slice.p99 += w.Requests * w.P99
	}
}

// point closes a slice of the timeline.
func (t *story) point(length time.Duration) ServicePoint {
	s := t.slice
	t.slice = sliced{}
	p := ServicePoint{RPS: s.requests / length.Seconds(), Failed: s.failed / length.Seconds(), P99Ms: -1}
	if s.failed <= brokenShare*s.requests && s.weight > 0 {
		p.P99Ms = 1000 * s.p99 / s.weight
	}
	if s.requests == 0 {
		p.P99Ms = 0
	}
	return p
}

// readied notes how many pods are Ready.
func (t *story) readied(at time.Duration, n int) {
	t.result.PeakReady = max(t.result.PeakReady, n)
	switch {
	case n < t.needed:
		t.enough = never
	case t.enough == never:
		t.enough = at
	}
	if t.rises && at >= t.rise && !t.capable && t.enough != never {
		t.capable = true
		t.result.CapacitySeconds = max(0, t.enough-t.rise).Seconds()
	}
}

// rescaled notes a decision of the autoscaler.
func (t *story) rescaled(at time.Duration, replicas int, up bool) {
	if at < 0 {
		return
	}
	t.result.Rescales++
	t.result.PeakReplicas = max(t.result.PeakReplicas, replicas)
	if !up {
		return
	}
	if t.rises && at >= t.rise && !t.scaled {
		t.scaled = true
		t.result.FirstScaleSeconds = (at - t.rise).Seconds()
	}
	if t.overloaded != never {
		t.result.TriggerSeconds = math.Max(t.result.TriggerSeconds, (at - t.overloaded).Seconds())
		t.overloaded = never
	}
}

// judge looks whether the load is held high enough that a decision must come.
func (r *run) judge(w *workload) {
	if r.since() < 0 {
		return
	}
	t := &w.story
	t.readied(r.since(), w.readyNow)
	offered := w.PeakRPS * r.Load.At(r.since()) * (1 - w.cdnHits) * w.MissAmplification
	carried := float64(w.replicas) * w.TargetRPS
	switch {
	case offered < budget.Overload*carried*(1-1e-9) || w.replicas >= int(w.HPA.MaxReplicas):
		t.overloaded = never
	case t.overloaded == never:
		t.overloaded = r.since()
	}
}

func (r *run) judgeAll() {
	for _, w := range r.services {
		r.judge(w)
	}
}

// close ends the story: what did not happen is -1.
func (t *story) close(w *workload) {
	for _, id := range w.live {
		t.podSeconds += (w.advanced - w.pods[id].created).Seconds()
	}
	if t.overloaded != never {
		t.result.TriggerSeconds = -1
	}
	if t.rises && !t.capable {
		t.result.CapacitySeconds = -1
	}
	if t.rises && !t.scaled {
		t.result.FirstScaleSeconds = -1
	}
	q := w.plane.Quantiles()
	t.result.P50Ms, t.result.P90Ms, t.result.P99Ms, t.result.P999Ms = millis(q.P50), millis(q.P90), millis(q.P99), millis(q.P999)
	t.result.PodHours = t.podSeconds / 3600
}

// millis is -1 for an infinite time.
func millis(seconds float64) float64 {
	if math.IsInf(seconds, 1) {
		return -1
	}
	return 1000 * seconds
}
