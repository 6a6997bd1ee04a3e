//go:build linux

package backend

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/agencyos/headroom/tests/servers/internal/pgbouncer"
)

const (
	// rendered is what the database component's own tests hold it to.
	rendered = root + "/components/database/testdata/pgbouncer.ini"
	// statsUser may read the pooler's console, as the rendered file says.
	statsUser, statsPass = "pgbouncer_stats", "reads-only"
)

// kept are settings of the rendered file that depend on the cluster, or that Debian's
// PgBouncer 1.18 does not know: it tracks no prepared statements.
var kept = regexp.MustCompile(`^(listen_.*|unix_socket_dir|auth_.*|server_tls_sslmode|max_prepared_statements)$`)

// bouncer starts one replica with the rendered settings and the plan's limits, and
// returns where pods find the database through it.
func (p *product) bouncer(t *testing.T) string {
	t.Helper()
	settings := map[string]string{}
	for line := range strings.Lines(string(read(t, rendered))) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " = ")
		if ok && !strings.HasPrefix(name, ";") && !kept.MatchString(name) {
			settings[name] = value
		}
	}
	b := p.plan.Database.PgBouncer
	for name, value := range map[string]int{"max_client_conn": b.MaxClientConn, "default_pool_size": b.PoolSize, "reserve_pool_size": b.ReservePool,
		"max_db_connections": b.PoolSize + b.ReservePool, "query_wait_timeout": b.QueryWaitSeconds} {
		if _, there := settings[name]; !there {
			t.Fatalf("the rendered pgbouncer.ini does not set %s", name)
		}
		settings[name] = strconv.Itoa(value)
	}
	return p.dsn(pgbouncer.Start(t, pgbouncer.Config{Server: p.postgres, Database: database, Settings: settings,
		Users: map[string]string{role: rolePass, statsUser: statsPass}}))
}

// clients counts the clients of several poolers, many times a second.
type clients struct {
	conns      []*pgx.Conn
	stop, done chan struct{}
	peak       int
	err        error
}

var port = regexp.MustCompile(`:(\d+)/`)

func watchClients(t *testing.T, poolers []string) *clients {
	t.Helper()
	c := &clients{stop: make(chan struct{}), done: make(chan struct{})}
	for _, url := range poolers {
		console := fmt.Sprintf("postgres://%s:%s@127.0.0.1:%s/pgbouncer?default_query_exec_mode=simple_protocol", statsUser, statsPass, port.FindStringSubmatch(url)[1])
		conn, err := pgx.Connect(t.Context(), console)
		if err != nil {
			t.Fatal(err)
		}
		c.conns = append(c.conns, conn)
	}
	go c.run()
	return c
}

func (c *clients) run() {
	defer close(c.done)
	for {
		n := 0
		for _, conn := range c.conns {
			var one int
			if one, c.err = clientsOf(conn); c.err != nil {
				return
			}
			n += one
		}
		c.peak = max(c.peak, n)
		select {
		case <-c.stop:
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// clientsOf the database in one pooler, waiting ones included.
func clientsOf(conn *pgx.Conn) (int, error) {
	rows, err := conn.Query(context.Background(), "SHOW POOLS")
	if err != nil {
		return 0, err
	}
	sum := 0
	pools, err := pgx.CollectRows(rows, pgx.RowToMap)
	for _, pool := range pools {
		if pool["database"] == database {
			sum += number(pool["cl_active"]) + number(pool["cl_waiting"])
		}
	}
	return sum, err
}

// number of a column, whose type differs between versions.
func number(v any) int {
	n, _ := strconv.Atoi(fmt.Sprint(v))
	return n
}

func (c *clients) end(t *testing.T) int {
	t.Helper()
	close(c.stop)
	<-c.done
	for _, conn := range c.conns {
		_ = conn.Close(context.Background()) // counting is over
	}
	if c.err != nil {
		t.Fatal(c.err)
	}
	return c.peak
}
