package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/plan/plantest"
)

// planned is the plan of the frozen stack with some values set.
func planned(t testing.TB, sets ...string) plan.Plan {
	t.Helper()
	_, p := plantest.Frozen(t, sets...)
	return p
}

func TestText(t *testing.T) {
	cases := map[string][]string{
		"holds": nil,
		"refused": {"services.backend.autoscaling.maxReplicas=400", "budget.prices={}",
			`waivers=[{check: node-capacity, reason: new nodes are ordered, until: "2026-12-31"}, {check: db-load, reason: old, until: "2026-01-01"}]`},
		"pooled": {"database.pooler=pgbouncer", "database.pgbouncer={image: p:1.26.1, userList: {name: a, key: b}}"},
	}
	for name, sets := range cases {
		t.Run(name, func(t *testing.T) {
			golden.Text(t, "testdata/"+name+".golden.txt", Text(planned(t, sets...)))
		})
	}
}

func TestHeadline(t *testing.T) {
	cases := map[string]struct {
		reason string
		in     plan.Headroom
		want   string
	}{
		"Limit":    {"the usual case", plan.Headroom{Factor: 5.65, FirstLimit: "capacity-time", Subject: "backend"}, "headroom 5.65× today's peak (asked for 5×), then capacity-time backend breaks"},
		"Alone":    {"a limit of the whole stack", plan.Headroom{Factor: 7, FirstLimit: "db-load"}, "headroom 7.00× today's peak (asked for 5×), then db-load breaks"},
		"Violated": {"less load does not help", plan.Headroom{FirstLimit: "db-connections", Subject: "rollout"}, "headroom 0.00× today's peak (asked for 5×): db-connections is violated at any load"},
		"NoLimit":  {"nothing ever breaks", plan.Headroom{Factor: 1000}, "headroom more than 1000× today's peak (asked for 5×), no limit found"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Headline(plan.Plan{Growth: 5, Headroom: tc.in})); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// The end of the search is no figure of the stack.
func TestPageWithoutALimit(t *testing.T) {
	p := plan.Plan{Stack: "shop", Growth: 5, Headroom: plan.Headroom{Factor: 1000}}
	var page strings.Builder
	if err := PlanHTML(&page, p, nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Yes: it holds more than 1000× today", "No limit was found up to 1000× today"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page.String(), "1000.00") {
		t.Error("the page has the bound of the search as a figure")
	}
}

// A queue that fills for as long as the load lasts has no wait to print.
func TestUnboundedIsNoNumber(t *testing.T) {
	p := planned(t, "services.backend.autoscaling.maxReplicas=3", "services.backend.autoscaling.minReplicas=3")
	_, grown := plantest.Frozen(t)
	var page strings.Builder
	if err := PlanHTML(&page, p, nil); err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{"text": Text(p), "page": page.String(), "markdown": PlanMarkdown(p, nil), "of the plan that holds": Text(grown)}
	for name, text := range pages {
		for _, leak := range []string{"000000000", "Inf", "NaN", "e+12"} {
			if strings.Contains(text, leak) {
				t.Errorf("%s has %q:\n%s", name, leak, text)
			}
		}
	}
	for _, want := range []string{"  unbounded\n", "latency-peak          VIOLATED  unbounded  200    ms             -  "} {
		if !strings.Contains(pages["text"], want) {
			t.Errorf("the text lacks %q:\n%s", want, pages["text"])
		}
	}
}

func TestVerdict(t *testing.T) {
	got := []string{Verdict(plan.Check{OK: true}), Verdict(plan.Check{Waived: true}), Verdict(plan.Check{})}
	if diff := cmp.Diff([]string{"ok", "WAIVED", "VIOLATED"}, got); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
}

func TestReportSaysWhereNumbersCameFrom(t *testing.T) {
	p := planned(t)
	if text := Text(p); !strings.Contains(text, "EXAMPLE VALUES") {
		t.Errorf("an example baseline is not called one:\n%s", text)
	}
	p.Measured = plan.Measured{Source: "k6 2.2.0", Date: "2026-11-20"}
	if text := Text(p); strings.Contains(text, "EXAMPLE") || !strings.Contains(text, "measured 2026-11-20: k6 2.2.0") {
		t.Errorf("a measured baseline is not quoted:\n%s", text)
	}
}

func TestMachine(t *testing.T) {
	cases := map[string]struct{ reason, types, want string }{
		"one":     {"room and price are of the same type", "m7i.xlarge", "× m7i.xlarge\n"},
		"several": {"room is that of the smallest, the bill that of the dearest", "m7i.4xlarge, m7i.xlarge", "× m7i.xlarge (billed as m7i.4xlarge)\n"},
	}
	for name, tc := range cases {
		if got := Text(planned(t, "nodes.groups[0].instanceTypes=["+tc.types+"]")); !strings.Contains(got, tc.want) {
			t.Errorf("%s: %s: no %q in\n%s", name, tc.reason, tc.want, got)
		}
	}
}
