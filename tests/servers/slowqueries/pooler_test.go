//go:build linux

package slowqueries

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/internal/postgres"
	"github.com/agencyos/headroom/tests/servers/internal/process"
)

// bouncer is a PgBouncer in transaction mode with one server connection, which
// passes no settings on. It returns the port.
func bouncer(t *testing.T, s *postgres.Server) int {
	t.Helper()
	path := servers.Find(t, "pgbouncer")
	dir, port := process.Dir(t, postgres.User), process.Port(t)
	for name, text := range map[string]string{
		"users.txt": fmt.Sprintf("%q %q\n", reader, readerPassword),
		"pgbouncer.ini": fmt.Sprintf("[databases]\nshop = host=127.0.0.1 port=%d dbname=shop\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %d\nunix_socket_dir =\n"+
			"auth_type = scram-sha-256\nauth_file = %s\npool_mode = transaction\ndefault_pool_size = 1\n", s.Port, port, filepath.Join(dir, "users.txt")),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	dsn := fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/shop", reader, readerPassword, port)
	_, err := process.Start(t, process.Spec{Name: "PgBouncer", Path: path, Args: []string{filepath.Join(dir, "pgbouncer.ini")}, User: postgres.User, Dir: dir, Ready: func() error {
		conn, err := pgx.Connect(context.Background(), dsn)
		if err != nil {
			return err
		}
		return conn.Close(context.Background())
	}})
	if err != nil {
		t.Fatal(err)
	}
	return port
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
