package tune

import (
	"maps"
	"slices"
	"strconv"

	"github.com/agencyos/headroom/capacity/spec"
)

// Knob is one setting of the stack file with the values that are tried.
type Knob struct {
	// Path of the setting, such as "services.backend.autoscaling.minReplicas".
	Path string
	// From is the setting as it stands, in words.
	From string
	// standing is its number.
	standing int
	// values besides the setting as it stands; choice 0 is that one.
	values []value
	// at makes the value of a number; nil for settings that are names.
	at func(n int) value
}

// value is one setting of a knob.
type value struct {
	// number orders the values of a knob.
	number int
	// text as it stands in a stack file.
	text  string
	apply func(s *spec.Stack)
}

// numbers is a knob over whole numbers.
func numbers(path string, standing int, unit string, stated bool, tried []int, set func(s *spec.Stack, n int)) Knob {
	k := Knob{Path: path, From: strconv.Itoa(standing) + unit, standing: standing}
	if !stated {
		k.From += " (derived)"
	}
	k.at = func(n int) value {
		return value{number: n, text: strconv.Itoa(n) + unit, apply: func(s *spec.Stack) { set(s, n) }}
	}
	k.add(tried...)
	return k
}

// add lets the knob try further numbers. Choices that were there keep their index.
func (k *Knob) add(tried ...int) {
	tried = slices.Clone(tried)
	slices.Sort(tried)
	for _, n := range slices.Compact(tried) {
		known := func(v value) bool { return v.number == n }
		if n != k.standing && !slices.ContainsFunc(k.values, known) {
			k.values = append(k.values, k.at(n))
		}
	}
}

// choices are the setting as it stands and all values.
func (k *Knob) choices() int { return 1 + len(k.values) }

// number of a choice.
func (k *Knob) number(choice int) int {
	if choice == 0 {
		return k.standing
	}
	return k.values[choice-1].number
}

// text of a choice.
func (k *Knob) text(choice int) string {
	if choice == 0 {
		return k.From
	}
	return k.values[choice-1].text
}

// steps are the next smaller and the next larger choice.
func (k *Knob) steps(choice int) []int {
	here, below, above := k.number(choice), -1, -1
	for i := range k.choices() {
		switch n := k.number(i); {
		case n < here && (below < 0 || n > k.number(below)):
			below = i
		case n > here && (above < 0 || n < k.number(above)):
			above = i
		}
	}
	return slices.DeleteFunc([]int{below, above}, func(i int) bool { return i < 0 })
}

// nearest is the choice whose number is closest to n.
func (k *Knob) nearest(n int) int {
	best := 0
	for i := range k.choices() {
		if abs(k.number(i)-n) < abs(k.number(best)-n) {
			best = i
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// config is a configuration: one choice per knob, 0 for as it stands.
type config []int

// key identifies a configuration.
func (c config) key() string {
	b := make([]byte, 0, 2*len(c))
	for _, i := range c {
		b = append(b, byte(i), byte(i>>8))
	}
	return string(b)
}

// with is the configuration with another choice for one knob.
func (c config) with(knob, choice int) config {
	out := slices.Clone(c)
	out[knob] = choice
	return out
}

// changed are the knobs that do not stand as they do in the file.
func (c config) changed() []int {
	var out []int
	for i, choice := range c {
		if choice != 0 {
			out = append(out, i)
		}
	}
	return out
}

// space is a stack and its knobs.
type space struct {
	stack spec.Stack
	knobs []Knob
}

// with is the stack with a configuration; it shares nothing that a knob changes.
func (sp space) with(c config) spec.Stack {
	s := sp.stack
	s.Services = maps.Clone(s.Services)
	s.Nodes.Groups = slices.Clone(s.Nodes.Groups)
	for _, i := range c.changed() {
		sp.knobs[i].values[c[i]-1].apply(&s)
	}
	return s
}

// valid says whether a configuration is a stack file that decodes.
func (sp space) valid(c config) bool { return sp.with(c).Validate() == nil }
