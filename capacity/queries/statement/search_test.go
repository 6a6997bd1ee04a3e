package statement

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSearch(t *testing.T) {
	cases := map[string]struct {
		reason, text string
		rows         float64
		want         Search
	}{
		"Select":      {"a query stays as it is", "SELECT a FROM t WHERE b = $1;", 5, Search{"SELECT a FROM t WHERE b = $1", 1}},
		"Limit":       {"its constant is gone, the rows per call stand for it", "SELECT a FROM t WHERE b = $1 ORDER BY c DESC LIMIT $2 OFFSET $3", 19.2, Search{"SELECT a FROM t WHERE b = $1 ORDER BY c DESC LIMIT 20 OFFSET $2", 2}},
		"LimitNone":   {"a call that finds nothing still looks for one row", "SELECT a FROM t LIMIT $1", 0, Search{"SELECT a FROM t LIMIT 1", 0}},
		"LimitInside": {"only the outermost limit is measured", "SELECT * FROM (SELECT a FROM t LIMIT $1) x LIMIT $2", 7, Search{"SELECT * FROM (SELECT a FROM t LIMIT $1) x LIMIT 7", 1}},
		"Lock":        {"locking needs more than SELECT", "SELECT a FROM t AS x WHERE b = $1 FOR NO KEY UPDATE OF x, s.y SKIP LOCKED LIMIT $2", 1, Search{"SELECT a FROM t AS x WHERE b = $1  LIMIT 1", 1}},
		"LockInside":  {"a queue takes its rows in a subquery", "UPDATE jobs SET state = $1 WHERE id = (SELECT id FROM jobs WHERE state = $2 ORDER BY id FOR UPDATE SKIP LOCKED LIMIT $3) RETURNING id", 1, Search{"SELECT 1 FROM jobs WHERE id = (SELECT id FROM jobs WHERE state = $1 ORDER BY id  LIMIT $2)", 2}},
		"NoLock":      {"FOR has other uses", "SELECT substring(a FROM $1 FOR $2) FROM t", 1, Search{"SELECT substring(a FROM $1 FOR $2) FROM t", 2}},
		"Update":      {"what it sets does not find its rows", "UPDATE ONLY s.t AS x SET a = $1, b = c IS DISTINCT FROM $2 FROM u WHERE x.id = u.id AND u.k = $3 RETURNING *", 1, Search{"SELECT 1 FROM ONLY s.t AS x, u WHERE x.id = u.id AND u.k = $1", 1}},
		"UpdateAll":   {"no condition finds every row", "UPDATE t SET a = $1", 1, Search{"SELECT 1 FROM t", 0}},
		"Delete":      {"the same without SET", "WITH old AS (SELECT id FROM t WHERE d < $1) DELETE FROM t USING old WHERE t.id = old.id RETURNING t.id", 1, Search{"WITH old AS (SELECT id FROM t WHERE d < $1) SELECT 1 FROM t, old WHERE t.id = old.id", 1}},
		"Insert":      {"its query", "INSERT INTO t (a, b) SELECT a, $1 FROM u JOIN v ON u.id = v.id WHERE c = $2 ON CONFLICT (a) DO UPDATE SET b = $3 RETURNING a", 1, Search{"select a, $1 FROM u JOIN v ON u.id = v.id WHERE c = $2", 2}},
		"Interval":    {"a typed constant becomes a cast", "SELECT a FROM t WHERE d > now() - interval $1 AND e < DATE $2", 1, Search{"SELECT a FROM t WHERE d > now() - CAST($1 AS interval) AND e < CAST($2 AS DATE)", 2}},
		"Extract":     {"its field became a parameter", "SELECT extract($1 FROM d), EXTRACT(year FROM e) FROM t", 1, Search{"SELECT pg_catalog.extract($1 , d), EXTRACT(year FROM e) FROM t", 1}},
		"Squashed":    {"PostgreSQL 18 shortens lists", "SELECT a FROM t WHERE b IN ($1 /*, ... */) AND c = $5", 1, Search{"SELECT a FROM t WHERE b IN ($1 /*, ... */) AND c = $2", 2}},
		"Quoted":      {"no keyword counts within quotes", `UPDATE "set" SET "from" = 'where $9' WHERE "returning" = $1 -- from`, 1, Search{`SELECT 1 FROM "set" WHERE "returning" = $1`, 1}},
		"Values":      {"a query without SELECT", "VALUES ($1), ($2)", 1, Search{"VALUES ($1), ($2)", 2}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s, err := Parse(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Search(tc.rows)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestSearchRefuses(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"Values":  {"INSERT INTO t VALUES ($1)", "nothing to find"},
		"Default": {"INSERT INTO t DEFAULT VALUES", "nothing to find"},
		"Merge":   {"MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE", "MERGE is not explained"},
		"Utility": {"VACUUM t", "no plan of its own"},
		"Begin":   {"BEGIN", "no plan of its own"},
		"Into":    {"SELECT a INTO u FROM t", "no plan of its own"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s, err := Parse(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := s.Search(1); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("Search = %q, %v; want %q", got.Text, err, tc.want)
			}
		})
	}
}

func TestParse(t *testing.T) {
	cases := map[string]struct {
		text string
		want Statement
	}{
		"Functions": {"SELECT Now(), s.f(g(a)), CURRENT_DATE, count(*), now() FROM t WHERE b = $3 FOR SHARE",
			Statement{Kind: Select, Locks: true, Functions: []string{"count", "current_date", "f", "g", "now"}, Params: 3}},
		"Writes":  {"WITH gone AS (DELETE FROM t RETURNING a) SELECT * FROM gone", Statement{Kind: Select, Writes: true}},
		"Reads":   {"WITH few AS (SELECT a FROM t) SELECT * FROM few", Statement{Kind: Select}},
		"Utility": {"CREATE INDEX ON t (a)", Statement{Kind: Utility}},
		"Merge":   {"MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE", Statement{Kind: Merge}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			got.text, got.tokens = "", nil
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(Statement{})); diff != "" {
				t.Errorf("Parse (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "no text",
		Hidden:                    "may not read its text",
		"SELECT 1; DROP TABLE t":  "2 statements",
		"SELECT a FROM t WHERE (": "syntax error at end of input",
		"-- nothing":              "0 statements",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v, want %q", text, err, want)
		}
	}
}

func TestClock(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT a FROM t WHERE d > now() - interval $1": "now",
		"SELECT current_timestamp":                      "current_timestamp",
		"SELECT lower(a) FROM t":                        "",
	} {
		s, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Clock(); got != want {
			t.Errorf("%s: clock %q, want %q", text, got, want)
		}
	}
}
