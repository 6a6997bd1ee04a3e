//go:build linux

package backend

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/agencyos/headroom/tests/servers/internal/postgres"
)

// watch counts sessions at the database, many times a second.
type watch struct {
	conn       *pgx.Conn
	sql        string
	stop, done chan struct{}
	peak       atomic.Int64
	err        error
}

// sessions counts all of them: those of the product and of everyone else.
const sessions = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"

// watch begins to count. It is one of the admin's sessions.
func (p *product) watch(t *testing.T, sql string) *watch {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), p.postgres.DSN(postgres.User, postgres.Password, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	w := &watch{conn: conn, sql: sql, stop: make(chan struct{}), done: make(chan struct{})}
	go w.run()
	return w
}

func (w *watch) run() {
	defer close(w.done)
	for {
		var n int
		if w.err = w.conn.QueryRow(context.Background(), w.sql).Scan(&n); w.err != nil {
			return
		}
		w.peak.Store(max(w.peak.Load(), int64(n))) // nobody else stores
		select {
		case <-w.stop:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// most that there were until now.
func (w *watch) most() int { return int(w.peak.Load()) }

// end stops counting and returns the most that there were.
func (w *watch) end(t *testing.T) int {
	t.Helper()
	close(w.stop)
	<-w.done
	_ = w.conn.Close(context.Background()) // counting is over
	if w.err != nil {
		t.Fatal(w.err)
	}
	return w.most()
}

// others opens the sessions that the stack file leaves to other clients, but for
// those that the test has itself.
func (p *product) others(t *testing.T, own int) {
	t.Helper()
	for range p.plan.Database.OtherConnections - own {
		conn, err := pgx.Connect(t.Context(), p.postgres.DSN(role, rolePass, database))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close(context.Background()) })
	}
}

// refused counts the sessions that the database had no slot for.
func (p *product) refused() int {
	log := p.postgres.Output()
	return strings.Count(log, "remaining connection slots are reserved") + strings.Count(log, "too many clients already")
}

// table prints lines of the same columns as Markdown, with -v.
func table(t *testing.T, title string, lines ...[]any) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n\n", title)
	for i, line := range lines {
		for _, cell := range line {
			if x, ok := cell.(float64); ok {
				cell = fmt.Sprintf("%.4g", x)
			}
			fmt.Fprintf(&b, "| %v ", cell)
		}
		b.WriteString("|\n")
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(line)) + "|\n")
		}
	}
	t.Log(b.String())
}
