package explain

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestConditions(t *testing.T) {
	cases := map[string]struct {
		reason, text string
		want         []Condition
	}{
		"Equal":      {"a parameter", "(orders.customer_id = $1)", []Condition{{Use: Equal, Alias: "orders", Column: "customer_id", Param: true}}},
		"Turned":     {"either side may be the column", "($1 = o.a)", []Condition{{Use: Equal, Alias: "o", Column: "a", Param: true}}},
		"Any":        {"one of a list", "(o.status = ANY (ARRAY[$3, $4]))", []Condition{{Use: Equal, Alias: "o", Column: "status", Param: true}}},
		"All":        {"all of a list is no equality", "(o.status <> ALL ('{a,b}'::text[]))", []Condition{{Alias: "o", Column: "status"}}},
		"Range":      {"each bound is a condition", "((o.d >= $1) AND (o.d <= $2))", []Condition{{Use: Between, Alias: "o", Column: "d", Param: true}, {Use: Between, Alias: "o", Column: "d", Param: true}}},
		"Cast":       {"varchar columns are compared as text", "((o.note)::text = $2)", []Condition{{Use: Equal, Alias: "o", Column: "note", Cast: "text", Expression: "(note)::text", Param: true}}},
		"Expression": {"an index on the expression would do", "(lower((u.email)::text) = 'a'::text)", []Condition{{Use: Equal, Alias: "u", Expression: "lower((email)::text)"}}},
		"Quoted":     {"quoted aliases go, too", `(lower("U"."eMail") = $1)`, []Condition{{Use: Equal, Alias: "U", Expression: `lower("eMail")`, Param: true}}},
		"Join":       {"a column of another relation", "(o.customer_id = c.id)", []Condition{{Use: Equal, Alias: "o", Column: "customer_id", With: "c"}}},
		"Own":        {"two columns of one row", "(o.a = o.b)", []Condition{{Alias: "o"}}},
		"Or":         {"one index cannot serve both", "((o.a = $1) OR (o.b = $2))", []Condition{{Alias: "o"}}},
		"Null":       {"NULLs are in the index", "(o.deleted_at IS NULL)", []Condition{{Use: Equal, Alias: "o", Column: "deleted_at", Null: true}}},
		"NotNull":    {"nearly every row", "(o.deleted_at IS NOT NULL)", []Condition{{Alias: "o", Column: "deleted_at", Null: true}}},
		"Bool":       {"a truth value", "(o.active AND (NOT o.gone))", []Condition{{Use: Equal, Alias: "o", Column: "active"}, {Use: Equal, Alias: "o", Column: "gone"}}},
		"Like":       {"a pattern may begin with anything", "((o.note)::text ~~ $3)", []Condition{{Alias: "o", Column: "note", Cast: "text", Expression: "(note)::text", Param: true}}},
		"Contains":   {"GIN serves it", "(o.tags @> $1)", []Condition{{Use: Contains, Alias: "o", Column: "tags", Param: true}}},
		"Clock":      {"the planner knows the value when it runs", "(o.d > (now() - $1))", []Condition{{Use: Between, Alias: "o", Column: "d", Param: true}}},
		"SubPlan":    {"the result of a step", "((o.a = $1) AND (NOT (hashed SubPlan 1)))", []Condition{{Use: Equal, Alias: "o", Column: "a", Param: true}, {}}},
		"SubPlan17":  {"its form since PostgreSQL 17", "((o.a = $1) AND (NOT (ANY (o.id = (hashed SubPlan 1).col1))))", []Condition{{Use: Equal, Alias: "o", Column: "a", Param: true}, {}}},
		"InitPlan":   {"a value from another step", "(o.a = (InitPlan 1).col1)", []Condition{{Use: Equal, Alias: "o", Column: "a"}}},
		"String":     {"no AND within quotes", "((o.a)::text = 'x) AND (y'::text)", []Condition{{Use: Equal, Alias: "o", Column: "a", Cast: "text", Expression: "(a)::text"}}},
		"Broken":     {"what cannot be read is of no use", "(o.a = ", []Condition{{}}},
		"None":       {"", "", nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Conditions(tc.text), cmpopts.IgnoreFields(Condition{}, "Text")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestOrder(t *testing.T) {
	cases := map[string]struct {
		keys []string
		want []Key
	}{
		"Plain":      {[]string{"o.a", "o.b DESC"}, []Key{{"o", "a", false, false}, {"o", "b", true, true}}},
		"Nulls":      {[]string{"o.a NULLS FIRST", "o.b DESC NULLS LAST"}, []Key{{"o", "a", false, true}, {"o", "b", true, false}}},
		"Collation":  {[]string{`o.a COLLATE "C"`}, nil},
		"Expression": {[]string{"o.a", "(count(*))"}, nil},
		"None":       {nil, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Order(tc.keys)); diff != "" {
				t.Errorf("Order (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSidesOfAJoin(t *testing.T) {
	c := Conditions("(o.customer_id = c.id)")[0]
	for alias, want := range map[string]string{"o": "customer_id", "c": "id", "x": ""} {
		got, ok := c.from(alias)
		if ok != (want != "") || ok && got.Column != want {
			t.Errorf("from %s: %q, %v; want %q", alias, got.Column, ok, want)
		}
	}
}
