package rules

import "slices"

// certainty is an answer that may be left open.
type certainty uint8

const (
	no certainty = iota
	maybe
	yes
)

// selects evaluates a label selector of policy/v1 against labels: an empty one
// selects everything, an absent one nothing
// (https://kubernetes.io/docs/tasks/run-application/configure-pdb/, 2026-11).
func selects(selector, labels leaf) certainty {
	switch {
	case selector.Absent():
		return no
	case !selector.Known() || (!labels.Known() && !labels.Absent()):
		return maybe
	}
	answer := yes
	and := func(c certainty) { answer = min(answer, c) }
	match := selector.at("matchLabels")
	if !match.Known() && !match.Absent() {
		and(maybe)
	}
	for _, key := range match.Keys() {
		and(equals(match.key(key), labels.key(key)))
	}
	expressions := selector.at("matchExpressions")
	if !expressions.Known() && !expressions.Absent() {
		and(maybe)
	}
	for _, e := range expressions.items() {
		and(matches(e, labels))
	}
	return answer
}

// selectsAll says that a selector is there and empty.
func selectsAll(selector leaf) bool {
	return selector.kind == object && len(selector.Keys()) == 0
}

func equals(want, have leaf) certainty {
	if have.Absent() {
		return no
	}
	a, aok := want.text()
	b, bok := have.text()
	switch {
	case !aok || !bok:
		return maybe
	case a == b:
		return yes
	}
	return no
}

// matches evaluates one expression. NotIn also selects what lacks the label.
func matches(expression, labels leaf) certainty {
	key, ok := expression.at("key").text()
	operator, known := expression.at("operator").text()
	if !ok || !known {
		return maybe
	}
	have := labels.key(key)
	switch operator {
	case "Exists":
		return not(have.Absent())
	case "DoesNotExist":
		return not(!have.Absent())
	case "In":
		return oneOf(expression.at("values"), have)
	case "NotIn":
		return yes - oneOf(expression.at("values"), have)
	}
	return maybe
}

func not(b bool) certainty {
	if b {
		return no
	}
	return yes
}

func oneOf(values, have leaf) certainty {
	if !values.Known() && !values.Absent() {
		return maybe
	}
	var answers []certainty
	for _, v := range values.items() {
		answers = append(answers, equals(v, have))
	}
	if len(answers) == 0 {
		return no
	}
	return slices.Max(answers)
}

// alike compares two trees; what cannot be read may be anything.
func alike(a, b Value) certainty {
	hidden := func(v Value) bool { return v.Unknown() || v.Secret() }
	switch {
	case hidden(a) || hidden(b):
		return maybe
	case a.kind != b.kind || len(a.Items()) != len(b.Items()):
		return no
	case a.kind == object:
		answer := yes
		for _, key := range append(a.Keys(), b.Keys()...) {
			answer = min(answer, alike(a.Get(key), b.Get(key)))
		}
		return answer
	case a.kind == list:
		answer := yes
		for i, item := range a.Items() {
			answer = min(answer, alike(item, b.Items()[i]))
		}
		return answer
	case a.data == b.data:
		return yes
	}
	return no
}
