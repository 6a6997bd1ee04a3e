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

// fixer looks for the fixes of one plan and keeps what it tried.
type fixer struct {
	input
	tried map[string][]Check
}

// fix names the smallest changes that make a violated check hold, each tried on
// the whole stack.
func (f fixer) fix(c Check, g goal) string {
	var found []string
	for _, k := range f.knobs(c) {
		if text, ok := f.try(k, g); ok {
			found = append(found, text)
		}
	}
	if len(found) == 0 {
		return f.advice(c, g)
	}
	return strings.Join(found, "; or ")
}

// try searches for the first option at which the check holds, and for the first at
// which every check does. A larger change repairs more and in the end breaks
// something else, the check itself among it: so the option to ask about every
// check is the one at which the last of those that are violated now is repaired.
func (f fixer) try(k knob, g goal) (string, bool) {
	repaired := func(id string) (int, bool) {
		return earliest(k.options, func(i int) bool { return hold(f.at(k, i), id) })
	}
	first, ok := repaired(g.id)
	if !ok {
		return "", false
	}
	option := first
	for _, id := range g.violated {
		last, ok := repaired(id)
		if !ok {
			option = first
			break
		}
		option = max(option, last)
	}
	if !hold(f.at(k, option), g.counted...) {
		option = first
	}
	return fmt.Sprintf("set %s to %s (%s at which %s)", k.path, k.value(option), k.superlative, g.outcome(f.at(k, option))), true
}

// at are the checks with option i of a knob; none where no stack file may say so.
func (f fixer) at(k knob, i int) []Check {
	key := k.path + "=" + k.value(i)
	if _, known := f.tried[key]; !known {
		f.tried[key] = f.with(k, i).assess()
	}
	return f.tried[key]
}

// everyOption is how many of the first and of the last options are tried one by
// one.
const everyOption = 8

// earliest is the first of n options that holds. What holds is one run of them,
// which mostly goes on to the last and need not: else some are tried, and the gap
// in which the run begins is halved.
func earliest(n int, holds func(i int) bool) (int, bool) {
	within := func(from, to int) int {
		return from + sort.Search(to-from, func(k int) bool { return holds(from + k) })
	}
	if n > 0 && holds(n-1) {
		return within(0, n-1), true
	}
	from := 0
	for _, i := range samples(n) {
		if holds(i) {
			return within(from, i), true
		}
		from = i + 1
	}
	return 0, false
}

// samples are options out of n, close at both ends and wider apart inside: a change
// is felt in proportion to what there is.
func samples(n int) []int {
	var out []int
	for i := 0; i < n; i += 1 + max(0, i-everyOption)/2 {
		out = append(out, i, n-1-i)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// outcome says what holds when the check does.
func (g goal) outcome(checks []Check) string {
	if left := broken(checks, g.counted); len(left) > 0 {
		return "this check holds; then violated: " + strings.Join(left, ", ")
	}
	return "every check holds"
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

// hold says whether there are checks and the named ones hold.
func hold(checks []Check, ids ...string) bool {
	if checks == nil {
		return false
	}
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

// assess derives and proves, without explaining; nothing where the stack is not
// valid.
func (in input) assess() []Check {
	if in.stack.Validate() != nil || in.validate() != nil {
		return nil
	}
	d := in.derive()
	return world{input: in, plan: &d.plan}.prove(in.stack.Traffic.Growth)
}
