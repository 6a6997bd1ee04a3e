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
	v.pods, v.readings = v.pods[:0], v.readings[:0]
	exist := 0
	perPod := w.reads(CPUUse)
	for _, id := range w.live {
		p := &w.pods[id]
		if p.exists() {
			exist++
		}
		if perPod {
			v.pods = append(v.pods, r.podView(p))
		}
	}
	for i := range w.signals {
		g := &w.signals[i]
		switch {
		case w.outage > r.now:
			v.readings = append(v.readings, hpa.Reading{Failed: true})
		case g.Kind == CPUUse:
			v.readings = append(v.readings, hpa.Reading{Samples: w.samples()})
		case g.Kind == RequestRate:
			value, known := w.rate(r.now, g.Window)
			v.readings = append(v.readings, hpa.Reading{Failed: !known, Total: thousandths(value)})
		default:
			v.readings = append(v.readings, hpa.Reading{Failed: !g.known, Total: thousandths(g.value)})
		}
	}
	return hpa.Observation{SpecReplicas: int32(w.replicas), StatusReplicas: int32(exist), Pods: v.pods, Readings: v.readings}
}

// thousandths is a value as the adapter serves it: cut off
// (sigs.k8s.io/prometheus-adapter pkg/external-provider/metric_converter.go, v0.12.0).
func thousandths(value float64) int64 { return int64(1000 * value) }

// reads says whether a metric is of a kind.
func (w *workload) reads(k SignalKind) bool {
	return slices.ContainsFunc(w.signals, func(g signal) bool { return g.Kind == k })
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

// samples are those of the CPU of every pod.
func (w *workload) samples() []hpa.Sample {
	s := w.view.samples[:0]
	for _, id := range w.live {
		milli, at, window, ok := w.pods[id].cpu.cpu()
		s = append(s, hpa.Sample{Present: ok, Value: milli, Request: int64(w.CPURequest), At: at, Window: window})
	}
	w.view.samples = s
	return s
}
