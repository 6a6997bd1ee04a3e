//go:build linux

// Package verify runs headroom verify against a real PostgreSQL, PgBouncer and
// Redis that are set as the plan of prod says, and then each otherwise in one
// setting.
package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/internal/pgbouncer"
	"github.com/agencyos/headroom/tests/servers/internal/postgres"
	"github.com/agencyos/headroom/tests/servers/internal/process"
)

// sets give prod a PgBouncer, and a cache with as many clients as a server may have
// open files on most machines.
var sets = []string{"database.pooler=pgbouncer", "database.pgbouncer.image=example/pgbouncer:1.26.1",
	"database.pgbouncer.userList.name=pgbouncer", "database.pgbouncer.userList.key=userlist.txt",
	"cache.mode=external", "cache.host=cache.example.com", "cache.maxClients=4000"}

const root, console, password = "../../..", "console", "a password"

// world are the three servers, set as planned.
type world struct {
	headroom string
	plan     plan.Plan
	database *postgres.Server
	pooler   string
	cache    *redis.Client
	env      []string
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{headroom: servers.Headroom(t, root)}
	if err := json.Unmarshal(w.run(t, whatever, "plan", "--json").stdout, &w.plan); err != nil {
		t.Fatal(err)
	}
	most := strconv.Itoa(w.plan.Database.MaxConnections)
	w.database = postgres.Start(t, postgres.Debian(t), map[string]string{"max_connections": most})
	w.pooler = w.bouncer(t)
	address := w.redis(t)
	w.env = append(os.Environ(), "DATABASE_URL="+w.database.DSN(postgres.User, postgres.Password, "postgres"), "PGBOUNCER_URL="+w.pooler, "REDIS_URL="+address)
	return w
}

// bouncer starts a PgBouncer with the plan's limits and returns the DSN of its
// console.
func (w *world) bouncer(t *testing.T) string {
	t.Helper()
	g := w.plan.Database.PgBouncer
	port := pgbouncer.Start(t, pgbouncer.Config{Server: w.database, Database: "app", Users: map[string]string{console: password}, Settings: map[string]string{
		"admin_users": console, "max_client_conn": strconv.Itoa(g.MaxClientConn), "default_pool_size": strconv.Itoa(g.PoolSize),
		"reserve_pool_size": strconv.Itoa(g.ReservePool), "max_db_connections": strconv.Itoa(g.PoolSize + g.ReservePool),
		"query_wait_timeout": strconv.Itoa(g.QueryWaitSeconds),
	}})
	return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/pgbouncer", console, strings.ReplaceAll(password, " ", "%20"), port)
}

// tell says one sentence to the console of a PgBouncer.
func tell(dsn, command string) error {
	conn, err := pgx.Connect(context.Background(), dsn+"?default_query_exec_mode=simple_protocol")
	if err != nil {
		return err
	}
	_, err = conn.Exec(context.Background(), command)
	return errors.Join(err, conn.Close(context.Background()))
}

// redis starts one with the plan's limits and returns its address.
func (w *world) redis(t *testing.T) string {
	t.Helper()
	path := servers.Find(t, "redis-server")
	dir, port := process.Dir(t, "nobody"), process.Port(t)
	c := w.plan.Cache
	args := []string{"--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--save", "", "--maxclients", strconv.Itoa(c.MaxClients),
		"--maxmemory", fmt.Sprintf("%.0fmb", c.UsableMiB), "--maxmemory-policy", c.Policy}
	address := fmt.Sprintf("redis://127.0.0.1:%d", port)
	w.cache = redis.NewClient(&redis.Options{Addr: fmt.Sprintf("127.0.0.1:%d", port)})
	t.Cleanup(func() { _ = w.cache.Close() })
	start(t, process.Spec{Name: "Redis", Path: path, Args: args, User: "nobody", Dir: dir, Ready: func() error { return w.cache.Ping(context.Background()).Err() }})
	return address
}

func start(t *testing.T, s process.Spec) {
	t.Helper()
	if _, err := process.Start(t, s); err != nil {
		t.Fatal(err)
	}
}

type result struct {
	stdout []byte
	stderr string
}

// whatever the exit code; prod was not planned for a PgBouncer.
const whatever = -1

// run is the command on prod with a PgBouncer.
func (w *world) run(t *testing.T, code int, args ...string) result {
	t.Helper()
	args = append(args, "--stack", "prod", "-C", root)
	for _, set := range sets {
		args = append(args, "--set", set)
	}
	cmd := exec.CommandContext(t.Context(), w.headroom, args...)
	var out, messages bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Env = &out, &messages, w.env
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); code != whatever && got != code {
		t.Fatalf("headroom %s: exit %d, want %d\n%s%s", strings.Join(args, " "), got, code, out.String(), messages.String())
	}
	return result{out.Bytes(), messages.String()}
}

// report is what of the answer is compared here.
type report struct {
	Agree       int               `json:"agree"`
	Asked       map[string]string `json:"asked"`
	Differences []struct {
		Source  string   `json:"source"`
		Setting string   `json:"setting"`
		Proven  string   `json:"proven"`
		Runs    string   `json:"runs"`
		Checks  []string `json:"invalidates"`
	} `json:"differences"`
	Violated []plan.Check `json:"violated"`
}

func (w *world) verify(t *testing.T, code int) report {
	t.Helper()
	out := w.run(t, code, "verify", "--without-cluster", "--json")
	var r report
	if err := json.Unmarshal(out.stdout, &r); err != nil {
		t.Fatalf("%v\n%s", err, out.stdout)
	}
	return r
}

func TestPlantedDrift(t *testing.T) {
	w := open(t)
	if r := w.verify(t, 0); r.Agree != 12 || len(r.Asked) != 3 {
		t.Fatalf("%d settings agree on %v, want 12 on three servers", r.Agree, r.Asked)
	}
	w.database.Exec(t, "postgres", "ALTER SYSTEM SET max_connections = 2000", "SELECT pg_reload_conf()")
	w.reloaded(t)
	if err := tell(w.pooler, "SET default_pool_size = 400"); err != nil {
		t.Fatal(err)
	}
	if err := w.cache.ConfigSet(t.Context(), "maxmemory-policy", "noeviction").Err(); err != nil {
		t.Fatal(err)
	}
	r := w.verify(t, 1)
	var got []string
	for _, d := range r.Differences {
		got = append(got, strings.Join([]string{d.Source, d.Setting, d.Runs, strings.Join(d.Checks, "+")}, ", "))
	}
	want := []string{
		"pgbouncer, default_pool_size, 400, db-connections+db-pool-wait",
		"postgres, max_connections, pending restart, yes, db-connections",
		"redis, maxmemory_policy, noeviction, cache-memory+db-load",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !slices.ContainsFunc(r.Violated, func(c plan.Check) bool { return c.ID == "db-connections" }) {
		t.Errorf("violated with what runs: %v, want db-connections", r.Violated)
	}
	text := w.run(t, 1, "verify", "--without-cluster")
	t.Logf("\n%s", text.stdout)
}

// reloaded waits until the database has read its configuration again.
func (w *world) reloaded(t *testing.T) {
	t.Helper()
	conn := w.database.Connect(t, "postgres")
	if !servers.Eventually(func() (pending bool) {
		if err := conn.QueryRow(t.Context(), "SELECT pending_restart FROM pg_settings WHERE name = 'max_connections'").Scan(&pending); err != nil {
			t.Fatal(err)
		}
		return pending
	}) {
		t.Fatal("the database has not read its configuration after a minute")
	}
}

// TestServersThatRefuse: one line each, all at once, and no password.
func TestServersThatRefuse(t *testing.T) {
	w := &world{headroom: servers.Headroom(t, root)}
	port := process.Port(t)
	w.env = append(os.Environ(), fmt.Sprintf("DATABASE_URL=postgres://a:s3cret@127.0.0.1:%d/x", port),
		fmt.Sprintf("PGBOUNCER_URL=postgres://a:s3cret@127.0.0.1:%d/x", port), fmt.Sprintf("REDIS_URL=redis://a:s3cret@127.0.0.1:%d", port))
	out := w.run(t, 2, "verify", "--without-cluster")
	if len(out.stdout) > 0 || !strings.Contains(out.stderr, "3 systems cannot be read") || strings.Contains(out.stderr, "s3cret") {
		t.Errorf("stdout %q, stderr:\n%s", out.stdout, out.stderr)
	}
}
