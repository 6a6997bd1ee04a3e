package hpa

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMetrics holds what each kind of metric proposes for ten replicas.
func TestMetrics(t *testing.T) {
	average := func(s Source) Metric { return Metric{Source: s, Target: AverageValue, Value: 1000} }
	value := Metric{Source: Object, Target: Value, Value: 1000}
	half := using(10, 0)
	for i := range 5 {
		half.Pods[i].Ready = ReadyFalse
	}
	of := func(o Observation, total int64) Observation {
		o.Readings = []Reading{{Total: total, Samples: o.Readings[0].Samples}}
		return o
	}
	cases := map[string]struct {
		reason string
		metric Metric
		in     Observation
		want   int32
	}{
		"PodsUp":         {"average 1500 of 1000", average(Pods), using(10, 1500), 15},
		"PodsMissing":    {"a missing pod has the target on the way down", average(Pods), using(9, 500).and(old(), Sample{}), 6},
		"PodsIdle":       {"and nothing on the way up", average(Pods), using(9, 1500).and(old(), Sample{}), 14},
		"PodsUnready":    {"readiness does not matter to it", average(Pods), using(9, 1500).and(unreadySince(9*time.Minute), sample(1500)), 15},
		"PodsNoRequest":  {"nor requests", average(Pods), using(9, 1500).and(old(), Sample{Present: true, Value: 1500, Request: NoRequest}), 15},
		"RawCPU":         {"CPU with an average value knows readiness", Metric{Source: Resource, CPU: true, Target: AverageValue, Value: 1000}, using(9, 1500).and(unreadySince(9*time.Minute), sample(1500)), 14},
		"Memory":         {"memory does not", Metric{Source: Resource, Target: AverageValue, Value: 1000}, using(9, 1500).and(unreadySince(9*time.Minute), sample(1500)), 15},
		"ObjectAverage":  {"a total per pod ignores pods", average(Object), of(half, 15e3), 15},
		"ExternalBelow0": {"a negative sum passes for an overflow", average(External), of(half, -1), math.MaxInt32},
		"ObjectBelow0":   {"but not of an Object", average(Object), of(half, -1), 0},
		"ValuePending":   {"a ready pod that is not running does not count", value, of(using(5, 0).and(Pod{Phase: Other, Ready: ReadyTrue}, sample(0)), 3000), 15},
		"ObjectValue":    {"a value scales the ready pods", value, of(half, 3000), 15},
		"ObjectTolerate": {"within the tolerance spec.replicas stays", value, of(half, 1100), 10},
		"ExternalNoPods": {"without pods there is nothing to scale", value, Observation{Readings: []Reading{{Total: 3000}}}, 0},
		"FewSamples":     {"samples that do not match the pods fail", average(Pods), Observation{Pods: []Pod{old()}, Readings: make([]Reading, 1)}, 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			a := mustNew(t, Defaults(V136), Spec{MinReplicas: 1, MaxReplicas: 100, Metrics: []Metric{tc.metric}})
			tc.in.SpecReplicas, tc.in.StatusReplicas = 10, 10
			if got := a.Step(10*time.Minute, tc.in).Desired; got != tc.want {
				t.Errorf("%s\nDesired(%s %s) = %d, want %d", tc.reason, tc.metric.Source, tc.metric.Target, got, tc.want)
			}
		})
	}
}

// TestSeveralMetrics holds how metrics and their failures combine.
func TestSeveralMetrics(t *testing.T) {
	two := append(total(1000), total(1000)...)
	cases := map[string]struct {
		reason   string
		readings []Reading
		want     Decision
	}{
		"Largest":    {"the largest proposal wins", []Reading{{Total: 12e3}, {Total: 15e3}}, Decision{Replicas: 15, Desired: 15, Metric: 1, Outcome: Computed}},
		"PartialUp":  {"a failure does not stop a scale-up", []Reading{{Failed: true}, {Total: 15e3}}, Decision{Replicas: 15, Desired: 15, Metric: 1, Outcome: Computed}},
		"PartialAt":  {"nor a proposal of what there is", []Reading{{Total: 10e3}, {Failed: true}}, Decision{Replicas: 10, Desired: 10, Outcome: Computed}},
		"PartialLow": {"but it stops a scale-down", []Reading{{Total: 2e3}, {Failed: true}}, Decision{Replicas: 10, Outcome: Failing}},
		"All":        {"nothing answers", []Reading{{Failed: true}, {Failed: true}}, Decision{Replicas: 10, Outcome: Failing}},
		"Absent":     {"an absent reading is a failed one", []Reading{{Total: 2e3}}, Decision{Replicas: 10, Outcome: Failing}},
		"Stabilized": {"all below target, held by the window", []Reading{{Total: 2e3}, {Total: 3e3}}, Decision{Replicas: 10, Desired: 3, Metric: 1, Outcome: Computed, Stabilized: true}},
		"Limited":    {"the double is the limit", []Reading{{Total: 2e3}, {Total: 30e3}}, Decision{Replicas: 20, Desired: 30, Metric: 1, Outcome: Computed, Limit: ScaleUpLimit}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			a := mustNew(t, Defaults(V136), Spec{MinReplicas: 1, MaxReplicas: 100, Metrics: two})
			got := a.Step(0, Observation{SpecReplicas: 10, StatusReplicas: 10, Readings: tc.readings})
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\nStep: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestClassify(t *testing.T) {
	now := 10 * time.Minute
	s := Defaults(V136)
	taken := func(at time.Duration) Sample { return Sample{Present: true, At: at, Window: 15 * time.Second} }
	changed := func(p Pod, r Ready, at time.Duration) Pod { p.Ready, p.ReadyChanged = r, at; return p }
	cases := map[string]struct {
		reason string
		pod    Pod
		sample Sample
		cpu    bool
		want   class
	}{
		"Terminating":     {"goes away", Pod{Terminating: true}, taken(now), true, ignored},
		"FailedPod":       {"is gone", Pod{Phase: Failed}, taken(now), true, ignored},
		"PendingPod":      {"before its sample is looked at", Pod{}, taken(now), false, unready},
		"NoSample":        {"whatever its readiness", Pod{Phase: Running}, Sample{}, true, missing},
		"NoCondition":     {"nothing is known", Pod{Phase: Running, HasStarted: true}, taken(now), true, unready},
		"NoStart":         {"nothing is known", Pod{Phase: Running, Ready: ReadyTrue}, taken(now), true, unready},
		"NotForMemory":    {"readiness matters to CPU only", Pod{Phase: Running}, taken(now), false, counted},
		"SampleTooEarly":  {"the sample's window began before the pod was ready", changed(young(8*time.Minute), ReadyTrue, 9*time.Minute), taken(9*time.Minute + 14*time.Second), true, unready},
		"SampleJustRight": {"a whole window since", changed(young(8*time.Minute), ReadyTrue, 9*time.Minute), taken(9*time.Minute + 15*time.Second), true, counted},
		"NotReadyYet":     {"initializing", changed(young(8*time.Minute), ReadyFalse, 8*time.Minute), taken(now), true, unready},
		"UnknownReady":    {"only False is unready", changed(young(8*time.Minute), ReadyUnknown, 8*time.Minute), taken(now), true, counted},
		"InitEndsSharp":   {"at start + 5 min the initialization is over", changed(young(5*time.Minute), ReadyTrue, 9*time.Minute), taken(0), true, counted},
		"NeverReady":      {"unready since before start + 30 s", changed(young(0), ReadyFalse, 29*time.Second), taken(now), true, unready},
		"WasReady":        {"unready since later: it was ready once", changed(young(0), ReadyFalse, 30*time.Second), taken(now), true, counted},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := s.classify(now, &tc.pod, &tc.sample, tc.cpu); got != tc.want {
				t.Errorf("%s\nclassify = %d, want %d", tc.reason, got, tc.want)
			}
		})
	}
}
