package index

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/agencyos/headroom/capacity/queries/explain"
)

// orders has a hundred thousand rows.
var orders = Table{
	Table: explain.Table{Schema: "public", Name: "orders"}, Kind: "r", Rows: 1e5, Pages: 2000,
	Columns: []Column{
		{Name: "id", Type: "bigint", Distinct: -1, Width: 8}, {Name: "customer_id", Type: "bigint", Distinct: 5000, Width: 8}, {Name: "shop_id", Type: "bigint", Distinct: 500, Width: 8},
		{Name: "status", Type: "text", Distinct: 4}, {Name: "code", Type: "character varying(20)", Distinct: -1}, {Name: "created_at", Type: "timestamp with time zone", Distinct: -0.9},
		{Name: "deleted_at", Type: "timestamp with time zone", Distinct: -0.5, Nulls: 0.99}, {Name: "paid", Type: "boolean", Distinct: 2}, {Name: "body", Type: "json"}, {Name: "new", Type: "text"},
	},
}

// scan of orders with a filter, and the order of a sort under a limit.
func scan(filter string, order ...explain.Key) explain.Scan {
	s := explain.Scan{Node: &explain.Node{Type: explain.SeqScan, Schema: "public", Relation: "orders", Alias: "o", Filter: filter}, Times: 1, Order: order, Limited: order != nil}
	s.Conditions = explain.Conditions(filter)
	return s
}

func TestCandidates(t *testing.T) {
	newest := explain.Key{Alias: "o", Column: "created_at", Desc: true, NullsFirst: true}
	joined := scan("(o.shop_id = $1)")
	joined.Joins = []explain.Joined{{Condition: explain.Conditions("(o.customer_id = c.id)")[0], Rows: 10}}
	cases := map[string]struct {
		reason string
		scan   explain.Scan
		want   []string
	}{
		"Equal":      {"one column", scan("(o.customer_id = $1)"), []string{"customer_id"}},
		"Selective":  {"the most selective first", scan("((o.shop_id = $1) AND (o.customer_id = $2))"), []string{"customer_id, shop_id"}},
		"Weak":       {"a quarter of the rows is not worth a key", scan("((o.status = $1) AND (o.customer_id = $2))"), []string{"customer_id"}},
		"OnlyWeak":   {"unless there is nothing better", scan("(o.status = $1)"), []string{"status"}},
		"Range":      {"equality, then the range", scan("((o.created_at > $1) AND (o.customer_id = $2))"), []string{"customer_id", "customer_id, created_at"}},
		"OnlyRange":  {"a range alone", scan("((o.created_at >= $1) AND (o.created_at < $2))"), []string{"created_at"}},
		"Order":      {"equality, then the order of the first rows", scan("(o.customer_id = $1)", newest), []string{"customer_id", "customer_id, created_at DESC"}},
		"OnlyOrder":  {"the first rows of all", scan("", newest), []string{"created_at DESC"}},
		"Join":       {"by the join as well", joined, []string{"shop_id", "customer_id, shop_id"}},
		"Any":        {"one of a list is an equality", scan("(o.customer_id = ANY ($1))"), []string{"customer_id"}},
		"Expression": {"what is compared is what is kept", scan("(lower((o.code)::text) = $1)"), []string{"(lower((code)::text))"}},
		"Varchar":    {"as text it is the column", scan("((o.code)::text = $1)"), []string{"code"}},
		"Cast":       {"another cast is the caller's mistake", scan("((o.customer_id)::text = $1)"), nil},
		"Boolean":    {"two values are none", scan("(o.paid AND (NOT o.paid))"), nil},
		"JSON":       {"it has no order", scan("(o.body = $1)"), nil},
		"Null":       {"nearly all are", scan("((o.deleted_at IS NULL) AND (o.customer_id = $1))"), []string{"customer_id"}},
		"Or":         {"one index cannot serve both", scan("((o.customer_id = $1) OR (o.shop_id = $2))"), nil},
		"Like":       {"a pattern is no range", scan("((o.code)::text ~~ $1)"), nil},
		"Reserved":   {"names are quoted where they must", scan(`(o.new = $1)`), []string{"new"}},
		"Unknown":    {"a column that the catalog does not show", scan("(o.ghost = $1)"), nil},
		"Three":      {"three keys at most", scan("((o.id = $1) AND (o.customer_id = $2) AND (o.shop_id = $3) AND (o.created_at > $4))"), []string{"id, customer_id, shop_id"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, c := range Candidates(tc.scan, orders) {
				got = append(got, c.List())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestServing(t *testing.T) {
	part := func(sql string) Part { return Part{SQL: sql} }
	down := Part{SQL: "created_at", Desc: true, NullsFirst: true}
	byCustomer := Candidate{Table: orders.Table, Equal: 1, Keys: []Key{{Column: "customer_id"}}}
	both := Candidate{Table: orders.Table, Equal: 2, Keys: []Key{{Column: "customer_id"}, {Column: "shop_id"}}}
	newest := Candidate{Table: orders.Table, Equal: 1, Ordered: true, Keys: []Key{{Column: "customer_id"}, {Column: "created_at", Desc: true, NullsFirst: true}}}
	from := Candidate{Table: orders.Table, Equal: 1, Keys: []Key{{Column: "customer_id"}, {Column: "created_at"}}}
	lower := Candidate{Table: orders.Table, Equal: 1, Keys: []Key{{Expression: "lower((code)::text)"}}}
	cases := map[string]struct {
		reason string
		c      Candidate
		index  Index
		want   bool
	}{
		"Same":       {"the index itself", byCustomer, Index{Method: "btree", Keys: []Part{part("customer_id")}}, true},
		"Wider":      {"a wider one begins with it", byCustomer, Index{Method: "btree", Keys: []Part{part("customer_id"), part("status")}}, true},
		"Behind":     {"a later column does not serve", byCustomer, Index{Method: "btree", Keys: []Part{part("status"), part("customer_id")}}, false},
		"Swapped":    {"equalities in any order", both, Index{Method: "btree", Keys: []Part{part("shop_id"), part("customer_id")}}, true},
		"Narrower":   {"one of two is not both", both, Index{Method: "btree", Keys: []Part{part("customer_id")}}, false},
		"Hash":       {"only a B-tree has a beginning", byCustomer, Index{Method: "hash", Keys: []Part{part("customer_id")}}, false},
		"Partial":    {"it serves some rows alone", byCustomer, Index{Method: "btree", Predicate: "(status = 'new')", Keys: []Part{part("customer_id")}}, false},
		"Class":      {"another operator class is another order", byCustomer, Index{Method: "btree", Keys: []Part{part("customer_id text_pattern_ops")}}, false},
		"Order":      {"the order wanted", newest, Index{Method: "btree", Keys: []Part{part("customer_id"), down}}, true},
		"Backwards":  {"read backwards", newest, Index{Method: "btree", Keys: []Part{part("customer_id"), part("created_at")}}, true},
		"NullsApart": {"NULLs at the other end are another order", newest, Index{Method: "btree", Keys: []Part{part("customer_id"), {SQL: "created_at", Desc: true}}}, false},
		"Range":      {"a range runs either way", from, Index{Method: "btree", Keys: []Part{part("customer_id"), {SQL: "created_at", Desc: true}}}, true},
		"Expression": {"blanks and parentheses aside", lower, Index{Method: "btree", Keys: []Part{part("lower(code::text)")}}, true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.index.Valid = true
			if _, got := Serving(Table{Indexes: []Index{tc.index}}, tc.c); got != tc.want {
				t.Errorf("%s: serves %v, want %v", tc.reason, got, tc.want)
			}
		})
	}
}

func TestHousekeeping(t *testing.T) {
	key := func(names ...string) []Part {
		var out []Part
		for _, n := range names {
			out = append(out, Part{SQL: n})
		}
		return out
	}
	table := Table{Indexes: []Index{
		{Name: "pkey", Method: "btree", Unique: true, Constraint: true, Valid: true, Keys: key("id")},
		{Name: "a", Method: "btree", Valid: true, Scans: 5, Keys: key("a")},
		{Name: "a_b", Method: "btree", Valid: true, Scans: 5, Keys: key("a", "b")},
		{Name: "a_b_again", Method: "btree", Valid: true, Scans: 5, Keys: key("a", "b")},
		{Name: "b_unique", Method: "btree", Unique: true, Valid: true, Keys: key("b")},
		{Name: "b_c", Method: "btree", Valid: true, Keys: key("b", "c")},
		{Name: "failed", Method: "btree", Keys: key("d")},
		{Name: "d_partial", Method: "btree", Valid: true, Scans: 5, Predicate: "x", Keys: key("d")},
	}}
	var redundant []string
	for _, p := range Redundant(table) {
		redundant = append(redundant, p[0].Name+" by "+p[1].Name)
	}
	if diff := cmp.Diff([]string{"a by a_b", "a_b_again by a_b"}, redundant); diff != "" {
		t.Errorf("redundant (-want +got):\n%s", diff)
	}
	for what, got := range map[string][]Index{"b_c": Unused(table), "failed": Invalid(table)} {
		if len(got) != 1 || got[0].Name != what {
			t.Errorf("%+v, want %s alone", got, what)
		}
	}
}

func TestName(t *testing.T) {
	long := strings.Repeat("länge", 12)
	cases := map[string]struct {
		c     Candidate
		taken []string
		want  string
	}{
		"Plain":      {Candidate{Table: orders.Table, Keys: []Key{{Column: "customer_id"}, {Column: "created_at", Desc: true}}}, nil, "orders_customer_id_created_at_idx"},
		"Taken":      {Candidate{Table: orders.Table, Keys: []Key{{Column: "a"}}}, []string{"orders_a_idx", "orders_a_idx1"}, "orders_a_idx2"},
		"Expression": {Candidate{Table: orders.Table, Keys: []Key{{Expression: "lower((code)::text)"}}}, nil, "orders_lower_code_idx"},
		"Long":       {Candidate{Table: explain.Table{Schema: "s", Name: long}, Keys: []Key{{Column: long}}}, nil, "längelängelängelängelängelängelängelängel_bd11e5ed_idx"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := tc.c.Name(tc.taken)
			if len(got) > longestName || got != tc.want && name != "Long" || !strings.HasSuffix(strings.TrimRight(got, "0123456789"), "_idx") {
				t.Errorf("name %q of %d bytes, want %q", got, len(got), tc.want)
			}
		})
	}
}

func TestChange(t *testing.T) {
	odd := Candidate{Table: explain.Table{Schema: "My Shop", Name: "order"}, Keys: []Key{{Column: `od"d`}, {Column: "b", NullsFirst: true}, {Column: "c", Desc: true}}}
	events := Candidate{Table: explain.Table{Schema: "public", Name: "events"}, Keys: []Key{{Column: "device"}}}
	parts := Table{Table: events.Table, Kind: "p", Partitions: []explain.Table{{Schema: "public", Name: "events_1"}, {Schema: "old", Name: "events_2"}}}
	nested := parts
	nested.Nested = true
	cases := map[string]struct {
		c            Candidate
		table        Table
		create, drop []string
	}{
		"Quoted": {odd, Table{Kind: "r"}, []string{`CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON "My Shop"."order" ("od""d", b NULLS FIRST, c DESC NULLS LAST);`}, []string{`DROP INDEX CONCURRENTLY IF EXISTS "My Shop".i;`}},
		"Partitioned": {events, parts, []string{
			"CREATE INDEX IF NOT EXISTS i ON ONLY public.events (device);",
			"CREATE INDEX CONCURRENTLY IF NOT EXISTS events_1_device_idx ON public.events_1 (device);",
			"CREATE INDEX CONCURRENTLY IF NOT EXISTS events_2_device_idx ON old.events_2 (device);",
			"ALTER INDEX public.i ATTACH PARTITION public.events_1_device_idx;",
			"ALTER INDEX public.i ATTACH PARTITION old.events_2_device_idx;",
		}, []string{"DROP INDEX IF EXISTS public.i;"}},
		"Nested": {events, nested, []string{"CREATE INDEX IF NOT EXISTS i ON public.events (device);"}, []string{"DROP INDEX IF EXISTS public.i;"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			create, drop := Change(tc.c, "i", tc.table)
			if diff := cmp.Diff(tc.create, create) + cmp.Diff(tc.drop, drop); diff != "" {
				t.Errorf("Change (-want +got):\n%s", diff)
			}
		})
	}
}

// More rows never cost less, and no lookup costs more than a random page and the
// processing for every row there is.
func TestLookup(t *testing.T) {
	costs := Costs{RandomPage: 4, SeqPage: 1, Tuple: 0.01, IndexTuple: 0.005, Operator: 0.0025}
	rapid.Check(t, func(t *rapid.T) {
		table := Table{Rows: rapid.Float64Range(1, 1e9).Draw(t, "rows")}
		table.Pages = table.Rows / rapid.Float64Range(1, 200).Draw(t, "per page")
		few := rapid.Float64Range(0, table.Rows).Draw(t, "few")
		more := rapid.Float64Range(few, table.Rows).Draw(t, "more")
		a, b := costs.Lookup(table, few), costs.Lookup(table, more)
		if !(a > 0) || a > b*(1+1e-9) || b > 1+costs.RandomPage*(2+max(1, table.Pages))+more {
			t.Fatalf("%g rows cost %g, %g cost %g", few, a, more, b)
		}
	})
	if got := costs.Lookup(orders, 1); got < 4 || got > 10 {
		t.Errorf("one row costs %g, PostgreSQL reckons about 8", got)
	}
}

// An index of a hundred thousand bigints is about 2.2 MiB in PostgreSQL.
func TestBytes(t *testing.T) {
	c := Candidate{Table: orders.Table, Keys: []Key{{Column: "id"}}}
	if got := c.Bytes(orders) / (1 << 20); got < 1.8 || got > 2.6 {
		t.Errorf("%.2f MiB, want about 2.2", got)
	}
}
