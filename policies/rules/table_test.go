package rules

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// row is one case of a rule: what is changed in a stack, and what the rule then
// says. On a violation no other rule may fire.
type row struct {
	reason string
	// stack that is changed; the good one by default.
	stack []Resource
	edits []edit
	// only keeps the named resources.
	only []string
	// options of a resource are replaced.
	options map[string]Options
	want    State
	// also are other rules that rightly fire on the same change.
	also []string
	// says is text that the finding's message must hold.
	says string
}

func (r row) build(t *testing.T) []Resource {
	t.Helper()
	stack := r.stack
	if stack == nil {
		stack = goodStack()
	}
	stack = apply(t, stack, r.edits...)
	label := func(r Resource) string { return r.Type[strings.LastIndexByte(r.Type, ':')+1:] + " " + r.Name }
	if r.only != nil {
		stack = slices.DeleteFunc(stack, func(one Resource) bool { return !slices.Contains(r.only, label(one)) })
	}
	for i := range stack {
		if o, ok := r.options[label(stack[i])]; ok {
			stack[i].Options = o
		}
	}
	return stack
}

// judgeRows runs the table of a rule. It insists on every kind of answer.
func judgeRows(t *testing.T, rule string, rows map[string]row) {
	t.Helper()
	seen := map[State]bool{}
	for name, r := range rows {
		seen[r.want] = true
		t.Run(name, func(t *testing.T) {
			report := judge(r.build(t))
			if c := crashed(report); c != "" {
				t.Fatal(c)
			}
			if got := worst(report, rule); got != r.want {
				t.Errorf("%s\n%s = %s, want %s:\n%s", r.reason, rule, got, r.want, messages(report, rule))
			}
			if !strings.Contains(messages(report, rule), r.says) {
				t.Errorf("%s\n%s does not say %q:\n%s", r.reason, rule, r.says, messages(report, rule))
			}
			want := append([]string{}, r.also...)
			if r.want == Violation {
				want = append(want, rule)
			}
			slices.Sort(want)
			if diff := cmp.Diff(want, violated(report)); diff != "" {
				t.Errorf("%s\nviolated rules (-want +got):\n%s", r.reason, diff)
			}
			fixes(t, report)
		})
	}
	for _, state := range []State{Pass, Violation, NotApplicable, CannotKnow} {
		if !seen[state] {
			t.Errorf("the table of %s has no case of %s", rule, state)
		}
	}
}

// fixes insists that a violation names a setting and a doubt what it waits for.
func fixes(t *testing.T, r Report) {
	t.Helper()
	for _, f := range r.Findings {
		if f.State == Violation && f.Fix == "" {
			t.Errorf("%s on %s says no fix", f.Rule, f.Resource)
		}
		if f.State == CannotKnow && len(f.WaitsFor) == 0 {
			t.Errorf("%s on %s does not say what it waits for", f.Rule, f.Resource)
		}
	}
}

// renamed returns a resource of a stack under a new name.
func renamed(r Resource, logical string) Resource {
	r.Name, r.URN = logical, r.URN+"-"+logical
	return r
}
