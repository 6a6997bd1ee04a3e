package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/sim/load"
)

// rollout is what a rollout of web did to it.
type rollout struct {
	// fewest pods that were Ready and most that existed, from its start on.
	fewest, most int
	// took is how long pods of the old generation existed; left are those that
	// exist at the end.
	took   time.Duration
	left   int
	failed float64
}

func rolledOut(t *testing.T, s Scenario) rollout {
	out := rollout{fewest: 1 << 30}
	at := s.Warmup + s.Disturbances[0].At
	r := watching(t, s, func(r *run) {
		if r.now < at {
			return
		}
		w := r.services[0]
		n := w.census(r.now)
		out.fewest, out.most = min(out.fewest, w.readyNow), max(out.most, n.old+n.young)
		if out.left = n.old; n.old > 0 {
			out.took = r.now - at
		}
	})
	out.failed = r.Services[0].Failures.Sum()
	return out
}

// A rollout replaces every pod, within the bounds that Kubernetes keeps: never
// more pods than replicas and surge, never fewer Ready than replicas less those
// that may be unavailable. It drops nothing.
func TestRolloutKeepsItsBounds(t *testing.T) {
	for _, tc := range []struct {
		surge, unavailable float64
		replicas           int
		fewest, most       int
	}{
		{surge: 25, replicas: 8, fewest: 8, most: 10},
		{surge: 25, replicas: 5, fewest: 5, most: 7}, // a quarter of 5 is rounded up
		{unavailable: 25, replicas: 8, fewest: 6, most: 8},
		{unavailable: 25, replicas: 7, fewest: 6, most: 7}, // and down
		{surge: 25, unavailable: 25, replicas: 8, fewest: 6, most: 10},
		{surge: 100, replicas: 6, fewest: 6, most: 12},
		{unavailable: 100, replicas: 6, fewest: 0, most: 6},
		{replicas: 6, fewest: 5, most: 6}, // neither: one may be unavailable
		{unavailable: 10, replicas: 4, fewest: 3, most: 4},
		{surge: 1, replicas: 1, fewest: 1, most: 2},
	} {
		t.Run(fmt.Sprintf("%d+%g%%-%g%%", tc.replicas, tc.surge, tc.unavailable), func(t *testing.T) {
			got := rolledOut(t, world(t, fixed(tc.replicas), struck(Disturbance{Kind: Rollout, At: time.Minute}), func(s *Scenario) {
				s.Services[0].SurgePercent, s.Services[0].UnavailablePercent = tc.surge, tc.unavailable
				s.Services[0].PeakRPS = 60
			}))
			if want := (rollout{fewest: tc.fewest, most: tc.most, took: got.took}); got != want {
				t.Errorf("rollout %+v, want %+v", got, want)
			}
		})
	}
}

// Steps take as long as a new pod needs to count as available: start, readiness
// and minReadySeconds, once per fraction that may be replaced at a time.
func TestRolloutTakesItsSteps(t *testing.T) {
	got := rolledOut(t, world(t, fixed(8), struck(Disturbance{Kind: Rollout, At: time.Minute})))
	step := scheduling + 10*time.Second + 20*time.Second
	if got.took < 4*step-5*time.Second || got.took > 4*step {
		t.Errorf("pods of the old generation were there for %s, want four steps of %s", got.took, step)
	}
}

// Requests are lost when the balancer still sends to pods that have stopped, and
// only then.
func TestRolloutDropsWithoutPreStop(t *testing.T) {
	for _, fidelity := range []Fidelity{Control, Request} {
		for preStop, loses := range map[time.Duration]bool{30 * time.Second: false, 15 * time.Second: false, 14 * time.Second: true, 0: true} {
			s := world(t, fixed(8), struck(Disturbance{Kind: Rollout, At: time.Minute}), under(steadily(t, 1, 10*time.Minute)))
			s.Fidelity, s.Services[0].PreStop = fidelity, preStop
			f := replay(t, s).Services[0].Failures
			if (f.Lost > 0) != loses || f.Sum() != f.Lost {
				t.Errorf("%s, preStop %s under a deregistration of 15s: %+v; want lost requests: %v", fidelity, preStop, f, loses)
			}
			// Eight pods, each with an eighth of the load for 15 s less preStop.
			if missing := (15*time.Second - preStop).Seconds(); loses {
				if want := s.Services[0].PeakRPS * missing; f.Lost < 0.7*want || f.Lost > 1.1*want {
					t.Errorf("%s, preStop %s: %g lost, want about %g", fidelity, preStop, f.Lost, want)
				}
			}
		}
	}
}

// What a pod still works on at the end of its grace is lost, and nothing else.
func TestDrainThatIsTooShort(t *testing.T) {
	for drain, loses := range map[time.Duration]bool{0: true, 20 * time.Second: false} {
		s := world(t, atRequests, fixed(8), struck(Disturbance{Kind: Rollout, At: time.Minute}), under(steadily(t, 0.1, 10*time.Minute)))
		s.Services[0].Drain = drain
		s.Services[0].Station.Kinds[0].Service.Mean, s.Services[0].Station.Kinds[0].Service.CV2 = 10, 0
		f := replay(t, s).Services[0].Failures
		// 48 requests per second, each 10 s long, over eleven pods while eight of
		// them go two by two.
		if want := 480 * 8. / 11; loses && (f.Lost < 0.8*want || f.Lost > 1.2*want) || !loses && f.Lost > 0 || f.Sum() != f.Lost {
			t.Errorf("drain %s: %+v; want lost requests: %v", drain, f, loses)
		}
	}
}

// A pod that fails to start, for lack of a node, does not bring a rollout to give
// up those that serve.
func TestRolloutWaitsForRoom(t *testing.T) {
	s := world(t, fixed(8), struck(Disturbance{Kind: Rollout, At: time.Minute}), func(s *Scenario) {
		s.Fleet.Groups[0].Min, s.Fleet.Groups[0].Start, s.Fleet.Groups[0].Max = 2, 2, 2
	})
	got := rolledOut(t, s)
	if want := (rollout{fewest: 8, most: 10, left: 8, took: got.took}); got != want {
		t.Errorf("rollout without room for a surge: %+v, want %+v", got, want)
	}
}

// A rollout that meets a scale-up and a scale-down ends with the right pods.
func TestRolloutMeetsTheAutoscaler(t *testing.T) {
	s := world(t, struck(Disturbance{Kind: Rollout, At: 5 * time.Minute}, Disturbance{Kind: Rollout, At: 6 * time.Minute}, Disturbance{Kind: Rollout, At: 15 * time.Minute}),
		under(levels(t, load.Knot{Level: 1}, load.Knot{At: 5*time.Minute + 10*time.Second, Level: 1}, load.Knot{At: 5*time.Minute + 10*time.Second, Level: 4},
			load.Knot{At: 10 * time.Minute, Level: 4}, load.Knot{At: 10 * time.Minute, Level: 1}, load.Knot{At: 25 * time.Minute, Level: 1})))
	got := rolledOut(t, s)
	if got.left > 0 || got.fewest < 4 {
		t.Errorf("rollout %+v, want no pod of the old generation and never fewer than 4 Ready", got)
	}
}

func TestVictims(t *testing.T) {
	now := time.Hour
	at := func(minutes float64) time.Duration { return now - time.Duration(minutes*float64(time.Minute)) }
	cases := map[string]struct {
		reason      string
		first, then pod
		neighbors   [2]int
	}{
		"NoNode":    {"one that has no node yet costs nothing", pod{phase: pending, created: at(60), started: unplaced}, pod{phase: starting, started: now}, [2]int{}},
		"Pending":   {"one whose container does not run yet", pod{phase: starting, started: now - time.Second}, pod{phase: starting, started: now - time.Minute}, [2]int{}},
		"NotReady":  {"one that is not Ready", pod{phase: starting, started: at(50)}, pod{phase: ready, ready: at(1)}, [2]int{}},
		"Neighbors": {"one on the fuller node, even if it is older", pod{phase: ready, ready: at(50)}, pod{phase: ready, ready: at(1)}, [2]int{3, 2}},
		"Young":     {"one that is younger by a power of two", pod{phase: ready, ready: at(4)}, pod{phase: ready, ready: at(9)}, [2]int{}},
		"Created":   {"also when not Ready", pod{phase: starting, started: at(30), created: at(4)}, pod{phase: starting, started: at(30), created: at(9)}, [2]int{}},
		"Chance":    {"of about one age, any", pod{phase: ready, ready: at(20), uid: 1}, pod{phase: ready, ready: at(19), uid: 2}, [2]int{}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			see := func(p *pod, neighbors int) victim { return victim{0, p.stage(now), neighbors, p.age(now), p.uid} }
			a, b := see(&tc.first, tc.neighbors[0]), see(&tc.then, tc.neighbors[1])
			if a.compare(b) != -1 || b.compare(a) != 1 || a.compare(a) != 0 {
				t.Errorf("%s: %+v does not go before %+v", tc.reason, a, b)
			}
		})
	}
}

// A scale-down takes a pod from the node that has most of them.
func TestScaleDownEvensNodesOut(t *testing.T) {
	r := begun(t, world(t, fixed(6)))
	w := r.services[0]
	w.replicas = 7
	r.reconcile(w)
	r.becomeReady(w, 6)
	w.pods[6].ready = -settled // as old as the others
	full := r.fleet.Node(w.pods[6].fleet)
	w.replicas = 6
	r.reconcile(w)
	left := 0
	for i := range w.pods {
		if p := &w.pods[i]; p.phase == ready && r.fleet.Node(p.fleet) == full {
			left++
		}
	}
	if left != 2 || w.readyNow != 6 {
		t.Errorf("%d pods are Ready, %d on the node that had three, want 6 and 2", w.readyNow, left)
	}
}

// Nodes that are drained give their pods up one by one as the budget allows, and
// stay until the last has gone.
func TestEvictionsKeepTheBudget(t *testing.T) {
	for _, budget := range []int{0, 1, 2} {
		s := world(t, fixed(5), func(s *Scenario) {
			s.Services[0].DisruptionBudget, s.Services[0].PeakRPS = budget, 60
			s.Fleet.Groups[0].Min, s.Fleet.Groups[0].Start = 1, 5 // a pod on each
			s.Fleet.Autoscaler.Threshold = 0.9
			s.Load = steadily(t, 1, time.Hour)
		})
		fewest := 5
		got := watching(t, s, func(r *run) { fewest = min(fewest, r.services[0].readyNow) })
		if nodes := got.Timeline[len(got.Timeline)-1].Nodes; nodes != 2 {
			t.Errorf("budget %d: %d nodes are left, want the 2 that hold five pods", budget, nodes)
		}
		if least := 5 - max(budget, 0); budget > 0 && fewest < least || fewest == 5 {
			t.Errorf("budget %d: %d pods were Ready at the least; want some missing, at most the budget", budget, fewest)
		}
		if f := got.Services[0].Failures.Sum(); f > 0 {
			t.Errorf("budget %d: %g requests failed, want none", budget, f)
		}
	}
}
