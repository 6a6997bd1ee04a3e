package rules

import (
	"fmt"
	"math"

	"github.com/agencyos/headroom/capacity/budget"
)

// hpaCPULimit prevents an autoscaler that cannot see its trigger: a CPU limit at
// or below the target holds utilization under the point where the controller
// acts, so the service throttles for ever and stays small.
func hpaCPULimit() Rule {
	return Rule{
		ID: "hpa-cpu-limit", Severity: High, Level: Mandatory,
		What:    "CPU limits leave room above the autoscaler's target",
		Why:     "throttled containers cannot reach the target, so the autoscaler never fires",
		Fix:     "leave headroom:services.<name>.resources.limits.cpu out, or set it above target × request × (1 + tolerance), of 0.1 unless behavior.scaleUp.tolerance says another",
		Anchors: []string{"S8", "datree EKS_INVALID_CPU_LIMIT"},
		Types:   []string{typeHPA, typeHPAv1, typeDeployment, typeDeploymentPatch},
		Eval: func(m Input) []Finding {
			return m.eachCPUTarget("whether the target can be reached below the CPU limits", judgeLimits)
		},
	}
}

// judgeLimits compares what the containers can use with what makes the autoscaler
// act. One without a limit is enough to reach any target.
func judgeLimits(f *facts, s service, t cpuTarget, judged []leaf) []string {
	before := len(f.waits)
	pod := podOf(*s.workload)
	limits := f.most(pod, judged, computeCPU)
	if math.IsInf(limits, 1) || len(judged) == 0 {
		return nil
	}
	requests := f.measures(pod, t.scope, judged, computeCPU)
	dead := 1 + f.tolerance(s.hpa)
	// Whole thousandths, so that binary fractions do not decide.
	trigger := math.Round(float64(t.percent) / 100 * requests * dead)
	if limits > trigger || len(f.waits) > before {
		return nil
	}
	return []string{fmt.Sprintf("limits %gm ≤ %gm = %d%% × requests %gm × %g tolerance: the autoscaler acts only above that",
		limits, trigger, t.percent, requests, dead)}
}

// tolerance is the share above its target up to which an autoscaler does not act:
// its own (HPAConfigurableTolerance, Kubernetes 1.33), or that of the controller.
func (f *facts) tolerance(hpa Resource) float64 {
	own, stated := f.quantity(hpa.at("spec.behavior.scaleUp.tolerance"), cpuSuffixes, "tolerance")
	if !stated {
		return budget.Tolerance
	}
	return own / 1000
}
