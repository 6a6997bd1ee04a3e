//go:build linux

// Package redis_test starts the real redis-server with what the cache component
// renders for a local stack.
package redis_test

import (
	"strings"
	"testing"

	"github.com/agencyos/headroom/tests/servers/internal/redis"
)

const password = redis.Password

func TestTheServerTakesTheRenderedFiles(t *testing.T) {
	server := redis.Start(t, nil)
	memory, err := server.Ask(t, "app", password, "INFO", "memory")
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
	server := redis.Start(t, nil)
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
			if _, err := server.Ask(t, c.user, c.password, c.command...); (err == nil) != c.allowed {
				t.Errorf("%v = %v, want it allowed: %v: %s", c.command, err, c.allowed, c.reason)
			}
		})
	}
}
