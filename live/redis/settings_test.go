package redis

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/drift"
	"github.com/agencyos/headroom/live"
)

func TestNote(t *testing.T) {
	at := func(name string) drift.Setting { return drift.Setting{Source: drift.Redis, Name: name} }
	for name, c := range map[string]struct {
		info   string
		values map[drift.Setting]string
		doubts int
	}{
		"all":       {"# Memory\r\nmaxmemory:6414123008\r\nmaxmemory_policy:allkeys-lfu\r\n# Clients\r\nmaxclients:65000\r\n", map[drift.Setting]string{at(drift.MaxMemory): "6116", at(drift.MaxMemoryPolicy): "allkeys-lfu", at(drift.MaxClients): "65000"}, 0},
		"unlimited": {"maxmemory:0\nmaxmemory_policy:noeviction\nmaxclients:1\n", map[drift.Setting]string{at(drift.MaxMemory): "unlimited", at(drift.MaxMemoryPolicy): "noeviction", at(drift.MaxClients): "1"}, 0},
		"old":       {"maxmemory:junk\nmaxmemory_policy:x", map[drift.Setting]string{at(drift.MaxMemoryPolicy): "x"}, 2},
		"nothing":   {"", nil, 3},
	} {
		t.Run(name, func(t *testing.T) {
			var seen drift.Seen
			note(c.info, &seen)
			if diff := cmp.Diff(c.values, seen.Values); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(seen.Doubts) != c.doubts {
				t.Errorf("doubts %v, want %d", seen.Doubts, c.doubts)
			}
		})
	}
}

func TestNoSecretInErrors(t *testing.T) {
	for _, address := range []string{"redis://app:s3cret@:port", "http://app:s3cret@cache", "redis://app:s3cret@127.0.0.1:1"} {
		err := Settings(t.Context(), address, &drift.Seen{})
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v", err)
		}
	}
}

// A server that is not there has nothing to do with what its user may ask.
func TestUnreached(t *testing.T) {
	err := Settings(t.Context(), "redis://127.0.0.1:1", &drift.Seen{})
	var told *live.Error
	if !errors.As(err, &told) {
		t.Fatalf("error %v, want one with hints", err)
	}
	if all := told.Message + strings.Join(told.Hints, " "); strings.Contains(all, "INFO") || !strings.Contains(all, "the cache does not answer: 127.0.0.1:1") {
		t.Errorf("told %q, want that it does not answer", all)
	}
}

// answer is what a server replies instead of its settings.
type answer string

func (a answer) Error() string { return string(a) }
func (answer) RedisError()     {}

func TestRefused(t *testing.T) {
	var told *live.Error
	if err := untold("cache:6379", answer("NOPERM this user has no permissions to run the 'info' command")); !errors.As(err, &told) || !strings.Contains(strings.Join(told.Hints, " "), "allowed to ask INFO") {
		t.Errorf("error %v, want that the user must be allowed to ask INFO", err)
	}
}
