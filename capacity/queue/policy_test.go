package queue

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPods(t *testing.T) {
	cases := map[string]struct {
		reason string
		policy Policy
		pods   int
		ca2    float64
		want   Station
	}{
		"Random":     {reason: "a queue per pod at its share", policy: Random, pods: 20, ca2: 1, want: Station{4, 64, 0.05, 1, 1}},
		"RoundRobin": {reason: "strict turns are not counted on", policy: RoundRobin, pods: 20, ca2: 1, want: Station{4, 64, 0.05, 1, 1}},
		"Pooled":     {reason: "one queue for all workers", policy: LeastOutstanding, pods: 20, ca2: 1, want: Station{80, 1280, 0.05, 1, 1}},
		"Bursty":     {reason: "thinning dilutes a burst", policy: Random, pods: 20, ca2: 5, want: Station{4, 64, 0.05, 1.2, 1}},
		"Smooth":     {reason: "thinning does not keep a stream smooth", policy: Random, pods: 20, ca2: 0, want: Station{4, 64, 0.05, 1, 1}},
		"Unknown":    {reason: "an unknown balancer gets no credit", policy: "sticky", pods: 20, ca2: 1, want: Station{4, 64, 0.05, 1, 1}},
		"NoPods":     {reason: "nobody serves", policy: Random, pods: 0, ca2: 1, want: Station{0, 1280, 0.05, 1, 1}},
		"Nonsense":   {reason: "a negative cv² stays visible", policy: Random, pods: 20, ca2: -1, want: Station{4, 64, 0.05, -1, 1}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := Pods(tc.policy, tc.pods, 4, 1280, 0.05, tc.ca2, 1)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\nPods(%s): -want, +got:\n%s", tc.reason, tc.policy, diff)
			}
		})
	}
}

// TestPoliciesDiffer holds the figures that say how much the balancer matters.
func TestPoliciesDiffer(t *testing.T) {
	p99 := func(p Policy) float64 {
		return math.Round(1000 * Pods(p, 20, 4, 1280, 0.05, 1, 1).SojournQuantile(0.99))
	}
	got := []float64{p99(RoundRobin), p99(Random), p99(LeastOutstanding)}
	if diff := cmp.Diff([]float64{345, 345, 230}, got); diff != "" {
		t.Errorf("p99 in ms of round robin, random, least outstanding: -want, +got:\n%s", diff)
	}
	if RoundRobin.Valid() != true || Policy("sticky").Valid() {
		t.Error("Valid: knows the wrong policies")
	}
}

func TestSizing(t *testing.T) {
	cases := map[string]struct {
		reason    string
		got, want float64
	}{
		"Utilization":    {reason: "the golden p99 of c = 4 at 80 % is 344.66 ms", got: math.Round(1e4*MaxUtilization(4, 0.05, 1, 0.99, 0.34466)) / 1e4, want: 0.8},
		"TooTight":       {reason: "an idle station's p99 is 230 ms already", got: MaxUtilization(4, 0.05, 1, 0.99, 0.2), want: 0},
		"NoServers":      {reason: "nonsense allows nothing", got: MaxUtilization(0, 0.05, 1, 0.99, 1), want: 0},
		"NoLimit":        {reason: "without a limit up to saturation", got: math.Round(1e6*MaxUtilization(4, 0.05, 1, 0.99, math.Inf(1))) / 1e6, want: 1},
		"Pool":           {reason: "100/s holding 12 ms: 1.2 erlangs, p99 wait 10 ms", got: float64(SmallestServers(100, 0.012, 1, 0.99, 0.010)), want: 4},
		"PoolNoWait":     {reason: "99 % at once", got: float64(SmallestServers(100, 0.012, 1, 0.99, 0)), want: 5},
		"PoolIdle":       {reason: "one connection even without traffic", got: float64(SmallestServers(0, 0.012, 1, 0.99, 0)), want: 1},
		"PoolAnyWait":    {reason: "without a limit the first stable size", got: float64(SmallestServers(100, 0.035, 1, 0.99, math.Inf(1))), want: 4},
		"PoolImpossible": {reason: "nobody can promise all of them", got: float64(SmallestServers(100, 0.012, 1, 1, 0.01)), want: 0},
		"PoolNonsense":   {reason: "a negative wait", got: float64(SmallestServers(100, 0.012, 1, 0.99, -1)), want: 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if tc.got != tc.want {
				t.Errorf("%s\nwant %v, got %v", tc.reason, tc.want, tc.got)
			}
		})
	}
}
