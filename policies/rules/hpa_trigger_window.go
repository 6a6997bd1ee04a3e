package rules

import (
	"fmt"
	"math"
	"strings"

	"github.com/agencyos/headroom/capacity/budget"
)

// triggerSeconds within which an autoscaler must decide: the product's promise
// (slo.trigger).
const triggerSeconds = 60

const optSeconds = "seconds"

// hpaTriggerWindow prevents an autoscaler that watches the peak go by: a
// scale-up that is disabled, that waits a window of its own before it believes
// the load, or that may add only a pod a minute.
func hpaTriggerWindow() Rule {
	return Rule{
		ID: "hpa-trigger-window", Severity: High, Level: Mandatory,
		What:    "an autoscaler may act within 60 seconds and double its pods every 60 seconds",
		Why:     "a slow scale-up meets a peak after it is over",
		Fix:     "set behavior.scaleUp.stabilizationWindowSeconds: 0, selectPolicy: Max and a policy of 100 percent per 15 seconds, or leave scaleUp out",
		Anchors: []string{"S4"},
		Types:   hpaTypes,
		Options: []Option{{Name: optSeconds, What: "seconds within which an autoscaler must decide and double (slo.trigger)", Default: triggerSeconds, Low: 1, High: 3600}},
		Eval: func(m Input) []Finding {
			var all []Finding
			for _, hpa := range m.of(hpaTypes...) {
				all = append(all, judgeScaleUp(hpa, m.whole(optSeconds)))
			}
			return all
		},
	}
}

func judgeScaleUp(hpa Resource, limit int) Finding {
	question := sprintf("whether it acts within %d seconds", limit)
	f := &facts{}
	up := hpa.at("spec.behavior.scaleUp")
	var faults []string
	window := f.count(up.at("stabilizationWindowSeconds"), 0, 0)
	if window+budget.SyncSeconds > limit {
		faults = append(faults, fmt.Sprintf("stabilizationWindowSeconds %d + %d sync = %ds > %ds before any metric delay",
			window, budget.SyncSeconds, window+budget.SyncSeconds, limit))
	}
	policies := f.list(up.at("policies"))
	choice := f.textOr(up.at("selectPolicy"), "Max")
	switch {
	case choice == "Disabled":
		faults = append(faults, "selectPolicy Disabled: it never scales up")
	case choice == "Min" && len(policies) != 1:
		faults = append(faults, "selectPolicy Min: the slowest policy decides")
	default:
		pace, fault := judgePace(hpa, f, up, policies, limit)
		if fault {
			faults = append(faults, pace)
		}
		return decide(hpa, f, question, faults, pace)
	}
	return decide(hpa, f, question, faults, "")
}

// judgePace compares the time from floor to ceiling with one doubling per
// trigger budget.
func judgePace(hpa Resource, f *facts, up leaf, policies []leaf, limit int) (string, bool) {
	own := &facts{}
	from := max(1, own.count(hpa.at("spec.minReplicas"), 0, 1))
	to := own.required(hpa.at("spec.maxReplicas"), 1)
	if to <= from || !own.complete() {
		f.waits = append(f.waits, own.waits...)
		return fmt.Sprintf("floor %d, ceiling %d", from, to), false
	}
	before := len(f.waits)
	seconds := math.Inf(1)
	for period, p := range pace(f, up, policies) {
		seconds = min(seconds, float64(budget.Steps(from, to, p.percent, p.pods)*period))
	}
	allowed := float64(limit) * math.Ceil(math.Log2(float64(to)/float64(from)))
	text := fmt.Sprintf("scaleUp policies take %gs from %d to %d pods, of %gs at one doubling per %ds", seconds, from, to, allowed, limit)
	return text, seconds > allowed && len(f.waits) == before
}

// step is what may be added in one period.
type step struct {
	percent float64
	pods    int
}

// pace groups the policies by their period. Without any, Kubernetes adds 4 pods
// or 100 percent per 15 seconds
// (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#default-behavior, 2026-11).
func pace(f *facts, up leaf, policies []leaf) map[int]step {
	if len(policies) == 0 {
		f.readable(up)
		return map[int]step{budget.SyncSeconds: {percent: 100, pods: 4}}
	}
	steps := map[int]step{}
	for _, p := range policies {
		period := max(1, f.required(p.at("periodSeconds"), 1))
		value := f.required(p.at("value"), 1)
		s := steps[period]
		switch kind := f.textOr(p.at("type"), ""); strings.ToLower(kind) {
		case "percent":
			s.percent = max(s.percent, float64(value))
		case "pods":
			s.pods = max(s.pods, value)
		default:
			f.wait("%s to be Pods or Percent", p.at("type"))
		}
		steps[period] = s
	}
	return steps
}
