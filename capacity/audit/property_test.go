package audit_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/agencyos/headroom/capacity/audit"
	"github.com/agencyos/headroom/capacity/workload"
)

func amount(t *rapid.T, name string) *float64 {
	if rapid.Bool().Draw(t, name+" stated") {
		return new(float64(rapid.IntRange(0, 1<<20).Draw(t, name)))
	}
	return nil
}

func drawUse(t *rapid.T, name string) audit.Use {
	return *audit.NewUse(rapid.SliceOfN(rapid.Float64Range(0, 1e6), 1, 50).Draw(t, name))
}

// stated is a workload of one container with an autoscaler or without.
func stated(t *rapid.T) workload.Set {
	ref := workload.Ref{Namespace: "n", Kind: "Deployment", Name: "w"}
	c := workload.Container{Name: "c", Resources: workload.Resources{
		Request: workload.Amounts{CPUMilli: amount(t, "cpu request"), MemoryMiB: amount(t, "memory request")},
		Limit:   workload.Amounts{CPUMilli: amount(t, "cpu limit"), MemoryMiB: amount(t, "memory limit")}}}
	set := workload.Set{Workloads: []workload.Workload{{Ref: ref, Containers: []workload.Container{c}, Replicas: new(rapid.IntRange(0, 100).Draw(t, "replicas"))}}}
	if rapid.Bool().Draw(t, "autoscaled") {
		set.Autoscalers = []workload.Autoscaler{{Namespace: "n", TargetKind: "Deployment", TargetName: "w", Min: 1, Max: 9, CPU: []workload.Target{{Percent: rapid.IntRange(1, 300).Draw(t, "target")}}}}
	}
	return set
}

func judged(set workload.Set, cpu, memory audit.Use, momentary bool) audit.Row {
	m := audit.Measured{Source: "a test", Momentary: momentary, Containers: map[audit.Container]audit.Usage{
		{Ref: set.Workloads[0].Ref, Name: "c"}: {CPUMilli: &cpu, MemoryMiB: &memory}}}
	return audit.New(set, m, &audit.Price{CPU: 0.03, GiB: 0.004}).Containers[0]
}

// A suggestion holds what was measured, is no larger a limit than its request, and
// is itself judged fine; one by a moment lowers nothing, so it may be found wasteful.
func TestSuggestionHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set, cpu, memory := stated(t), drawUse(t, "cpu"), drawUse(t, "memory")
		momentary := rapid.Bool().Draw(t, "momentary")
		row := judged(set, cpu, memory, momentary)
		if got := row.Memory.Suggested; got.Request < memory.Max || *got.Limit < got.Request {
			t.Fatalf("memory %+v for a max of %g", got, memory.Max)
		}
		if got := row.CPU.Suggested; got.Request < cpu.P95 || got.Limit != nil {
			t.Fatalf("cpu %+v for a p95 of %g", got, cpu.P95)
		}
		c := &set.Workloads[0].Containers[0]
		c.Request = workload.Amounts{CPUMilli: &row.CPU.Suggested.Request, MemoryMiB: &row.Memory.Suggested.Request}
		c.Limit = workload.Amounts{MemoryMiB: row.Memory.Suggested.Limit}
		again := audit.New(set, audit.Measured{Source: "a test",
			Containers: map[audit.Container]audit.Usage{{Ref: set.Workloads[0].Ref, Name: "c"}: {CPUMilli: &cpu, MemoryMiB: &memory}}}, nil)
		for _, f := range again.Findings {
			if !momentary || f.Level != audit.Wastes {
				t.Fatalf("the suggestion is followed and judged: %+v", f)
			}
		}
	})
}

// Whoever uses more is never suggested less.
func TestSuggestionIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set, momentary := stated(t), rapid.Bool().Draw(t, "momentary")
		less := drawUse(t, "use")
		factor := rapid.Float64Range(1, 3).Draw(t, "factor")
		more := audit.Use{P50: factor * less.P50, P95: factor * less.P95, P99: factor * less.P99, Max: factor * less.Max}
		a, b := judged(set, less, less, momentary), judged(set, more, more, momentary)
		if a.CPU.Suggested.Request > b.CPU.Suggested.Request || a.Memory.Suggested.Request > b.Memory.Suggested.Request || *a.Memory.Suggested.Limit > *b.Memory.Suggested.Limit {
			t.Fatalf("less for more: %+v %+v, then %+v %+v", a.CPU.Suggested, a.Memory.Suggested, b.CPU.Suggested, b.Memory.Suggested)
		}
	})
}

// A moment lowers nothing, so it never claims to save.
func TestMomentLowersNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := judged(stated(t), drawUse(t, "cpu"), drawUse(t, "memory"), true)
		for _, s := range []audit.Side{row.CPU, row.Memory} {
			if s.Request != nil && s.Suggested.Request < *s.Request {
				t.Fatalf("lowered: %+v to %+v", *s.Request, s.Suggested)
			}
		}
		if *row.SavingUSDPerMonth > 0 {
			t.Fatalf("saves %g by a moment", *row.SavingUSDPerMonth)
		}
	})
}
