package queries

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/agencyos/headroom/capacity/text"
)

// Text is the report for a terminal so many characters wide; 0 shortens nothing.
func (r Report) Text(width int) string {
	var b strings.Builder
	r.headline(&b)
	r.table(&b, width)
	for i, s := range r.Statements {
		s.text(&b, i+1, width)
	}
	r.indexes(&b)
	r.cached(&b, width)
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "\nnote: %s", n)
	}
	if len(r.Notes) > 0 {
		b.WriteString("\n")
	}
	return text.Printable(b.String())
}

// Headline is the answer in one line.
func (r Report) Headline() string {
	w := r.Window
	period := "since nobody knows when"
	if w.From != nil {
		period = "in " + span(w.Seconds)
	}
	line := fmt.Sprintf("%s on %s: %s of database time %s", w.Server.Database, w.Server.Address, milliseconds(w.TotalMs), period)
	if len(r.Indexes) == 0 {
		return line + "; no index is missing"
	}
	share := 0.0
	seen := map[QueryID]bool{}
	for _, p := range r.Indexes {
		for _, id := range p.QueryIDs {
			for _, s := range r.Statements {
				if s.QueryID == id && !seen[id] {
					seen[id] = true
					share += s.Share
				}
			}
		}
	}
	return fmt.Sprintf("%s; %s, %s of the time would gain", line, text.Count(len(r.Indexes), "index is MISSING", "indexes are MISSING"), percent(share))
}

func (r Report) headline(b *strings.Builder) {
	w := r.Window
	fmt.Fprintln(b, r.Headline())
	fmt.Fprintf(b, "PostgreSQL %d, pg_stat_statements %s, role %s; gains by %s\n", w.Server.Major(), w.Server.Extension, w.Server.Role, r.Method.explained())
	if w.OtherMs > 0 && w.TotalMs > 0 {
		fmt.Fprintf(b, "other databases of the server: %s\n", milliseconds(w.OtherMs))
	}
	if len(r.Statements) == 0 {
		b.WriteString("no statement took its share of the time\n")
	}
}

func (m Method) explained() string {
	if m == Hypopg {
		return "hypopg: the server planned each statement as if the index were there"
	}
	return "estimate from the planner's prices and statistics: hypopg is not there to check"
}

// column is one figure of every statement.
type column struct {
	name string
	// drop is the order in which columns give way to the statement on a narrow
	// terminal, 1 first; 0 stays.
	drop int
	cell func(Advice) string
}

// columns of the table, in text and Markdown.
var columns = []column{
	{"SHARE", 0, func(s Advice) string { return percent(s.Share) }},
	{"TOTAL", 6, func(s Advice) string { return milliseconds(s.TotalMs()) }},
	{"CALLS", 2, func(s Advice) string { return figure(s.Calls) }},
	{"CALLS/S", 0, func(s Advice) string { return rate(s.Rates.CallsPerSecond) }},
	{"MEAN", 0, func(s Advice) string { return milliseconds(s.Rates.MeanMs) }},
	{"STDDEV", 5, func(s Advice) string { return milliseconds(s.StddevMs) }},
	{"ROWS/CALL", 9, func(s Advice) string { return figure(s.Rates.RowsPerCall) }},
	{"BLOCKS/CALL", 1, func(s Advice) string { return figure(s.Rates.BlocksPerCall) }},
	{"HIT", 8, func(s Advice) string { return percent(s.Rates.HitRatio) }},
	{"READ/CALL", 7, func(s Advice) string { return size(s.Rates.ReadBytes) }},
	{"TEMP/CALL", 4, func(s Advice) string { return size(s.Rates.TempBytes) }},
	{"WAL/CALL", 3, func(s Advice) string { return size(s.Rates.WALBytes) }},
}

// rate is a number per second, which may be unknown.
func rate(x float64) string {
	if x == 0 {
		return "-"
	}
	return figure(x)
}

// leastText of a statement that the table shows, in characters, as long as there
// are columns to drop for it.
const leastText = 40

func (r Report) table(b *strings.Builder, width int) {
	if len(r.Statements) == 0 {
		return
	}
	rows := r.rows(columns)
	for drop := 1; drop < len(columns) && width > 0; drop++ {
		header, _, _ := strings.Cut(rows, "STATEMENT\n")
		if len(header)+leastText <= width {
			break
		}
		rows = r.rows(slices.DeleteFunc(slices.Clone(columns), func(c column) bool { return c.drop > 0 && c.drop <= drop }))
	}
	b.WriteString("\n")
	for row := range strings.Lines(rows) {
		fmt.Fprintln(b, cut(strings.TrimRight(row, "\n"), width))
	}
}

// rows are the table with some columns, the statement last.
func (r Report) rows(columns []column) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "#")
	for _, c := range columns {
		fmt.Fprintf(w, "\t%s", c.name)
	}
	fmt.Fprint(w, "\tFOUND\tSTATEMENT\n")
	for i, s := range r.Statements {
		fmt.Fprintf(w, "%d", i+1)
		for _, c := range columns {
			fmt.Fprintf(w, "\t%s", c.cell(s))
		}
		fmt.Fprintf(w, "\t%s\t%s\n", s.found(), line(s.Text, 0))
	}
	_ = w.Flush() // writing to a strings.Builder cannot fail
	return b.String()
}

// cut keeps a row on one line of the terminal.
func cut(row string, width int) string {
	runes := []rune(row)
	if width < 1 || len(runes) <= width {
		return row
	}
	return string(runes[:width-1]) + "…"
}

// found is the findings of a statement in a word.
func (s Advice) found() string {
	switch {
	case len(s.Findings) > 0:
		word := string(s.Findings[0].Kind)
		if more := len(s.Findings) - 1; more > 0 {
			word += fmt.Sprintf(" +%d", more)
		}
		return word
	case s.Unexplained != "":
		return "?"
	}
	return "-"
}

// text is what there is to say of one statement beside its figures.
func (s Advice) text(b io.Writer, number, width int) {
	if len(s.Findings) == 0 && number > 1 && s.Unexplained == "" {
		return
	}
	fmt.Fprintf(b, "\n#%d %s\n", number, line(s.Text, max(0, width-4)))
	if s.Unexplained != "" {
		fmt.Fprintf(b, "  not explained: %s\n", s.Unexplained)
	}
	for _, f := range s.Findings {
		fmt.Fprintf(b, "  %s: %s\n    fix: %s\n", f.Kind, f.Why, f.Fix)
	}
	for _, step := range s.Plan {
		fmt.Fprintf(b, "  | %s\n", cut(step, max(0, width-4)))
	}
}

func (r Report) indexes(b io.Writer) {
	for _, p := range r.Indexes {
		fmt.Fprintf(b, "\nMISSING %s on %s (%s): serves %s of the time\n", p.Name, p.Table, p.Keys, percent(p.Share))
		fmt.Fprintf(b, "  gain: planner cost %s → %s (%s×, %s)\n", figure(p.CostBefore), figure(p.CostAfter), figure(p.Gain), p.Method)
		fmt.Fprintf(b, "  price: %s\n", p.price())
		for _, statement := range p.Create {
			fmt.Fprintf(b, "  %s\n", statement)
		}
	}
}

// price is what an index costs once it is there.
func (p Proposal) price() string {
	writes := "the rate of writes to the table is unknown"
	switch {
	case p.WritesPerSecond == 0:
		writes = "nothing was written to the table"
	case p.WritesPerSecond > 0:
		writes = fmt.Sprintf("%s rows a second are written to the table, each of which writes the index, too", figure(p.WritesPerSecond))
	}
	return fmt.Sprintf("about %s; %s; the table has %s", size(p.Bytes), writes, text.Count(p.Indexes, "index", "indexes"))
}

func (r Report) cached(b io.Writer, width int) {
	c := r.Cache
	if c.Unknown != "" || len(c.Candidates) == 0 {
		return
	}
	fmt.Fprintf(b, "\nCACHE: spares %s of the time, answers %s of the SELECTs above; cacheHitRatio of a baseline is that share for requests\n", percent(c.TimeShare), percent(c.HitRatio))
	for _, q := range c.Candidates {
		fmt.Fprintf(b, "  TTL %s, hit ratio %s: %s\n    because %s\n", span(q.TTLSeconds), q.hits(), line(q.Text, max(0, width-40)), q.Why)
	}
}

func (q Cacheable) hits() string {
	if q.Results == 0 {
		return "unknown"
	}
	return percent(q.HitRatio)
}
