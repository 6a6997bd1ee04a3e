package queries

import (
	"fmt"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/text"
)

// File is one file of a migration.
type File struct{ Name, Text string }

// Migrations are the files that make each missing index, and drop it again. The
// names sort by time, as migration tools want it.
func (r Report) Migrations() []File {
	var out []File
	at := r.Window.To.UTC()
	for _, p := range r.Indexes {
		base := at.Format("20060102150405") + "_" + fileName(p.Name)
		out = append(out, File{base + ".up.sql", p.up(r, at)}, File{base + ".down.sql", p.down()})
		at = at.Add(time.Second)
	}
	return out
}

// fileName is an index's name as part of a file's.
func fileName(index string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("/\\:*?\"<>| ", r) || r < ' ' {
			return '_'
		}
		return r
	}, index)
}

// Pending is the pattern of the files that make the same index at another time.
func (f File) Pending() string {
	_, rest, _ := strings.Cut(f.Name, "_")
	return "*_" + rest
}

const (
	once = `-- Run it outside a transaction block, which CONCURRENTLY refuses: psql -f does, Alembic in
-- op.get_context().autocommit_block(), golang-migrate and goose with their no-transaction option.
-- Writes go on while it builds. It waits for transactions that are open at its start, so give it no
-- statement timeout, and a lock timeout so that it gives up rather than wait for ever:
--   PGOPTIONS='-c lock_timeout=30s -c statement_timeout=0' psql -v ON_ERROR_STOP=1 -f %s
-- A build that fails leaves an INVALID index behind, which costs writes, serves nothing and is what
-- IF NOT EXISTS finds: run the down file before you try again.
`
	several = `-- The table has partitions: run the statements one by one (psql -f does), none in a transaction block.
`
)

func (p Proposal) up(r Report, at time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "-- %s on %s: missing, found by headroom slow-queries at %s UTC.\n", comment(p.Name), comment(p.Table.String()), r.Window.To.UTC().Format(time.DateTime))
	fmt.Fprintf(&b, "-- It serves %s of the database's time: planner cost %s to %s, %s times less (%s).\n", percent(p.Share), figure(p.CostBefore), figure(p.CostAfter), figure(p.Gain), p.Method)
	for _, s := range r.Statements {
		for _, id := range p.QueryIDs {
			if s.QueryID == id {
				fmt.Fprintf(&b, "--   %s, mean %s, %s: %s\n", percent(s.Share), milliseconds(s.MeanMs()), text.Count(int(s.Calls), "call", "calls"), comment(line(s.Text, 200)))
			}
		}
	}
	fmt.Fprintf(&b, "-- Its price: %s.\n", comment(p.price()))
	fmt.Fprintf(&b, once, at.Format("20060102150405")+"_"+fileName(p.Name)+".up.sql")
	if len(p.Create) > 1 {
		b.WriteString(several)
	}
	fmt.Fprintf(&b, "%s\n", strings.Join(p.Create, "\n"))
	return b.String()
}

func (p Proposal) down() string {
	return fmt.Sprintf("-- Drops %s again, outside a transaction block.\n%s\n", comment(p.Name), strings.Join(p.Drop, "\n"))
}

// comment is a text that cannot leave the line of a comment.
func comment(s string) string { return text.Printable(line(s, 0)) }
