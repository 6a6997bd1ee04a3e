package sim

import (
	"slices"
	"time"

	"github.com/agencyos/headroom/capacity/hpa"
)

// view are the buffers of what an autoscaler sees.
type view struct {
	pods     []hpa.Pod
	readings []hpa.Reading
	samples  []hpa.Sample
	served   []float64
}

// observe is what the controller reads at a sync.
func (r *run) observe(w *workload) hpa.Observation {
	v := &w.view
	v.pods, v.samples, v.readings = v.pods[:0], v.samples[:0], v.readings[:0]
	if w.seesPods {
		r.observePods(w)
	}
	for i := range w.signals {
		g := &w.signals[i]
		switch {
		case w.outage > r.now:
			v.readings = append(v.readings, hpa.Reading{Failed: true})
		case g.Kind == CPUUse:
			v.readings = append(v.readings, hpa.Reading{Samples: v.samples})
		case g.Kind == RequestRate:
			value, known := w.rate(r.now, g.Window)
			v.readings = append(v.readings, hpa.Reading{Failed: !known, Total: thousandths(value)})
		default:
			v.readings = append(v.readings, hpa.Reading{Failed: !g.known, Total: thousandths(g.value)})
		}
	}
	return hpa.Observation{SpecReplicas: int32(w.replicas), StatusReplicas: int32(w.existing()), Pods: v.pods, Readings: v.readings}
}

// observePods sees the pods with their samples of CPU: veterans as one, the others
// one by one.
func (r *run) observePods(w *workload) {
	r.promote(w)
	v := &w.view
	if w.veterans > 0 {
		long := r.now - r.Kubernetes.CPUInitialization
		v.pods = append(v.pods, hpa.Pod{Phase: hpa.Running, Ready: hpa.ReadyTrue, HasStarted: true, Started: long, ReadyChanged: long, Alike: int32(w.veterans - 1)})
		v.samples = append(v.samples, w.sample(&w.common))
	}
	for _, id := range w.young {
		p := &w.pods[id]
		v.pods = append(v.pods, r.podView(p))
		v.samples = append(v.samples, w.sample(&p.cpu))
	}
}

// existing pods, as the status of the Deployment counts them.
func (w *workload) existing() int {
	n := w.veterans
	for _, id := range w.young {
		if w.pods[id].exists() {
			n++
		}
	}
	return n
}

// thousandths is a value as the adapter serves it: cut off
// (sigs.k8s.io/prometheus-adapter pkg/external-provider/metric_converter.go, v0.12.0).
func thousandths(value float64) int64 { return int64(1000 * value) }

// reads says whether a metric is of a kind.
func (w *workload) reads(k SignalKind) bool {
	return slices.ContainsFunc(w.signals, func(g signal) bool { return g.Kind == k })
}

// looksAtPods says whether a metric needs the pods: for their samples, or because
// it scales those that are Ready.
func (w *workload) looksAtPods() bool {
	return w.reads(CPUUse) || slices.ContainsFunc(w.HPA.Metrics, func(m hpa.Metric) bool { return m.Target == hpa.Value })
}

// podView is a pod as the API server shows it, in whole seconds.
func (r *run) podView(p *pod) hpa.Pod {
	o := hpa.Pod{Phase: hpa.Pending, Terminating: p.phase == terminating}
	if p.started == unplaced {
		return o
	}
	o.HasStarted, o.Started = true, p.started.Truncate(time.Second)
	if r.now >= p.running() {
		o.Phase = hpa.Running
	}
	o.Ready, o.ReadyChanged = hpa.ReadyFalse, o.Started
	if p.phase != starting {
		o.Ready, o.ReadyChanged = hpa.ReadyTrue, p.ready.Truncate(time.Second)
	}
	return o
}

// sample is what metrics-server serves for a pod.
func (w *workload) sample(u *usage) hpa.Sample {
	s := hpa.Sample{Request: int64(w.CPURequest)}
	s.Value, s.At, s.Window, s.Present = u.cpu()
	return s
}
