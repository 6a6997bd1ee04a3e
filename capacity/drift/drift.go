// Package drift compares what runs with what was proven. A plan expects settings
// of running systems; readers of those systems say what they saw; every
// difference names the checks whose proof no longer covers what runs.
package drift

import (
	"cmp"
	"slices"
	"strings"
)

// Source is a kind of running system.
type Source string

// The running systems that a plan decides about.
const (
	Cluster   Source = "cluster"
	Postgres  Source = "postgres"
	PgBouncer Source = "pgbouncer"
	Redis     Source = "redis"
	Edge      Source = "edge"
)

// Setting is one place in a running system.
type Setting struct {
	Source Source `json:"source"`
	// Object such as "HorizontalPodAutoscaler prod/backend"; empty for a server
	// that has no parts.
	Object string `json:"object,omitempty"`
	// Name such as "spec.maxReplicas".
	Name string `json:"setting"`
}

func (s Setting) compare(o Setting) int {
	return cmp.Or(cmp.Compare(s.Source, o.Source), cmp.Compare(s.Object, o.Object), cmp.Compare(s.Name, o.Name))
}

// Expectation is what a setting must be for the proof to hold.
type Expectation struct {
	Setting
	// Want is the value that was proven.
	Want string
	// rule says how what runs may differ; nil is not at all.
	rule rule
	// Checks of the plan that lose their ground when it differs.
	Checks []string
	// path in the stack file that states the setting, where one does, and the unit
	// that its value has there.
	path, unit string
}

// Seen is what the readers saw.
type Seen struct {
	// Asked are the systems that were read, with where each is.
	Asked map[Source]string
	// Values of the settings that are there.
	Values map[Setting]string
	// Absent are objects that are not there.
	Absent []Setting
	// Doubts are objects or single settings that could not be read, each with why.
	Doubts []Doubt
}

// Doubt is what could not be read: every setting of the object whose name begins
// with its own, so without one the whole object.
type Doubt struct {
	Setting
	Why string `json:"why"`
}

// Saw notes a value.
func (s *Seen) Saw(source Source, object, name, value string) {
	if s.Values == nil {
		s.Values = map[Setting]string{}
	}
	s.Values[Setting{source, object, name}] = value
}

// Ask notes that a system was read, and where it is.
func (s *Seen) Ask(source Source, where string) {
	if s.Asked == nil {
		s.Asked = map[Source]string{}
	}
	s.Asked[source] = where
}

// Missed notes that an object is not there.
func (s *Seen) Missed(source Source, object string) {
	s.Absent = append(s.Absent, Setting{Source: source, Object: object})
}

// Doubt notes that a setting, or without a name the whole object, could not be
// read.
func (s *Seen) Doubt(source Source, object, name, why string) {
	s.Doubts = append(s.Doubts, Doubt{Setting{source, object, name}, why})
}

// Difference is a setting that runs otherwise than proven.
type Difference struct {
	Setting
	Proven string `json:"proven"`
	// Runs is empty where the setting or its object is not there.
	Runs string `json:"runs"`
	// Checks whose proof does not cover what runs.
	Checks []string `json:"invalidates"`
	// State is "path=value" that would state in the stack file what runs; empty
	// where no path does.
	State string `json:"state,omitempty"`
}

// Report is the answer.
type Report struct {
	Stack string `json:"stack"`
	// Asked are the systems that were read, with where each is.
	Asked map[Source]string `json:"asked"`
	// Unasked are the systems that the plan decides about and nobody read.
	Unasked []Source `json:"unasked"`
	// Agree is how many settings run as proven.
	Agree       int          `json:"agree"`
	Differences []Difference `json:"differences"`
	Doubts      []Doubt      `json:"doubts"`
}

// Compare judges every expectation by what was seen.
func Compare(stack string, expected []Expectation, seen Seen) Report {
	r := Report{Stack: stack, Asked: seen.Asked, Unasked: []Source{}, Differences: []Difference{}, Doubts: []Doubt{}}
	if r.Asked == nil {
		r.Asked = map[Source]string{}
	}
	for _, e := range expected {
		if _, asked := seen.Asked[e.Source]; !asked {
			r.Unasked = append(r.Unasked, e.Source)
			continue
		}
		r.judge(e, seen)
	}
	slices.Sort(r.Unasked)
	r.Unasked = slices.Compact(r.Unasked)
	slices.SortFunc(r.Doubts, func(a, b Doubt) int { return a.compare(b.Setting) })
	slices.SortStableFunc(r.Differences, func(a, b Difference) int { return a.compare(b.Setting) })
	r.Differences = slices.CompactFunc(r.Differences, func(a, b Difference) bool { return a.Setting == b.Setting })
	return r
}

// gone is what a difference calls an object that is not there.
const gone = "the whole object"

func (r *Report) judge(e Expectation, seen Seen) {
	object := Setting{Source: e.Source, Object: e.Object}
	if slices.Contains(seen.Absent, object) {
		e.Name, e.Want, e.path = gone, "is there", ""
		r.differ(e, "")
		return
	}
	have, set := seen.Values[e.Setting]
	switch {
	case !set && r.doubt(e, seen.Doubts):
	case !set && e.Want == "" || set && e.holds(have):
		r.Agree++
	default:
		r.differ(e, have)
	}
}

// doubt says whether a setting could not be read, and notes why, once.
func (r *Report) doubt(e Expectation, doubts []Doubt) bool {
	i := slices.IndexFunc(doubts, func(d Doubt) bool {
		return d.Source == e.Source && d.Object == e.Object && strings.HasPrefix(e.Name, d.Name)
	})
	if i < 0 {
		return false
	}
	if !slices.Contains(r.Doubts, doubts[i]) {
		r.Doubts = append(r.Doubts, doubts[i])
	}
	return true
}

// differ notes a difference; of an object that is gone there is one, with all
// that relied on it.
func (r *Report) differ(e Expectation, have string) {
	for i, d := range r.Differences {
		if d.Setting == e.Setting {
			r.Differences[i].Checks = union(d.Checks, e.Checks)
			return
		}
	}
	state := ""
	if e.path != "" && have != "" {
		state = e.path + "=" + have + e.unit
	}
	r.Differences = append(r.Differences, Difference{e.Setting, e.Want, have, slices.Clone(e.Checks), state})
}

func union(a, b []string) []string {
	all := append(slices.Clone(a), b...)
	slices.Sort(all)
	return slices.Compact(all)
}

// Holds says that all that was read runs as proven.
func (r Report) Holds() bool { return len(r.Differences) == 0 }
