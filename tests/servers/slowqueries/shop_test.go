//go:build linux

// Package slowqueries runs headroom slow-queries against real PostgreSQL servers:
// with a workload that has a slow query planted in it, with one that is tuned,
// and with everything that can go wrong.
package slowqueries

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/agencyos/headroom/capacity/queries"
	live "github.com/agencyos/headroom/live/postgres"
	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/internal/postgres"
)

// counted are the settings of a server that counts statements.
var counted = map[string]string{"shared_preload_libraries": "pg_stat_statements", "track_io_timing": "on", "autovacuum": "off", "shared_buffers": "128MB"}

const (
	customers = 5_000
	orders    = 150_000
	// reader is a role with the least privileges that docs/slow-queries.md names.
	reader         = "headroom"
	readerPassword = "reads-only"
)

// shop is a database with an index missing: nothing finds the orders of a
// customer but a scan of all orders.
var shop = []string{
	`CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, country text NOT NULL)`,
	`CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, status text NOT NULL, total numeric NOT NULL,
	   created_at timestamptz NOT NULL, note text NOT NULL)`,
	`CREATE TABLE settings (name text PRIMARY KEY, value text NOT NULL)`,
	fmt.Sprintf(`INSERT INTO customers SELECT i, 'u' || i || '@example.com', (ARRAY['de', 'fr', 'us', 'at'])[1 + i %% 4] FROM generate_series(1, %d) i`, customers),
	fmt.Sprintf(`INSERT INTO orders SELECT i, 1 + (i * 7919::bigint) %% %d, (ARRAY['new', 'paid', 'sent', 'done'])[1 + i %% 4], i %% 1000,
	   timestamptz '2026-01-01' + i * interval '1 minute', repeat('x', 60) FROM generate_series(1, %d) i`, customers, orders),
	`INSERT INTO settings SELECT 'name ' || i, 'value' FROM generate_series(1, 500) i`,
	`CREATE INDEX orders_created_at_idx ON orders (created_at)`,
	`CREATE EXTENSION pg_stat_statements`,
	`CREATE ROLE headroom LOGIN PASSWORD 'reads-only'`,
	`GRANT pg_read_all_stats, pg_read_all_data TO headroom`,
	`VACUUM ANALYZE`,
}

// open starts a server with the shop.
func open(t *testing.T, on postgres.Installation, more ...string) *postgres.Server {
	t.Helper()
	servers.Long(t)
	s := postgres.Start(t, on, counted)
	s.Exec(t, "postgres", "CREATE DATABASE shop")
	s.Exec(t, "shop", append(append([]string{}, shop...), more...)...)
	s.Exec(t, "shop", "SELECT pg_stat_statements_reset()")
	return s
}

// The statements of the workload.
const (
	planted = "SELECT id, total FROM orders WHERE customer_id = $1 ORDER BY created_at DESC LIMIT 20"
	byKey   = "SELECT * FROM orders WHERE id = $1"
	byEmail = "SELECT id, country FROM customers WHERE email = $1"
	recent  = "SELECT id, total FROM orders WHERE created_at > $1 ORDER BY created_at DESC LIMIT 10"
	small   = "SELECT value FROM settings WHERE value = $1 AND name <> $2"
	change  = "UPDATE orders SET status = $1 WHERE id = $2"
	// literal has constants that normalizing turns into what is no SQL, and a list
	// that PostgreSQL 18 shortens.
	literal = "SELECT value FROM settings WHERE name IN ('name 1', 'name 2', 'name 3') AND length(value) > extract(day FROM timestamp '2026-01-05' - interval '3 days')"
	all     = "SELECT country, count(*) FROM customers GROUP BY country"
)

// tuned runs what the shop has indexes for, or what no index can help.
func tuned(t *testing.T, conn *pgx.Conn, times int) {
	t.Helper()
	for i := range times {
		do(t, conn, byKey, 1+i*37%orders)
		do(t, conn, byEmail, fmt.Sprintf("u%d@example.com", 1+i*31%customers))
		do(t, conn, recent, "2026-04-01")
		do(t, conn, small, "value", "x")
		do(t, conn, change, "paid", 1+i*41%orders)
		do(t, conn, all)
		do(t, conn, literal)
	}
}

// slow runs the planted query.
func slow(t *testing.T, conn *pgx.Conn, times int) {
	t.Helper()
	for i := range times {
		do(t, conn, planted, 1+i*29%customers)
	}
}

func do(t *testing.T, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	rows, err := conn.Query(context.Background(), sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// result is what a run of the command left.
type result struct {
	code           int
	stdout, stderr string
}

// command is headroom slow-queries with the DSN in its environment, where no
// other user sees it.
func command(t *testing.T, dsn string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), servers.Headroom(t, "../../.."), append([]string{"slow-queries"}, args...)...)
	cmd.Env = []string{"DATABASE_URL=" + dsn, "HOME=" + t.TempDir()}
	return cmd
}

func run(t *testing.T, dsn string, args ...string) result {
	t.Helper()
	cmd := command(t, dsn, args...)
	var out, messages bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &messages
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), messages.String()}
}

// advise is the advice of the packages behind the command, which spares the
// seconds that each new process takes to get its SQL parser ready.
func advise(t *testing.T, dsn string) queries.Report {
	t.Helper()
	conn, err := live.Connect(t.Context(), live.Source{DSN: dsn, Getenv: os.Getenv}, live.Limits{Statement: time.Minute, Lock: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	now, err := conn.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := queries.Advise(t.Context(), queries.Since(now), conn, queries.Options{Limit: 50, MinCalls: 5})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// report is the part of the JSON that the tests look at.
type report struct {
	Method     string
	Statements []struct {
		Text        string
		Share       float64
		Kind        string
		Plan        []string
		Unexplained string
		Findings    []struct{ Kind, Why, Fix string }
		Calls       float64
		Rows        float64
		ExecMs      float64
		BlocksHit   float64
		WALBytes    float64 `json:"walBytes"`
	}
	Indexes []struct {
		Name, Keys, Method string
		Create, Drop       []string
		Gain, Share, Bytes float64
	}
	Cache struct {
		Unknown    string
		HitRatio   float64
		Candidates []struct {
			Text                 string
			TTLSeconds, HitRatio float64
		}
	}
	Notes []string
}

func (r result) report(t *testing.T) report {
	t.Helper()
	var out report
	if err := json.Unmarshal([]byte(r.stdout), &out); err != nil {
		t.Fatalf("exit %d, stdout is no JSON: %v\n%s\n%s", r.code, err, r.stdout, r.stderr)
	}
	return out
}

// findings are all kinds found, for messages.
func (r report) findings() []string {
	out := []string{}
	for _, s := range r.Statements {
		for _, f := range s.Findings {
			out = append(out, f.Kind+": "+s.Text+": "+f.Why)
		}
	}
	return out
}
