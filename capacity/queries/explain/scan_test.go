package explain

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// plans were recorded from PostgreSQL 15.
func plan(t testing.TB, name string) *Node {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	root, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// found is what the cases look at of a scan.
type found struct {
	Table, Conditions, Joins string
	Order                    []Key
	Limited, Whole           bool
	Times                    float64
}

func scans(root *Node) []found {
	var out []found
	for _, s := range root.Scans() {
		f := found{Table: s.Relation, Order: s.Order, Limited: s.Limited, Whole: s.Whole, Times: s.Times}
		var own, joins []string
		for _, c := range s.Conditions {
			own = append(own, c.Column+c.Expression)
		}
		for _, j := range s.Joins {
			joins = append(joins, j.Column)
		}
		f.Conditions, f.Joins = strings.Join(own, " "), strings.Join(joins, " ")
		out = append(out, f)
	}
	return out
}

func TestScans(t *testing.T) {
	newest := []Key{{"orders", "created_at", true, true}}
	cases := map[string]struct {
		reason string
		want   []found
	}{
		"limited":   {"the newest of a customer", []found{{Table: "orders", Conditions: "customer_id", Order: newest, Limited: true, Times: 1}}},
		"whole":     {"its rows are the answer", []found{{Table: "orders", Conditions: "created_at created_at note(note)::text", Whole: true, Times: 1}}},
		"hash_join": {"each side knows its part of the join", []found{{Table: "orders", Conditions: "", Joins: "customer_id", Times: 1}, {Table: "customers", Conditions: "email", Joins: "id", Times: 1}}},
		"loop":      {"the inner side runs for each outer row", []found{{Table: "customers", Conditions: "country", Joins: "id", Times: 1}, {Table: "orders", Conditions: "", Joins: "total", Times: 5000}}},
		"subplan":   {"a subplan has a life of its own", []found{{Table: "orders", Conditions: " status", Whole: true, Times: 1}, {Table: "orders", Conditions: "total", Times: 1}}},
		"grouped":   {"what is grouped is not what is returned", []found{{Table: "customers", Times: 1}}},
		"bitmap":    {"the condition of the bitmap is the scan's", []found{{Table: "orders", Conditions: "customer_id", Whole: true, Times: 1}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, scans(plan(t, name))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestHypothetical(t *testing.T) {
	for index, want := range map[string]bool{"<13556>btree_orders_customer_id": true, "orders_pkey": false, "<odd>name": false, "": false} {
		if got := (&Node{Index: index}).Hypothetical(); got != want {
			t.Errorf("%q: %v, want %v", index, got, want)
		}
	}
}

// cost is left to the recording.
var cost = regexp.MustCompile(`\(cost [0-9]+, [0-9]+`)

func TestLines(t *testing.T) {
	want := []string{
		"Hash Join (cost 7404, 15 rows) hash: (o.customer_id = c.id)",
		"  Seq Scan on public.orders o (cost 6093, 300000 rows)",
		"  Hash (cost 523, 1 rows)",
		"    Seq Scan on public.customers c (cost 523, 1 rows) filter: (c.email = $1)",
	}
	got := plan(t, "hash_join").Lines()
	for i := range got {
		got[i] = cost.ReplaceAllString(got[i], "(cost")
	}
	for i := range want {
		want[i] = cost.ReplaceAllString(want[i], "(cost")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Lines (-want +got):\n%s", diff)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":              "unexpected end",
		"[]":            "0 statements",
		"[{}]":          "1 statements",
		`[{"Plan":{}}]`: "has no name, cost or rows",
		`[{"Plan":{"Node Type":"X","Plans":[null]}}]`:  "",
		`[{"Plan":{"Node Type":"X","Total Cost":-1}}]`: `the step "X"`,
		`[{"Plan":{"Node Type":"X"}},{"Plan":{}}]`:     "2 statements",
	} {
		_, err := Decode([]byte(text))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("Decode(%s) = %v, want %q", text, err, want)
		}
	}
}

// FuzzDecode holds that no plan takes the program down.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"limited", "hash_join", "loop", "subplan"} {
		data, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	Conditions("(a.b = $1)") // the parser's first use takes longer than one input may
	f.Fuzz(func(_ *testing.T, data []byte) {
		if root, err := Decode(data); err == nil {
			root.Scans()
			root.Lines()
		}
	})
}
