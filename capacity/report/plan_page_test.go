package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/compare"
	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// comparedWith compares the frozen stack with itself after some settings.
func comparedWith(t *testing.T, from string, sets ...string) (plan.Plan, *compare.Comparison) {
	t.Helper()
	raw, err := spec.Raw(golden.Read(t, "../plan/testdata/base.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	facts := golden.Read(t, "../plan/testdata/base.json")
	before := compare.Side{Name: from, Stack: "base", Raw: raw, Baseline: facts}
	for _, set := range sets {
		path, value, _ := strings.Cut(set, "=")
		if raw, err = spec.Set(raw, path, value); err != nil {
			t.Fatal(err)
		}
	}
	c, p, err := compare.Compare(before, compare.Side{Name: "here", Stack: "base", Raw: raw, Baseline: facts}, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return p, &c
}

var waived = `waivers=[{check: node-capacity, reason: new nodes are ordered, until: "2026-12-31"}, {check: db-load, reason: old, until: "2026-01-01"}]`

func TestPlanForPeople(t *testing.T) {
	p := planned(t)
	refused, c := comparedWith(t, "main", "services.backend.autoscaling.maxReplicas=400", "budget.prices={}", waived)
	grown, more := comparedWith(t, "main", "services.backend.peakRps=400", "budget.monthly=13000")
	same, none := comparedWith(t, "main")
	for name, row := range map[string]struct {
		p plan.Plan
		c *compare.Comparison
	}{"alone": {p, nil}, "refused": {refused, c}, "grown": {grown, more}, "same": {same, none}} {
		t.Run(name, func(t *testing.T) {
			golden.Text(t, "testdata/plan_"+name+".golden.md", PlanMarkdown(row.p, row.c))
			var page bytes.Buffer
			if err := PlanHTML(&page, row.p, row.c); err != nil {
				t.Fatal(err)
			}
			golden.Text(t, "testdata/plan_"+name+".golden.html", page.String())
		})
	}
}

// Labels of one line do not overprint: near each other, today and what is asked for
// are one.
func TestGaugeLabels(t *testing.T) {
	for growth, want := range map[string]struct {
		today bool
		asked string
	}{
		"1":   {false, ">asked for 1× today's peak<"},
		"1.2": {false, ">asked for 1.2× today's peak<"},
		"2":   {true, ">asked for 2×<"},
	} {
		p, c := comparedWith(t, "main", "traffic.growth="+growth)
		var page bytes.Buffer
		if err := PlanHTML(&page, p, c); err != nil {
			t.Fatal(err)
		}
		if today := strings.Contains(page.String(), ">today<"); today != want.today || !strings.Contains(page.String(), want.asked) {
			t.Errorf("growth %s: a label of today: %v, want %v and %q", growth, today, want.today, want.asked)
		}
	}
}

// TestPlanMarkdownIsHarmless: who opens a pull request names things, and must not
// write the comment, close the fold or call people.
func TestPlanMarkdownIsHarmless(t *testing.T) {
	p := planned(t)
	p.Waivers = []plan.Waiver{{Check: "db-load", Active: true, Until: "2026-12-31", Reason: "</details> @everyone\n| x | [a](http://b) `code`"}}
	got := PlanMarkdown(p, nil)
	for _, bad := range []string{"</details> ", "@everyone", "](http", "\n| x |", "`code`"} {
		if strings.Contains(got, bad) {
			t.Errorf("%q stands in the comment:\n%s", bad, got)
		}
	}
}

func TestEveryCheckHasAStatement(t *testing.T) {
	for _, id := range append(plan.CheckIDs(), plan.SimulationAgrees) {
		if plan.Statement(id) == "" {
			t.Errorf("check %s has no statement", id)
		}
	}
}
