package kubernetes

import (
	"fmt"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// rivalAutoscalers are live autoscalers of others that scale the same target:
// each undoes what the other does, and the controller stops both with
// AmbiguousSelector where their pods overlap (kubernetes/kubernetes
// pkg/controller/podautoscaler/horizontal.go, 1.36).
func rivalAutoscalers(all []provider.Live, in provider.Value) []provider.Rival {
	var found []provider.Rival
	for _, other := range all {
		if other.Token == autoscaler && other.URN == "" && sameTarget(in, other.Inputs) {
			found = append(found, provider.Rival{ID: other.ID, Why: fmt.Sprintf(
				"scales %s %s already: two autoscalers would undo each other",
				in.At("spec.scaleTargetRef.kind").Text(), in.At("spec.scaleTargetRef.name").Text())})
		}
	}
	return found
}

func sameTarget(a, b provider.Value) bool {
	name := a.At("spec.scaleTargetRef.name").Text()
	return name != "" && name == b.At("spec.scaleTargetRef.name").Text() && namespace(a) == namespace(b) &&
		a.At("spec.scaleTargetRef.kind").Text() == b.At("spec.scaleTargetRef.kind").Text() && objectID(a) != objectID(b)
}

// rivalBudgets are live budgets of others over the same pods: the eviction API
// refuses every pod that more than one budget selects, so that its node can
// never be drained (kubernetes/kubernetes pkg/registry/core/pod/storage/eviction.go, 1.36).
func rivalBudgets(all []provider.Live, in provider.Value) []provider.Rival {
	var found []provider.Rival
	for _, other := range all {
		if other.Token != budget || other.URN != "" || namespace(in) != namespace(other.Inputs) || objectID(in) == objectID(other.Inputs) {
			continue
		}
		if pods := samePods(all, in, other.Inputs); pods != "" {
			found = append(found, provider.Rival{ID: other.ID, Why: fmt.Sprintf(
				"covers the pods of %s already: the server evicts no pod with two budgets, and its node never drains", pods)})
		}
	}
	return found
}

// samePods names a workload whose pods both budgets select.
func samePods(all []provider.Live, a, b provider.Value) string {
	for _, w := range all {
		labels := w.Inputs.At("spec.template.metadata.labels")
		if w.Token == deployment && namespace(w.Inputs) == namespace(a) &&
			selects(a.At("spec.selector"), labels) && selects(b.At("spec.selector"), labels) {
			return "Deployment " + w.Inputs.At("metadata.name").Text()
		}
	}
	if text := a.At("spec.selector").String(); a.At("spec.selector").Known() && text == b.At("spec.selector").String() {
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
