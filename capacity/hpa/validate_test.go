package hpa

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestNewRefuses(t *testing.T) {
	good := func() Spec { return Spec{MinReplicas: 1, MaxReplicas: 10, Metrics: utilization(70)} }
	up := func(r Rules) func(*Settings, *Spec) {
		return func(_ *Settings, s *Spec) { s.Behavior = &Behavior{ScaleUp: &r} }
	}
	metric := func(m Metric) func(*Settings, *Spec) {
		return func(_ *Settings, s *Spec) { s.Metrics = []Metric{m} }
	}
	cases := map[string]struct {
		reason string
		mutate func(*Settings, *Spec)
		want   string
	}{
		"MaxBelowMin":    {"the range is empty", func(_ *Settings, s *Spec) { s.MaxReplicas = 0 }, "replicas = 1 to 0"},
		"ZeroGate":       {"off until 1.36", func(_ *Settings, s *Spec) { s.MinReplicas, s.Metrics = 0, total(1) }, "feature gate HPAScaleToZero"},
		"ZeroMetric":     {"CPU of no pods says nothing", func(c *Settings, s *Spec) { c.ScaleToZero, s.MinReplicas = true, 0 }, "needs an Object or External metric"},
		"TargetZero":     {"divides by it", metric(Metric{Source: External, Target: Value}), "metrics[0] = External Value 0"},
		"PodsValue":      {"Pods has averages only", metric(Metric{Source: Pods, Target: Value, Value: 1}), "metrics[0] = Pods Value 1"},
		"TotalPercent":   {"a total has no request", metric(Metric{Source: Object, Target: Utilization, Value: 1}), "metrics[0] = Object"},
		"UnknownSource":  {"misspelled", metric(Metric{Source: "resource", Target: Utilization, Value: 1}), "metrics[0] = resource"},
		"LongWindow":     {"at most an hour", up(Rules{WindowSeconds: ptr[int32](3601)}), "scaleUp.windowSeconds = 3601"},
		"LongPeriod":     {"at most 30 minutes", up(Rules{Policies: []Policy{{ByPods, 1, 1801}}}), "scaleUp.policies[0] = Pods 1 in 1801 s"},
		"NoPolicies":     {"an empty list is not the default", up(Rules{Policies: []Policy{}}), "scaleUp.policies: name one"},
		"UnknownSelect":  {"misspelled", up(Rules{Select: "max"}), `scaleUp.select = "max"`},
		"RulesTolerance": {"not a number", up(Rules{Tolerance: ptr(math.NaN())}), "scaleUp.tolerance = NaN"},
		"Version":        {"unknown", func(c *Settings, _ *Spec) { c.Version = 38 }, "version = 38"},
		"Tolerance":      {"negative", func(c *Settings, _ *Spec) { c.Tolerance = -0.1 }, "tolerance = -0.1"},
		"Duration":       {"negative", func(c *Settings, _ *Spec) { c.CPUInitialization = -time.Second }, "a duration is negative"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			settings, spec := Defaults(V136), good()
			tc.mutate(&settings, &spec)
			_, err := New(settings, spec)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s\nNew: %v, want an error with %q", tc.reason, err, tc.want)
			}
		})
	}
}

// TestUpdateRefusedChangesNothing: the autoscaler goes on with its old spec.
func TestUpdateRefusedChangesNothing(t *testing.T) {
	a := mustNew(t, Defaults(V136), Spec{MinReplicas: 2, MaxReplicas: 10})
	if err := a.Update(Spec{MinReplicas: 5, MaxReplicas: 4}); err == nil {
		t.Fatal("Update accepts an empty range")
	}
	if d := a.Step(0, Observation{SpecReplicas: 1}); d.Replicas != 2 || d.Outcome != BelowMin {
		t.Errorf("Step after a refused Update: %+v", d)
	}
}
