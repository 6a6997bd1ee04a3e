package hpa

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestUtilization holds the first step of ten pods with a request of one core.
func TestUtilization(t *testing.T) {
	at := 10 * time.Minute // the old pods are past their initialization
	absent := Sample{Request: 1000}
	cases := map[string]struct {
		reason string
		target int64
		in     Observation
		want   int32
	}{
		"Truncated":      {"77.9 % counts as 77, and 77/70 = 1.1 is inclusive", 70, using(10, 779), 10},
		"Above":          {"78/70 is over 1.1", 70, using(10, 780), 12},
		"LowerEnd":       {"63/70 = 0.9 is inclusive", 70, using(10, 630), 10},
		"Below":          {"62/70 is under 0.9", 70, using(10, 629), 9},
		"Surge":          {"the pods scale, not spec.replicas", 70, using(12, 800), 14},
		"FewerPods":      {"three pods of ten answer for ten", 70, using(3, 800), 4},
		"PendingUp":      {"a pending pod is idle: 720/70 over ten pods stays", 70, using(9, 800).and(Pod{}, absent), 10},
		"PendingDown":    {"on the way down a pending pod is not there", 70, using(9, 200).and(Pod{}, absent), 3},
		"MissingUp":      {"a pod without a sample is idle on the way up", 70, using(9, 900).and(old(), absent), 12},
		"MissingDown":    {"and uses its whole request on the way down", 70, using(9, 200).and(old(), absent), 4},
		"MissingOver100": {"or the target if that is higher", 200, using(7, 200).and(old(), absent).and(old(), absent).and(old(), absent), 4},
		"MissingTurns":   {"but never turns the direction", 70, half(600, absent), 10},
		"FewWithMissing": {"nor shrinks what should grow: 80/70 over five pods is six", 70, using(4, 1000).and(old(), absent), 10},
		"Terminating":    {"a terminating pod is not there", 70, using(10, 800).and(Pod{Terminating: true}, sample(9000)), 12},
		"Failed":         {"nor is a failed one", 70, using(10, 800).and(Pod{Phase: Failed}, sample(9000)), 12},
		"NotReady":       {"an initializing pod is idle until it is ready", 70, using(9, 800).and(unreadySince(9*time.Minute), sample(5000)), 10},
		"Warm":           {"a pod that was ready before is counted while not ready", 70, using(9, 800).and(unreadySince(-time.Minute), sample(800)), 12},
		"NoPods":         {"nothing to scale by", 70, using(0, 0), 10},
		"NoneCounted":    {"only pending pods say nothing", 70, Observation{Readings: make([]Reading, 1)}.and(Pod{}, absent), 10},
		"NoRequest":      {"one container without a request stops all", 70, using(9, 900).and(old(), Sample{Present: true, Value: 1, Request: NoRequest}), 10},
		"NoRequestGone":  {"also of a pod that is ignored", 70, using(9, 900).and(Pod{Terminating: true}, Sample{Request: NoRequest}), 10},
		"ZeroRequests":   {"nothing to compare with", 70, Observation{Readings: make([]Reading, 1)}.and(old(), Sample{Present: true, Value: 1}), 10},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			a := mustNew(t, Defaults(V136), Spec{MinReplicas: 1, MaxReplicas: 100, Metrics: utilization(tc.target), Behavior: atOnce()})
			a.recommendations = append(a.recommendations, recommendation{-time.Hour, 0})
			if got := a.Step(at, with(tc.in, 10)).Replicas; got != tc.want {
				t.Errorf("%s\nStep(%d pods) = %d, want %d", tc.reason, len(tc.in.Pods), got, tc.want)
			}
		})
	}
}

// with is the observation with other spec.replicas.
func with(o Observation, n int32) Observation {
	o.SpecReplicas = n
	return o
}

// half is six pods that use the given CPU and six with the other sample.
func half(milli int64, other Sample) Observation {
	o := using(6, milli)
	for range 6 {
		o = o.and(old(), other)
	}
	return o
}

func unreadySince(changed time.Duration) Pod {
	p := old()
	p.Ready, p.ReadyChanged, p.Started = ReadyFalse, changed, changed-10*time.Second
	if changed < 0 { // past its initialization, and ready for longer than 30 s before
		p.Started = -2 * time.Hour
	}
	return p
}

// atOnce is a behavior that neither waits nor limits.
func atOnce() *Behavior {
	free := []Policy{{ByPods, 1000, 15}, {ByPercent, 100, 15}}
	return &Behavior{ScaleUp: &Rules{Policies: free}, ScaleDown: &Rules{WindowSeconds: ptr[int32](0), Policies: free}}
}

// TestFirstUtilizationThatScales is the table of scaling.md: the first whole
// percent that leaves the tolerance.
func TestFirstUtilizationThatScales(t *testing.T) {
	got := map[int64][2]int64{}
	for _, target := range []int64{50, 60, 70, 75, 80} {
		moves := func(percent int64) bool {
			a := mustNew(t, Defaults(V136), Spec{MinReplicas: 1, MaxReplicas: 100, Metrics: utilization(target)})
			d := a.Step(time.Hour, using(10, 10*percent))
			return d.Desired != 10
		}
		up, down := target, target
		for !moves(up) {
			up++
		}
		for !moves(down) {
			down--
		}
		got[target] = [2]int64{up, down}
	}
	want := map[int64][2]int64{50: {56, 44}, 60: {67, 53}, 70: {78, 62}, 75: {83, 67}, 80: {89, 71}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("first percent that scales {up, down} by target: -want, +got:\n%s", diff)
	}
}

func TestSequences(t *testing.T) {
	spec := func(b *Behavior) Spec {
		return Spec{MinReplicas: 1, MaxReplicas: 200, Metrics: total(1000), Behavior: b}
	}
	up := func(r Rules) *Behavior { return &Behavior{ScaleUp: &r} }
	down := func(r Rules) *Behavior { r.WindowSeconds = ptr[int32](0); return &Behavior{ScaleDown: &r} }
	cases := map[string]struct {
		reason string
		spec   Spec
		from   int32
		totals []int64
		want   []int32
	}{
		"FixedGrowth":   {"without behavior the double or 4", spec(nil), 1, repeat(7, 128e3), []int32{4, 8, 16, 32, 64, 128, 128}},
		"DefaultGrowth": {"an empty behavior has the larger of 4 pods and 100 %", spec(&Behavior{}), 1, repeat(7, 160e3), []int32{5, 10, 20, 40, 80, 160, 160}},
		"FiveTimes":     {"400 % in 15 s is five times in one step", spec(up(Rules{Policies: []Policy{{ByPercent, 400, 15}}})), 10, repeat(2, 50e3), []int32{50, 50}},
		"PodsPerMinute": {"a period that still holds the last change allows nothing", spec(up(Rules{Policies: []Policy{{ByPods, 4, 60}}})), 10, repeat(6, 50e3), []int32{14, 14, 14, 14, 18, 18}},
		"SelectMin":     {"the smaller change", spec(up(Rules{Select: SelectMin, Policies: defaultScaleUp})), 10, repeat(2, 50e3), []int32{14, 18}},
		"RoundedUp":     {"10 % of three pods is one pod on the way up", spec(up(Rules{Policies: []Policy{{ByPercent, 10, 15}}})), 3, repeat(3, 50e3), []int32{4, 5, 6}},
		"RemovedCounts": {"what was removed in the period may come back on top", spec(&Behavior{ScaleUp: &Rules{Policies: []Policy{{ByPods, 4, 60}}}, ScaleDown: &Rules{WindowSeconds: ptr[int32](0)}}), 10, []int64{5e3, 50e3, 50e3}, []int32{5, 14, 14}},
		"NoScaleUp":     {"Disabled keeps what there is", spec(up(Rules{Select: SelectDisabled})), 10, repeat(2, 50e3), []int32{10, 10}},
		"UpWindow":      {"the smallest recommendation of the last minute, younger than a minute", spec(up(Rules{WindowSeconds: ptr[int32](30)})), 10, repeat(4, 20e3), []int32{10, 10, 20, 20}},
		"TenPercent":    {"truncated: 10 % of 9 is one pod", spec(down(Rules{Policies: []Policy{{ByPercent, 10, 15}}})), 10, repeat(4, 1e3), []int32{9, 8, 7, 6}},
		"NoScaleDown":   {"Disabled keeps what there is", spec(down(Rules{Select: SelectDisabled})), 10, repeat(2, 1e3), []int32{10, 10}},
		"AboveMax":      {"too many are cut at once", spec(nil), 300, repeat(1, 300e3), []int32{200}},
		"Tolerated":     {"5 % over changes nothing", spec(nil), 20, repeat(1, 21e3), []int32{20}},
		"OwnTolerance":  {"5 % over counts with a tolerance of 1 %", spec(up(Rules{Tolerance: ptr(0.01)})), 20, repeat(1, 21e3), []int32{21}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := follow(mustNew(t, Defaults(V136), tc.spec), tc.from, tc.totals...)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\nStep from %d: -want, +got:\n%s", tc.reason, tc.from, diff)
			}
		})
	}
}

// TestScaleDownEdges holds when ten pods first shrink on an exact grid of 15 s:
// a recommendation as old as the window counts without behavior, and not with.
func TestScaleDownEdges(t *testing.T) {
	first := func(b *Behavior, period time.Duration) time.Duration {
		a := mustNew(t, Defaults(V136), Spec{MinReplicas: 1, MaxReplicas: 20, Metrics: total(1000), Behavior: b})
		a.Step(0, counting(10, 10e3))
		for now := period; ; now += period {
			if a.Step(now, counting(10, 1e3)).Replicas < 10 {
				return now.Truncate(time.Second)
			}
		}
	}
	const grid, late = 15 * time.Second, 15*time.Second + time.Millisecond
	got := []time.Duration{first(nil, grid), first(nil, late), first(&Behavior{}, grid), first(&Behavior{}, late)}
	want := []time.Duration{315 * time.Second, 300 * time.Second, 300 * time.Second, 300 * time.Second}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("first scale-down after the last full load, without behavior and with, each on the grid and late: -want, +got:\n%s", diff)
	}
}

func TestForget(t *testing.T) {
	a := mustNew(t, Defaults(V136), Spec{MinReplicas: 1, MaxReplicas: 20, Metrics: total(1000)})
	follow(a, 10, repeat(30, 10e3)...)
	a.Forget()
	var got []int32
	n := int32(10)
	for i := range 22 {
		n = a.Step(time.Hour+at(i), counting(n, 2e3)).Replicas
		got = append(got, n)
	}
	if i := slices.Index(got, 2); i != 20 {
		t.Errorf("after a restart the first scale-down is at sync %d, want 20 (5 min): %v", i, got)
	}
}
