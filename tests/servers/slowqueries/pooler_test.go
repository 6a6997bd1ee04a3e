//go:build linux

package slowqueries

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/agencyos/headroom/tests/servers/internal/pgbouncer"
	"github.com/agencyos/headroom/tests/servers/internal/postgres"
)

// bouncer is a PgBouncer in transaction mode with one server connection, which
// passes no settings on. It returns the port.
func bouncer(t *testing.T, s *postgres.Server) int {
	t.Helper()
	return pgbouncer.Start(t, pgbouncer.Config{Server: s, Database: "shop", Users: map[string]string{reader: readerPassword},
		Settings: map[string]string{"default_pool_size": "1"}})
}

// Behind a transaction pooler the server's session belongs to everybody: the
// answer is the same, and nothing is left in the session for the next one.
func TestBehindPgBouncer(t *testing.T) {
	s := hypopg(t)
	conn := s.Connect(t, "shop")
	slow(t, conn, 20)
	dsn := fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/shop", reader, readerPassword, bouncer(t, s))
	got := run(t, dsn, "--json")
	if r := got.report(t); got.code != 1 || len(r.Indexes) != 1 || r.Indexes[0].Method != "hypopg" {
		t.Fatalf("exit %d, indexes %+v, want the planted one by hypopg\n%s", got.code, r.Indexes, got.stderr)
	}
	next, err := pgx.Connect(t.Context(), dsn+"?default_query_exec_mode=simple_protocol")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = next.Close(context.Background()) }()
	var left string
	const sql = `SELECT concat_ws(' ', (SELECT count(*) FROM pg_prepared_statements), (SELECT count(*) FROM hypopg_list_indexes),
	  current_setting('transaction_read_only'), current_setting('plan_cache_mode'), current_setting('statement_timeout'), current_setting('search_path'))`
	if err := next.QueryRow(t.Context(), sql).Scan(&left); err != nil {
		t.Fatal(err)
	}
	if want := `0 0 off auto 0 "$user", public`; strings.TrimSpace(left) != want {
		t.Errorf("the session has %q, want %q", left, want)
	}
}
