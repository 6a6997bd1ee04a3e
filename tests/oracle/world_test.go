package oracle

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/agencyos/headroom/capacity/hpa"
)

// world is the workload with its pods, its traffic and its metrics.
type world struct {
	rng    *rand.Rand
	spec   hpa.Spec
	luck   luck
	load   load
	shares []float64 // of the load, per metric
	pods   []*pod
	serial int
	down   time.Duration // the metrics API fails until then
	first  int32         // replicas at the start
}

func newWorld(r *rand.Rand, s *scenario) *world {
	w := &world{rng: r, luck: newLuck(r)}
	w.adopt(s.spec)
	w.first = min(s.spec.MaxReplicas, max(1, s.spec.MinReplicas)+r.Int32N(s.spec.MaxReplicas))
	for range w.first {
		p := w.create(0)
		if w.luck.oldPods {
			p.age()
		}
	}
	return w
}

// adopt gives the world a new spec and traffic that fits it.
func (w *world) adopt(spec hpa.Spec) {
	w.spec, w.load, w.shares = spec, newLoad(w.rng, spec.MaxReplicas), nil
	for range spec.Metrics {
		w.shares = append(w.shares, pick(w.rng, 1, 1, 0.5+w.rng.Float64()))
	}
}

func (w *world) create(now time.Duration) *pod {
	w.serial++
	p := newPod(w.rng, w.luck, w.serial, now)
	w.pods = append(w.pods, p)
	return p
}

// advance lets time pass until now, with the replicas that are asked for, and
// returns the pods that are gone.
func (w *world) advance(now time.Duration, replicas int32) (gone []*pod) {
	w.pods = slices.DeleteFunc(w.pods, func(p *pod) bool {
		if p.gone <= now {
			gone = append(gone, p)
			return true
		}
		return false
	})
	live := int32(0)
	for _, p := range w.pods {
		p.advance(w.rng, w.luck, now)
		if p.live() {
			live++
		}
	}
	for ; live < replicas; live++ {
		w.create(now).advance(w.rng, w.luck, now)
	}
	for i := len(w.pods) - 1; i >= 0 && live > replicas; i-- {
		if w.pods[i].live() {
			w.pods[i].terminate(w.rng, w.luck, now)
			live--
		}
	}
	return gone
}

// look is what there is to see now.
func (w *world) look(now time.Duration, replicas int32) *picture {
	o := hpa.Observation{SpecReplicas: replicas, Pods: make([]hpa.Pod, len(w.pods)), Readings: make([]hpa.Reading, len(w.spec.Metrics))}
	p := &picture{names: make([]string, len(w.pods)), series: make([]string, len(w.spec.Metrics))}
	working := 0
	for i, pod := range w.pods {
		o.Pods[i], p.names[i] = pod.state, pod.name
		if pod.live() {
			o.StatusReplicas++
			if pod.state.Phase == hpa.Running {
				working++
			}
		}
	}
	if chance(w.rng, w.luck.statusLag) {
		o.StatusReplicas = w.rng.Int32N(o.StatusReplicas + 2)
		if o.StatusReplicas == 0 && !w.luck.statusZero {
			o.StatusReplicas = 1
		}
	}
	if chance(w.rng, w.luck.outage) {
		w.down = now + w.luck.upTo(w.rng, 5*time.Minute)
	}
	want := w.load.at(w.rng, now)
	if chance(w.rng, w.luck.edge) {
		want = float64(replicas) * pick(w.rng, 1, 1.1, 0.9, 1.05, 0.95, 1.01, 0.99, 1.2, 0.8, 0.899, 1.101, 2)
	}
	for i, m := range w.spec.Metrics {
		p.series[i] = series(m, i)
		if first := slices.Index(p.series, p.series[i]); first < i {
			o.Readings[i] = w.sharing(m, o.Readings[first])
			continue
		}
		o.Readings[i] = w.read(m, want*w.shares[i], working, now)
		o.Readings[i].Failed = now < w.down && chance(w.rng, 0.7)
	}
	p.observation = o
	return p
}

// sharing is the reading of a series that another metric has read: the same
// samples, compared with another request.
func (w *world) sharing(m hpa.Metric, r hpa.Reading) hpa.Reading {
	r.Samples = slices.Clone(r.Samples)
	for i := range r.Samples {
		r.Samples[i].Request = w.pods[i].request(m)
	}
	return r
}

// read makes a reading from which about want replicas follow.
func (w *world) read(m hpa.Metric, want float64, working int, now time.Duration) hpa.Reading {
	if m.Source == hpa.Object || m.Source == hpa.External {
		share := want
		if m.Target == hpa.Value {
			share /= max(1, float64(working))
		}
		return hpa.Reading{Total: w.value(share * float64(m.Value))}
	}
	r := hpa.Reading{Samples: make([]hpa.Sample, len(w.pods))}
	share := want / max(1, float64(working))
	jitter := w.load.noise
	for i, p := range w.pods {
		s := &r.Samples[i]
		s.Request = p.request(m)
		if now < p.sampled || chance(w.rng, w.luck.missing) {
			continue
		}
		target := float64(m.Value)
		if m.Target == hpa.Utilization {
			target *= float64(max(0, s.Request)) / 100
		}
		s.Present = true
		s.Value = w.value(max(0, share*target*(1+jitter*w.rng.NormFloat64())))
		s.Window = pick[time.Duration](w.rng, 10, 15, 15, 30) * time.Second
		s.At = w.luck.grain(now) - w.luck.upTo(w.rng, 30*time.Second)
	}
	return r
}

// value is what the exporter sends for x.
func (w *world) value(x float64) int64 {
	if chance(w.rng, w.luck.wild) {
		return pick(w.rng, -1, 0, math.MaxInt64, math.MinInt64, w.rng.Int64(), -w.rng.Int64(), w.rng.Int64N(1<<40))
	}
	return int64(math.Round(x))
}

// request is the request of a pod as the metric counts it.
func (p *pod) request(m hpa.Metric) int64 {
	switch {
	case m.Target != hpa.Utilization:
		return 0
	case m.Source == hpa.ContainerResource && p.noMain:
		return hpa.NoContainer
	case m.Source == hpa.ContainerResource:
		return p.requests[0]
	case p.noRequest:
		return hpa.NoRequest
	}
	return p.requests[0] + p.requests[1]
}
