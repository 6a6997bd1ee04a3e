//go:build linux

// Package postgres runs real PostgreSQL servers for tests: Debian's, and beside
// it the versions that tools/postgres pins.
package postgres

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/internal/process"
)

// User runs the servers and is their superuser. PostgreSQL refuses to run as root.
const User = "postgres"

// Password of the superuser. It is made up for tests.
const Password = "correct-horse"

// Installation is a PostgreSQL on this machine.
type Installation struct {
	// Version is the major version, such as 15.
	Version int
	// Bin is the folder of its programs.
	Bin string
}

// Debian is Debian's PostgreSQL, the newest there is.
func Debian(t testing.TB) Installation {
	t.Helper()
	found := installations("/usr/lib/postgresql/*/bin")
	if len(found) == 0 {
		servers.Missing(t, "PostgreSQL", "apt-get install postgresql-15")
	}
	return found[len(found)-1]
}

// All are Debian's and the pinned ones, one of each version.
func All(t testing.TB) []Installation {
	t.Helper()
	root, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	found := append(installations(filepath.Join(root, "tools/postgres/node_modules/*/native/bin")), installations("/usr/lib/postgresql/*/bin")...)
	slices.SortStableFunc(found, func(a, b Installation) int { return a.Version - b.Version })
	found = slices.CompactFunc(found, func(a, b Installation) bool { return a.Version == b.Version })
	if len(found) == 0 {
		servers.Missing(t, "PostgreSQL", "apt-get install postgresql-15")
	}
	return found
}

// repository is the root of the tree from a folder of tests.
const repository = "../../.."

var version = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func installations(pattern string) []Installation {
	dirs, _ := filepath.Glob(pattern)
	var out []Installation
	for _, dir := range dirs {
		text, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
		if m := version.FindSubmatch(text); err == nil && m != nil {
			n, _ := strconv.Atoi(string(m[1]))
			out = append(out, Installation{n, dir})
		}
	}
	slices.SortFunc(out, func(a, b Installation) int { return a.Version - b.Version })
	return out
}

// Server is a running PostgreSQL with no data but its own.
type Server struct {
	Installation
	Port int
	Dir  string

	process *process.Process
}

// Start makes a cluster and runs it until the test ends. Settings go into
// postgresql.conf; durability is off unless they say otherwise.
func Start(t testing.TB, on Installation, settings map[string]string) *Server {
	t.Helper()
	s := &Server{Installation: on, Dir: process.Dir(t, User)}
	s.reach(t)
	password := filepath.Join(s.Dir, "password")
	if err := os.WriteFile(password, []byte(Password+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	err := process.Run(User, s.Dir, filepath.Join(on.Bin, "initdb"), "--pgdata", s.data(), "--username", User, "--auth", "scram-sha-256",
		"--pwfile", password, "--locale", "C", "--encoding", "UTF8", "--no-sync")
	if err != nil {
		t.Fatal(err)
	}
	s.configure(t, settings)
	s.Restart(t)
	return s
}

// reach makes the programs accessible to the user who runs them, who may not be
// let into the folders of whoever runs the tests.
func (s *Server) reach(t testing.TB) {
	t.Helper()
	if process.Run(User, "/", filepath.Join(s.Bin, "postgres"), "--version") == nil {
		return
	}
	to := filepath.Join(s.Dir, "postgresql")
	if err := process.Run("", "/", "cp", "-a", filepath.Dir(s.Bin), to); err != nil {
		t.Fatal(err)
	}
	s.Bin = filepath.Join(to, filepath.Base(s.Bin))
}

func (s *Server) data() string { return filepath.Join(s.Dir, "data") }

func (s *Server) configure(t testing.TB, settings map[string]string) {
	t.Helper()
	all := map[string]string{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
	for name, value := range settings {
		all[name] = value
	}
	var b strings.Builder
	for name, value := range all {
		fmt.Fprintf(&b, "%s = '%s'\n", name, strings.ReplaceAll(value, "'", "''"))
	}
	file, err := os.OpenFile(filepath.Join(s.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(b.String()); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// Output is what the server logged since it was started last.
func (s *Server) Output() string { return s.process.Output() }

// CPUSeconds that the server and its sessions have used since it was started last.
func (s *Server) CPUSeconds() (float64, error) { return s.process.CPUSeconds() }

// PID of the server's first process.
func (s *Server) PID() int { return s.process.PID() }

// Restart runs the server again, on a port that is free now.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	const tries = 3 // somebody else may take the port in between
	for try := 1; ; try++ {
		s.Port = process.Port(t)
		err := s.run(t)
		if err == nil {
			return
		}
		if try == tries {
			t.Fatal(err)
		}
	}
}

// Resume runs the server again where it was before Crash or Stop.
func (s *Server) Resume(t testing.TB) {
	t.Helper()
	if err := s.run(t); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) run(t testing.TB) error {
	t.Helper()
	p, err := process.Start(t, process.Spec{
		Name: fmt.Sprintf("PostgreSQL %d", s.Version), Path: filepath.Join(s.Bin, "postgres"), User: User, Dir: s.Dir,
		Args: []string{"-D", s.data(), "-p", strconv.Itoa(s.Port)}, Stop: syscall.SIGINT, Ready: s.ready,
	})
	if err == nil {
		s.process = p
	}
	return err
}

func (s *Server) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.DSN(User, Password, "postgres"))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// Crash ends the server at once, as a crash would.
func (s *Server) Crash(t testing.TB) {
	t.Helper()
	if err := s.process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	s.process.End()
}

// Stop ends the server and its sessions in order.
func (s *Server) Stop() { s.process.End() }

// DSN is where a user finds a database of the server.
func (s *Server) DSN(user, password, database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(user, password), Host: fmt.Sprintf("127.0.0.1:%d", s.Port), Path: database}
	return u.String()
}

// Connect opens a session of the superuser that ends with the test.
func (s *Server) Connect(t testing.TB, database string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DSN(User, Password, database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// Exec runs SQL as the superuser, statement by statement, each on its own.
func (s *Server) Exec(t testing.TB, database string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DSN(User, Password, database))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, text := range statements {
		if _, err := conn.Exec(t.Context(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}
