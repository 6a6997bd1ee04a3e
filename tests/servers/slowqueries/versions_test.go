//go:build linux

package slowqueries

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/agencyos/headroom/capacity/queries"
	"github.com/agencyos/headroom/capacity/queries/statement"
	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/internal/postgres"
)

// extensions of each server: its own version, and those that an upgraded server
// may have kept.
var extensions = map[int][]string{
	14: {"1.9", "1.8"},
	15: {"1.10", "1.9", "1.8"},
	16: {"1.10"},
	17: {"1.11", "1.10"},
	18: {"1.12", "1.11", "1.8"},
}

// Every version of PostgreSQL, with every version of the extension that changed
// columns, finds the planted query and its index.
func TestVersions(t *testing.T) {
	servers.Long(t)
	found := postgres.All(t)
	for version := range extensions {
		if !slices.ContainsFunc(found, func(i postgres.Installation) bool { return i.Version == version }) {
			t.Run(fmt.Sprint(version), func(t *testing.T) {
				servers.Missing(t, fmt.Sprintf("PostgreSQL %d", version), "npm ci in tools/postgres")
			})
		}
	}
	for _, on := range found {
		if extensions[on.Version] == nil {
			continue
		}
		t.Run(fmt.Sprint(on.Version), func(t *testing.T) {
			s := open(t, on)
			conn := s.Connect(t, "shop")
			for _, extension := range extensions[on.Version] {
				t.Run(extension, func(t *testing.T) {
					s.Exec(t, "shop", "DROP EXTENSION pg_stat_statements", "CREATE EXTENSION pg_stat_statements VERSION '"+extension+"'", "SELECT pg_stat_statements_reset()")
					tuned(t, conn, 20)
					slow(t, conn, 20)
					counted20(t, advise(t, s.DSN(reader, readerPassword, "shop")))
				})
			}
		})
	}
}

// counted20 holds the figures of twenty rounds of the workload.
func counted20(t *testing.T, r queries.Report) {
	t.Helper()
	if len(r.Indexes) != 1 || !strings.HasPrefix(r.Indexes[0].Keys, "customer_id") {
		t.Errorf("found %+v, want the planted index alone", r.Indexes)
	}
	at := slices.IndexFunc(r.Statements, func(s queries.Advice) bool { return strings.Contains(s.Text, "customer_id = $1") })
	if at < 0 {
		t.Fatalf("the planted query is not among %d statements", len(r.Statements))
	}
	if s := r.Statements[at]; s.Calls != 20 || s.Rows != 20*20 || s.ExecMs <= 0 || s.BlocksHit+s.BlocksRead < 20*1000 {
		t.Errorf("planted: %+v, want 20 calls of 20 rows", s)
	}
	literals := false
	for i, s := range r.Statements {
		if s.Kind == statement.Update && (s.WALBytes <= 0 || s.Calls != 20) {
			t.Errorf("%s: %g calls wrote %g bytes of WAL", s.Text, s.Calls, s.WALBytes)
		}
		if s.Kind != statement.Utility && s.Unexplained != "" && !strings.Contains(s.Text, "_reset") {
			t.Errorf("%s: not explained: %s", s.Text, s.Unexplained)
		}
		literals = literals || strings.Contains(s.Text, "name IN (") && len(s.Plan) > 0
		if i != at && len(s.Findings) > 0 {
			t.Errorf("%s: found %+v, want nothing", s.Text, s.Findings)
		}
	}
	if !literals {
		t.Error("the statement with literals has no plan")
	}
}
