//go:build linux

package slowqueries

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/internal/postgres"
	"github.com/agencyos/headroom/tests/servers/internal/process"
)

// Whatever keeps the command from its answer is one clear line with what to do,
// exit code 2, no password anywhere, and a server that nothing was changed on.
func TestRefused(t *testing.T) {
	s := open(t, postgres.Debian(t), "CREATE ROLE nobody LOGIN PASSWORD 'sees-little'", "CREATE ROLE blind LOGIN PASSWORD 'sees-little'",
		"REVOKE CONNECT ON DATABASE shop FROM PUBLIC", "GRANT CONNECT ON DATABASE shop TO nobody, headroom")
	s.Exec(t, "postgres", "CREATE DATABASE bare", "CREATE DATABASE old")
	s.Exec(t, "old", "CREATE EXTENSION pg_stat_statements VERSION '1.7'")
	conn := s.Connect(t, "shop")
	tuned(t, conn, 5)
	slow(t, conn, 5)
	bare := postgres.Start(t, s.Installation, nil)
	bare.Exec(t, "postgres", "CREATE EXTENSION pg_stat_statements", "CREATE DATABASE empty")
	closed := process.Port(t)
	cases := map[string]struct {
		reason, dsn string
		args        []string
		want        []string
	}{
		"Port":        {"nothing listens", fmt.Sprintf("postgres://u:topsecret@127.0.0.1:%d/shop", closed), nil, []string{"cannot connect to 127.0.0.1", "nothing listens there"}},
		"Host":        {"no such name", "postgres://u:topsecret@no-such-host.invalid/shop", nil, []string{"cannot connect to no-such-host.invalid", "check the host"}},
		"Unreadable":  {"a password that breaks the URL", "postgres://u:top/secret@127.0.0.1/shop", nil, []string{"DATABASE_URL cannot be read", "%2F"}},
		"Password":    {"a wrong one", s.DSN(reader, "wrong-topsecret", "shop"), nil, []string{"refuses the password", "as headroom"}},
		"Role":        {"no such role", s.DSN("ghost", "topsecret", "shop"), nil, []string{"refuses the password", "as ghost"}},
		"Database":    {"no such database", s.DSN(reader, readerPassword, "ghosts"), nil, []string{"there is no such database"}},
		"Connect":     {"no right to connect", s.DSN("blind", "sees-little", "shop"), nil, []string{"refuses the connection", "permission denied for database"}},
		"Extension":   {"not created here", s.DSN(reader, readerPassword, "bare"), nil, []string{"database bare has no extension pg_stat_statements", "CREATE EXTENSION pg_stat_statements"}},
		"Neither":     {"neither loaded nor created", bare.DSN(postgres.User, postgres.Password, "empty"), nil, []string{"has no extension", "shared_preload_libraries"}},
		"NotLoaded":   {"created and not loaded", bare.DSN(postgres.User, postgres.Password, "postgres"), nil, []string{"does not count statements", "shared_preload_libraries"}},
		"Old":         {"from before PostgreSQL 13", s.DSN(postgres.User, postgres.Password, "old"), nil, []string{"pg_stat_statements 1.7 is too old", "ALTER EXTENSION pg_stat_statements UPDATE"}},
		"Privilege":   {"texts of others are hidden", s.DSN("nobody", "sees-little", "shop"), nil, []string{"role nobody may not read the statements of other roles", `GRANT pg_read_all_stats, pg_read_all_data TO "nobody"`}},
		"Nowhere":     {"no server is named", "", nil, []string{"name a server", "DATABASE_URL"}},
		"NoFile":      {"a file that is not there", "", []string{"--dsn-file", "none"}, []string{"--dsn-file", "no such file"}},
		"NoSnapshot":  {"nor is the snapshot", s.DSN(reader, readerPassword, "shop"), []string{"--since", "none.json"}, []string{"--since", "--save writes one"}},
		"NoMigration": {"nor is the folder", s.DSN(reader, readerPassword, "shop"), []string{"--migration", "none"}, []string{"--migration = none: is no folder"}},
	}
	before := state(t, conn)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := run(t, tc.dsn, tc.args...)
			if got.code != 2 || got.stdout != "" {
				t.Errorf("%s: exit %d, stdout %q, want 2 and nothing\n%s", tc.reason, got.code, got.stdout, got.stderr)
			}
			for _, want := range tc.want {
				if !strings.Contains(got.stderr, want) {
					t.Errorf("%s: stderr has no %q:\n%s", tc.reason, want, got.stderr)
				}
			}
			for _, secret := range []string{"topsecret", "secret@", readerPassword, postgres.Password, "sees-little"} {
				if strings.Contains(got.stderr, secret) {
					t.Errorf("%s: stderr tells the password:\n%s", tc.reason, got.stderr)
				}
			}
		})
	}
	if diff := cmp.Diff(before, state(t, conn)); diff != "" {
		t.Errorf("server (-before +after):\n%s", diff)
	}
}

// state is what a command could have changed on a server: relations and their
// files, settings, roles, comments and statistics targets, rows written; and the
// next transaction number, which every write takes one of.
func state(t *testing.T, conn *pgx.Conn) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, sql := range map[string]string{
		"relations":    "SELECT string_agg(format('%s %s %s %s %s', oid, relname, relfilenode, reltuples, relpages), ',' ORDER BY oid) FROM pg_class",
		"settings":     "SELECT string_agg(name || '=' || setting, ',' ORDER BY name) FROM pg_settings WHERE context <> 'internal'",
		"roles":        "SELECT string_agg(format('%s %s', setdatabase, setconfig), ',' ORDER BY setdatabase, setrole) FROM pg_db_role_setting",
		"members":      "SELECT string_agg(format('%s %s', roleid, member), ',' ORDER BY roleid, member) FROM pg_auth_members",
		"functions":    "SELECT count(*)::text FROM pg_proc",
		"columns":      "SELECT string_agg(format('%s %s %s', attrelid, attname, attstattarget), ',' ORDER BY attrelid, attnum) FROM pg_attribute",
		"writes":       "SELECT string_agg(format('%s %s %s %s', relname, n_tup_ins, n_tup_upd, n_tup_del), ',' ORDER BY relname) FROM pg_stat_user_tables",
		"transactions": "SELECT pg_snapshot_xmax(pg_current_snapshot())::text",
		"statements":   "SELECT stats_reset::text FROM pg_stat_statements_info",
		"prepared":     "SELECT count(*)::text FROM pg_prepared_xacts",
	} {
		var value *string
		if err := conn.QueryRow(context.Background(), sql).Scan(&value); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if value != nil {
			out[name] = *value
		}
	}
	return out
}

// A full run, with indexes made up and a migration written, changes nothing on
// the server and leaves no session behind.
func TestChangesNothing(t *testing.T) {
	s := hypopg(t)
	conn := s.Connect(t, "shop")
	tuned(t, conn, 20)
	slow(t, conn, 20)
	do(t, conn, "SELECT pg_sleep(1)") // the statistics collector is late
	before := state(t, conn)
	if got := run(t, s.DSN(reader, readerPassword, "shop"), "--interval", "1s", "--migration", t.TempDir()); got.code > 1 {
		t.Fatalf("exit %d\n%s", got.code, got.stderr)
	}
	if got := run(t, s.DSN(postgres.User, postgres.Password, "shop"), "--json", "--min-share", "0"); got.code != 1 {
		t.Fatalf("exit %d\n%s", got.code, got.stderr)
	}
	if diff := cmp.Diff(before, state(t, conn)); diff != "" {
		t.Errorf("server (-before +after):\n%s", diff)
	}
	if !servers.Eventually(func() bool {
		return count(t, conn, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'headroom%'") == 0
	}) {
		t.Error("a session of the command is still there")
	}
}

// A superuser's run leaves no trace in the statistics that it reads.
func TestLeavesNoStatements(t *testing.T) {
	s := hypopg(t)
	conn := s.Connect(t, "shop")
	slow(t, conn, 20)
	// What it asks first is counted: only the answer tells that it may keep the
	// rest out.
	const marked = "SELECT coalesce(string_agg(left(query, 80), '; '), '') FROM pg_stat_statements WHERE query LIKE '%/* headroom */%' AND query !~ '^(BEGIN|SET|SAVEPOINT|ROLLBACK)' AND query !~ 'set_config|current_database|string_agg'"
	if got := run(t, s.DSN(postgres.User, postgres.Password, "shop"), "--json"); got.code != 1 {
		t.Fatalf("exit %d\n%s", got.code, got.stderr)
	}
	var left string
	if err := conn.QueryRow(t.Context(), marked).Scan(&left); err != nil || left != "" {
		t.Errorf("statements of its own are in the statistics: %s, %v", left, err)
	}
}

// A server that does not answer in time is given up.
func TestSlowServer(t *testing.T) {
	s := open(t, postgres.Debian(t))
	tx, err := s.Connect(t, "shop").Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "LOCK TABLE pg_extension IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"the server took longer than 300ms for asking who is there": {"--statement-timeout", "300ms", "--lock-timeout", "20s"},
		"a lock was in the way of asking who is there":              {"--statement-timeout", "20s", "--lock-timeout", "300ms"},
	} {
		if got := run(t, s.DSN(reader, readerPassword, "shop"), args...); got.code != 2 || !strings.Contains(got.stderr, want) {
			t.Errorf("%v: exit %d, %q; want %q", args, got.code, got.stderr, want)
		}
	}
}

// A locked table hides the plan of its own statements and of no other.
func TestLockedTable(t *testing.T) {
	s := open(t, postgres.Debian(t))
	conn := s.Connect(t, "shop")
	tuned(t, conn, 20)
	slow(t, conn, 20)
	tx, err := s.Connect(t, "shop").Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "LOCK TABLE customers IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	r := run(t, s.DSN(reader, readerPassword, "shop"), "--json", "--lock-timeout", "200ms", "--min-share", "0").report(t)
	locked := 0
	for _, st := range r.Statements {
		if strings.Contains(st.Text, "FROM customers") {
			locked++
			if !strings.Contains(st.Unexplained, "a lock on its tables was held for longer than 200ms") {
				t.Errorf("%s: not explained: %q, want the lock", st.Text, st.Unexplained)
			}
		}
	}
	if locked == 0 || len(r.Indexes) != 1 {
		t.Errorf("%d statements behind the lock, indexes %+v; want some, and the planted index of another table", locked, r.Indexes)
	}
}

// A role that may not read the tables is told so statement by statement.
func TestNoSelect(t *testing.T) {
	s := open(t, postgres.Debian(t), "CREATE ROLE counter LOGIN PASSWORD 'counts'", "GRANT pg_read_all_stats TO counter")
	conn := s.Connect(t, "shop")
	slow(t, conn, 20)
	got := run(t, s.DSN("counter", "counts", "shop"), "--json")
	r := got.report(t)
	if got.code != 0 || !strings.Contains(r.Statements[0].Unexplained, "role counter may not plan it: permission denied for table orders; pg_read_all_data lets it") {
		t.Errorf("exit %d, %+v; want the privilege that is missing", got.code, r.Statements[0])
	}
}

// The server goes away between two snapshots.
func TestServerGone(t *testing.T) {
	for name, end := range map[string]func(*postgres.Server){
		"Crash": func(s *postgres.Server) { s.Crash(t) },
		"Stop":  func(s *postgres.Server) { s.Stop() },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, postgres.Debian(t))
			conn := s.Connect(t, "shop")
			cmd := command(t, s.DSN(reader, readerPassword, "shop"), "--interval", "5s", "--save", "never.json")
			cmd.Dir = t.TempDir()
			var out, messages bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &messages
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			const resting = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'headroom%' AND state = 'idle' AND state_change < clock_timestamp() - interval '500 ms'"
			if !servers.Eventually(func() bool { return count(t, conn, resting) > 0 }) {
				t.Fatal("a minute without a session between two snapshots")
			}
			end(s)
			err := cmd.Wait()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 2 || out.Len() > 0 {
				t.Errorf("%v, stdout %q, want exit 2 and nothing", err, out.String())
			}
			if !strings.Contains(messages.String(), "headroom: the server went away while ") || !strings.Contains(messages.String(), "nothing was changed on it") {
				t.Errorf("stderr:\n%s", messages.String())
			}
			if _, err := os.Stat(filepath.Join(cmd.Dir, "never.json")); err == nil {
				t.Error("a snapshot was written all the same")
			}
		})
	}
}
