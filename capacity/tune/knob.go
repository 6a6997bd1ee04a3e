package tune

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/spec"
)

// Knob is one setting of the stack file with the values that are tried.
type Knob struct {
	// Path of the setting, such as "services.backend.autoscaling.minReplicas".
	Path string
	// From is the setting as it stands, in words.
	From string
	// values besides the setting as it stands; choice 0 is that one.
	values []value
}

// value is one setting of a knob.
type value struct {
	// text as it stands in a stack file.
	text  string
	apply func(s *spec.Stack)
}

// choices are the setting as it stands and all values.
func (k Knob) choices() int { return 1 + len(k.values) }

// Values are those tried besides the setting as it stands, as a stack file writes
// them.
func (k Knob) Values() []string {
	var out []string
	for _, v := range k.values {
		out = append(out, v.text)
	}
	return out
}

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

// only keeps the knobs whose path matches one of the globs, in which * stands for
// anything within a step and a glob that names a folder of settings stands for
// all below it. No glob keeps all.
func (sp space) only(globs []string) (space, error) {
	if len(globs) == 0 {
		return sp, nil
	}
	var kept []Knob
	for _, k := range sp.knobs {
		for _, g := range globs {
			ok, err := matches(g, k.Path)
			if err != nil {
				return sp, err
			}
			if ok {
				kept = append(kept, k)
				break
			}
		}
	}
	sp.knobs = kept
	return sp, nil
}

// matches compares a path with a glob, step by step. Brackets of a path are part
// of its text.
func matches(glob, knob string) (bool, error) {
	slashed := strings.NewReplacer(".", "/", "[", `\[`, "]", `\]`)
	want := slashed.Replace(glob)
	have := strings.Split(strings.ReplaceAll(knob, ".", "/"), "/")
	n := strings.Count(want, "/") + 1
	return path.Match(want, strings.Join(have[:min(n, len(have))], "/"))
}
