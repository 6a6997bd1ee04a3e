//go:build linux

// Package redis_test starts the real redis-server with what the cache component
// renders for a local stack.
package redis_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/internal/process"
)

const (
	// golden is what the component's own tests hold it to; its users have this password.
	golden   = "../../../components/cache/testdata"
	password = "a-password-of-enough-characters"
)

// started is a server with the rendered files, of which only port and path differ.
func started(t *testing.T) int {
	t.Helper()
	path := servers.Find(t, "redis-server")
	dir, port := process.Dir(t, "nobody"), process.Port(t)
	users := filepath.Join(dir, "users.acl")
	for name, replace := range map[string]*strings.Replacer{
		"redis.conf": strings.NewReplacer("port 6379", fmt.Sprintf("port %d", port), "/etc/redis-secret/users.acl", users),
		"users.acl":  strings.NewReplacer(),
	} {
		text, err := os.ReadFile(filepath.Join(golden, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(replace.Replace(string(text))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, err := process.Start(t, process.Spec{Name: "Redis", Path: path, Args: []string{filepath.Join(dir, "redis.conf")}, User: "nobody", Dir: dir,
		Ready: func() error { _, err := ask(t, port, "app", password, "PING"); return err }})
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// ask sends one command by redis-cli, which Debian ships with the server.
func ask(t *testing.T, port int, user, password string, command ...string) (string, error) {
	t.Helper()
	args := append([]string{"-p", strconv.Itoa(port), "--user", user, "--pass", password, "--no-auth-warning", "-e"}, command...)
	out, err := exec.CommandContext(t.Context(), servers.Find(t, "redis-cli"), args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("redis-cli %s: %w: %s", strings.Join(command, " "), err, out)
	}
	return string(out), nil
}

func TestTheServerTakesTheRenderedFiles(t *testing.T) {
	port := started(t)
	memory, err := ask(t, port, "app", password, "INFO", "memory")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"maxmemory:201326592\r\n", "maxmemory_policy:allkeys-lfu\r\n"} {
		if !strings.Contains(memory, want) {
			t.Errorf("INFO memory lacks %q:\n%s", want, memory)
		}
	}
}

// The access string is that of ElastiCache's users, too.
func TestUsersMayDoWhatTheyAreFor(t *testing.T) {
	port := started(t)
	cases := map[string]struct {
		reason, user, password string
		command                []string
		allowed                bool
	}{
		"Read":          {"a service", "app", password, []string{"GET", "key"}, true},
		"Write":         {"with a time to live", "app", password, []string{"SET", "key", "value", "EX", "330"}, true},
		"Lock":          {"one process recomputes", "app", password, []string{"SET", "lock", "token", "NX", "PX", "1000"}, true},
		"Script":        {"a lock is released by a script", "app", password, []string{"EVAL", "return redis.call('get', KEYS[1])", "1", "key"}, true},
		"Describe":      {"an exporter", "app", password, []string{"INFO"}, true},
		"Flush":         {"a cold cache is an outage", "app", password, []string{"FLUSHALL"}, false},
		"Keys":          {"it blocks everybody", "app", password, []string{"KEYS", "*"}, false},
		"Reconfigure":   {"the plan decides", "app", password, []string{"CONFIG", "SET", "maxmemory", "0"}, false},
		"Default":       {"it is off", "default", "x", []string{"GET", "key"}, false},
		"WrongPassword": {"a login", "app", "another-password-altogether", []string{"GET", "key"}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := ask(t, port, c.user, c.password, c.command...); (err == nil) != c.allowed {
				t.Errorf("%v = %v, want it allowed: %v: %s", c.command, err, c.allowed, c.reason)
			}
		})
	}
}
