package queries

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/queries/explain"
	"github.com/agencyos/headroom/capacity/queries/index"
	"github.com/agencyos/headroom/capacity/queries/statement"
)

// tape is what a real server answered: PostgreSQL 15 with hypopg, recorded by
// tests/servers/slowqueries.
type tape struct {
	Before, After Snapshot
	Plans         map[string]json.RawMessage
	Refusals      map[string]string
	TableFacts    []index.Table
	VolatileNames []string
	Prices        index.Costs

	noHypopg bool
}

func recorded(t testing.TB) *tape {
	t.Helper()
	data, err := os.ReadFile("testdata/shop.json")
	if err != nil {
		t.Fatal(err)
	}
	out := &tape{}
	if err := json.Unmarshal(data, out); err != nil {
		t.Fatal(err)
	}
	return out
}

func (p *tape) window(t testing.TB) Window {
	t.Helper()
	w, err := Between(p.Before, p.After)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (p *tape) Explain(_ context.Context, s statement.Search, indexes ...index.Candidate) ([]byte, error) {
	key := []string{s.Text}
	for _, i := range indexes {
		key = append(key, i.Hypothetical())
	}
	if plan, ok := p.Plans[strings.Join(key, "\n")]; ok {
		return plan, nil
	}
	reason, ok := p.Refusals[strings.Join(key, "\n")]
	if !ok {
		reason = "not recorded: " + strings.Join(key, "\n")
	}
	return nil, Refusal{reason}
}

func (p *tape) Tables(context.Context, []explain.Table) ([]index.Table, error) {
	return p.TableFacts, nil
}

func (p *tape) Volatile(_ context.Context, names []string) ([]string, error) {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !slices.Contains(p.VolatileNames, n) }), nil
}
func (p *tape) Hypothetical() bool { return !p.noHypopg }
func (p *tape) Costs() index.Costs { return p.Prices }

func TestReport(t *testing.T) {
	p := recorded(t)
	r, err := Advise(t.Context(), p.window(t), p, Options{Limit: 12, MinShare: 0.001, MinCalls: 5})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Statements {
		if strings.Contains(s.Unexplained, "not recorded") {
			t.Errorf("%s: take a new recording", s.Unexplained)
		}
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden.Text(t, "testdata/report.golden.txt", r.Text(160))
	golden.Text(t, "testdata/report_narrow.golden.txt", r.Text(80))
	golden.Text(t, "testdata/report.golden.md", r.Markdown())
	golden.Text(t, "testdata/report.golden.json", string(data)+"\n")
	var files strings.Builder
	for _, f := range r.Migrations() {
		files.WriteString("== " + f.Name + "\n" + f.Text)
	}
	golden.Text(t, "testdata/migrations.golden.sql", files.String())
}

// Without hypopg the same recording leads to the same index, by an estimate.
func TestEstimate(t *testing.T) {
	p := recorded(t)
	p.noHypopg = true
	r, err := Advise(t.Context(), p.window(t), p, Options{Limit: 2, MinCalls: 5})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Indexes) != 1 || r.Indexes[0].Table.Name != "orders" || r.Indexes[0].Keys != "customer_id" || r.Indexes[0].Method != Estimate || r.Indexes[0].Gain < 20 {
		t.Errorf("indexes %+v, want one of orders (customer_id) by an estimate", r.Indexes)
	}
}

func TestOptionsLimitTheAdvice(t *testing.T) {
	p := recorded(t)
	for name, tc := range map[string]struct {
		options    Options
		statements int
		indexes    int
	}{
		"Limit":    {Options{Limit: 2}, 2, 1},
		"MinShare": {Options{Limit: 50, MinShare: 1.1}, 0, 0},
		"MinCalls": {Options{Limit: 2, MinCalls: 1000}, 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			told := 0
			tc.options.Tell = func(done, _ int) { told = done }
			r, err := Advise(t.Context(), p.window(t), p, tc.options)
			if err != nil || len(r.Statements) != tc.statements || len(r.Indexes) != tc.indexes || told != tc.statements {
				t.Errorf("%d statements, %d told, %d indexes, %v; want %d and %d", len(r.Statements), told, len(r.Indexes), err, tc.statements, tc.indexes)
			}
		})
	}
}

// Names and statements are somebody else's: none of them commands a terminal,
// leaves a comment, or is markup.
func TestHostileText(t *testing.T) {
	s := heavyStatement("SELECT '\x1b[2J', '\r\n*/; DROP TABLE x; --', '```', '</td>|' FROM orders WHERE customer_id = $1", 20)
	db := &fake{table: ordersTable(), plans: []planOf{{"", scanOf("(orders.customer_id = $1)", 20)}}}
	r, err := Advise(t.Context(), Since(snapshot(10, s)), db, Options{Limit: 5})
	if err != nil || len(r.Indexes) != 1 {
		t.Fatalf("%v, indexes %+v; want one", err, r.Indexes)
	}
	for what, text := range map[string]string{"text": r.Text(100), "markdown": r.Markdown(), "migration": r.Migrations()[0].Text} {
		if strings.ContainsAny(text, "\x1b\r") {
			t.Errorf("%s commands the terminal: %q", what, text)
		}
	}
	for l := range strings.Lines(r.Migrations()[0].Text) {
		if !strings.HasPrefix(l, "--") && !strings.HasPrefix(l, "CREATE INDEX") {
			t.Errorf("line %q of the migration is neither comment nor change", l)
		}
	}
	if text := r.Markdown(); !strings.Contains(text, "````sql") || strings.Contains(text, "\n| 1 | 100% |") && !strings.Contains(text, `</td>\|`) {
		t.Errorf("markdown lets the statement out:\n%s", text)
	}
}
