package queries

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/queries/explain"
	"github.com/agencyos/headroom/capacity/queries/index"
	"github.com/agencyos/headroom/capacity/queries/statement"
)

const block = 8 << 10 // bytes; another size needs another build of the server

// missing is the finding of an index that helps.
func (s *Advice) missing(t trial) {
	s.add(MissingIndex, "an index on "+index.Qualified(t.Table)+" ("+t.List()+"), see below",
		"a call reads %s, %s has %s: no index serves the condition; planner cost %s → %s (%s×, %s)",
		pages(s.PerCall(s.BlocksHit+s.BlocksRead)), t.Table.String(), pages(t.table.Pages), figure(t.before), figure(t.after), figure(t.gain()), t.method)
}

// casts are columns whose index cannot serve.
func (s *Advice) casts(scan explain.Scan, t index.Table) {
	for _, c := range index.Casts(scan, t) {
		column, _ := t.Column(c.Column)
		s.add(ColumnCast, fmt.Sprintf("pass the value as %s, or cast the value and not the column", column.Type),
			"%s compares %s of type %s as %s, which no index on the column serves", c.Text, c.Column, column.Type, c.Cast)
	}
}

// contains are conditions that only a GIN index serves.
func (s *Advice) contains(scan explain.Scan, t index.Table) {
	for _, c := range scan.Conditions {
		column, ok := t.Column(c.Column)
		if c.Use != explain.Contains || !ok || t.Method("gin", index.Quote(c.Column)) {
			continue
		}
		s.add(NeedsGIN, fmt.Sprintf("CREATE INDEX CONCURRENTLY ON %s USING gin (%s)", index.Qualified(t.Table), index.Quote(c.Column)),
			"%s on %s of type %s is served by a GIN index, and there is none; its gain is not predicted", c.Text, c.Column, column.Type)
	}
}

// leastSpill of temporary files per call that is worth a word, in blocks: 1 MiB.
const leastSpill = 128

// spill is a statement whose sorts and hashes do not fit work_mem.
func (a *adviser) spill(s *Advice) {
	written := s.PerCall(s.TempWritten)
	if written < leastSpill {
		return
	}
	step := "a step of its plan"
	for _, n := range s.root.Find((*explain.Node).Sorts) {
		step = "the sort by " + strings.Join(n.SortKey, ", ")
		break
	}
	s.add(SortSpill, fmt.Sprintf("an index in the order wanted, or SET LOCAL work_mem for this statement alone (now %.0f MiB, for each step of each session)", a.Server.WorkMem/1024),
		"a call writes %s of temporary files: %s does not fit work_mem", pages(written), step)
}

// inner is a nested loop that reads a whole table for each outer row.
func (a *adviser) inner(s *Advice) {
	for _, scan := range s.scans {
		t, ok := a.heavy(*s, scan)
		if !ok || scan.Times < 2 {
			continue
		}
		s.add(InnerScan, "an index on the columns of the join",
			"a nested loop reads %s about %s times a call", t.String(), figure(scan.Times))
	}
}

// wrong is how far an estimate may be from what calls returned, as a factor, and
// fewest the rows below which it does not matter.
const (
	wrong  = 10
	fewest = 100
	// stale is the share of rows changed since ANALYZE that explains it.
	stale = 0.1
)

// misestimate is a plan made for another number of rows. Only plans whose
// estimate comes from statistics can be wrong: for a range between parameters the
// planner has none and takes a constant.
func (a *adviser) misestimate(s *Advice) {
	if len(s.scans) != 1 || !s.scans[0].Whole || s.Kind != statement.Select {
		return
	}
	scan := s.scans[0]
	if slices.ContainsFunc(scan.Conditions, func(c explain.Condition) bool { return c.Use != explain.Equal || c.Column == "" || c.Cast != "" }) {
		return
	}
	name, _ := scan.Table()
	t, known := a.tables[name]
	want, got := max(1, s.root.Rows), max(1, s.PerCall(s.Rows))
	if !known || max(want, got) < fewest || max(want, got) < wrong*min(want, got) {
		return
	}
	s.add(Misestimate, fresher(t), "the plan is made for %s rows, a call returns %s", figure(want), figure(got))
}

// fresher is how the planner gets to know a table better.
func fresher(t index.Table) string {
	if t.AnalyzedAt == "" || t.Modified > stale*t.Rows {
		return "ANALYZE " + index.Qualified(t.Table) + ": its statistics are old"
	}
	return fmt.Sprintf("ALTER TABLE %s ALTER COLUMN … SET STATISTICS 1000, then ANALYZE: the values are far from evenly spread", index.Qualified(t.Table))
}

// longEnough is the period in seconds, a day, within which an index that is needed
// is read.
const longEnough = 24 * 3600

// housekeeping is what the catalog shows of the tables in question beside the
// statements.
func (a *adviser) housekeeping() []string {
	var out []string
	for _, t := range sorted(a.tables) {
		for _, i := range index.Invalid(t) {
			out = append(out, fmt.Sprintf("index %s of %s is INVALID: its build failed, or runs now; it costs writes and serves nothing: REINDEX INDEX CONCURRENTLY or drop it", i.Name, t.Table))
		}
		for _, p := range index.Redundant(t) {
			out = append(out, fmt.Sprintf("index %s of %s (%s) serves nothing that %s does not", p[0].Name, t.Table, size(p[0].Bytes), p[1].Name))
		}
		for _, i := range index.Unused(t) {
			if i.Bytes >= smallest*block && a.Seconds >= longEnough {
				out = append(out, fmt.Sprintf("index %s of %s (%s) was never read here since the statistics began; look at the replicas, too, before you drop it", i.Name, t.Table, size(i.Bytes)))
			}
		}
	}
	return out
}
