//go:build linux

package slowqueries

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/queries"
	"github.com/agencyos/headroom/capacity/queries/explain"
	"github.com/agencyos/headroom/capacity/queries/index"
	"github.com/agencyos/headroom/capacity/queries/statement"
	live "github.com/agencyos/headroom/live/postgres"
)

var record = flag.Bool("record", false, "rewrite the recording of a real server that the unit tests of capacity/queries replay")

const recording = "../../../capacity/queries/testdata/shop.json"

// tape is all that a server answered; replayed by capacity/queries.
type tape struct {
	Before, After queries.Snapshot
	Plans         map[string]json.RawMessage
	Refusals      map[string]string
	TableFacts    []index.Table
	VolatileNames []string
	Prices        index.Costs
}

// recorder passes questions on and keeps the answers.
type recorder struct {
	*live.Conn
	tape *tape
}

func (r recorder) Explain(ctx context.Context, s statement.Search, indexes ...index.Candidate) ([]byte, error) {
	key := []string{s.Text}
	for _, i := range indexes {
		key = append(key, i.Hypothetical())
	}
	plan, err := r.Conn.Explain(ctx, s, indexes...)
	if err != nil {
		r.tape.Refusals[strings.Join(key, "\n")] = err.Error()
	} else {
		r.tape.Plans[strings.Join(key, "\n")] = plan
	}
	return plan, err
}

func (r recorder) Tables(ctx context.Context, tables []explain.Table) ([]index.Table, error) {
	out, err := r.Conn.Tables(ctx, tables)
	r.tape.TableFacts = out
	return out, err
}

func (r recorder) Volatile(ctx context.Context, functions []string) ([]string, error) {
	out, err := r.Conn.Volatile(ctx, functions)
	r.tape.VolatileNames = out
	return out, err
}

// TestRecord takes a recording: the shop with hypopg, with one more of each thing
// that is found.
func TestRecord(t *testing.T) {
	if !*record {
		t.Skip("-record rewrites " + recording)
	}
	s := hypopg(t)
	s.Exec(t, "shop",
		"CREATE TABLE documents (id bigint PRIMARY KEY, code varchar(20) NOT NULL, tags text[] NOT NULL, body text NOT NULL)",
		"INSERT INTO documents SELECT i, 'c' || i, ARRAY['t' || i % 100, 'u' || i % 7], repeat('z', 40) FROM generate_series(1, 40000) i",
		"CREATE INDEX documents_body_idx ON documents (body)", "CREATE INDEX documents_code_idx ON documents (code)", "CREATE INDEX documents_code_body_idx ON documents (code, body)",
		"ANALYZE")
	conn := s.Connect(t, "shop")
	c, err := live.Connect(t.Context(), live.Source{DSN: s.DSN(reader, readerPassword, "shop"), Getenv: os.Getenv}, live.Limits{Statement: time.Minute, Lock: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	out := &tape{Plans: map[string]json.RawMessage{}, Refusals: map[string]string{}, Prices: c.Costs()}
	if out.Before, err = c.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	tuned(t, conn, 40)
	slow(t, conn, 40)
	do(t, conn, "SET work_mem = '64kB'")
	for i := range 10 {
		do(t, conn, "SELECT id FROM documents WHERE tags @> $1", []string{"t7"})
		do(t, conn, "SELECT id FROM documents WHERE code::bytea = $1", []byte("c7"))
		do(t, conn, "SELECT o.id FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.country = $1 AND c.id = $2", "de", 1+i)
		do(t, conn, "SELECT id, note FROM orders WHERE total > $1 ORDER BY note, id", 500)
		do(t, conn, "UPDATE documents SET body = $1 WHERE code = $2 AND body <> $1", "new", "none")
		do(t, conn, "INSERT INTO settings VALUES ($1, $2)", "recorded "+string(rune('a'+i)), "x")
	}
	time.Sleep(2 * time.Second)
	if out.After, err = c.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	w, err := queries.Between(out.Before, out.After)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := queries.Advise(t.Context(), w, recorder{c, out}, queries.Options{Limit: 30, MinCalls: 5}); err != nil {
		t.Fatal(err)
	}
	out.Before.Server.Address, out.After.Server.Address = "127.0.0.1:5432", "127.0.0.1:5432"
	data, err := json.MarshalIndent(out, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(recording, append(data, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
