package plan

import (
	"math"

	"github.com/agencyos/headroom/capacity/budget"
)

// timeline splits a scale-up into decision and capacity.
func (d *draft) timeline(s subject, v Service) Timeline {
	t := v.Timeline
	t.LagSeconds = d.lag(s, v)
	if v.CPUTargetPercent > 0 {
		// The largest answer wins, so the first metric to see the load decides.
		cpu := d.cpuDecision(s, len(v.Metrics) > 0)
		t.DecisionSeconds, t.TriggerSeconds = math.Min(t.DecisionSeconds, cpu), math.Min(t.TriggerSeconds, cpu)
	}
	t.WarmSeconds = amount(d.cover(s, v, d.stack.Traffic.Growth))
	t.CapacitySeconds = d.stack.Traffic.Ramp.Seconds() + t.LagSeconds
	t.StepSeconds = d.stepSeconds(s, v)
	return t
}

// cover is how long the ramp to m times today's peak takes to use up what the
// pods that run at its start, and at every later moment of it, can still take
// beyond the autoscaler's tolerance.
func (in input) cover(s subject, v Service, m float64) float64 {
	slope := in.slope(s, m)
	if slope == 0 {
		return math.Inf(1)
	}
	spare := v.KneeRPS*v.SafePercent/100 - v.TargetRPS*(1+s.tolerance())
	return math.Max(0, spare*float64(v.PeakReplicas)/slope)
}

// stepSeconds until growth times peak is carried when the load steps up at once:
// the decision, one sync per further step of the scale-up policy, and the start
// of the last pods.
func (d *draft) stepSeconds(s subject, v Service) float64 {
	percent, pods := v.Behavior.ScaleUp.pace()
	steps := budget.Steps(v.PeakReplicas, v.GrowthReplicas, percent, pods)
	return v.Timeline.DecisionSeconds + float64(max(0, steps-1))*budget.SyncSeconds + schedulingSeconds + s.base.StartupSeconds
}

// pace is how many percent or pods, whichever is more, the policies of a direction
// change in a period.
func (s Scaling) pace() (percent float64, pods int) {
	for _, p := range s.Policies {
		if p.Type == "Percent" {
			percent = float64(p.Value)
		} else {
			pods = p.Value
		}
	}
	return percent, pods
}

// warmPods are the pods that the ramp asks for while a new node boots: they must
// find room on the nodes that are there.
func (in input) warmPods(s subject, v Service, m float64) int {
	slope := in.slope(s, m)
	window := v.Timeline.DecisionSeconds + in.base.Nodes.BootSeconds + in.base.Services[s.name].StartupSeconds
	return max(0, min(ceil(slope*window/v.TargetRPS), v.MaxReplicas-v.PeakReplicas))
}
