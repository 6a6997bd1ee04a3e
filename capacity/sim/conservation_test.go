package sim

import (
	"math"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/capacity/sim/station"
)

// eventful is a run on which everything happens: three services with three
// signals, a database, scale-ups with new nodes, and every disturbance. It ends
// within a window and within a slice of the timeline.
func eventful(t testing.TB) Scenario {
	s := world(t, pooled, under(levels(t, load.Knot{Level: 0.5}, load.Knot{At: 2 * time.Minute, Level: 0.5}, load.Knot{At: 5 * time.Minute, Level: 2.5},
		load.Knot{At: 12 * time.Minute, Level: 2.5}, load.Knot{At: 12 * time.Minute, Level: 0.4}, load.Knot{At: 40*time.Minute + 7*second, Level: 0.4})))
	for _, name := range []string{"api", "pages"} {
		v := web()
		v.Name, v.PeakRPS, v.Replicas = name, 100, 2
		s.Services = append(s.Services, v)
	}
	s.Services[1].Signals, s.Services[1].HPA.Metrics = []Signal{{Kind: RequestRate, Window: time.Minute}}, external(targetRPS)
	cpu := world(t, following(CPUUse)).Services[0]
	s.Services[2].Signals, s.Services[2].HPA.Metrics = append(s.Services[2].Signals, cpu.Signals...), append(s.Services[2].HPA.Metrics, cpu.HPA.Metrics...)
	s.Services[2].CDNHitRatio, s.Services[2].PreStop = 0.5, 5*second
	s.Services[2].Station.Discipline = station.PS
	s.Services[0].PeakRPS = 300
	s.Services[0].Station.Client = station.Client{Timeout: 1, Retries: 2, Backoff: 0.2}
	s.Database.CPU = append(s.Database.CPU, station.Work{}, station.Work{})
	s.Database.Usable, s.Points = 150, 40
	s.Disturbances = []Disturbance{
		{Kind: Rollout, At: 8 * time.Minute}, {Kind: NodeLoss, At: 10 * time.Minute}, {Kind: ColdCDN, At: 14 * time.Minute, For: time.Minute},
		{Kind: ColdCache, At: 16 * time.Minute, For: time.Minute, Service: "web"}, {Kind: SlowDatabase, At: 18 * time.Minute, For: time.Minute, Factor: 30},
		{Kind: MetricsOutage, At: 20 * time.Minute, For: time.Minute}, {Kind: ControllerRestart, At: 22 * time.Minute}, {Kind: ZoneLoss, At: 25 * time.Minute, Zone: "c"},
	}
	return s
}

// taps counts what the windows of every service say.
func taps(r *run) []*tap {
	var out []*tap
	for _, w := range r.services {
		p := &tap{plane: w.plane}
		w.plane = p
		out = append(out, p)
	}
	return out
}

// Nothing is lost and nothing counted twice: requests, failures, the time of pods
// and nodes, and money add up, to the last window, however they are cut.
func TestEverythingAddsUp(t *testing.T) {
	for _, fidelity := range both {
		s := eventful(t)
		s.Fidelity = fidelity
		r := begun(t, s)
		planes := taps(r)
		podSeconds, nodeSeconds, usdSeconds := make([]float64, len(s.Services)), 0.0, 0.0
		mostNodes, mostUSD, leastUSD := 0, 0.0, math.Inf(1)
		arrived := make([]float64, len(s.Services))
		for more := true; more; {
			if !r.book.started {
				for i, p := range planes {
					arrived[i] = arrivals(p)
				}
			}
			before, pods, nodes := r.now, make([]int, len(s.Services)), r.fleet.Nodes()+r.fleet.Booting()
			for i, w := range r.services {
				pods[i] = len(w.live)
			}
			if more = r.turn(); !more {
				r.now = r.end
			}
			if passed := (r.now - max(before, r.Warmup)).Seconds(); passed > 0 {
				for i, n := range pods {
					podSeconds[i] += passed * float64(n)
				}
				nodeSeconds += passed * float64(nodes)
				usd := 0.2*float64(nodes) + s.FixedUSDPerHour
				usdSeconds += passed * usd
				mostNodes, mostUSD, leastUSD = max(mostNodes, nodes), max(mostUSD, usd), min(leastUSD, usd)
			}
		}
		r.loop()
		got := r.result()
		close := func(what string, got, want float64) {
			t.Helper()
			about(t, string(fidelity)+": "+what, got, want, 1e-9)
		}
		close("node-hours", got.NodeHours, nodeSeconds/3600)
		close("cost", got.CostUSD, usdSeconds/3600)
		close("most nodes", float64(got.PeakNodes), float64(mostNodes))
		close("peak cost", got.PeakUSDPerHour, mostUSD)
		close("least cost", got.LeastUSDPerHour, leastUSD)
		for i, v := range got.Services {
			close(v.Name+": pod-hours", v.PodHours, podSeconds[i]/3600)
			var requests, timeline float64
			var failures station.Failures
			for at, w := range planes[i].taken[len(planes[i].taken)-windowsOf(r):] {
				requests, failures = requests+w.Requests, failures.Plus(w.Failures)
				if w.Promised > w.Requests+w.Sum()+1e-6 || w.Broken > w.Promised+1e-6 {
					t.Errorf("%s: %s: window %d: %+v", fidelity, v.Name, at, w)
				}
			}
			last := time.Duration(0)
			for _, p := range got.Timeline {
				timeline += p.Services[i].RPS * (p.At - last).Seconds()
				last = p.At
			}
			if v.Requests != requests || v.Failures != failures || last != s.Load.Duration() {
				t.Errorf("%s: %s: %g requests and %+v, its windows have %g and %+v; timeline until %s", fidelity, v.Name, v.Requests, v.Failures, requests, failures, last)
			}
			if all := arrivals(planes[i]) - arrived[i]; fidelity == Request && v.Requests != all {
				t.Errorf("%s: %g requests, %g arrived", v.Name, v.Requests, all)
			}
			if r.windowed != r.end {
				t.Errorf("%s: the last window ends at %s, the load at %s", fidelity, r.windowed, r.end)
			}
			close(v.Name+": requests of the timeline", timeline, v.Requests)
			if failed := v.Failures.Sum(); failed > v.Requests || failed == 0 && i == 0 {
				t.Errorf("%s: %s: %g of %g requests failed, want some and no more than all", fidelity, v.Name, failed, v.Requests)
			}
		}
	}
}

// arrivals are all requests since the start, where each is one.
func arrivals(p *tap) float64 {
	if s, ok := p.plane.(*station.Station); ok {
		return s.Arrived()
	}
	return 0
}

// windowsOf counts the windows of a run after its warmup.
func windowsOf(r *run) int {
	return int((r.Load.Duration() + r.windowLength() - 1) / r.windowLength())
}

// Whatever happens, at every moment: pods and connections are within what may be,
// every pod is on one node, and the counters agree with the pods.
func TestInvariants(t *testing.T) {
	for _, fidelity := range both {
		s := eventful(t)
		s.Fidelity = fidelity
		watching(t, s, func(r *run) { invariants(t, r) })
	}
}

// fataler is what both kinds of tests have.
type fataler interface{ Fatalf(string, ...any) }

// invariants stops a test in which something is not as it must be.
func invariants(t fataler, r *run) {
	for _, w := range r.services {
		ready, young, veterans, most := 0, 0, 0, 0
		for _, id := range w.live {
			p := &w.pods[id]
			switch {
			case p.phase == gone, p.phase == pending != (p.started == unplaced && p.phase != gone), p.lost && p.veteran:
				t.Fatalf("%s after %s: pod %d: %+v", w.Name, r.since(), id, p)
			case p.serves():
				ready++
			}
			if node := r.fleet.Node(p.fleet); (node < 0) != (p.phase == pending || p.lost) {
				t.Fatalf("%s after %s: pod %d is on node %d: %+v", w.Name, r.since(), id, node, p)
			}
			if p.veteran {
				veterans++
			} else {
				young++
			}
			if pool := w.Station.Pool; pool != nil && p.phase != pending {
				most += pool.PerPod * (pool.Size + pool.Overflow)
			}
		}
		if ready != w.readyNow || veterans != w.veterans || young != len(w.young) {
			t.Fatalf("%s after %s: %d pods serve, counted %d; %d veterans, counted %d; %d young, counted %d", w.Name, r.since(), ready, w.readyNow, veterans, w.veterans, young, len(w.young))
		}
		if open := w.plane.Connections(); open < 0 || open > most {
			t.Fatalf("%s after %s: %d connections are open, the pods allow %d", w.Name, r.since(), open, most)
		}
		surge, _ := w.fenceposts()
		if n := w.census(r.now); n.old+n.young > max(w.replicas, w.story.result.PeakReplicas)+surge {
			t.Fatalf("%s after %s: %+v pods of %d replicas", w.Name, r.since(), n, w.replicas)
		}
		if least := int(w.HPA.MinReplicas); w.replicas < min(least, w.Replicas) || w.replicas > max(int(w.HPA.MaxReplicas), w.Replicas) {
			t.Fatalf("%s after %s: %d replicas of %d to %d", w.Name, r.since(), w.replicas, w.HPA.MinReplicas, w.HPA.MaxReplicas)
		}
	}
}
