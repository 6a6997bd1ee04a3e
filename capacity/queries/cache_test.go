package queries

import (
	"math"
	"strings"
	"testing"

	"github.com/agencyos/headroom/capacity/queries/explain"
	"github.com/agencyos/headroom/capacity/queries/index"
	"github.com/agencyos/headroom/capacity/queries/statement"
)

func TestTimeToLive(t *testing.T) {
	cases := map[string]struct {
		reason  string
		in      Cacheable
		seconds float64
		ttl     float64
		hits    float64
		ok      bool
	}{
		"Static":  {"nothing written in a day: 3 unseen writes bound it", Cacheable{CallsPerSecond: 10, Results: 1}, 86400, 1477, 0.99993, true},
		"Short":   {"a minute without writes proves little", Cacheable{CallsPerSecond: 10, Results: 1}, 60, 0, 0, false},
		"Keys":    {"each result of many changes seldom", Cacheable{CallsPerSecond: 50, WritesPerSecond: 0.5, Results: 1000}, 3600, 102, 0.836, true},
		"Rare":    {"so many results that none is asked for again in time", Cacheable{CallsPerSecond: 5, WritesPerSecond: 0.5, Results: 1e6}, 3600, 3600, 0.018, false},
		"Busy":    {"changes faster than a cache could follow", Cacheable{CallsPerSecond: 500, WritesPerSecond: 5, Results: 1}, 3600, 0, 0, false},
		"Longest": {"an hour at most", Cacheable{CallsPerSecond: 50, Results: 1000}, 1e6, 3600, 0.994, true},
		"Unknown": {"no hit ratio without knowing how many results", Cacheable{CallsPerSecond: 50}, 1e6, 3600, 0, true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, ok := tc.in.timed(0.5, tc.seconds)
			if ok != tc.ok || got.TTLSeconds != tc.ttl || math.Abs(got.HitRatio-tc.hits) > 1e-3 || math.Abs(got.TimeShare-0.5*tc.hits) > 1e-3 {
				t.Errorf("%s: %v, TTL %g s, hit ratio %g, time %g; want %v, %g, %g", tc.reason, ok, got.TTLSeconds, got.HitRatio, got.TimeShare, tc.ok, tc.ttl, tc.hits)
			}
		})
	}
}

func TestStable(t *testing.T) {
	for text, want := range map[string]bool{
		"SELECT a FROM t WHERE b = $1":                                         true,
		"SELECT lower(a) FROM t":                                               true,
		"SELECT a FROM t WHERE d > now()":                                      false,
		"SELECT a FROM t WHERE d > current_date":                               false,
		"SELECT a FROM t ORDER BY random()":                                    false,
		"SELECT own_counter(a) FROM t":                                         false,
		"SELECT a FROM t FOR UPDATE":                                           false,
		"WITH gone AS (DELETE FROM t RETURNING a) SELECT a FROM gone":          false,
		"UPDATE t SET a = $1":                                                  false,
		"SELECT a FROM t WHERE owner = current_user AND b IS DISTINCT FROM $1": false,
	} {
		parsed, err := statement.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := stable(Advice{parsed: parsed, root: &explain.Node{}}, []string{"own_counter", "random"}); got != want {
			t.Errorf("%s: stable %v, want %v", text, got, want)
		}
	}
}

// The whole way to a cached query: its plan tells the keys, the catalog how many
// there are, the window how often they change.
func TestCacheOfAWindow(t *testing.T) {
	before, after := snapshot(0), snapshot(60, counted(1, 36000, 1), counted(2, 36000, 1))
	after.Statements[0].Text, after.Statements[1].Text = "SELECT total FROM orders WHERE customer_id = $1", "SELECT total FROM orders WHERE total > $1"
	orders := explain.Table{Schema: "public", Name: "orders"}
	before.Tables, after.Tables = []Writes{{orders, 0, 0, 0}}, []Writes{{orders, 360, 0, 0}}
	w, err := Between(before, after)
	if err != nil {
		t.Fatal(err)
	}
	db := &fake{table: index.Table{Table: orders, Kind: "r", Rows: 1e5, Pages: 2000, Columns: []index.Column{{Name: "customer_id", Type: "bigint", Distinct: 200}, {Name: "total", Type: "numeric", Distinct: -1}}},
		plans: []planOf{
			{"customer_id", `{"Node Type":"Index Scan","Schema":"public","Relation Name":"orders","Alias":"orders","Index Cond":"(orders.customer_id = $1)","Total Cost":8,"Plan Rows":1}`},
			{"total >", `{"Node Type":"Seq Scan","Schema":"public","Relation Name":"orders","Alias":"orders","Filter":"(orders.total > $1)","Total Cost":800,"Plan Rows":1}`},
		}}
	r, err := Advise(t.Context(), w, db, Options{Limit: 5})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Cache.Candidates) != 1 {
		t.Fatalf("%+v, want the query by customer alone: the other's results may change with any write", r.Cache.Candidates)
	}
	c := r.Cache.Candidates[0]
	if c.QueryID != 1 || c.Results != 200 || c.WritesPerSecond != 0.1 || c.TTLSeconds != 102 || math.Abs(c.HitRatio-0.836) > 1e-3 || !strings.Contains(c.Why, "200 results") {
		t.Errorf("%+v", c)
	}
	if math.Abs(r.Cache.HitRatio-c.HitRatio/2) > 1e-9 || math.Abs(r.Cache.TimeShare-c.HitRatio/2) > 1e-9 {
		t.Errorf("of all: hit ratio %g, time %g; want half of %g each", r.Cache.HitRatio, r.Cache.TimeShare, c.HitRatio)
	}
}
