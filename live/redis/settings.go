// Package redis reads what a running Redis or Valkey is set to. It only asks
// INFO, which managed caches allow as well, and changes nothing.
package redis

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/agencyos/headroom/capacity/drift"
	"github.com/agencyos/headroom/live"
)

// Variable of the environment holds the address, such as
// rediss://user:password@host:6379.
const Variable = "REDIS_URL"

// patience with a server that does not answer.
const patience = 10 * time.Second

// Settings reads how much the cache holds, whom it lets in and what it evicts.
func Settings(ctx context.Context, address string, seen *drift.Seen) error {
	options, err := redis.ParseURL(address)
	if err != nil {
		// The parser's words may quote the password.
		return live.Fail(Variable+" cannot be read as the address of a Redis", "form: redis://user:password@host:6379/0, rediss:// with TLS")
	}
	options.DialTimeout, options.ReadTimeout, options.MaxRetries, options.DialerRetries = patience, patience, -1, 1
	options.DisableIdentity = true // CLIENT SETINFO is not for a reader
	redis.SetLogger(silent{})
	client := redis.NewClient(options)
	defer client.Close() //nolint:errcheck // nothing is left to lose
	where := options.Addr
	text := ""
	for _, section := range []string{"memory", "clients"} {
		part, err := client.Info(ctx, section).Result()
		if err != nil {
			return untold(where, err)
		}
		text += part
	}
	seen.Ask(drift.Redis, where)
	note(text, seen)
	return nil
}

// untold is why the cache said nothing: it refused, or it was never reached.
func untold(where string, err error) error {
	var reply redis.Error
	if errors.As(err, &reply) {
		return live.Fail("the cache does not tell its settings: "+where, err.Error(), "the user must be allowed to ask INFO")
	}
	return live.Fail("the cache does not answer: "+where, err.Error(), Variable+" must name an address that can be reached from here; rediss:// where it wants TLS")
}

// silent keeps the client from writing beside the command's own messages.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// note keeps what a proof rests on of the lines "key:value".
func note(text string, seen *drift.Seen) {
	values := map[string]string{}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		if key, value, ok := strings.Cut(strings.TrimSpace(lines.Text()), ":"); ok {
			values[key] = value
		}
	}
	for _, key := range []string{drift.MaxMemoryPolicy, drift.MaxClients} {
		saw(seen, key, values[key], key)
	}
	bytes, err := strconv.ParseInt(values["maxmemory"], 10, 64)
	size := ""
	switch {
	case err == nil && bytes == 0:
		size = "unlimited"
	case err == nil:
		size = strconv.FormatInt(bytes>>20, 10)
	}
	saw(seen, drift.MaxMemory, size, "maxmemory")
}

func saw(seen *drift.Seen, name, value, key string) {
	if value == "" {
		seen.Doubt(drift.Redis, "", name, fmt.Sprintf("INFO of this server has no %s", key))
		return
	}
	seen.Saw(drift.Redis, "", name, value)
}
