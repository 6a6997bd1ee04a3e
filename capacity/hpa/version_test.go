package hpa

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// perVersion runs f for each version, oldest first.
func perVersion[T any](f func(Version) T) [4]T {
	return [4]T{f(V134), f(V135), f(V136), f(V137)}
}

func TestVersions(t *testing.T) {
	first := func(metrics []Metric, b *Behavior, o Observation) func(Version) int32 {
		return func(v Version) int32 {
			a := mustNew(t, Defaults(v), Spec{MinReplicas: 1, MaxReplicas: 100, Metrics: metrics, Behavior: b})
			return a.Step(time.Hour, o).Desired
		}
	}
	value := []Metric{{Source: External, Target: Value, Value: 1}}
	huge := using(10, 0)
	huge.Readings[0].Total = math.MaxInt64
	noContainer := using(9, 900).and(old(), Sample{Present: true, Value: 900, Request: NoContainer})
	noContainer.SpecReplicas = 10
	cases := map[string]struct {
		reason string
		got    [4]int32
		want   [4]int32
	}{
		"Tolerance": {"the tolerance of an HPA counts from 1.35", perVersion(first(total(1000), &Behavior{ScaleUp: &Rules{Tolerance: ptr(0.01)}}, counting(20, 21e3))),
			[4]int32{20, 21, 21, 21}},
		"Container": {"a pod without the container fails the metric from 1.35; before it asked for nothing",
			perVersion(first([]Metric{{Source: ContainerResource, CPU: true, Target: Utilization, Value: 70}}, nil, noContainer)), [4]int32{15, 0, 0, 0}},
		"Overflow": {"a count beyond int32 is capped from 1.35", perVersion(first(value, nil, huge)), [4]int32{max(0, ceil32(math.Inf(1))), math.MaxInt32, math.MaxInt32, math.MaxInt32}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.got); diff != "" {
				t.Errorf("%s\nDesired in 1.34, 1.35, 1.36, 1.37: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestZero follows a service total through zero replicas with the gate on. The
// first sync is held by the replicas that the controller found.
func TestZero(t *testing.T) {
	run := func(minimum, from int32, after func(*Autoscaler), totals ...int64) func(Version) []int32 {
		return func(v Version) []int32 {
			settings := Defaults(v)
			settings.ScaleToZero, settings.DownscaleStabilization = true, 0
			a := mustNew(t, settings, Spec{MinReplicas: minimum, MaxReplicas: 20, Metrics: total(1000)})
			got := follow(a, from, totals[:2]...)
			after(a)
			n := got[1]
			for i, total := range totals[2:] {
				n = a.Step(at(i+2), counting(n, total)).Replicas
				got = append(got, n)
			}
			return got
		}
	}
	none := func(*Autoscaler) {}
	raise := func(a *Autoscaler) {
		if err := a.Update(Spec{MinReplicas: 3, MaxReplicas: 20, Metrics: total(1000)}); err != nil {
			t.Fatal(err)
		}
	}
	cases := map[string]struct {
		reason string
		got    [4][]int32
		want   [4][]int32
	}{
		"AndBack": {"what the HPA scaled to zero comes back", perVersion(run(0, 2, none, 0, 0, 5e3)),
			[4][]int32{{2, 0, 4}, {2, 0, 4}, {2, 0, 4}, {2, 0, 4}}},
		"ByHand": {"zero by hand stays zero from 1.36", perVersion(run(0, 0, none, 5e3, 5e3)),
			[4][]int32{{4, 5}, {4, 5}, {0, 0}, {0, 0}}},
		"WithMinimum": {"zero by hand under a minimum stays zero", perVersion(run(2, 0, none, 5e3, 5e3)),
			[4][]int32{{0, 0}, {0, 0}, {0, 0}, {0, 0}}},
		"Raised": {"a minimum raised meanwhile brings it back from 1.36", perVersion(run(0, 2, raise, 0, 0, 0)),
			[4][]int32{{2, 0, 0}, {2, 0, 0}, {2, 0, 3}, {2, 0, 3}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.got); diff != "" {
				t.Errorf("%s\nreplicas in 1.34, 1.35, 1.36, 1.37: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	type gates struct{ Tolerance, Zero, AtOnce bool }
	got := perVersion(func(v Version) gates {
		s := Defaults(v)
		return gates{s.ConfigurableTolerance, s.ScaleToZero, v.SyncsNewAtOnce()}
	})
	want := [4]gates{{}, {Tolerance: true}, {Tolerance: true}, {true, true, true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("gates of 1.34, 1.35, 1.36, 1.37: -want, +got:\n%s", diff)
	}
	if V136.String() != "1.36" {
		t.Errorf("String() = %s", V136)
	}
}
