package confirm

import (
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/sim"
	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/capacity/spec"
)

func replays(t *testing.T, s sim.Scenario) []sim.Result {
	t.Helper()
	s.Fidelity = sim.Request
	runs, err := sim.Replicate(t.Context(), s, options.Seeds, options.Workers, nil)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

// What goes wrong in production goes wrong in the simulation, for the same reason.
func TestCatches(t *testing.T) {
	cases := map[string]struct {
		change  func(s *spec.Stack, b *baseline.Baseline)
		shape   load.Shape
		subject string
		because []string
		never   []string
	}{
		"an autoscaler that cannot reach five times the peak in time": {
			change: func(s *spec.Stack, _ *baseline.Baseline) {
				least := 5
				onSpec(s, func(v *spec.Service) {
					v.Autoscaling.ScaleUpWindow, v.Autoscaling.MinReplicas = spec.Duration(5*time.Minute), &least
				})
			},
			shape: load.StepShape, subject: "backend", because: []string{"the autoscaler had not asked for as many pods as the load needed"}, never: []string{"pool", "connections"}},
		"a maximum that is too low": {
			change: func(s *spec.Stack, _ *baseline.Baseline) {
				most := 6
				onSpec(s, func(v *spec.Service) { v.Autoscaling.MaxReplicas = &most })
			},
			shape: load.RampShape, subject: "backend", because: []string{"the load needed more pods than maxReplicas (6)"}, never: []string{"pooled", "slot"}},
		"nodes that are too few": {
			change: func(s *spec.Stack, _ *baseline.Baseline) {
				least, most := 6, 6
				s.Nodes.Groups[0].MinSize, s.Nodes.Groups[0].MaxSize = &least, &most
			},
			shape: load.RampShape, subject: "backend", because: []string{"pods waited for a node"}, never: []string{"pooled", "slot"}},
		"a pool that is too small": {
			change: func(s *spec.Stack, b *baseline.Baseline) {
				size, overflow := 1, 0
				onSpec(s, withPool(&size, &overflow))
				v := b.Services["backend"]
				use := *v.Database
				use.HoldMillis = 45 // one connection per worker carries 22 of them per second
				v.Database = &use
				b.Services["backend"] = v
			},
			shape: load.RampShape, subject: "backend", because: []string{"for a pooled connection", "pools too small"}, never: []string{"slot", "usable"}},
		"pools that are too large": {
			change: func(s *spec.Stack, _ *baseline.Baseline) {
				size := 30
				onSpec(s, withPool(&size, nil))
			},
			shape: load.RampShape, subject: "database", because: []string{"more connections than are usable", "pools too large"}, never: []string{"pooled", "autoscaler"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := summarize(t, c.shape, c.change)
			broken := false
			for _, v := range s.Broken() {
				broken = broken || v.Subject == c.subject
			}
			reasons := strings.Join(s.Reasons(), "\n")
			if !broken || len(s.Reasons()) == 0 {
				t.Fatalf("broken promises %v, want one of %s; reasons:\n%s", s.Broken(), c.subject, reasons)
			}
			for _, want := range c.because {
				if !strings.Contains(reasons, c.subject+": ") || !strings.Contains(reasons, want) {
					t.Errorf("reasons do not say %q:\n%s", want, reasons)
				}
			}
			for _, other := range c.never {
				if strings.Contains(reasons, other) {
					t.Errorf("reasons say %q, which is not what is wrong:\n%s", other, reasons)
				}
			}
		})
	}
}

// The stack as it is committed breaks nothing on the ramp that it is sized for, and
// names no reason.
func TestCatchesNothingWhereNothingIsWrong(t *testing.T) {
	s := summarize(t, load.RampShape, func(*spec.Stack, *baseline.Baseline) {})
	if len(s.Broken()) > 0 || len(s.Reasons()) > 0 {
		t.Errorf("broken %v because %v, want neither", s.Broken(), s.Reasons())
	}
}

func withPool(size, overflow *int) func(v *spec.Service) {
	return func(v *spec.Service) {
		pool := spec.DefaultPool()
		pool.Size, pool.MaxOverflow = size, overflow
		v.Pool = &pool
	}
}

func onSpec(s *spec.Stack, change func(v *spec.Service)) {
	v := s.Services["backend"]
	change(&v)
	s.Services["backend"] = v
}

// summarize replays a changed prod and holds it against its promises.
func summarize(t *testing.T, shape load.Shape, change func(*spec.Stack, *baseline.Baseline)) sim.Summary {
	t.Helper()
	stack, base, _ := committed(t, "prod")
	change(&stack, &base)
	p, err := plan.New(stack, base, plan.Options{Today: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC), Lean: true})
	if err != nil {
		t.Fatal(err)
	}
	curve, err := load.Of(shape, p.Growth, time.Duration(stack.Traffic.Ramp))
	if err != nil {
		t.Fatal(err)
	}
	scenario, err := Scenario(stack, base, p, curve)
	if err != nil {
		t.Fatal(err)
	}
	return sim.Summary{Stack: stack.Name, Shape: string(shape), Growth: p.Growth, Runs: replays(t, scenario), Limits: Limits(stack, p, scenario)}
}
