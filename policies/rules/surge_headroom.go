package rules

import (
	"fmt"
	"slices"

	"github.com/agencyos/headroom/capacity/budget"
)

// lossShare of the floor that a rollout may take away. Half of the pods gone
// doubles the load of the rest at once, faster than any autoscaler reacts.
const lossShare = 0.5

// surgeHeadroom prevents a deploy that is an outage: an autoscaled service runs
// at its floor most of the day, and a rollout that takes pods away before new
// ones are ready takes a large part of a small floor.
func surgeHeadroom() Rule {
	return Rule{
		ID: "surge-headroom", Severity: High, Level: Mandatory,
		What:    "a rollout keeps more than half of the floor serving",
		Why:     "a deploy at the floor would overload the pods that remain",
		Fix:     "set headroom:services.<name>.rollout.maxSurge: 25% and maxUnavailable: 0%, with strategy RollingUpdate",
		Anchors: []string{"S12", "KL no-rolling-update-strategy", "KS deployment-strategy", "C-0305"},
		Types:   []string{typeHPA, typeDeployment, typeDeploymentPatch, typeConfigMap},
		Eval: func(m Input) []Finding {
			var all []Finding
			for _, s := range m.services() {
				all = append(all, judgeSurge(s))
			}
			return all
		},
	}
}

func judgeSurge(s service) Finding {
	r := s.hpa
	if s.workload != nil {
		r = *s.workload
	}
	f := s.facts
	question := "whether a rollout keeps the floor serving"
	if !f.complete() {
		return cannotKnow(r, &f, question)
	}
	roll := rolloutOf(s)
	if roll.recreate {
		return violation(r, "strategy Recreate stops every pod before a new one starts")
	}
	floor := max(1, f.count(s.hpa.at("spec.minReplicas"), 0, 1))
	for _, wait := range slices.Concat(roll.more.waits, roll.fewer.waits) {
		f.wait("%s", wait)
	}
	if !f.complete() {
		return cannotKnow(r, &f, question)
	}
	return judgeLoss(r, roll, floor)
}

func judgeLoss(r Resource, roll rollout, floor int) Finding {
	if roll.surge.n == 0 && roll.unavailable.n == 0 {
		return violation(r, "maxSurge 0 and maxUnavailable 0: Kubernetes refuses a rollout that may do neither")
	}
	gone := roll.removed(floor)
	text := fmt.Sprintf("at the floor of %d: %d more pods, %d fewer", floor, roll.added(floor), gone)
	if gone > budget.Unavailable(floor, roll.unavailable.of(floor)) {
		text = fmt.Sprintf("at the floor of %d both limits round to 0, so Kubernetes takes 1 pod away", floor)
	}
	if float64(gone) >= lossShare*float64(floor) {
		return violation(r, "%s: %d%% of the service is gone while it rolls", text, gone*100/floor)
	}
	return pass(r, "%s", text)
}
