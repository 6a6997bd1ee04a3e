package rules

import "testing"

// leafOf is a value without a place.
func leafOf(value any) leaf { return leaf{Value: From(value), where: "x", of: "Deployment api"} }

// TestSelects: whether a budget covers a pod decides whether its node can drain.
func TestSelects(t *testing.T) {
	labels := node{"app": "api", "tier": "backend"}
	expression := func(key, operator string, values ...any) node {
		return node{"matchExpressions": []any{node{"key": key, "operator": operator, "values": values}}}
	}
	for name, c := range map[string]struct {
		reason           string
		selector, labels any
		want             certainty
	}{
		"Absent":          {"a budget without a selector covers nothing", nil, labels, no},
		"Empty":           {"an empty one covers every pod", node{}, labels, yes},
		"EmptyNoLabels":   {"also pods without labels", node{}, nil, yes},
		"Unknown":         {"an output may cover anything", Unknown(), labels, maybe},
		"UnknownLabels":   {"pods may have any label", node{}, Unknown(), maybe},
		"SecretLabels":    {"what may not be read as well", node{"matchLabels": node{"app": "api"}}, Secret(), maybe},
		"Label":           {"the label is equal", node{"matchLabels": node{"app": "api"}}, labels, yes},
		"OtherLabel":      {"it is not", node{"matchLabels": node{"app": "web"}}, labels, no},
		"NoLabels":        {"pods without labels have none that is equal", node{"matchLabels": node{"app": "api"}}, nil, no},
		"AllLabels":       {"every label has to be equal", node{"matchLabels": node{"app": "api", "tier": "frontend"}}, labels, no},
		"UnknownLabel":    {"this label may be equal", node{"matchLabels": node{"app": Unknown()}}, labels, maybe},
		"UnknownPodLabel": {"that of the pods too", node{"matchLabels": node{"app": "api"}}, node{"app": Unknown()}, maybe},
		"UnknownMatch":    {"what the labels have to be is an output", node{"matchLabels": Unknown()}, labels, maybe},
		"DecidedAnyway":   {"one label that differs decides, whatever is not known", node{"matchLabels": node{"app": "web", "tier": Unknown()}}, labels, no},
		"UnknownList":     {"what the expressions are is an output", node{"matchExpressions": Unknown()}, labels, maybe},
		"Exists":          {"the label is there", expression("app", "Exists"), labels, yes},
		"ExistsNot":       {"it is not", expression("zone", "Exists"), labels, no},
		"Gone":            {"the label is not there", expression("zone", "DoesNotExist"), labels, yes},
		"GoneNot":         {"it is", expression("app", "DoesNotExist"), labels, no},
		"In":              {"one of the values is equal", expression("app", "In", "web", "api"), labels, yes},
		"InNone":          {"none is", expression("app", "In", "web", "job"), labels, no},
		"InNothing":       {"a list without values holds nothing", expression("app", "In"), labels, no},
		"InUnknown":       {"one of them is an output", expression("app", "In", "web", Unknown()), labels, maybe},
		"InUnknownFound":  {"but another one is equal", expression("app", "In", Unknown(), "api"), labels, yes},
		"InHidden":        {"the list is an output", node{"matchExpressions": []any{node{"key": "app", "operator": "In", "values": Unknown()}}}, labels, maybe},
		"NotIn":           {"no value is equal", expression("app", "NotIn", "web"), labels, yes},
		"NotInFound":      {"one is", expression("app", "NotIn", "api"), labels, no},
		"NotInLacks":      {"NotIn also selects what lacks the label", expression("zone", "NotIn", "a"), labels, yes},
		"NotInUnknown":    {"a value that is an output may be equal", expression("app", "NotIn", Unknown()), labels, maybe},
		"UnknownKey":      {"which label it is about is an output", node{"matchExpressions": []any{node{"key": Unknown(), "operator": "Exists"}}}, labels, maybe},
		"UnknownOperator": {"what it asks is an output", node{"matchExpressions": []any{node{"key": "app", "operator": Unknown()}}}, labels, maybe},
		"NewOperator":     {"an operator of a later Kubernetes", expression("app", "Gt", "1"), labels, maybe},
		"Both": {"labels and expressions have to hold", node{"matchLabels": node{"app": "api"},
			"matchExpressions": []any{node{"key": "tier", "operator": "Exists"}, node{"key": "zone", "operator": "Exists"}}}, labels, no},
	} {
		if got := selects(leafOf(c.selector), leafOf(c.labels)); got != c.want {
			t.Errorf("%s: %s\nselects = %d, want %d", name, c.reason, got, c.want)
		}
	}
}

// TestAlike: two probes that are the same restart a pod that is only busy.
func TestAlike(t *testing.T) {
	probe := node{"httpGet": node{"path": "/ready"}, "args": []any{"a", 1}}
	for name, c := range map[string]struct {
		reason string
		a, b   any
		want   certainty
	}{
		"Same":        {"every part is equal", probe, node{"httpGet": node{"path": "/ready"}, "args": []any{"a", 1}}, yes},
		"Value":       {"a value differs", probe, node{"httpGet": node{"path": "/live"}, "args": []any{"a", 1}}, no},
		"More":        {"the second has a key more", probe, node{"httpGet": node{"path": "/ready"}, "args": []any{"a", 1}, "period": 5}, no},
		"Fewer":       {"the second has a key fewer", probe, node{"httpGet": node{"path": "/ready"}}, no},
		"Item":        {"an item differs", []any{"a", "b"}, []any{"a", "c"}, no},
		"Longer":      {"a list is longer", []any{"a"}, []any{"a", "b"}, no},
		"Shorter":     {"or shorter", []any{"a", "b"}, []any{"a"}, no},
		"Kind":        {"a text is no number", "1", 1, no},
		"Unknown":     {"an output may be equal", node{"a": Unknown()}, node{"a": 1}, maybe},
		"UnknownHere": {"on the other side too", node{"a": 1}, node{"a": Unknown()}, maybe},
		"Secret":      {"a secret as well", node{"a": Secret()}, node{"a": 1}, maybe},
		"Decided":     {"one difference decides, whatever is not known", node{"a": Unknown(), "b": 1}, node{"a": 1, "b": 2}, no},
		"Neither":     {"nothing is like nothing", nil, nil, yes},
	} {
		if got := alike(From(c.a), From(c.b)); got != c.want {
			t.Errorf("%s: %s\nalike = %d, want %d", name, c.reason, got, c.want)
		}
	}
}
