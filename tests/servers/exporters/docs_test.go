//go:build linux

package exporters

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/dashboards"
	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

const (
	guide = root + "/docs/monitoring.md"
	// page is the dashboard that the guide shows.
	page = "database"
	// opening and closing of the part of the guide that is made here.
	opening, closing = "<!-- panels -->\n", "<!-- end of panels -->"
)

var block = regexp.MustCompile("(?s)" + opening + "(.*?)" + closing)

// documented: the guide shows the panels there are. What Prometheus answered is
// another thing every time, and compared by nobody.
func documented(t *testing.T, at string, s spec.Stack, p plan.Plan) {
	fresh := panels(t, at, s, p)
	text := string(read(t, guide))
	found := block.FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("%s has no panels", guide)
	}
	if *golden.Update {
		text = strings.Replace(text, found[0], opening+fresh+closing, 1)
		if err := os.WriteFile(guide, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(asked(found[1]), asked(fresh)); diff != "" {
		t.Errorf("panels of %s; run with -update (-guide +now):\n%s", guide, diff)
	}
}

// asked are the lines of the table without their answers.
func asked(table string) []string {
	var out []string
	for line := range strings.Lines(table) {
		if cells := strings.Split(line, " | "); len(cells) == 3 {
			out = append(out, cells[0]+" | "+cells[1])
		}
	}
	return out
}

// panels of the page as a table, with what Prometheus answers.
func panels(t *testing.T, at string, s spec.Stack, p plan.Plan) string {
	t.Helper()
	all := dashboards.New(s, p)
	i := slices.IndexFunc(all, func(d dashboards.Dashboard) bool { return d.Name == page })
	var b strings.Builder
	fmt.Fprintf(&b, "\nAsked on %s of Prometheus, PostgreSQL, PgBouncer and their exporters on one machine.\n\n| panel | query | answer |\n|---|---|---|\n", time.Now().UTC().Format(time.DateOnly))
	for _, r := range all[i].Rows {
		for _, panel := range r.Panels {
			for _, q := range panel.Queries {
				fmt.Fprintf(&b, "| %s | `%s` | %s |\n", panel.Title, strings.ReplaceAll(q.Expr, "|", `\|`), answer(t, at, q.Expr))
			}
		}
	}
	return b.String() + "\n"
}

// answer is the number of series and the first value.
func answer(t *testing.T, at, query string) string {
	t.Helper()
	found := ask(t, at, query)
	switch {
	case len(found) > 0:
		return fmt.Sprintf("%d series, the first %s", len(found), found[0].Value[1])
	case slices.ContainsFunc(metricsOf(t, query), beyond):
		return "needs an AWS account"
	default:
		return "none at the time"
	}
}
