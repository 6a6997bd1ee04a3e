//go:build linux

// Package redis runs a real redis-server for tests, with the files that the cache
// component renders for a local stack.
package redis

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/internal/process"
)

const (
	// golden is what the component's own tests hold it to, from a folder of tests.
	golden = "../../../components/cache/testdata"
	// User of the services in the rendered files.
	User = "app"
	// Password of the services, whose digest is in the rendered files.
	Password = "a-password-of-enough-characters"
	// owner runs the server.
	owner = "nobody"
)

// Server is a running Redis.
type Server struct {
	Port int

	dir, path string
	process   *process.Process
}

// Start runs Redis until the test ends. It has the rendered files, of which port and
// paths differ, and the settings given.
func Start(t *testing.T, settings map[string]string) *Server {
	t.Helper()
	s := &Server{Port: process.Port(t), dir: process.Dir(t, owner), path: servers.Find(t, "redis-server")}
	conf, users := read(t, "redis.conf"), read(t, "users.acl")
	conf = set(t, conf, "port", strconv.Itoa(s.Port))
	conf = set(t, conf, "aclfile", filepath.Join(s.dir, "users.acl"))
	for name, value := range settings {
		conf = set(t, conf, name, value)
	}
	servers.Keep(t, s.conf(), []byte(conf))
	servers.Keep(t, filepath.Join(s.dir, "users.acl"), []byte(users))
	s.Run(t)
	return s
}

func (s *Server) conf() string { return filepath.Join(s.dir, "redis.conf") }

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(golden, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// set changes a setting that the rendered file has.
func set(t *testing.T, conf, name, value string) string {
	t.Helper()
	line := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` .*$`)
	if !line.MatchString(conf) {
		t.Fatalf("the rendered redis.conf does not set %s:\n%s", name, conf)
	}
	return line.ReplaceAllLiteralString(conf, name+" "+value)
}

// Run starts the server again after Stop, on the same port and empty.
func (s *Server) Run(t *testing.T) {
	t.Helper()
	p, err := process.Start(t, process.Spec{Name: "Redis", Path: s.path, Args: []string{s.conf()}, User: owner, Dir: s.dir,
		Ready: func() error { _, err := s.Ask(t, User, Password, "PING"); return err }})
	if err != nil {
		t.Fatal(err)
	}
	s.process = p
}

// Stop ends the server.
func (s *Server) Stop() { s.process.End() }

// URL for a client of the services.
func (s *Server) URL() string {
	return fmt.Sprintf("redis://%s:%s@127.0.0.1:%d/0", User, Password, s.Port)
}

// CPUSeconds that it has used.
func (s *Server) CPUSeconds() (float64, error) { return s.process.CPUSeconds() }

// Ask sends one command by redis-cli, which Debian ships with the server.
func (s *Server) Ask(t *testing.T, user, password string, command ...string) (string, error) {
	t.Helper()
	args := append([]string{"-p", strconv.Itoa(s.Port), "--user", user, "--pass", password, "--no-auth-warning", "-e"}, command...)
	out, err := exec.CommandContext(t.Context(), servers.Find(t, "redis-cli"), args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("redis-cli %s: %w: %s", strings.Join(command, " "), err, out)
	}
	return string(out), nil
}

// Info is one number of INFO.
func (s *Server) Info(t *testing.T, name string) float64 {
	t.Helper()
	text, err := s.Ask(t, User, Password, "INFO", "everything")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^` + name + `:([0-9.]+)`).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("INFO has no %s", name)
	}
	x, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Limit restarts the server with another maxmemory.
func (s *Server) Limit(t *testing.T, bytes int) {
	t.Helper()
	s.Stop()
	text, err := os.ReadFile(s.conf())
	if err != nil {
		t.Fatal(err)
	}
	servers.Keep(t, s.conf(), []byte(set(t, string(text), "maxmemory", strconv.Itoa(bytes))))
	s.Run(t)
}
