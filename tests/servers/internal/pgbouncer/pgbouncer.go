//go:build linux

// Package pgbouncer runs a real PgBouncer for tests.
package pgbouncer

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/internal/postgres"
	"github.com/agencyos/headroom/tests/servers/internal/process"
)

// Config of a PgBouncer in front of one database.
type Config struct {
	Server   *postgres.Server
	Database string
	// Users by name, with their passwords.
	Users map[string]string
	// Settings of [pgbouncer] besides where it listens and who may log in.
	Settings map[string]string
}

// Start runs PgBouncer until the test ends and returns its port.
func Start(t *testing.T, c Config) int {
	t.Helper()
	path := servers.Find(t, "pgbouncer")
	dir, port := process.Dir(t, postgres.User), process.Port(t)
	for name, text := range map[string]string{"users.txt": c.users(), "pgbouncer.ini": c.ini(dir, port)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, err := process.Start(t, process.Spec{Name: "PgBouncer", Path: path, Args: []string{filepath.Join(dir, "pgbouncer.ini")}, User: postgres.User, Dir: dir,
		Ready: process.Listening(port)})
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func (c Config) users() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(c.Users)) {
		fmt.Fprintf(&b, "%q %q\n", name, c.Users[name])
	}
	return b.String()
}

func (c Config) ini(dir string, port int) string {
	all := map[string]string{"listen_addr": "127.0.0.1", "listen_port": fmt.Sprint(port), "unix_socket_dir": "",
		"auth_type": "scram-sha-256", "auth_file": filepath.Join(dir, "users.txt"), "pool_mode": "transaction"}
	maps.Copy(all, c.Settings)
	var b strings.Builder
	fmt.Fprintf(&b, "[databases]\n%[1]s = host=127.0.0.1 port=%[2]d dbname=%[1]s\n[pgbouncer]\n", c.Database, c.Server.Port)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "%s = %s\n", name, all[name])
	}
	return b.String()
}
