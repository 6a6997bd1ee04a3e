package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Exception is a suppression, a waiver or a replacement that is meant, with its
// standing.
type Exception struct {
	// Rule that it names.
	Rule string
	// Resource that it is limited to; "*" is every one.
	Resource string
	// Reason that was given.
	Reason string
	// Until is its last day, as YYYY-MM-DD.
	Until string
	// Problem says why it does not hold; empty while it does.
	Problem string
	// Waiver says that it came from the waivers.
	Waiver bool
	// Replacement says that it came from a replacement that is meant.
	Replacement bool
	// Annotation says that it stands on the object itself.
	Annotation bool
	// Used counts the violations that it accepts.
	Used int
}

// Kind is where it came from: waiver, replacement, annotation or suppression.
func (e Exception) Kind() string {
	switch {
	case e.Waiver:
		return "waiver"
	case e.Replacement:
		return "replacement"
	case e.Annotation:
		return "annotation"
	}
	return "suppression"
}

// String is such as `waiver of db-connections for * until 2026-12-31: migration`.
func (e Exception) String() string {
	kind := e.Kind()
	if e.Replacement {
		kind += " in spite"
	}
	return fmt.Sprintf("%s of %s for %s until %s: %s", kind, e.Rule, e.Resource, e.Until, e.Reason)
}

// Standing says whether it holds, and for how much.
func (e Exception) Standing() string {
	switch {
	case e.Problem != "":
		return fmt.Sprintf("%s: does not hold, %s", e, e.Problem)
	case e.Used == 0:
		return fmt.Sprintf("%s: accepts nothing here; remove it", e)
	}
	return fmt.Sprintf("%s: accepts %d", e, e.Used)
}

type exceptions struct {
	all []Exception
}

// newExceptions weighs every exception once. Waivers of checks that no rule
// stands for belong to the plan and are left out.
func newExceptions(rules []Rule, model Model, opts RunOptions) *exceptions {
	known := func(id string) bool {
		return slices.ContainsFunc(rules, func(r Rule) bool { return r.ID == id })
	}
	x := &exceptions{}
	for _, w := range opts.Waivers {
		if known(w.Check) {
			x.add(Exception{Rule: w.Check, Resource: "*", Reason: w.Reason, Until: w.Until, Waiver: true}, opts.Today)
		}
	}
	for _, s := range opts.Suppressions {
		e := Exception{Rule: s.Rule, Resource: s.Resource, Reason: s.Reason, Until: s.Expires}
		if !known(s.Rule) {
			e.Problem = "no rule has this id"
		}
		x.add(e, opts.Today)
	}
	for _, r := range opts.Replacements {
		for _, rule := range keepers(rules, model, r.Resource) {
			x.add(Exception{Rule: rule.ID, Resource: r.Resource, Reason: r.Reason, Until: r.Until, Replacement: true}, opts.Today)
		}
	}
	for _, r := range model.all {
		for _, e := range annotated(r) {
			if !known(e.Rule) {
				e.Problem = "no rule has this id"
			}
			x.add(e, opts.Today)
		}
	}
	return x
}

// keepers are the rules that would keep what is meant to go: those of its type, or
// one of them where nothing here has its name, so that it is told as unused.
func keepers(rules []Rule, model Model, name string) []Rule {
	all := slices.DeleteFunc(slices.Clone(rules), func(r Rule) bool { return !r.Keeps })
	own := slices.DeleteFunc(slices.Clone(all), func(rule Rule) bool {
		return !slices.ContainsFunc(model.all, func(r Resource) bool {
			return slices.Contains(rule.Types, r.Type) && (r.URN == name || r.Name == name)
		})
	})
	if len(own) == 0 {
		return all[:min(1, len(all))]
	}
	return own
}

// NoteSuppress begins the annotation that accepts a violation on its own object:
// suppress.headroom.dev/<rule>: "2026-12-31 the reason".
const NoteSuppress = "suppress.headroom.dev/"

func annotated(r Resource) []Exception {
	notes := r.at("metadata.annotations")
	var all []Exception
	for _, key := range notes.Keys() {
		rule, ok := strings.CutPrefix(key, NoteSuppress)
		if !ok {
			continue
		}
		text, _ := notes.key(key).text()
		day, reason, _ := strings.Cut(strings.TrimSpace(text), " ")
		all = append(all, Exception{Rule: rule, Resource: r.URN, Reason: strings.TrimSpace(reason), Until: day, Annotation: true})
	}
	return all
}

func (x *exceptions) add(e Exception, today time.Time) {
	if e.Problem == "" {
		e.Problem = flaw(e, today)
	}
	x.all = append(x.all, e)
}

// flaw says why an exception does not hold on a day. Its last day still counts.
func flaw(e Exception, today time.Time) string {
	until, err := time.Parse(time.DateOnly, e.Until)
	switch {
	case e.Reason == "":
		return "it gives no reason"
	case e.Resource == "":
		return "it names no resource"
	case err != nil:
		return fmt.Sprintf("its last day %q is not a date as YYYY-MM-DD", e.Until)
	case today.Format(time.DateOnly) > until.Format(time.DateOnly):
		return "it has expired"
	}
	return ""
}

// silence finds the exception that accepts a violation.
func (x *exceptions) silence(f Finding, logicalName string) string {
	for i := range x.all {
		e := &x.all[i]
		if e.Problem != "" || e.Rule != f.Rule || !e.covers(f, logicalName) {
			continue
		}
		e.Used++
		return e.String()
	}
	return ""
}

// covers matches by URN, by logical name, by the object's own name, and by the
// label that messages print.
func (e Exception) covers(f Finding, logicalName string) bool {
	if e.Annotation {
		return e.Resource == f.URN
	}
	_, own, _ := strings.Cut(f.Resource, " ")
	return e.Resource == "*" || slices.Contains([]string{f.URN, logicalName, own, f.Resource}, e.Resource)
}
