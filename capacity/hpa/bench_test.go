package hpa

import (
	"fmt"
	"testing"
	"time"
)

var sink Decision

// BenchmarkStep is one sync in the steady state, full histories and all pods
// sampled. It must not allocate.
func BenchmarkStep(b *testing.B) {
	cases := []struct {
		name    string
		metrics []Metric
		pods    int
	}{{"total", total(1000), 0}, {"cpu", utilization(70), 10}, {"cpu", utilization(70), 100}}
	for _, behavior := range []*Behavior{nil, {}} {
		for _, c := range cases {
			b.Run(fmt.Sprintf("%s/pods=%d/behavior=%v", c.name, c.pods, behavior != nil), func(b *testing.B) {
				step := steady(b, Spec{MinReplicas: 1, MaxReplicas: 1000, Metrics: c.metrics, Behavior: behavior}, c.pods)
				b.ReportAllocs()
				for b.Loop() {
					step()
				}
			})
		}
	}
}

// steady returns a step of an hour's history under a load that swings, so that
// every step rescales or stabilizes.
func steady(t testing.TB, spec Spec, pods int) func() {
	a := mustNew(t, Defaults(V136), spec)
	low, high := using(pods, 500), using(pods, 900)
	low.Readings[0].Total, high.Readings[0].Total = 5e3, 50e3
	n, sync := int32(10), 0
	step := func() {
		o := low
		if sync%50 < 25 {
			o = high
		}
		o.SpecReplicas, o.StatusReplicas = n, n
		sink = a.Step(time.Hour+at(sync), o)
		n = sink.Replicas
		sync++
	}
	for range 500 {
		step()
	}
	return step
}

func TestStepDoesNotAllocate(t *testing.T) {
	for _, behavior := range []*Behavior{nil, {}} {
		step := steady(t, Spec{MinReplicas: 1, MaxReplicas: 1000, Metrics: append(utilization(70), total(1000)...), Behavior: behavior}, 50)
		if n := testing.AllocsPerRun(1000, step); n != 0 {
			t.Errorf("Step with behavior %v allocates %v times", behavior != nil, n)
		}
	}
}
