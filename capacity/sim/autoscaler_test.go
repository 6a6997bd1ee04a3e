package sim

import (
	"slices"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/hpa"
	"github.com/agencyos/headroom/capacity/sim/load"
)

// waves go up and down, so that every limit of the autoscaler is met.
func waves(t *testing.T) load.Curve {
	var knots []load.Knot
	for i, level := range []float64{1, 3, 0.7, 2, 6, 1, 0.2, 0.2} {
		at := time.Duration(i) * 12 * time.Minute
		knots = append(knots, load.Knot{At: at, Level: level}, load.Knot{At: at + 10*time.Minute, Level: level})
	}
	return levels(t, knots...)
}

// The replicas of a run are those that package hpa wants at every sync, fed with
// what the controller reads, whatever else happens.
func TestAutoscalerIsPackageHPA(t *testing.T) {
	for _, fidelity := range both {
		for _, kind := range []SignalKind{InFlight, RequestRate, CPUUse} {
			s := world(t, following(kind), under(waves(t)), struck(Disturbance{Kind: Rollout, At: 13 * time.Minute}, Disturbance{Kind: NodeLoss, At: 27 * time.Minute},
				Disturbance{Kind: MetricsOutage, At: 50 * time.Minute, For: 4 * time.Minute}))
			s.Fidelity, s.Services[0].PeakRPS = fidelity, 200
			alone, err := hpa.New(s.Kubernetes, s.Services[0].HPA)
			if err != nil {
				t.Fatal(err)
			}
			r := begun(t, s)
			w, syncs, changes := r.services[0], 0, 0
			for more := true; more; {
				next := r.timers[0]
				if at, ok := r.fleet.Next(); ok && at <= next.at || next.kind() != hpaSyncs {
					more = r.turn()
					continue
				}
				r.now = next.at
				o, before := r.observe(w), w.replicas
				want := alone.Step(r.now, o)
				more = r.turn()
				if syncs++; w.replicas != before {
					changes++
				}
				if w.replicas != int(want.Replicas) {
					t.Fatalf("%s, %s, after %s: %d replicas, want %+v", fidelity, kind, r.since(), w.replicas, want)
				}
			}
			if syncs < 300 || changes < 10 {
				t.Errorf("%s, %s: %d syncs and %d changes: the test shows little", fidelity, kind, syncs, changes)
			}
		}
	}
}

// The way down waits until nothing in the window was higher.
func TestScaleDownWaitsForItsWindow(t *testing.T) {
	for _, minutes := range []int32{2, 5, 9} {
		window := 60 * minutes
		s := world(t, following(RequestRate), fixed(4), under(stepping(t, 2, 0.5, 10*time.Minute, 40*time.Minute)))
		v := &s.Services[0]
		v.Replicas, v.HPA.MaxReplicas = 8, 40
		v.HPA.Behavior.ScaleDown = &hpa.Rules{WindowSeconds: &window}
		s.Points = 2400
		i := slices.IndexFunc(replay(t, s).Timeline, func(p Point) bool { return p.At > 10*time.Minute && p.Services[0].Wanted < 8 })
		got := replay(t, s).Timeline[i].At - 10*time.Minute
		// The rate falls within a minute and a quarter, and a sync looks at it.
		if wait := time.Duration(minutes) * time.Minute; got < wait || got > wait+2*time.Minute {
			t.Errorf("window of %s: fewer replicas %s after the load fell, want that and the time to see it", wait, got)
		}
	}
}

// Between the limits of its policies a step is answered in as many syncs as they
// need.
func TestScaleUpFollowsItsPolicies(t *testing.T) {
	s := world(t, under(stepping(t, 0.25, 6, 10*time.Minute, 20*time.Minute)))
	s.Services[0].HPA.Behavior = &hpa.Behavior{} // 4 pods or 100 % in 15 s
	s.Services[0].Replicas = 2
	var got []int
	watching(t, s, func(r *run) {
		if n := r.services[0].replicas; r.since() > 10*time.Minute && (len(got) == 0 || got[len(got)-1] != n) {
			got = append(got, n)
		}
	})
	if want := []int{2, 6, 12, 24, 40}; !slices.Equal(got[:min(len(got), 5)], want) {
		t.Errorf("replicas %v, want %v", got, want)
	}
}

// CPU, which is damped by pods that start and capped by what they have, takes
// longer to the top than requests in flight.
func TestSignalsDiffer(t *testing.T) {
	capacity := map[SignalKind]float64{}
	for _, kind := range []SignalKind{InFlight, CPUUse} {
		s := world(t, following(kind), under(stepping(t, 1, 5, 5*time.Minute, 30*time.Minute)))
		s.Fleet.Groups[0].Min, s.Fleet.Groups[0].Start = 10, 10
		capacity[kind] = replay(t, s).Services[0].CapacitySeconds
	}
	if in, cpu := capacity[InFlight], capacity[CPUUse]; in < 12 || in > 60 || cpu < in+30 {
		t.Errorf("capacity for 5x after %g s by requests in flight and %g s by CPU, want the latter clearly later", in, cpu)
	}
}

// A total with a target for all pods together scales those that are Ready.
func TestTotalForAllPods(t *testing.T) {
	s := world(t, fixed(4), under(stepping(t, 0.2, 3, 5*time.Minute, 10*time.Minute)))
	v := &s.Services[0]
	v.HPA.MaxReplicas = 40
	v.HPA.Metrics = []hpa.Metric{{Source: hpa.External, Target: hpa.Value, Value: int64(1000 * 4 * inFlightAt(targetRPS))}}
	if got := replay(t, s).Services[0]; got.TriggerSeconds == 0 || got.TriggerSeconds > 30 || got.PeakReplicas < 12 {
		t.Errorf("decided after %g s for up to %d replicas, want a decision within 30 s for 12 or more", got.TriggerSeconds, got.PeakReplicas)
	}
}
