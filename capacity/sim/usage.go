package sim

import (
	"slices"
	"time"
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

// kubelet samples the CPU of every pod of a service whose container runs. All of
// them at one moment: the kubelets of a cluster have phases of their own, which
// spreads what the autoscaler sees over time and makes it no later at its latest.
func (r *run) kubelet(w *workload) {
	r.advance(w)
	idle := w.IdleCPU / 1000
	if burned, even := w.plane.Common(); even {
		w.common.sampled = reading{r.now, burned + float64(idle*seconds(r.now)), true}
	}
	for _, id := range w.young {
		if p := &w.pods[id]; !p.lost && r.now >= p.running() {
			p.cpu.sampled = reading{r.now, w.plane.CPU(id) + float64(idle*seconds(r.now-p.running())), true}
		}
	}
}

// freshContainer is the least age at which metrics-server takes the start of a
// container, younger than its resolution, for the first of the two points that it
// needs (sigs.k8s.io/metrics-server pkg/storage/pod.go, v0.8.0).
const freshContainer = 10 * time.Second

// scrapeServer is metrics-server reading the last samples of all kubelets. What it
// cannot reach it forgets.
func (r *run) scrapeServer(w *workload) {
	w.common.scrape(never, 0)
	for _, id := range w.young {
		if p := &w.pods[id]; p.lost {
			p.cpu = usage{}
		} else {
			p.cpu.scrape(p.running(), r.MetricsResolution)
		}
	}
}

// scrape takes the last sample in, unless it was there already.
func (u *usage) scrape(running, resolution time.Duration) {
	if !u.sampled.known || u.sampled.at == u.scraped.at && u.scraped.known {
		return
	}
	u.earlier, u.scraped = u.scraped, u.sampled
	if age := u.sampled.at - running; age >= freshContainer && age < resolution {
		u.earlier = reading{running, 0, true}
	}
}

// promote makes veterans of the pods whose CPU is that of all pods that serve, as
// in a fluid, from before the last but one sample on, and that are old enough for
// nothing else about them to matter to the autoscaler. They are seen as one.
func (r *run) promote(w *workload) {
	if !w.common.earlier.known {
		return
	}
	w.young = slices.DeleteFunc(w.young, func(id int) bool {
		p := &w.pods[id]
		p.veteran = p.serves() && p.ready <= w.common.earlier.at && p.started+r.Kubernetes.CPUInitialization <= r.now
		if p.veteran {
			w.veterans++
		}
		return p.veteran
	})
}

// demote makes a pod one of its own again.
func (w *workload) demote(id int) {
	p := &w.pods[id]
	if !p.veteran {
		return
	}
	p.veteran, p.cpu = false, w.common
	w.veterans--
	w.young = append(w.young, id)
}

// cpu is the sample that metrics-server serves for a pod: the mean between its
// last two scrapes, in whole nanocores below it and from there in whole millicores
// above, at a whole second.
func (u *usage) cpu() (milli int64, at, window time.Duration, ok bool) {
	if !u.earlier.known {
		return 0, 0, 0, false
	}
	window = u.scraped.at - u.earlier.at
	nano := int64(1e9 * (u.scraped.burned - u.earlier.burned) / seconds(window))
	return (nano + 1e6 - 1) / 1e6, u.scraped.at.Truncate(time.Second), window, true
}
