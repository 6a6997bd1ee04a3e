package plan

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/agencyos/headroom/capacity/spec"
)

// knob is one setting that may repair a check: a number of options, from the
// smallest change to the largest.
type knob struct {
	// path of the setting in the stack file.
	path string
	// options there are.
	options int
	// value of option i, as a person writes it.
	value func(i int) string
	// apply makes option i; it must not change the stack it is given.
	apply func(s *spec.Stack, i int)
	// superlative says in words why this value and not a smaller change.
	superlative string
}

// goal is what a fix is after.
type goal struct {
	// id of the check to repair.
	id string
	// violated are the checks that are violated now, counted all that must hold
	// in the end; neither has the waived ones, whose risk is accepted.
	violated, counted []string
}

func goalOf(c Check, checks []Check) goal {
	g := goal{id: c.ID}
	for _, other := range checks {
		if other.Waived && other.ID != c.ID {
			continue
		}
		g.counted = append(g.counted, other.ID)
		if !other.OK {
			g.violated = append(g.violated, other.ID)
		}
	}
	return g
}

// fix names the smallest changes that make a violated check hold, each tried on
// the whole stack.
func (in input) fix(c Check, g goal) string {
	var found []string
	for _, k := range in.knobs(c) {
		if text, ok := in.try(k, g); ok {
			found = append(found, text)
		}
	}
	if len(found) == 0 {
		return in.advice(c)
	}
	return strings.Join(found, "; or ")
}

// try searches for the first option at which the check holds, and goes on to the
// first at which every check that is violated now holds. A larger change repairs
// more and in the end breaks something else, so that option is also the one to
// ask whether every check holds.
func (in input) try(k knob, g goal) (string, bool) {
	tried := map[int][]Check{}
	at := func(i int) []Check {
		if tried[i] == nil {
			tried[i] = in.with(k, i).assess()
		}
		return tried[i]
	}
	first := sort.Search(k.options, func(i int) bool { return hold(at(i), g.id) })
	if first == k.options {
		return "", false
	}
	every := first + sort.Search(k.options-first, func(i int) bool { return hold(at(first+i), g.violated...) })
	if every < k.options && hold(at(every), g.counted...) {
		return fmt.Sprintf("set %s to %s (%s at which every check holds)", k.path, k.value(every), k.superlative), true
	}
	return fmt.Sprintf("set %s to %s (%s at which this check holds; then violated: %s)", k.path, k.value(first), k.superlative,
		strings.Join(broken(at(first), g.counted), ", ")), true
}

// broken are the named checks that do not hold.
func broken(checks []Check, ids []string) []string {
	var out []string
	for _, c := range checks {
		if !c.OK && slices.Contains(ids, c.ID) {
			out = append(out, c.ID)
		}
	}
	return out
}

// hold says whether the named checks hold.
func hold(checks []Check, ids ...string) bool {
	for _, c := range checks {
		if !c.OK && slices.Contains(ids, c.ID) {
			return false
		}
	}
	return true
}

// with is the input with option i of a knob.
func (in input) with(k knob, i int) input {
	s := in.stack
	s.Services = maps.Clone(s.Services)
	s.Nodes.Groups = append([]spec.NodeGroup(nil), s.Nodes.Groups...)
	k.apply(&s, i)
	return input{stack: s, base: in.base}
}

// assess derives and proves, without explaining.
func (in input) assess() []Check {
	d := in.derive()
	return world{input: in, plan: &d.plan}.prove(in.stack.Traffic.Growth)
}
