package load

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mostRows of a trace: a month of samples every three seconds.
const mostRows = 1_000_000

// Trace reads load over time from CSV: a header with a column of time, "seconds"
// from any origin or "time" as RFC 3339, and one of load, "rps" or "level"; other
// columns are ignored. Rates are divided by peak, the requests per second of
// today's peak; levels are multiples of it already. Time counts from the first row,
// and between two rows the load is linear. Lines that start with # are comments.
// The error lists up to 20 problems with line, value and rule.
func Trace(r io.Reader, peak float64) (Curve, error) {
	rows := csv.NewReader(withoutMark(r))
	rows.Comment, rows.TrimLeadingSpace, rows.ReuseRecord = '#', true, true
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return Curve{}, errors.New("the trace is empty: it needs a header such as seconds,rps and two rows or more")
	}
	if err != nil {
		return Curve{}, fmt.Errorf("the trace has no readable header: %w", err)
	}
	line, _ := rows.FieldPos(0)
	t, err := newTrace(line, header, peak)
	if err != nil {
		return Curve{}, err
	}
	t.read(rows)
	if err := t.problems.err(); err != nil {
		return Curve{}, err
	}
	if len(t.knots) < 2 {
		return Curve{}, fmt.Errorf("the trace has too few rows, %d: it needs two or more", len(t.knots))
	}
	return New(t.knots...)
}

// withoutMark drops the byte order mark that spreadsheets write.
func withoutMark(r io.Reader) io.Reader {
	const mark = "\ufeff"
	b := bufio.NewReader(r)
	if head, _ := b.Peek(len(mark)); string(head) == mark {
		_, _ = b.Discard(len(mark)) // cannot fail: it was peeked at
	}
	return b
}

// trace is a trace while it is read.
type trace struct {
	// time and load are the columns; header their names.
	time, load int
	header     []string
	scale      float64
	origin     float64
	knots      []Knot
	problems   problems
}

func newTrace(line int, header []string, peak float64) (*trace, error) {
	t := &trace{scale: 1}
	for _, name := range header {
		t.header = append(t.header, strings.ToLower(strings.TrimSpace(name)))
	}
	t.time = t.column("seconds", "time")
	t.load = t.column("level", "rps")
	if t.time < 0 || t.load < 0 {
		return nil, fmt.Errorf("line %d: header %q: must have a column seconds or time, and a column rps or level", line, clip(strings.Join(t.header, ",")))
	}
	if t.header[t.load] == "rps" {
		if !(peak > 0) || math.IsInf(peak, 1) {
			return nil, fmt.Errorf("peak = %g: a trace in rps needs today's peak, a number above 0", peak)
		}
		t.scale = peak
	}
	return t, nil
}

// column is the first of the names that the header has, or -1.
func (t *trace) column(names ...string) int {
	for _, name := range names {
		if i := slices.Index(t.header, name); i >= 0 {
			return i
		}
	}
	return -1
}

func (t *trace) read(rows *csv.Reader) {
	for t.problems.more == 0 {
		record, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if errors.Is(err, csv.ErrFieldCount) {
			line, _ := rows.FieldPos(0)
			t.problems.add("line %d: fields = %d: must be %d, as in the header", line, len(record), len(t.header))
			continue
		}
		if err != nil {
			t.problems.add("%w", err) // says its line itself; what follows cannot be told apart
			return
		}
		line, _ := rows.FieldPos(0)
		if len(t.knots) == mostRows {
			t.problems.add("line %d: more than %d rows: thin the trace out", line, mostRows)
			return
		}
		t.row(line, record)
	}
}

// row adds one row.
func (t *trace) row(line int, record []string) {
	bad := func(column int, rule string) {
		t.problems.add("line %d: %s = %q: %s", line, t.header[column], clip(record[column]), rule)
	}
	level, err := strconv.ParseFloat(strings.TrimSpace(record[t.load]), 64)
	if level /= t.scale; err != nil || badLevel(level) != "" {
		bad(t.load, "must be a number from 0 to a million times today's peak")
	}
	seconds, rule := t.seconds(record[t.time])
	if rule != "" {
		bad(t.time, rule)
		return
	}
	if len(t.knots) == 0 {
		t.origin = seconds
	}
	since := seconds - t.origin
	if since > Longest.Seconds() {
		bad(t.time, fmt.Sprintf("must be within %s after the first row", Longest))
		return
	}
	at := time.Duration(math.Round(since * float64(time.Second)))
	if n := len(t.knots); since < 0 || n > 0 && at < t.knots[n-1].At {
		bad(t.time, "must not be before the row above")
		return
	}
	t.knots = append(t.knots, Knot{at, level})
}

// seconds since any origin, or the rule that the text breaks.
func (t *trace) seconds(text string) (float64, string) {
	text = strings.TrimSpace(text)
	if t.header[t.time] == "time" {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return 0, "must be a time such as 2026-11-24T10:00:00Z"
		}
		return float64(at.Unix()) + float64(at.Nanosecond())/1e9, ""
	}
	s, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(s) || math.IsInf(s, 0) {
		return 0, "must be a number of seconds"
	}
	return s, ""
}

// clip keeps a value from filling the message.
func clip(text string) string {
	const most = 60
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
