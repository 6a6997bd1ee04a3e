package queries

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/agencyos/headroom/capacity/queries/explain"
	"github.com/agencyos/headroom/capacity/text"
)

// Window is what was counted between two moments.
type Window struct {
	Server Server `json:"server"`
	// From and To, and the seconds between; From is nil and Seconds 0 when nobody
	// knows since when was counted.
	From    *time.Time `json:"from"`
	To      time.Time  `json:"to"`
	Seconds float64    `json:"seconds"`
	// TotalMs of all statements of the database, with those that HiddenMs are of
	// and whose text the role may not read.
	TotalMs  float64 `json:"totalMs"`
	HiddenMs float64 `json:"hiddenMs"`
	// OtherMs of the server's other databases.
	OtherMs float64 `json:"otherMs"`
	// Figures of every statement, the one that takes the most time first.
	Figures []Figure `json:"-"`
	// Writes per second of every table; nil when no period is known for them.
	Writes map[explain.Table]float64 `json:"-"`
	// Notes say what limits the figures.
	Notes []string `json:"-"`
	// writesSeconds are what Writes is the mean of.
	writesSeconds float64
}

// Figure is one statement, of all roles that ran it.
type Figure struct {
	QueryID QueryID `json:"queryId"`
	Text    string  `json:"text"`
	Counters
	StddevMs float64 `json:"stddevMs"`
	// MaxMs is since the statement was first seen, not since From.
	MaxMs float64 `json:"maxMs"`
	// Seconds that the counters cover; 0 unknown.
	Seconds float64 `json:"seconds"`
	// squareMs is the sum of the squared times.
	squareMs float64
}

// TotalMs is execution and planning together.
func (f Figure) TotalMs() float64 { return f.ExecMs + f.PlanMs }

// PerCall is a counter of the mean call.
func (f Figure) PerCall(counter float64) float64 {
	if f.Calls == 0 {
		return 0
	}
	return counter / f.Calls
}

// MeanMs of a call.
func (f Figure) MeanMs() float64 { return f.PerCall(f.TotalMs()) }

// CallsPerSecond is 0 when the period is unknown.
func (f Figure) CallsPerSecond() float64 {
	if f.Seconds == 0 {
		return 0
	}
	return f.Calls / f.Seconds
}

// HitRatio is the share of blocks found in shared buffers, 1 without any.
func (f Figure) HitRatio() float64 {
	if f.BlocksHit+f.BlocksRead == 0 {
		return 1
	}
	return f.BlocksHit / (f.BlocksHit + f.BlocksRead)
}

// Rates are what the counters say of one call and of one second.
type Rates struct {
	// CallsPerSecond is 0 when the period is unknown.
	CallsPerSecond float64 `json:"callsPerSecond"`
	// HitRatio is the share of blocks found in shared buffers, 0 to 1.
	HitRatio float64 `json:"hitRatio"`
	// The rest is of the mean call.
	MeanMs        float64 `json:"meanMs"`
	RowsPerCall   float64 `json:"rowsPerCall"`
	BlocksPerCall float64 `json:"blocksPerCall"`
	ReadBytes     float64 `json:"readBytesPerCall"`
	TempBytes     float64 `json:"tempBytesPerCall"`
	WALBytes      float64 `json:"walBytesPerCall"`
}

func (f Figure) rates() Rates {
	return Rates{
		CallsPerSecond: f.CallsPerSecond(), HitRatio: f.HitRatio(), MeanMs: f.MeanMs(), RowsPerCall: f.PerCall(f.Rows),
		BlocksPerCall: f.PerCall(f.BlocksHit + f.BlocksRead), ReadBytes: f.PerCall(f.BlocksRead * block),
		TempBytes: f.PerCall((f.TempRead + f.TempWritten) * block), WALBytes: f.PerCall(f.WALBytes),
	}
}

// Since is what was counted up to a snapshot since the statistics were reset.
func Since(after Snapshot) Window {
	w := Window{Server: after.Server, To: after.TakenAt, OtherMs: after.OtherMs}
	if at := after.StatementsResetAt; at != nil {
		w.From, w.Seconds = at, seconds(*at, after.TakenAt)
	} else {
		w.Notes = append(w.Notes, "pg_stat_statements "+after.Server.Extension+" does not know since when it counts: no rates; --interval or --since gives them")
	}
	if at := after.TablesResetAt; at != nil {
		w.writes(nil, after.Tables, seconds(*at, after.TakenAt))
	} else {
		w.Notes = append(w.Notes, "the writes of tables were never reset, so their rates are unknown and no cache is advised; --interval or --since gives them")
	}
	w.gather(after.Statements, w.Seconds)
	return w
}

// Between is what was counted from one snapshot to a later one of the same
// database. Statements that were reset in between count from their reset on.
func Between(before, after Snapshot) (Window, error) {
	if before.Server.Database != after.Server.Database || before.Server.DatabaseOID != after.Server.DatabaseOID {
		return Window{}, fmt.Errorf("server.database = %s (oid %d): must be %s (oid %d), the database at hand; a snapshot of another database cannot be compared",
			before.Server.Database, before.Server.DatabaseOID, after.Server.Database, after.Server.DatabaseOID)
	}
	if !before.TakenAt.Before(after.TakenAt) {
		return Window{}, fmt.Errorf("takenAt = %s: must be before %s, the server's time now", before.TakenAt.Format(time.RFC3339), after.TakenAt.Format(time.RFC3339))
	}
	from := before.TakenAt
	w := Window{Server: after.Server, From: &from, To: after.TakenAt, Seconds: seconds(from, after.TakenAt), OtherMs: max(0, after.OtherMs-before.OtherMs)}
	reset := later(after.StatementsResetAt, from)
	if reset {
		w.From, w.Seconds, w.OtherMs = after.StatementsResetAt, seconds(*after.StatementsResetAt, after.TakenAt), after.OtherMs
		w.Notes = append(w.Notes, "the statistics were reset on the way: the figures begin at "+w.From.UTC().Format(time.DateTime)+" UTC")
	}
	deltas, restarted, gone := differences(before.Statements, after.Statements)
	w.gather(deltas, w.Seconds)
	w.missing(before, after, restarted, gone, reset)
	if later(after.TablesResetAt, from) {
		w.writes(nil, after.Tables, seconds(*after.TablesResetAt, after.TakenAt))
	} else {
		w.writes(before.Tables, after.Tables, seconds(from, after.TakenAt))
	}
	return w, nil
}

func later(at *time.Time, than time.Time) bool { return at != nil && at.After(than) }

// seconds is never 0, which would stand for unknown.
func seconds(from, to time.Time) float64 { return max(to.Sub(from).Seconds(), 0.001) }

// missing notes what the server threw away.
func (w *Window) missing(before, after Snapshot, restarted, gone int, reset bool) {
	if restarted > 0 && !reset {
		w.Notes = append(w.Notes, text.Count(restarted, "statement was", "statements were")+" reset or thrown out on the way and counted anew since: their figures are too low")
	}
	if gone > 0 && !reset {
		w.Notes = append(w.Notes, text.Count(gone, "statement was", "statements were")+" thrown out on the way and not counted")
	}
	if n := after.Deallocated - before.Deallocated; n > 0 && !reset {
		w.Notes = append(w.Notes, fmt.Sprintf("pg_stat_statements.max = %.0f is too small: room was made %.0f times on the way", after.Server.Most, n))
	}
}

// key tells the rows of pg_stat_statements apart.
type key struct {
	user     uint32
	topLevel bool
	query    QueryID
	text     string
}

func (s Statement) key() key {
	k := key{s.User, s.TopLevel, s.QueryID, ""}
	if s.QueryID == 0 {
		k.text = s.Text
	}
	return k
}

// differences are the statements' counters from one moment to another, how many
// began anew in between, and how many are gone.
func differences(before, after []Statement) (out []Statement, restarted, gone int) {
	old := map[key]Statement{}
	for _, s := range fold(before) {
		old[s.key()] = s
	}
	for _, s := range fold(after) {
		b, known := old[s.key()]
		delete(old, s.key())
		if known && s.anew(b) {
			restarted++
			known = false
		}
		if known {
			s = s.minus(b)
		}
		if s.Calls > 0 {
			out = append(out, s)
		}
	}
	return out, restarted, len(old)
}

// fold adds up rows of the same key: those that the role may not tell apart.
func fold(rows []Statement) []Statement {
	at := map[key]int{}
	var out []Statement
	for _, s := range rows {
		i, ok := at[s.key()]
		if !ok {
			at[s.key()] = len(out)
			out = append(out, s)
			continue
		}
		sum := square(out[i]) + square(s)
		out[i].add(s)
		out[i].StddevMs = stddev(out[i].Counters, sum)
	}
	return out
}

// anew tells whether the row is another one than it was, whatever its key says.
func (s Statement) anew(b Statement) bool {
	if s.Since != nil && b.Since != nil && !s.Since.Equal(*b.Since) {
		return true
	}
	now, then := fields(&s.Counters), fields(&b.Counters)
	for i := range now {
		// Sums of floating point numbers may differ in their last digits.
		if *now[i].value < *then[i].value*(1-1e-9) {
			return true
		}
	}
	return false
}

func (s Statement) minus(b Statement) Statement {
	sum := max(0, square(s)-square(b))
	now, then := fields(&s.Counters), fields(&b.Counters)
	for i := range now {
		*now[i].value = max(0, *now[i].value-*then[i].value)
	}
	s.StddevMs = stddev(s.Counters, sum)
	return s
}

func (s *Statement) add(b Statement) {
	now, more := fields(&s.Counters), fields(&b.Counters)
	for i := range now {
		*now[i].value += *more[i].value
	}
	s.MaxMs = max(s.MaxMs, b.MaxMs)
}

// square is the sum of the squared times of a row: it can be subtracted, the
// standard deviation cannot.
func square(s Statement) float64 {
	if s.Calls == 0 {
		return 0
	}
	mean := s.ExecMs / s.Calls
	return s.Calls * (s.StddevMs*s.StddevMs + mean*mean)
}

// stddev of the population, as pg_stat_statements has it.
func stddev(c Counters, square float64) float64 {
	if c.Calls == 0 {
		return 0
	}
	mean := c.ExecMs / c.Calls
	return math.Sqrt(max(0, square/c.Calls-mean*mean))
}

// gather adds up the roles of each statement and ranks them.
func (w *Window) gather(rows []Statement, period float64) {
	at := map[QueryID]int{}
	for _, s := range rows {
		w.TotalMs += s.ExecMs + s.PlanMs
		if s.QueryID == 0 {
			w.HiddenMs += s.ExecMs + s.PlanMs
			continue
		}
		f := Figure{QueryID: s.QueryID, Text: s.Text, Counters: s.Counters, MaxMs: s.MaxMs, Seconds: period, squareMs: square(s)}
		if later(s.Since, w.To.Add(-time.Duration(period*float64(time.Second)))) {
			f.Seconds = seconds(*s.Since, w.To)
		}
		i, known := at[s.QueryID]
		if !known {
			at[s.QueryID] = len(w.Figures)
			w.Figures = append(w.Figures, f)
			continue
		}
		w.Figures[i].merge(f)
	}
	for i := range w.Figures {
		w.Figures[i].StddevMs = stddev(w.Figures[i].Counters, w.Figures[i].squareMs)
	}
	slices.SortStableFunc(w.Figures, func(a, b Figure) int {
		return cmp.Or(cmp.Compare(b.TotalMs(), a.TotalMs()), cmp.Compare(a.QueryID, b.QueryID))
	})
}

func (f *Figure) merge(g Figure) {
	s := Statement{Counters: f.Counters, MaxMs: f.MaxMs}
	s.add(Statement{Counters: g.Counters, MaxMs: g.MaxMs})
	f.Counters, f.MaxMs = s.Counters, s.MaxMs
	f.squareMs += g.squareMs
	f.Seconds = max(f.Seconds, g.Seconds)
}

// writes are the rates of every table.
func (w *Window) writes(before, after []Writes, period float64) {
	old := map[explain.Table]float64{}
	for _, t := range before {
		old[t.Table] = t.rows()
	}
	w.Writes, w.writesSeconds = map[explain.Table]float64{}, period
	for _, t := range after {
		rows := t.rows() - old[t.Table]
		if rows < 0 {
			rows = t.rows()
		}
		w.Writes[t.Table] = rows / period
	}
}

// Share of the database's time, 0 to 1.
func (w Window) Share(f Figure) float64 {
	if w.TotalMs == 0 {
		return 0
	}
	return f.TotalMs() / w.TotalMs
}

// mostHidden is the share of the time above which a ranking would mislead.
const mostHidden = 0.1

// Readable is an error when too much of the time is of statements that the role
// may not read.
func (w Window) Readable() error {
	if w.HiddenMs <= mostHidden*w.TotalMs {
		return nil
	}
	return fmt.Errorf("role %s may not read the statements of other roles: %.0f%% of the time is hidden", w.Server.Role, 100*w.HiddenMs/w.TotalMs)
}
