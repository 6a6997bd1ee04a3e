package sim

import (
	"math"
	"time"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/hpa"
	"github.com/agencyos/headroom/capacity/sim/station"
)

// brokenShare is the share of promised requests above which a window breaks the
// promise, which is about the 99th percentile.
const brokenShare = 0.01

// story is what a service goes through.
type story struct {
	result ServiceResult
	// rise is when the load first rises, needed the pods for its highest level,
	// enough since when there are that many; never while there are not.
	rise   time.Duration
	rises  bool
	needed int
	enough time.Duration
	// overloaded is since when the load is high enough to trigger; never else.
	// It was judged last at a moment, against a level.
	overloaded, judged time.Duration
	level              float64
	scaled             bool // a decision to scale up came after the rise
	podSeconds         float64
	slice              sliced
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

// reaching are they as the CDN is now.
func (w *workload) reaching() float64 { return w.PeakRPS * (1 - w.cdnHits) * w.MissAmplification }

// add takes a window in.
func (t *story) add(w station.Window, length time.Duration) {
	r := &t.result
	r.Requests += w.Requests
	r.Failures = r.Failures.Plus(w.Failures)
	r.PoolWaitMs = max(r.PoolWaitMs, 1000*w.PoolWait)
	r.OpenConnections = max(r.OpenConnections, w.Connections)
	if w.Promised > 0 && w.Broken > brokenShare*w.Promised {
		r.ViolationSeconds += seconds(length)
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
	p := ServicePoint{RPS: s.requests / seconds(length), Failed: s.failed / seconds(length), P99Ms: -1}
	if s.failed <= brokenShare*s.requests && s.weight > 0 {
		p.P99Ms = 1000 * s.p99 / s.weight
	}
	if s.requests == 0 {
		p.P99Ms = 0
	}
	return p
}

// readied notes how many pods are Ready. Capacity that is there counts from the
// rise on; what was lost before it does not.
func (t *story) readied(at time.Duration, n int) {
	if at >= 0 {
		t.result.PeakReady = max(t.result.PeakReady, n)
	}
	switch {
	case n >= t.needed && t.enough == never:
		t.enough = at
	case n < t.needed && at <= t.rise:
		t.enough = never
	}
}

// lived adds the time that a pod has existed after the warmup.
func (t *story) lived(p *pod, now, warmup time.Duration) {
	t.podSeconds += max(0, now-max(0, p.created-warmup)).Seconds()
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
		t.result.TriggerSeconds = max(t.result.TriggerSeconds, (at - t.overloaded).Seconds())
		t.overloaded = never
	}
}

// overload is the level of the load from which a decision must come: as often as
// the replicas are fewer than the autoscaler may ask for.
func (w *workload) overload() float64 {
	reaching := w.reaching()
	if reaching <= 0 || w.replicas >= int(w.HPA.MaxReplicas) {
		return math.Inf(1)
	}
	return budget.Overload * float64(w.replicas) * w.TargetRPS * (1 - 1e-9) / reaching
}

// judge looks whether the load is held high enough that a decision must come.
func (r *run) judge(w *workload) {
	now := r.since()
	if now < 0 {
		return
	}
	t, level := &w.story, w.overload()
	switch {
	case r.levels.Mean(now, now) < level:
		t.overloaded = never
	case t.overloaded == never && level == t.level:
		t.overloaded = r.crossing(t.judged, now, level)
	case t.overloaded == never:
		t.overloaded = now
	}
	t.judged, t.level = now, level
}

// crossing is when the load reached a level that it has at the later of two
// moments and had not at the earlier.
func (r *run) crossing(from, to time.Duration, level float64) time.Duration {
	for to-from > time.Millisecond {
		if middle := from + (to-from)/2; r.Load.At(middle) < level {
			from = middle
		} else {
			to = middle
		}
	}
	return to
}

func (r *run) judgeAll() {
	for _, w := range r.services {
		r.judge(w)
	}
}

// close ends the story: what did not happen is -1. A wait that the end cuts off is
// no surprise within a sync, nor while it is shorter than one that ended.
func (t *story) close(w *workload, now, warmup time.Duration) {
	r := &t.result
	for _, id := range w.live {
		t.lived(&w.pods[id], now, warmup)
	}
	if waits := (now - t.overloaded).Seconds(); t.overloaded != never && waits > max(r.TriggerSeconds, hpa.DefaultSyncPeriod.Seconds()) {
		r.TriggerSeconds = -1
	}
	switch {
	case t.rises && t.enough == never:
		r.CapacitySeconds = -1
	case t.rises:
		r.CapacitySeconds = max(0, t.enough-t.rise).Seconds()
	}
	if t.rises && !t.scaled {
		r.FirstScaleSeconds = -1
	}
	q := w.plane.Quantiles()
	r.P50Ms, r.P90Ms, r.P99Ms, r.P999Ms = millis(q.P50), millis(q.P90), millis(q.P99), millis(q.P999)
	r.PodHours = t.podSeconds / 3600
}

// millis is -1 for an infinite time.
func millis(seconds float64) float64 {
	if math.IsInf(seconds, 1) {
		return -1
	}
	return 1000 * seconds
}
