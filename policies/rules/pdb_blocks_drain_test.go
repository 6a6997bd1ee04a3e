package rules

import "testing"

func TestPDBBlocksDrain(t *testing.T) {
	const budget = "PodDisruptionBudget api"
	least := func(value any) []edit {
		return []edit{{budget, "spec/maxUnavailable", gone{}}, {budget, "spec/minAvailable", value}}
	}
	selector := func(s any) []edit { return []edit{{budget, "spec/selector", s}} }
	expression := func(key, operator string, values ...any) node {
		return node{"matchExpressions": []any{node{"key": key, "operator": operator, "values": values}}}
	}
	twice := append(goodStack(), renamed(pdb("api", node{"maxUnavailable": 1}), "extra"))
	elsewhere := append(goodStack(), renamed(pdb("api", node{"maxUnavailable": 1}), "extra"))
	elsewhere[len(elsewhere)-1].Inputs = set(elsewhere[len(elsewhere)-1].Inputs, []string{"metadata", "namespace"}, "other")
	unplaced := append(goodStack(), renamed(pdb("api", node{"maxUnavailable": 1}), "extra"))
	unplaced[len(unplaced)-1].Inputs = set(unplaced[len(unplaced)-1].Inputs, []string{"metadata", "namespace"}, Unknown())

	judgeRows(t, "pdb-blocks-drain", map[string]row{
		"OneMayGo":     {reason: "maxUnavailable 1", want: Pass},
		"KeepsThree":   {reason: "of 4, 3 stay and 1 may go", want: Pass, edits: least(3)},
		"HalfOfFour":   {reason: "50% of 4 is 2", want: Pass, edits: least("50%")},
		"SmallPercent": {reason: "maxUnavailable rounds up: 1% of 4 is 1", want: Pass, edits: []edit{{budget, "spec/maxUnavailable", "1%"}}},
		"Equality":     {reason: "minAvailable = floor refuses every eviction", want: Violation, says: "floor 4 − minAvailable 4 (4) = 0", edits: least(4)},
		"RoundsUp":     {reason: "76% of 4 is 3.04, so 4 must stay", want: Violation, says: "(4)", edits: least("76%")},
		"FloorNotReplicas": {reason: "the Deployment states 4 replicas, but the autoscaler goes down to 2", want: Violation, says: "floor 2",
			edits: append(least(2), edit{apiHPA, "spec/minReplicas", 2})},
		"DefaultFloor": {reason: "minReplicas is 1 where it is not set", also: []string{"hpa-range"}, want: Violation, says: "floor 1", edits: append(least(1), edit{apiHPA, "spec/minReplicas", gone{}}), only: []string{budget, apiHPA, "Deployment api", "ConfigMap api-headroom"}},
		"Zero":         {reason: "maxUnavailable 0 is never", want: Violation, edits: []edit{{budget, "spec/maxUnavailable", 0}}},
		"ZeroPercent":  {reason: "0% neither", want: Violation, edits: []edit{{budget, "spec/maxUnavailable", "0%"}}},
		"Overlap":      {reason: "two budgets over one pod block the eviction API", stack: twice, want: Violation, says: "covers the same pods"},
		"OtherPlace":   {reason: "the same labels in another namespace are other pods", stack: elsewhere, want: CannotKnow, says: "none in this stack"},
		"AnyPlace":     {reason: "a namespace that is an output may be this one", stack: unplaced, want: CannotKnow},
		"Expression":   {reason: "matchExpressions select too", want: Violation, edits: append(selector(expression("tier", "In", "backend", "x")), least(4)...)},
		"NotIn":        {reason: "NotIn selects what lacks the label", want: Violation, edits: append(selector(expression("canary", "NotIn", "true")), least(4)...)},
		"Exists":       {reason: "Exists selects by the key", want: Violation, edits: append(selector(expression("app", "Exists")), least(4)...)},
		"DoesNotExist": {reason: "it selects other pods, here the pooler's three", also: []string{"pdb-present"}, want: Pass, edits: append(selector(expression("app", "DoesNotExist")), least(2)...)},
		"Everything":   {reason: "an empty selector covers every pod", want: Violation, edits: append(selector(node{}), least(3)...)},
		"FixedSize": {reason: "a Deployment without an autoscaler has its replicas as floor", also: []string{"pdb-present"}, want: Violation, says: "floor 3",
			edits: append(selector(node{"matchLabels": node{"app.kubernetes.io/name": "pgbouncer"}}), least(3)...)},
		"External":     {reason: "the name stands in for labels nobody sees", stack: externalStack(), want: Pass, says: "shop: floor 2"},
		"NoBudget":     {reason: "nothing limits disruptions", only: []string{"Deployment api"}, want: NotApplicable},
		"UnknownLimit": {reason: "an output may be 0", want: CannotKnow, edits: []edit{{budget, "spec/maxUnavailable", Unknown()}}},
		"UnknownFloor": {reason: "an output may be 3", want: CannotKnow, edits: append(least(3), edit{apiHPA, "spec/minReplicas", Unknown()})},
		"UnknownLabel": {reason: "the label may be another", want: CannotKnow, edits: append(least(4), edit{"Deployment api", "spec/template/metadata/labels/app", Unknown()})},
	})
}
