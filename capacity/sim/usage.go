package sim

import "time"

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
	for _, id := range w.live {
		if p := &w.pods[id]; !p.lost && r.now >= p.running() {
			idle := w.IdleCPU / 1000 * (r.now - p.running()).Seconds()
			p.cpu.sampled = reading{r.now, w.plane.CPU(id) + idle, true}
		}
	}
}

// freshContainer is the least age at which metrics-server takes the start of a
// container, younger than its resolution, for the first of the two points that it
// needs (sigs.k8s.io/metrics-server pkg/storage/pod.go, v0.8.0).
const freshContainer = 10 * time.Second

// scrapeServer is metrics-server reading the last samples of all kubelets. A
// sample that it has already seen changes nothing; what it cannot reach it forgets.
func (r *run) scrapeServer(w *workload) {
	for _, id := range w.live {
		p := &w.pods[id]
		u := &p.cpu
		switch age := u.sampled.at - p.running(); {
		case p.lost:
			*u = usage{}
		case !u.sampled.known || u.sampled == u.scraped:
		case age >= freshContainer && age < r.MetricsResolution:
			u.earlier, u.scraped = reading{p.running(), 0, true}, u.sampled
		default:
			u.earlier, u.scraped = u.scraped, u.sampled
		}
	}
}

// cpu is the sample that metrics-server serves for a pod: the mean between its
// last two scrapes, in whole nanocores below it and from there in whole millicores
// above, at a whole second.
func (u *usage) cpu() (milli int64, at, window time.Duration, ok bool) {
	if !u.earlier.known {
		return 0, 0, 0, false
	}
	window = u.scraped.at - u.earlier.at
	nano := int64(1e9 * (u.scraped.burned - u.earlier.burned) / window.Seconds())
	return (nano + 1e6 - 1) / 1e6, u.scraped.at.Truncate(time.Second), window, true
}
