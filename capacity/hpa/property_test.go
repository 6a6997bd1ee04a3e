package hpa

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func drawRules(t *rapid.T, name string) *Rules {
	if rapid.Bool().Draw(t, name+" default") {
		return nil
	}
	r := &Rules{Select: rapid.SampledFrom([]Select{"", SelectMax, SelectMin, SelectDisabled}).Draw(t, name+" select")}
	if rapid.Bool().Draw(t, name+" has window") {
		r.WindowSeconds = ptr(rapid.Int32Range(0, 600).Draw(t, name+" window"))
	}
	if rapid.Bool().Draw(t, name+" has tolerance") {
		r.Tolerance = ptr(rapid.Float64Range(0, 0.5).Draw(t, name+" tolerance"))
	}
	for range rapid.IntRange(0, 3).Draw(t, name+" policies") {
		r.Policies = append(r.Policies, Policy{Type: rapid.SampledFrom([]PolicyType{ByPods, ByPercent}).Draw(t, "type"),
			Value: rapid.Int32Range(1, 200).Draw(t, "value"), PeriodSeconds: rapid.Int32Range(1, 300).Draw(t, "period")})
	}
	return r
}

func drawSpec(t *rapid.T, metrics []Metric) Spec {
	s := Spec{MinReplicas: rapid.Int32Range(1, 10).Draw(t, "min"), Metrics: metrics}
	s.MaxReplicas = s.MinReplicas + rapid.Int32Range(0, 90).Draw(t, "room")
	if rapid.Bool().Draw(t, "behavior") {
		s.Behavior = &Behavior{ScaleUp: drawRules(t, "up"), ScaleDown: drawRules(t, "down")}
	}
	return s
}

// TestWithinBounds: from anywhere the first answer that is not a failure is
// within min and max, and so are all later ones.
func TestWithinBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t, total(1000))
		a, err := New(Defaults(V137), spec)
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.Int32Range(0, 200).Draw(t, "from")
		for i := range rapid.IntRange(1, 100).Draw(t, "syncs") {
			o := counting(n, rapid.Int64Range(0, 200e3).Draw(t, "total"))
			o.Readings[0].Failed = rapid.IntRange(0, 9).Draw(t, "fails") == 0
			d := a.Step(at(i), o)
			switch d.Outcome {
			case Disabled, Failing:
				if d.Replicas != n {
					t.Fatalf("Step from %d: %s moves to %d", n, d.Outcome, d.Replicas)
				}
			default:
				if d.Replicas < spec.MinReplicas || d.Replicas > spec.MaxReplicas {
					t.Fatalf("Step from %d: %+v is outside %d to %d", n, d, spec.MinReplicas, spec.MaxReplicas)
				}
			}
			n = d.Replicas
		}
	})
}

// TestQuietWithinTolerance: a load that stays within the tolerance of what there
// is never moves the replicas, however often it is looked at.
func TestQuietWithinTolerance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t, total(1000))
		if b := spec.Behavior; b != nil { // the tolerance of the cluster
			for _, r := range []*Rules{b.ScaleUp, b.ScaleDown} {
				if r != nil {
					r.Tolerance = nil
				}
			}
		}
		n := rapid.Int32Range(spec.MinReplicas, spec.MaxReplicas).Draw(t, "replicas")
		a, err := New(Defaults(V136), spec)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 60 {
			load := int64(n) * rapid.Int64Range(901, 1099).Draw(t, "per pod")
			if d := a.Step(at(i), counting(n, load)); d.Replicas != n || d.Desired != n {
				t.Fatalf("Step at %d with %d for %d pods: %+v", i, load, n, d)
			}
		}
	})
}

// TestMonotone: with one metric and the same history, more load never means
// fewer replicas.
func TestMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t, total(1000))
		cpu := rapid.Bool().Draw(t, "cpu")
		if cpu {
			spec.Metrics = utilization(rapid.Int64Range(20, 150).Draw(t, "target"))
		}
		past := rapid.SliceOfN(rapid.Int64Range(0, 120e3), 0, 40).Draw(t, "past")
		from := rapid.Int32Range(spec.MinReplicas, spec.MaxReplicas).Draw(t, "from")
		observe := func(n int32, load int64) Observation {
			if cpu {
				return using(int(n), load/int64(n))
			}
			return counting(n, load)
		}
		after := func(load int64) int32 {
			a, err := New(Defaults(V136), spec)
			if err != nil {
				t.Fatal(err)
			}
			n := from
			for i, p := range past {
				n = a.Step(at(i), observe(n, p)).Replicas
			}
			return a.Step(at(len(past)), observe(n, load)).Replicas
		}
		less, more := rapid.Int64Range(0, 120e3).Draw(t, "less"), rapid.Int64Range(0, 120e3).Draw(t, "more")
		less, more = min(less, more), max(less, more)
		if a, b := after(less), after(more); a > b {
			t.Fatalf("load %d gives %d replicas, load %d only %d", less, a, more, b)
		}
	})
}

// TestAlike: pods that stand for others count as all of them.
func TestAlike(t *testing.T) {
	moment := func(t *rapid.T, name string) time.Duration {
		return time.Duration(rapid.IntRange(-600, 600).Draw(t, name)) * time.Second
	}
	rapid.Check(t, func(t *rapid.T) {
		metrics := rapid.SampledFrom([][]Metric{utilization(70), {{Source: Resource, CPU: true, Target: AverageValue, Value: 700}},
			{{Source: Pods, Target: AverageValue, Value: 700}}, {{Source: External, Target: Value, Value: 9000}}}).Draw(t, "metrics")
		spec := Spec{MinReplicas: 1, MaxReplicas: 1000, Metrics: metrics}
		one, err := New(Defaults(V136), spec)
		if err != nil {
			t.Fatal(err)
		}
		all, _ := New(Defaults(V136), spec)
		few := Observation{SpecReplicas: rapid.Int32Range(1, 50).Draw(t, "replicas"), Readings: make([]Reading, 1)}
		many := few
		many.Readings = []Reading{{}}
		total := rapid.Int64Range(0, 100e3).Draw(t, "total")
		few.Readings[0].Total, many.Readings[0].Total = total, total
		for range rapid.IntRange(0, 6).Draw(t, "kinds") {
			p := Pod{Phase: rapid.SampledFrom([]Phase{Pending, Running, Failed}).Draw(t, "phase"), Terminating: rapid.Bool().Draw(t, "terminating"),
				Ready: rapid.SampledFrom([]Ready{NoCondition, ReadyFalse, ReadyTrue}).Draw(t, "ready"), HasStarted: rapid.Bool().Draw(t, "has started"),
				Started: moment(t, "started"), ReadyChanged: moment(t, "changed")}
			s := sample(rapid.Int64Range(0, 2000).Draw(t, "usage"))
			s.Present, s.Request = rapid.Bool().Draw(t, "present"), rapid.Int64Range(1, 999).Draw(t, "request")
			alike := rapid.Int32Range(0, 5).Draw(t, "alike")
			for range 1 + alike {
				many = many.and(p, s)
			}
			p.Alike = alike
			few = few.and(p, s)
		}
		if a, b := one.Step(0, few), all.Step(0, many); a != b {
			t.Fatalf("Step = %+v, with all pods one by one %+v", a, b)
		}
	})
}
