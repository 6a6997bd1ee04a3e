package confirm

import (
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/sim"
	"github.com/agencyos/headroom/capacity/spec"
)

// Limits are what a replay of a plan is held against: the promises of the stack,
// and what the world of the replay has.
func Limits(stack spec.Stack, p plan.Plan, scenario sim.Scenario) sim.Limits {
	out := sim.Limits{
		TriggerSeconds: stack.SLO.Trigger.Seconds(), FailedPercent: 100 * (1 - stack.SLO.Availability.Ratio()),
		BudgetUSDPerHour: p.Cost.BudgetUSD / plan.HoursPerMonth,
	}
	for _, g := range scenario.Fleet.Groups {
		out.MaxNodes += g.Max
	}
	if scenario.Database != nil {
		out.UsableConnections = scenario.Database.Usable
	}
	for _, v := range scenario.Services {
		l := sim.ServiceLimits{Name: v.Name, MinReplicas: int(v.HPA.MinReplicas), MaxReplicas: int(v.HPA.MaxReplicas), TargetRPS: v.TargetRPS}
		for _, k := range v.Station.Kinds {
			l.PromisedP99Ms = max(l.PromisedP99Ms, 1000*k.Promise)
			l.Partly = l.Partly || k.Promise == 0
		}
		out.Services = append(out.Services, l)
	}
	return out
}
