package confirm

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/sim"
	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/capacity/spec"
)

// The errors within which plan and simulation may differ.
const (
	// latencyError is how far a simulated p99 may lie above the predicted one: the
	// plan takes the quantiles of steady states, and adds those of two waits where
	// the simulation adds the waits themselves.
	latencyError = 0.10
	// costError is for the hours of single nodes at the ends of a run.
	costError = 0.01
	// brokenSeconds of a run in which a promise may break by chance.
	brokenSeconds = 0.01
)

// hold is how long the load stays up after the ramp: a scale-up, a rollout and
// the steady state after them.
const hold = 20 * time.Minute

// rolloutAfter is when, after the top of the ramp, every service is rolled out:
// the worst moment for connections.
const rolloutAfter = 5 * time.Minute

// Options of a confirmation.
type Options struct {
	// Seeds of the replays. At least one.
	Seeds []uint64
	// Fidelity of the replays. Default: sim.Request.
	Fidelity sim.Fidelity
	// Workers that replay at once. Default: 1.
	Workers int
	// Progress is told after every replay; nil tells nobody.
	Progress func(done, all int)
}

// Confirm replays the ramp to growth times today's peak, with a rollout of every
// service at the top, and a step to it. The check holds when nothing that the
// plan proved is refuted there.
func Confirm(ctx context.Context, stack spec.Stack, base baseline.Baseline, p plan.Plan, o Options) (plan.Check, error) {
	if o.Fidelity == "" {
		o.Fidelity = sim.Request
	}
	ramp, step, err := scenarios(stack, base, p)
	if err != nil {
		return plan.Check{}, err
	}
	all := 2 * len(o.Seeds)
	progress := func(before int) func(int, int) {
		return func(done, _ int) {
			if o.Progress != nil {
				o.Progress(before+done, all)
			}
		}
	}
	ramp.Fidelity, step.Fidelity = o.Fidelity, o.Fidelity
	ramps, err := sim.Replicate(ctx, ramp, o.Seeds, o.Workers, progress(0))
	if err != nil {
		return plan.Check{}, err
	}
	steps, err := sim.Replicate(ctx, step, o.Seeds, o.Workers, progress(len(o.Seeds)))
	if err != nil {
		return plan.Check{}, err
	}
	return plan.NewCheck(plan.SimulationAgrees, parts(p, ramps, steps)), nil
}

// scenarios are the ramp with rollouts and the step.
func scenarios(stack spec.Stack, base baseline.Baseline, p plan.Plan) (ramp, step sim.Scenario, err error) {
	rise := time.Duration(stack.Traffic.Ramp)
	up, err := load.New(load.Knot{At: 0, Level: 1}, load.Knot{At: time.Minute, Level: 1},
		load.Knot{At: time.Minute + rise, Level: p.Growth}, load.Knot{At: time.Minute + rise + hold, Level: p.Growth})
	if err != nil {
		return ramp, step, err
	}
	jump, err := load.New(load.Knot{At: 0, Level: 1}, load.Knot{At: time.Minute, Level: 1},
		load.Knot{At: time.Minute, Level: p.Growth}, load.Knot{At: 11 * time.Minute, Level: p.Growth})
	if err != nil {
		return ramp, step, err
	}
	if ramp, err = Scenario(stack, base, p, up); err != nil {
		return ramp, step, err
	}
	ramp.Disturbances = []sim.Disturbance{{Kind: sim.Rollout, At: time.Minute + rise + rolloutAfter}}
	step, err = Scenario(stack, base, p, jump)
	return ramp, step, err
}

// parts compare every answer of the plan with the worst of the replays.
func parts(p plan.Plan, ramps, steps []sim.Result) []plan.Part {
	var out []plan.Part
	for i, v := range ramps[0].Services {
		out = append(out, serviceParts(p, v.Name, pick(ramps, i), pick(steps, i))...)
	}
	return append(out, sharedParts(p, ramps)...)
}

// pick is one service in all replays.
func pick(results []sim.Result, i int) []sim.ServiceResult {
	var out []sim.ServiceResult
	for _, r := range results {
		out = append(out, r.Services[i])
	}
	return out
}

func serviceParts(p plan.Plan, name string, ramps, steps []sim.ServiceResult) []plan.Part {
	v := p.Services[name]
	trigger := worst(steps, func(r sim.ServiceResult) float64 { return orInf(r.TriggerSeconds) })
	capacity := worst(ramps, func(r sim.ServiceResult) float64 { return orInf(r.CapacitySeconds) })
	p99 := worst(ramps, func(r sim.ServiceResult) float64 { return orInf(r.P99Ms) })
	broken := worst(ramps, func(r sim.ServiceResult) float64 { return r.ViolationSeconds })
	predicted := 0.0
	for _, r := range v.Routes {
		predicted = math.Max(predicted, float64(r.P99Ms))
	}
	out := []plan.Part{
		plan.AtMost(name+" trigger-time", trigger, v.Timeline.TriggerSeconds, "s", "decision after a step to %g×, worst of %d replays, against the plan's worst case", p.Growth, len(steps)),
		plan.AtMost(name+" capacity-time", capacity, v.Timeline.CapacitySeconds, "s", "from the start of the ramp to pods Ready for its top, worst of %d replays, against the plan's worst case", len(ramps)),
		plan.AtMost(name+" latency-peak", p99, predicted*(1+latencyError), "ms", "p99 of the whole ramp, worst of %d replays, against the slowest route's predicted %.1f ms + %.0f%%", len(ramps), plan.Amount(predicted), 100*latencyError),
	}
	if holds(p, plan.LatencyPeak) && holds(p, plan.CapacityTime) {
		span := 60.0 + hold.Seconds()
		out = append(out, plan.AtMost(name+" promises", broken, brokenSeconds*span, "s", "time of the ramp and its top in which more than 1%% of the promised requests were late, worst of %d replays, where the plan proves none; %.0f%% of it may be chance", len(ramps), 100*brokenSeconds))
	}
	return out
}

func sharedParts(p plan.Plan, ramps []sim.Result) []plan.Part {
	var out []plan.Part
	connections, most, least := 0.0, 0.0, math.Inf(1)
	for _, r := range ramps {
		connections = math.Max(connections, float64(r.Connections))
		most, least = math.Max(most, r.PeakUSDPerHour), math.Min(least, r.LeastUSDPerHour)
	}
	if db := p.Database; db != nil {
		out = append(out, plan.AtMost("db-connections", connections, float64(db.RolloutConnections-db.OtherConnections), "connections",
			"that the pods alive could open at the worst moment of a rollout at %g×, terminating ones included, against the plan's rollout figure without other clients", p.Growth))
	}
	if p.Cost.CeilingUSD > 0 {
		out = append(out,
			plan.AtMost("cost-ceiling", most*plan.HoursPerMonth, p.Cost.CeilingUSD*(1+costError), "USD per month", "the most expensive moment, held for a month, against the plan's ceiling"),
			plan.AtMost("cost-floor", p.Cost.FloorUSD*(1-costError), least*plan.HoursPerMonth, "USD per month", "the plan's floor, against the cheapest moment held for a month"))
	}
	return out
}

func holds(p plan.Plan, id string) bool {
	for _, c := range p.Checks {
		if c.ID == id {
			return c.OK
		}
	}
	return false
}

// worst is the largest value of a figure.
func worst(results []sim.ServiceResult, of func(sim.ServiceResult) float64) float64 {
	most := 0.0
	for _, r := range results {
		most = math.Max(most, of(r))
	}
	return most
}

// orInf turns "never" into a number.
func orInf(x float64) float64 {
	if x < 0 {
		return math.Inf(1)
	}
	return x
}

// Describe is the confirmation in one line.
func Describe(c plan.Check) string {
	if c.OK {
		return fmt.Sprintf("simulation agrees in %d answers", len(c.Parts))
	}
	return fmt.Sprintf("simulation disagrees: %s: %s", c.Subject, c.Why)
}
