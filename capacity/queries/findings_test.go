package queries

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/queries/explain"
	"github.com/agencyos/headroom/capacity/queries/index"
	"github.com/agencyos/headroom/capacity/queries/statement"
)

// planOf is the plan of the statements with a part in their text.
type planOf struct{ part, plan string }

// fake is a server with one table and the first plan that fits.
type fake struct {
	table index.Table
	plans []planOf
}

func (f *fake) Explain(_ context.Context, s statement.Search, _ ...index.Candidate) ([]byte, error) {
	for _, p := range f.plans {
		if strings.Contains(s.Text, p.part) {
			return fmt.Appendf(nil, `[{"Plan":%s}]`, p.plan), nil
		}
	}
	return nil, Refusal{"no plan"}
}

func (f *fake) Tables(context.Context, []explain.Table) ([]index.Table, error) {
	return []index.Table{f.table}, nil
}
func (f *fake) Volatile(context.Context, []string) ([]string, error) { return nil, nil }
func (f *fake) Hypothetical() bool                                   { return false }
func (f *fake) Costs() index.Costs {
	return index.Costs{RandomPage: 4, SeqPage: 1, Tuple: 0.01, IndexTuple: 0.005, Operator: 0.0025}
}

// ordersTable has 100,000 rows on 2,000 pages.
func ordersTable() index.Table {
	return index.Table{
		Table: explain.Table{Schema: "public", Name: "orders"}, Kind: "r", Rows: 1e5, Pages: 2000, AnalyzedAt: "2026-11-25 10:00",
		Columns: []index.Column{{Name: "customer_id", Type: "bigint", Distinct: 5000}, {Name: "code", Type: "character varying(20)", Distinct: -1}, {Name: "number", Type: "bigint", Distinct: -1}, {Name: "tags", Type: "jsonb"}, {Name: "status", Type: "text", Distinct: 4}},
	}
}

// scanOf is a plan that reads the table with a filter and expects so many rows.
func scanOf(filter string, rows float64) string {
	return fmt.Sprintf(`{"Node Type":"Seq Scan","Schema":"public","Relation Name":"orders","Alias":"orders","Filter":%q,"Total Cost":3250,"Plan Rows":%g}`, filter, rows)
}

// heavyStatement reads the whole table in each of its hundred calls.
func heavyStatement(text string, rows float64) Statement {
	s := counted(1, 100, 20)
	s.Text, s.Rows, s.BlocksHit = text, 100*rows, 100*2000
	return s
}

func TestFindings(t *testing.T) {
	stale := ordersTable()
	stale.Modified = 5e4
	small := ordersTable()
	small.Pages = 100
	served := ordersTable()
	served.Indexes = []index.Index{{Name: "i", Method: "btree", Valid: true, Keys: []index.Part{{SQL: "customer_id"}}}}
	system := ordersTable()
	system.Schema = "pg_catalog"
	cases := map[string]struct {
		reason string
		s      func(*Statement)
		table  index.Table
		filter string
		rows   float64
		want   []string
	}{
		"Missing":     {"the planted case", nil, ordersTable(), "(orders.customer_id = $1)", 20, []string{"missing-index"}},
		"Served":      {"an index that the generic plan does not take", nil, served, "(orders.customer_id = $1)", 20, nil},
		"Small":       {"a small table is read in no time", nil, small, "(orders.customer_id = $1)", 20, nil},
		"System":      {"nobody adds indexes to the catalog", nil, system, "(orders.customer_id = $1)", 20, nil},
		"Unselective": {"a quarter of the rows is best read in order", nil, ordersTable(), "(orders.status = $1)", 25000, nil},
		"Unread":      {"calls read little: another plan ran", func(s *Statement) { s.BlocksHit = 100 * 20 }, ordersTable(), "(orders.customer_id = $1)", 20, nil},
		"Seldom":      {"four calls are no reason for an index", func(s *Statement) { s.Calls, s.BlocksHit, s.Rows = 4, 4*2000, 4*20 }, ordersTable(), "(orders.customer_id = $1)", 20, nil},
		"Cast":        {"a number compared as text", nil, ordersTable(), "((orders.number)::text = $1)", 20, []string{"column-cast"}},
		"Relabel":     {"varchar as text is no cast", nil, ordersTable(), "((orders.code)::text = $1)", 1, []string{"missing-index"}},
		"GIN":         {"containment", nil, ordersTable(), "(orders.tags @> $1)", 100, []string{"needs-gin"}},
		"Spill":       {"temporary files", func(s *Statement) { s.BlocksHit, s.TempWritten = 0, 100*1000 }, ordersTable(), "(orders.status > $1)", 20, []string{"sort-spill"}},
		"Estimate":    {"a plan for 20 rows that returns 900", func(s *Statement) { s.BlocksHit, s.Rows = 0, 100*900 }, ordersTable(), "(orders.customer_id = $1)", 20, []string{"misestimate"}},
		"Range":       {"for a range the planner has no statistics", func(s *Statement) { s.BlocksHit, s.Rows = 0, 100*900 }, ordersTable(), "(orders.number > $1)", 33333, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := heavyStatement("SELECT id FROM orders WHERE x = $1", tc.rows)
			if tc.s != nil {
				tc.s(&s)
			}
			r, err := Advise(t.Context(), Since(snapshot(10, s)), &fake{table: tc.table, plans: []planOf{{"", scanOf(tc.filter, tc.rows)}}}, Options{Limit: 5, MinCalls: 5})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range r.Statements[0].Findings {
				got = append(got, string(f.Kind))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			if wantIndex := len(tc.want) > 0 && tc.want[0] == "missing-index"; wantIndex != (len(r.Indexes) == 1) {
				t.Errorf("%s: indexes %+v", tc.reason, r.Indexes)
			}
		})
	}
}

// What calls really return overrules a generic plan that takes a third of all
// rows for a range.
func TestMeasuredRows(t *testing.T) {
	s := heavyStatement("SELECT id FROM orders WHERE number > $1", 5)
	r, err := Advise(t.Context(), Since(snapshot(10, s)), &fake{table: ordersTable(), plans: []planOf{{"", scanOf("(orders.number > $1)", 33333)}}}, Options{Limit: 5})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Indexes) != 1 || r.Indexes[0].Keys != "number" || r.Indexes[0].Method != Measured {
		t.Errorf("indexes %+v, want one on number by measured rows", r.Indexes)
	}
}

// A refusal is about one statement; anything else ends the advice.
func TestRefusals(t *testing.T) {
	a, b := heavyStatement("SELECT id FROM gone WHERE x = $1", 1), heavyStatement("SELECT id FROM orders WHERE x = $1", 20)
	b.QueryID = 2
	db := &fake{table: ordersTable(), plans: []planOf{{"FROM orders", scanOf("(orders.customer_id = $1)", 20)}}}
	r, err := Advise(t.Context(), Since(snapshot(10, a, b)), db, Options{Limit: 5})
	if err != nil || len(r.Indexes) != 1 || r.Statements[0].Unexplained != "no plan" {
		t.Errorf("%v, indexes %+v, unexplained %q; want the refusal beside the index", err, r.Indexes, r.Statements[0].Unexplained)
	}
	gone := errors.New("gone")
	if _, err := Advise(t.Context(), Since(snapshot(10, a, b)), &broken{db, gone}, Options{Limit: 5}); !errors.Is(err, gone) {
		t.Errorf("error %v, want %v", err, gone)
	}
}

// broken is a server that goes away.
type broken struct {
	*fake
	err error
}

func (b *broken) Explain(context.Context, statement.Search, ...index.Candidate) ([]byte, error) {
	return nil, b.err
}

func TestSuperuserIsTold(t *testing.T) {
	s := snapshot(10)
	s.Server.Superuser = true
	r, err := Advise(t.Context(), Since(s), &fake{table: ordersTable()}, Options{Limit: 5})
	if err != nil || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "role headroom is a superuser") {
		t.Errorf("%v, notes %q; want the superuser", err, r.Notes)
	}
}

// An index that serves two statements is proposed once, the wider one.
func TestOneIndexForTwo(t *testing.T) {
	a, b := heavyStatement("SELECT id FROM orders WHERE customer_id = $1", 20), heavyStatement("SELECT id FROM orders WHERE customer_id = $1 AND number > $2", 2)
	b.QueryID = 2
	db := &fake{table: ordersTable(), plans: []planOf{
		{"number >", scanOf("((orders.number > $2) AND (orders.customer_id = $1))", 7)},
		{"", scanOf("(orders.customer_id = $1)", 20)},
	}}
	r, err := Advise(t.Context(), Since(snapshot(10, a, b)), db, Options{Limit: 5})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Indexes) != 1 || len(r.Indexes[0].QueryIDs) != 2 || r.Indexes[0].Share != 1 {
		t.Errorf("indexes %+v, want one for both statements", r.Indexes)
	}
}
