package sim

import (
	"math"
	"time"

	"github.com/agencyos/headroom/capacity/hpa"
)

// usage is the CPU of one pod on its way through kubelet and metrics-server:
// moments in time and core-seconds burned until then.
type usage struct {
	// sampled by the kubelet, scraped by metrics-server, and before that.
	sampled, scraped, earlier reading
}

type reading struct {
	at     time.Duration
	burned float64
	known  bool
}

// gauge is one signal of an autoscaler on its way through Prometheus.
type gauge struct {
	Signal
	value float64
	known bool
	// points are the scrapes of a counter within the window.
	points []point
}

type point struct {
	at    time.Duration
	count float64
}

// kubelet samples the CPU of every pod of a service that has started.
func (r *run) kubelet(w *workload) {
	r.advance(w)
	for _, id := range w.live {
		if p := &w.pods[id]; p.phase != pending && p.phase != lost && r.now >= p.started+scheduling {
			idle := w.IdleCPU / 1000 * (r.now - p.started - scheduling).Seconds()
			p.cpu.sampled = reading{r.now, w.plane.CPU(id) + idle, true}
		}
	}
}

// scrapeServer is metrics-server reading the last samples of all kubelets. A
// sample that it has already seen changes nothing.
func (r *run) scrapeServer(w *workload) {
	for _, id := range w.live {
		if u := &w.pods[id].cpu; u.sampled.known && u.sampled.at != u.scraped.at {
			u.earlier, u.scraped = u.scraped, u.sampled
		}
	}
}

// cpu is the sample that metrics-server serves for a pod: the mean between its
// last two scrapes.
func (u *usage) cpu() (milli int64, at, window time.Duration, ok bool) {
	if !u.earlier.known {
		return 0, 0, 0, false
	}
	window = u.scraped.at - u.earlier.at
	return int64(math.Round(1000 * (u.scraped.burned - u.earlier.burned) / window.Seconds())), u.scraped.at, window, true
}

// scrapePrometheus reads the totals of a service.
func (r *run) scrapePrometheus(w *workload) {
	r.advance(w)
	for i := range w.signals {
		g := &w.signals[i]
		switch g.Kind {
		case InFlight:
			g.value, g.known = float64(w.plane.InFlight()), true
		case RequestRate:
			g.count(r.now, w.plane.Arrived())
		}
	}
}

// count adds a scrape of a counter; the value is the slope over the window, as
// rate() has it.
func (g *gauge) count(now time.Duration, total float64) {
	keep := 0
	for keep < len(g.points) && g.points[keep].at < now-g.Window {
		keep++
	}
	g.points = append(g.points[:0], g.points[keep:]...)
	g.points = append(g.points, point{now, total})
	first, last := g.points[0], g.points[len(g.points)-1]
	if span := (last.at - first.at).Seconds(); span > 0 {
		g.value, g.known = (last.count-first.count)/span, true
	}
}

// view are the buffers of what an autoscaler sees.
type view struct {
	pods     []hpa.Pod
	readings []hpa.Reading
	samples  []hpa.Sample
}

// observe is what the controller reads at a sync.
func (r *run) observe(w *workload) hpa.Observation {
	v := &w.view
	v.pods, v.readings = v.pods[:0], v.readings[:0]
	exist := 0
	perPod := w.readsPods()
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
		default:
			v.readings = append(v.readings, hpa.Reading{Failed: !g.known, Total: int64(math.Round(1000 * g.value))})
		}
	}
	return hpa.Observation{SpecReplicas: int32(w.replicas), StatusReplicas: int32(exist), Pods: v.pods, Readings: v.readings}
}

// readsPods says whether a metric is about pods.
func (w *workload) readsPods() bool {
	for _, g := range w.signals {
		if g.Kind == CPUUse {
			return true
		}
	}
	return false
}

// podView is a pod as the API server shows it, in whole seconds.
func (r *run) podView(p *pod) hpa.Pod {
	o := hpa.Pod{Phase: hpa.Pending, Terminating: p.phase == terminating}
	if p.phase == pending {
		return o
	}
	o.HasStarted, o.Started = true, p.started.Truncate(time.Second)
	if r.now >= p.started+scheduling {
		o.Phase = hpa.Running
	}
	o.Ready, o.ReadyChanged = hpa.ReadyFalse, o.Started
	if p.phase == ready || p.phase == terminating {
		o.Ready, o.ReadyChanged = hpa.ReadyTrue, p.ready.Truncate(time.Second)
	}
	return o
}

// samples are those of the CPU of every pod.
func (w *workload) samples() []hpa.Sample {
	s := w.view.samples[:0]
	for _, id := range w.live {
		milli, at, window, ok := w.pods[id].cpu.cpu()
		s = append(s, hpa.Sample{Present: ok && w.pods[id].phase != lost, Value: milli, Request: int64(w.CPURequest), At: at, Window: window})
	}
	w.view.samples = s
	return s
}
