package confirm

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/plan"
)

var options = Options{Seeds: []uint64{1, 2}, Workers: 2}

func TestConfirmsCommittedStacks(t *testing.T) {
	for _, name := range []string{"prod", "staging", "local"} {
		t.Run(name, func(t *testing.T) {
			stack, base, p := committed(t, name)
			c, err := Confirm(t.Context(), stack, base, p, options)
			if err != nil {
				t.Fatal(err)
			}
			if !c.OK || c.ID != plan.SimulationAgrees {
				t.Errorf("%s: %s", c.ID, Describe(c))
			}
			if text := Describe(c); !strings.HasPrefix(text, "simulation agrees in ") {
				t.Errorf("Describe() = %q", text)
			}
		})
	}
}

// A plan that says something else than what happens is refuted, by the part that
// is wrong and by no other.
func TestRefutes(t *testing.T) {
	cases := map[string]struct {
		lie  func(p *plan.Plan)
		want string
	}{
		"a decision that comes too soon": {onBackend(func(v *plan.Service) { v.Timeline.TriggerSeconds = 5 }), "backend trigger-time"},
		"pods that are Ready too soon":   {onBackend(func(v *plan.Service) { v.Timeline.CapacitySeconds = 60 }), "backend capacity-time"},
		"answers that are too fast": {onBackend(func(v *plan.Service) {
			for i := range v.Routes {
				v.Routes[i].P99Ms /= 2
			}
		}), "backend latency-peak"},
		"connections that are too few": {func(p *plan.Plan) { p.Database.RolloutConnections = 50 }, "db-connections"},
		"a ceiling that is too low":    {func(p *plan.Plan) { p.Cost.CeilingUSD = 2000 }, "cost-ceiling"},
		"a floor that is too high": {func(p *plan.Plan) {
			p.Cost.FloorUSD *= 1.2
			p.Cost.CeilingUSD *= 1.2
		}, "cost-floor"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			stack, base, honest := committed(t, "prod")
			ramp, step, err := scenarios(stack, base, honest)
			if err != nil {
				t.Fatal(err)
			}
			ramps, steps := replays(t, ramp), replays(t, step)
			_, _, lying := committed(t, "prod")
			c.lie(&lying)
			var wrong []string
			for _, part := range parts(lying, ramps, steps) {
				if !part.OK {
					wrong = append(wrong, part.Subject)
				}
			}
			if diff := cmp.Diff([]string{c.want}, wrong); diff != "" {
				t.Errorf("refuted (-want +got):\n%s", diff)
			}
			check := plan.NewCheck(plan.SimulationAgrees, parts(lying, ramps, steps))
			if text := Describe(check); !strings.HasPrefix(text, "simulation disagrees: "+c.want) {
				t.Errorf("Describe() = %q", text)
			}
		})
	}
}

func onBackend(change func(v *plan.Service)) func(p *plan.Plan) {
	return func(p *plan.Plan) {
		v := p.Services["backend"]
		v.Routes = slices.Clone(v.Routes)
		change(&v)
		p.Services["backend"] = v
	}
}

func TestConfirmReportsProgress(t *testing.T) {
	stack, base, p := committed(t, "local")
	var told []int
	o := options
	o.Progress = func(done, all int) { told = append(told, done, all) }
	if _, err := Confirm(t.Context(), stack, base, p, o); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{1, 4, 2, 4, 3, 4, 4, 4}, told); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	o.Seeds = nil
	if _, err := Confirm(t.Context(), stack, base, p, o); err == nil {
		t.Error("a confirmation without seeds confirms nothing, and must fail")
	}
}
