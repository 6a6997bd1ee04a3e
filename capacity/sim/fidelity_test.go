package sim

import (
	"context"
	"flag"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/sim/load"
)

var long = flag.Bool("sim.long", false, "compare whole runs over sixteen seeds instead of three")

// figures of a run that both fidelities must agree on.
type figures struct {
	p50, p90, p99, late, nodeHours, podHours, usd, capacity float64
	wanted                                                  []float64
}

// over is the mean of the figures of runs.
func over(runs []Result) (f figures) {
	n := float64(len(runs))
	f.wanted = make([]float64, len(runs[0].Timeline))
	for _, r := range runs {
		v := r.Services[0]
		f.p50, f.p90, f.p99, f.late = f.p50+v.P50Ms/n, f.p90+v.P90Ms/n, f.p99+v.P99Ms/n, f.late+v.ViolationSeconds/n
		f.nodeHours, f.podHours, f.usd, f.capacity = f.nodeHours+r.NodeHours/n, f.podHours+v.PodHours/n, f.usd+r.CostUSD/n, f.capacity+v.CapacitySeconds/n
		for i, p := range r.Timeline {
			f.wanted[i] += float64(p.Services[0].Wanted) / n
		}
	}
	return f
}

// apart is the mean distance between two series, as a share of the first's mean.
func apart(a, b []float64) float64 {
	sum, distance := 0.0, 0.0
	for i := range a {
		sum += a[i]
		distance += math.Abs(a[i] - b[i])
	}
	return distance / sum
}

// Whole runs with an autoscaler, nodes and a database say the same in both
// fidelities, as long as pods are either in a steady state or clearly overloaded.
// The mean of sixteen seeds, fluid against requests:
//
//	       p50    p90    p99    pod-hours  node-hours  cost   replicas    late
//	day    +0.3%  +0.1%  +0.1%  -2.2%      0.0%        0.0%   3.6% apart  0 s and 0 s
//	ramp   +0.2%  +0.1%  +0.1%  -1.9%      -5.2%       -2.2%  3.0% apart  0 s and 0 s
//	spike  +0.1%  +0.3%  +5.7%  -1.0%      -1.4%       -0.8%  1.3% apart  44 s and 39 s
//
// Late seconds count in windows of 5 s of requests and of 15 s of the fluid, which
// adds up to 15 s to every overload.
func TestFidelitiesAgree(t *testing.T) {
	day, err := load.Diurnal(3, 0.2)
	if err != nil {
		t.Fatal(err)
	}
	var hour []load.Knot // a day within an hour
	for _, k := range day.Knots() {
		hour = append(hour, load.Knot{At: k.At / 24, Level: k.Level})
	}
	cases := map[string]struct {
		load     load.Curve
		replicas int32
		p99      float64 // percent apart, at most
	}{
		"day":   {levels(t, hour...), 2, 2},
		"ramp":  {levels(t, load.Knot{Level: 1}, load.Knot{At: time.Minute, Level: 1}, load.Knot{At: 11 * time.Minute, Level: 5}, load.Knot{At: 25 * time.Minute, Level: 5}), 2, 2},
		"spike": {levels(t, load.Knot{Level: 0.8}, load.Knot{At: 2 * time.Minute, Level: 0.8}, load.Knot{At: 2 * time.Minute, Level: 4}, load.Knot{At: 12 * time.Minute, Level: 4}, load.Knot{At: 12 * time.Minute, Level: 1}, load.Knot{At: 25 * time.Minute, Level: 1}), 4, 25},
	}
	seeds := []uint64{1, 2, 3}
	if *long {
		seeds = append(seeds, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := map[Fidelity]figures{}
			for _, fidelity := range both {
				s := world(t, pooled, under(tc.load))
				v := &s.Services[0]
				s.Fidelity, s.Points, v.PeakRPS = fidelity, int(tc.load.Duration()/time.Minute), 240
				v.HPA.MinReplicas, v.Replicas = tc.replicas, max(3, int(tc.replicas))
				runs, err := Replicate(context.Background(), s, seeds, 2, nil)
				if err != nil {
					t.Fatal(err)
				}
				got[fidelity] = over(runs)
			}
			fluid, requests := got[Control], got[Request]
			within := func(what string, got, want, most float64) string {
				off := 100 * (got/want - 1)
				if math.Abs(off) > most {
					t.Errorf("%s: fluid %.4g, requests %.4g: %+.1f%% apart, want at most %g%%", what, got, want, off, most)
				}
				return fmt.Sprintf("%s %+.1f%%  ", what, off)
			}
			text := within("p50", fluid.p50, requests.p50, 2) + within("p90", fluid.p90, requests.p90, 3) + within("p99", fluid.p99, requests.p99, tc.p99) +
				within("pod-hours", fluid.podHours, requests.podHours, 6) + within("node-hours", fluid.nodeHours, requests.nodeHours, 8) + within("cost", fluid.usd, requests.usd, 4)
			distance := 100 * apart(requests.wanted, fluid.wanted)
			if distance > 10 {
				t.Errorf("replicas are %.1f%% apart over time, want at most 10%%", distance)
			}
			if late := fluid.late - requests.late; late < -10 || late > 25 {
				t.Errorf("late for %.0f s in the fluid and %.0f s of requests, want at most 15 s more and a window", fluid.late, requests.late)
			}
			t.Logf("%sreplicas %.1f%% apart  late %.0f s and %.0f s", text, distance, fluid.late, requests.late)
		})
	}
}
