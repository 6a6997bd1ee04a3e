package hpa

import (
	"math"
	"time"
)

// propose returns the largest proposal of the metrics and which metric made it.
// It fails when no metric answers, or when one does not and the others would
// scale down.
func (a *Autoscaler) propose(now time.Duration, o *Observation) (replicas int32, metric int, ok bool) {
	failed := 0
	for i := range a.metrics {
		n, ok := a.proposal(now, &a.metrics[i], i, o)
		if !ok {
			failed++
			continue
		}
		if replicas == 0 || n > replicas {
			replicas, metric = n, i
		}
	}
	if failed == len(a.metrics) || failed > 0 && replicas < o.SpecReplicas {
		return 0, 0, false
	}
	return max(0, replicas), metric, true
}

func (a *Autoscaler) proposal(now time.Duration, m *Metric, i int, o *Observation) (int32, bool) {
	if i >= len(o.Readings) || o.Readings[i].Failed {
		return 0, false
	}
	r := &o.Readings[i]
	switch {
	case m.Source != Object && m.Source != External:
		return a.fromPods(now, m, r, o)
	case m.Target == AverageValue:
		return a.fromAverage(m, r.Total, o.StatusReplicas), true
	default:
		return a.fromTotal(m, r.Total, o)
	}
}

// fromPods is the proposal of a metric with a sample per pod: the counted pods
// decide the direction, then the others are filled in so that they damp it.
func (a *Autoscaler) fromPods(now time.Duration, m *Metric, r *Reading, o *Observation) (int32, bool) {
	if len(r.Samples) != len(o.Pods) {
		return 0, false
	}
	g, ok := a.group(now, m, r.Samples, o.Pods)
	if !ok || g.counted.weight == 0 {
		return 0, false
	}
	ratio := m.ratio(g.counted)
	damped := g.unready.pods > 0 && ratio > 1
	if !damped && g.missing.pods == 0 {
		if a.within(ratio) {
			return o.SpecReplicas, true
		}
		return ceil32(ratio * float64(g.counted.pods)), true
	}
	filled := g.counted
	switch {
	case ratio < 1:
		filled.add(g.missing)
	case ratio > 1:
		filled.add(g.missing.idle())
		filled.add(g.unready.idle())
	}
	return a.refined(ratio, m.ratio(filled), filled.pods, o.SpecReplicas), true
}

// refined is the proposal for the filled ratio, unless that is within tolerance
// or the filling turned the direction.
func (a *Autoscaler) refined(ratio, filled float64, pods int64, current int32) int32 {
	if a.within(filled) || ratio < 1 && filled > 1 || ratio > 1 && filled < 1 {
		return current
	}
	n := ceil32(filled * float64(pods))
	if filled < 1 && n > current || filled > 1 && n < current {
		return current
	}
	return n
}

// fromTotal is the proposal of an Object or External metric with Value: it
// scales the pods that are ready.
func (a *Autoscaler) fromTotal(m *Metric, total int64, o *Observation) (int32, bool) {
	ratio := float64(total) / float64(m.Value)
	if o.SpecReplicas == 0 {
		return ceil32(ratio), true
	}
	if a.within(ratio) {
		return o.SpecReplicas, true
	}
	if len(o.Pods) == 0 {
		return 0, false
	}
	ready := 0
	for i := range o.Pods {
		if o.Pods[i].Phase == Running && o.Pods[i].Ready == ReadyTrue {
			ready += 1 + int(o.Pods[i].Alike)
		}
	}
	want := ratio * float64(ready)
	if a.settings.Version >= V135 && want > math.MaxInt32 {
		return math.MaxInt32, true
	}
	return ceil32(want), true
}

// fromAverage is the proposal of an Object or External metric with AverageValue:
// it does not look at pods. Upstream caps External only, and takes a sum below zero
// for an overflow, so that a negative total scales up as far as the limits let it.
func (a *Autoscaler) fromAverage(m *Metric, total int64, status int32) int32 {
	if m.Source == External && total < 0 {
		total = math.MaxInt64
	}
	if a.within(float64(total) / (float64(m.Value) * float64(status))) {
		return status
	}
	want := math.Ceil(float64(total) / float64(m.Value))
	if m.Source == External && want > math.MaxInt32 {
		return math.MaxInt32
	}
	return int32(want)
}

// within includes both ends.
func (a *Autoscaler) within(ratio float64) bool {
	return 1-a.down.tolerance <= ratio && ratio <= 1+a.up.tolerance
}

func ceil32(x float64) int32 { return int32(math.Ceil(x)) }
