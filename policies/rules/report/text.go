package report

import (
	"fmt"
	"strings"

	"github.com/agencyos/headroom/capacity/text"
	"github.com/agencyos/headroom/policies/rules"
)

// Text groups by resource what is violated or open, then lists the exceptions,
// and ends with the sums in one line.
func (r Report) Text() string {
	var out strings.Builder
	for _, group := range r.groups() {
		fmt.Fprintln(&out, r.heading(group[0]))
		for _, f := range group {
			r.finding(&out, f)
		}
		fmt.Fprintln(&out)
	}
	if len(r.Exceptions) > 0 {
		fmt.Fprintln(&out, "exceptions")
		for _, e := range r.Exceptions {
			fmt.Fprintln(&out, "  "+e.Standing())
		}
		fmt.Fprintln(&out)
	}
	fmt.Fprintln(&out, r.summary())
	return out.String()
}

// groups are the findings worth reading, by resource, in the order of the rules.
func (r Report) groups() [][]rules.Finding {
	var groups [][]rules.Finding
	at := map[string]int{}
	for _, f := range r.Findings {
		if f.State != rules.Violation && f.State != rules.CannotKnow {
			continue
		}
		key := f.URN + "\x00" + f.Resource
		if _, ok := at[key]; !ok {
			at[key] = len(groups)
			groups = append(groups, nil)
		}
		groups[at[key]] = append(groups[at[key]], f)
	}
	return groups
}

func (r Report) heading(f rules.Finding) string {
	if where := r.where(f); where != "" {
		return f.Resource + " (" + where + ")"
	}
	return f.Resource
}

func (r Report) finding(out *strings.Builder, f rules.Finding) {
	rule := r.rule(f.Rule)
	switch {
	case f.State == rules.CannotKnow:
		fmt.Fprintf(out, "  open       %s: %s\n", f.Rule, f.Message)
	case f.Silenced != "":
		fmt.Fprintf(out, "  accepted   %s: %s\n             by %s\n", f.Rule, f.Message, f.Silenced)
	default:
		word := "violation "
		if !f.Stops() {
			word = "advisory  "
		}
		fmt.Fprintf(out, "  %s %s (%s): %s\n             why: %s\n             fix: %s\n", word, f.Rule, rule.Severity, f.Message, rule.Why, f.Fix)
	}
}

func (r Report) summary() string {
	c := r.Counts()
	line := fmt.Sprintf("%s, %s, %d accepted, %d open, %d passed: %s over %s",
		text.Count(c.Violations, "violation", "violations"), text.Count(c.Advisories, "advisory", "advisories"), c.Accepted, c.Open, c.Passed,
		text.Count(len(r.Rules), "rule", "rules"), text.Count(r.Resources, "resource", "resources"))
	if c.Broken > 0 {
		line += fmt.Sprintf("; exceptions that do not hold: %d", c.Broken)
	}
	return line
}
