package kubernetes

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// rivalAutoscalers are live autoscalers of others that scale the same target:
// each undoes what the other does, and the controller stops both with
// AmbiguousSelector where their pods overlap (kubernetes/kubernetes
// pkg/controller/podautoscaler/horizontal.go, 1.36).
func rivalAutoscalers(all []provider.Live, declared provider.Live) []provider.Rival {
	target := declared.Inputs.At("spec.scaleTargetRef")
	if target.At("kind").Text() != "Deployment" || target.At("name").Text() == "" {
		return nil
	}
	name, found := likelyTarget(all, declared)
	for _, other := range all {
		ref := other.Inputs.At("spec.scaleTargetRef")
		if other.Token == autoscaler && other.URN == "" && namespace(other.Inputs) == namespace(declared.Inputs) &&
			ref.At("kind").Text() == "Deployment" && ref.At("name").Text() == name && objectID(other.Inputs) != objectID(declared.Inputs) {
			found = append(found, provider.Rival{ID: other.ID,
				Why: fmt.Sprintf("scales Deployment %s already: two autoscalers would undo each other", name)})
		}
	}
	return found
}

// likelyTarget is the Deployment that an autoscaler scales. Where it is not
// there and some of others are, it is said, and the only one that nothing else
// declared scales is taken for it.
func likelyTarget(all []provider.Live, declared provider.Live) (string, []provider.Rival) {
	space, name := namespace(declared.Inputs), declared.Inputs.At("spec.scaleTargetRef.name").Text()
	there := deployments(all, space)
	if _, ok := there[name]; ok {
		return name, nil
	}
	maps.DeleteFunc(there, func(_ string, l provider.Live) bool { return l.URN != "" })
	if len(there) == 0 {
		return name, nil
	}
	missing := provider.Rival{Why: fmt.Sprintf("scales Deployment %s, which is not there; there are %s", name,
		strings.Join(slices.Sorted(maps.Keys(there)), ", "))}
	for _, other := range all {
		if other.Token == autoscaler && other.URN != "" && namespace(other.Inputs) == space {
			delete(there, other.Inputs.At("spec.scaleTargetRef.name").Text())
		}
	}
	if len(there) == 1 {
		name = slices.Collect(maps.Keys(there))[0]
		missing.Value = name
	}
	return name, []provider.Rival{missing}
}

// deployments of a namespace that are live or declared, by name.
func deployments(all []provider.Live, space string) map[string]provider.Live {
	found := map[string]provider.Live{}
	for _, l := range all {
		if l.Token == deployment && namespace(l.Inputs) == space {
			found[l.Inputs.At("metadata.name").Text()] = l
		}
	}
	return found
}

// rivalBudgets are live budgets of others over the same pods: the eviction API
// refuses every pod that more than one budget selects, so that its node can
// never be drained (kubernetes/kubernetes pkg/registry/core/pod/storage/eviction.go, 1.36).
func rivalBudgets(all []provider.Live, declared provider.Live) []provider.Rival {
	covered, found := coveredPods(all, declared)
	for _, other := range all {
		if other.Token != budget || other.URN != "" || namespace(declared.Inputs) != namespace(other.Inputs) ||
			objectID(declared.Inputs) == objectID(other.Inputs) {
			continue
		}
		if pods := samePods(covered, declared.Inputs, other.Inputs); pods != "" {
			found = append(found, provider.Rival{ID: other.ID, Why: fmt.Sprintf(
				"covers the pods of %s already: the server evicts no pod with two budgets, and its node never drains", pods)})
		}
	}
	return found
}

// coveredPods are the Deployments whose pods a budget selects. Where it selects
// none and there are some of others, that is said, and those that the autoscaler of the
// same name scales are taken for them.
func coveredPods(all []provider.Live, declared provider.Live) ([]provider.Live, []provider.Rival) {
	selector := declared.Inputs.At("spec.selector")
	there := deployments(all, namespace(declared.Inputs))
	var covered []provider.Live
	var labels []string
	for _, name := range slices.Sorted(maps.Keys(there)) {
		have := there[name].Inputs.At("spec.template.metadata.labels")
		if have.Unknown() || selects(selector, have) {
			covered = append(covered, there[name])
		}
		if there[name].URN == "" {
			labels = append(labels, fmt.Sprintf("%s has %s", name, have))
		}
	}
	if len(covered) > 0 || len(labels) == 0 || !selector.Known() {
		return covered, nil
	}
	missing := provider.Rival{Why: fmt.Sprintf("selects no pod by %s; of the Deployments there, %s",
		selector.At("matchLabels"), strings.Join(labels, ", "))}
	for _, target := range scaledBeside(all, there, declared) {
		missing.Value = target.Inputs.At("spec.selector.matchLabels").String()
		covered = append(covered, target)
	}
	return covered, []provider.Rival{missing}
}

// scaledBeside are the Deployments that the autoscaler of a budget's name most
// likely scales.
func scaledBeside(all []provider.Live, there map[string]provider.Live, declared provider.Live) []provider.Live {
	var found []provider.Live
	for _, scaler := range all {
		if scaler.Token != autoscaler || scaler.URN == "" || scaler.URN.Name() != declared.URN.Name() {
			continue
		}
		name, _ := likelyTarget(all, scaler)
		if target, ok := there[name]; ok && target.Inputs.At("spec.selector.matchLabels").Known() {
			found = append(found, target)
		}
	}
	return found
}

// samePods names a workload whose pods another budget selects as well.
func samePods(covered []provider.Live, in, other provider.Value) string {
	for _, w := range covered {
		if selects(other.At("spec.selector"), w.Inputs.At("spec.template.metadata.labels")) {
			return "Deployment " + w.Inputs.At("metadata.name").Text()
		}
	}
	if text := in.At("spec.selector").String(); in.At("spec.selector").Known() && text == other.At("spec.selector").String() {
		return "the selector " + text
	}
	return ""
}

// selects evaluates a label selector of policy/v1: an empty one selects
// everything, an absent one nothing.
func selects(selector, labels provider.Value) bool {
	if !selector.Known() {
		return false
	}
	have := labels.Map()
	for key, want := range selector.At("matchLabels").Map() {
		if v, ok := have[key]; !ok || v.Text() != want.Text() {
			return false
		}
	}
	for _, e := range selector.At("matchExpressions").List() {
		if !matches(e, have) {
			return false
		}
	}
	return true
}

func matches(expression provider.Value, labels map[string]provider.Value) bool {
	have, ok := labels[expression.At("key").Text()]
	among := false
	for _, v := range expression.At("values").List() {
		among = among || ok && v.Text() == have.Text()
	}
	switch expression.At("operator").Text() {
	case "In":
		return among
	case "NotIn":
		return !among
	case "Exists":
		return ok
	case "DoesNotExist":
		return !ok
	}
	return false
}

// namespace of an object.
func namespace(in provider.Value) string {
	space, _, _ := strings.Cut(objectID(in), "/")
	return space
}
