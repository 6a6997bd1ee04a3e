package confirm

import (
	"os"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/sim"
	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/capacity/spec"
)

// committed is a stack of the repository with its plan.
func committed(t testing.TB, name string) (spec.Stack, baseline.Baseline, plan.Plan) {
	t.Helper()
	file, err := os.ReadFile("../../Pulumi." + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	stack, err := spec.DecodeFile(name, file)
	if err != nil {
		t.Fatal(err)
	}
	facts, err := os.ReadFile("../../baselines/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	base, err := baseline.Decode(facts)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(stack, base, plan.Options{Today: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC), Lean: true})
	if err != nil {
		t.Fatal(err)
	}
	return stack, base, p
}

// A day of prod, the top of which is five times today's peak.
func BenchmarkDay(b *testing.B) {
	for _, fidelity := range []sim.Fidelity{sim.Control, sim.Request} {
		b.Run(string(fidelity), func(b *testing.B) {
			stack, base, p := committed(b, "prod")
			day, err := load.Of(load.DiurnalShape, p.Growth, 0)
			if err != nil {
				b.Fatal(err)
			}
			scenario, err := Scenario(stack, base, p, day)
			if err != nil {
				b.Fatal(err)
			}
			scenario.Fidelity = fidelity
			requests := 0.0
			b.ReportAllocs()
			for b.Loop() {
				r, err := sim.Run(scenario)
				if err != nil {
					b.Fatal(err)
				}
				for _, v := range r.Services {
					requests += v.Requests
				}
			}
			seconds := b.Elapsed().Seconds()
			b.ReportMetric(float64(b.N)*day.Duration().Seconds()/seconds, "x-real-time")
			b.ReportMetric(requests/seconds/1e6, "Mrequests/s")
		})
	}
}
