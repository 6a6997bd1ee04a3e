//go:build linux

package slowqueries

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/internal/postgres"
)

// hypopg is Debian's server with the extension, or no test.
func hypopg(t *testing.T) *postgres.Server {
	t.Helper()
	on := postgres.Debian(t)
	if _, err := os.Stat(filepath.Join(on.Bin, "../lib/hypopg.so")); err != nil {
		servers.Missing(t, "hypopg", "apt-get install postgresql-15-hypopg")
	}
	return open(t, on, "CREATE EXTENSION hypopg")
}

// The whole way: the planted query is found first, its index is named and proven
// by the server's own planner, the migration makes it fast, and then there is
// nothing more to say.
func TestPlantedIndex(t *testing.T) {
	s := hypopg(t)
	conn := s.Connect(t, "shop")
	tuned(t, conn, 60)
	slow(t, conn, 60)
	migrations := t.TempDir()
	got := run(t, s.DSN(reader, readerPassword, "shop"), "--json", "--migration", migrations)
	if got.code != 1 {
		t.Fatalf("exit %d, want 1\n%s%s", got.code, got.stdout, got.stderr)
	}
	r := got.report(t)
	first := r.Statements[0]
	if !strings.HasPrefix(first.Text, "SELECT id, total FROM orders WHERE customer_id = $1") || first.Calls != 60 {
		t.Errorf("first is %q with %g calls, want the planted query with 60", first.Text, first.Calls)
	}
	if len(r.Indexes) != 1 || len(r.findings()) != 1 {
		t.Fatalf("found %d indexes and %q, want the planted one alone", len(r.Indexes), r.findings())
	}
	i := r.Indexes[0]
	if i.Keys != "customer_id" && i.Keys != "customer_id, created_at DESC" {
		t.Errorf("index on (%s), want customer_id at its head", i.Keys)
	}
	if i.Method != "hypopg" || i.Gain < 20 {
		t.Errorf("gain %g by %s, want at least 20 by hypopg", i.Gain, i.Method)
	}
	before := first.ExecMs / first.Calls

	s.Exec(t, "shop", migration(t, migrations, "*.up.sql"), "ANALYZE orders", "SELECT pg_stat_statements_reset()")
	tuned(t, conn, 60)
	slow(t, conn, 60)
	got = run(t, s.DSN(reader, readerPassword, "shop"), "--json", "--migration", migrations, "--min-share", "0", "--fail-on", "finding")
	r = got.report(t)
	if got.code != 0 || len(r.Indexes) > 0 || len(r.findings()) > 0 {
		t.Errorf("exit %d after the migration, found %q, want nothing\n%s", got.code, r.findings(), got.stderr)
	}
	for _, st := range r.Statements {
		if st.Text == first.Text {
			after := st.ExecMs / st.Calls
			t.Logf("planted query: %.2f ms a call before, %.3f ms after (%.0f×); planner foretold %.0f×", before, after, before/after, i.Gain)
			if after*10 > before {
				t.Errorf("%.2f ms a call before the index, %.2f after: want ten times less", before, after)
			}
		}
		if st.Unexplained != "" && st.Kind != "utility" && !strings.Contains(st.Text, "pg_stat_statements_reset") {
			t.Errorf("%s: not explained: %s", st.Text, st.Unexplained)
		}
	}
	s.Exec(t, "shop", migration(t, migrations, "*.down.sql"))
	if n := count(t, conn, "SELECT count(*) FROM pg_indexes WHERE tablename = 'orders'"); n != 2 {
		t.Errorf("%d indexes after the way back, want the 2 there were", n)
	}
}

// migration is the one statement of the one file.
func migration(t *testing.T, dir, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %s: %v, %v; want one", pattern, files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func count(t *testing.T, conn *pgx.Conn, sql string) (n int) {
	t.Helper()
	if err := conn.QueryRow(context.Background(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// A workload with the indexes it needs raises no alarm, whatever the share.
func TestTunedWorkload(t *testing.T) {
	s := hypopg(t)
	s.Exec(t, "shop", "CREATE INDEX ON orders (customer_id, created_at DESC)", "ANALYZE", "SELECT pg_stat_statements_reset()")
	conn := s.Connect(t, "shop")
	tuned(t, conn, 100)
	slow(t, conn, 100)
	got := run(t, s.DSN(reader, readerPassword, "shop"), "--json", "--min-share", "0", "--limit", "50", "--fail-on", "finding")
	if r := got.report(t); got.code != 0 || len(r.findings()) > 0 {
		t.Errorf("exit %d, found %q, want nothing", got.code, r.findings())
	}
}

// Without hypopg the gain is an estimate and says so.
func TestWithoutHypopg(t *testing.T) {
	s := open(t, postgres.Debian(t))
	conn := s.Connect(t, "shop")
	tuned(t, conn, 30)
	slow(t, conn, 30)
	r := run(t, s.DSN(reader, readerPassword, "shop"), "--json").report(t)
	if len(r.Indexes) != 1 || r.Indexes[0].Method != "estimate" || r.Indexes[0].Gain < 10 || !strings.HasPrefix(r.Indexes[0].Keys, "customer_id") {
		t.Errorf("found %+v, want the planted index by an estimate", r.Indexes)
	}
	if len(r.findings()) != 1 {
		t.Errorf("found %q, want the planted one alone", r.findings())
	}
}

// More shapes of a missing index: in an UPDATE, a DELETE, a join, under an
// expression, behind a queue's lock, of partitions.
func TestShapes(t *testing.T) {
	s := hypopg(t)
	s.Exec(t, "shop",
		`CREATE TABLE events (id bigint, at date NOT NULL, device text NOT NULL) PARTITION BY RANGE (at)`,
		`CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-07-01')`,
		`CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-07-01') TO ('2027-01-01')`,
		`INSERT INTO events SELECT i, date '2026-01-01' + i % 360, md5((i % 20000)::text) FROM generate_series(1, 100000) i`,
		`CREATE TABLE users (id bigint PRIMARY KEY, email varchar(100) NOT NULL)`,
		`INSERT INTO users SELECT i, 'User' || i || '@Example.com' FROM generate_series(1, 60000) i`,
		`CREATE TABLE jobs (id bigint PRIMARY KEY, queue text NOT NULL, payload text NOT NULL)`,
		`INSERT INTO jobs SELECT i, 'q' || i % 10000, repeat('y', 80) FROM generate_series(1, 60000) i`,
		`ANALYZE`)
	cases := map[string]struct {
		sql  string
		args []any
		want string
	}{
		"Update":     {"UPDATE jobs SET payload = $1 WHERE queue = $2", []any{"z", "q7"}, "ON public.jobs (queue)"},
		"Delete":     {"DELETE FROM jobs WHERE queue = $1 AND payload = $2 RETURNING id", []any{"none", "none"}, "ON public.jobs (queue)"},
		"Queue":      {"SELECT id FROM jobs WHERE queue = $1 ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1", []any{"q9999"}, "ON public.jobs (queue"},
		"Expression": {"SELECT id FROM users WHERE lower(email) = $1", []any{"user7@example.com"}, "ON public.users ((lower((email)::text)))"},
		"Varchar":    {"SELECT id FROM users WHERE email = $1", []any{"User7@Example.com"}, "ON public.users (email)"},
		"Join":       {"SELECT o.id FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.email = $1", []any{"u7@example.com"}, "ON public.orders (customer_id)"},
		"Interval":   {"SELECT id FROM orders WHERE customer_id = $1 AND created_at > timestamptz '2026-01-01' + interval '1 day'", []any{7}, "ON public.orders (customer_id"},
		"Partitions": {"SELECT id FROM events WHERE device = $1", []any{"c4ca4238a0b923820dcc509a6f75849b"}, "ON ONLY public.events (device)"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			conn := s.Connect(t, "shop")
			s.Exec(t, "shop", "SELECT pg_stat_statements_reset()")
			for range 12 {
				do(t, conn, tc.sql, tc.args...)
			}
			r := advise(t, s.DSN(reader, readerPassword, "shop"))
			if len(r.Indexes) != 1 || !strings.Contains(strings.Join(r.Indexes[0].Create, "\n"), tc.want) {
				t.Fatalf("found %+v, want %s\n%s", r.Indexes, tc.want, r.Text(0))
			}
			i := r.Indexes[0]
			s.Exec(t, "shop", i.Create...)
			if n := count(t, conn, "SELECT count(*) FROM pg_index WHERE NOT indisvalid"); n != 0 {
				t.Errorf("%d indexes are invalid after the migration", n)
			}
			if again := advise(t, s.DSN(reader, readerPassword, "shop")); len(again.Indexes) > 0 {
				t.Errorf("with the index: %s", again.Text(0))
			}
			s.Exec(t, "shop", i.Drop...)
		})
	}
}
