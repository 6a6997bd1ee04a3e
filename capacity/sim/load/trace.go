package load

import (
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

// Bounds of a trace.
const (
	mostRows     = 1_000_000
	mostProblems = 20
)

// Trace reads load over time from CSV: a header with a column of time, "seconds"
// from any origin or "time" as RFC 3339, and one of load, "rps" or "level". Rates
// are divided by peak, the requests per second of today's peak. Lines that start
// with # are comments. The error lists up to twenty problems with their lines.
func Trace(r io.Reader, peak float64) (Curve, error) {
	rows := csv.NewReader(r)
	rows.Comment, rows.TrimLeadingSpace, rows.ReuseRecord = '#', true, true
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return Curve{}, errors.New("the trace is empty: it needs a header such as seconds,rps and two rows or more")
	}
	if err != nil {
		return Curve{}, fmt.Errorf("the trace has no readable header: %w", err)
	}
	t, err := columns(header, peak)
	if err != nil {
		return Curve{}, err
	}
	t.read(rows)
	if len(t.errs) > 0 {
		return Curve{}, errors.Join(t.errs...)
	}
	if len(t.knots) < 2 {
		return Curve{}, fmt.Errorf("the trace has %d rows: it needs two or more", len(t.knots))
	}
	return New(t.knots...)
}

// trace is a trace while it is read.
type trace struct {
	time, load int
	absolute   bool // time is a date
	scale      float64
	origin     float64
	knots      []Knot
	errs       []error
}

func columns(header []string, peak float64) (*trace, error) {
	for i := range header {
		header[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(header[i], "\ufeff")))
	}
	t := &trace{scale: 1}
	t.time = slices.Index(header, "seconds")
	if t.time < 0 {
		t.time, t.absolute = slices.Index(header, "time"), true
	}
	t.load = slices.Index(header, "level")
	if t.load < 0 {
		t.load = slices.Index(header, "rps")
		if !(peak > 0) || math.IsInf(peak, 1) {
			return nil, fmt.Errorf("peak = %g: a trace in rps needs today's peak above 0", peak)
		}
		t.scale = peak
	}
	if t.time < 0 || t.load < 0 {
		return nil, fmt.Errorf("line 1: header %s: must have a column seconds or time, and a column rps or level", strings.Join(header, ","))
	}
	return t, nil
}

func (t *trace) read(rows *csv.Reader) {
	for len(t.errs) < mostProblems {
		record, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.errs = append(t.errs, err) // says its line itself
			var parse *csv.ParseError
			if !errors.As(err, &parse) || !errors.Is(err, csv.ErrFieldCount) {
				return
			}
			continue
		}
		line, _ := rows.FieldPos(0)
		if len(t.knots) >= mostRows {
			t.errs = append(t.errs, fmt.Errorf("line %d: more than %d rows: thin the trace out", line, mostRows))
			return
		}
		t.row(line, record)
	}
}

// row adds one row.
func (t *trace) row(line int, record []string) {
	bad := func(column int, rule string) {
		t.errs = append(t.errs, fmt.Errorf("line %d: %q: %s", line, record[column], rule))
	}
	seconds, err := t.seconds(record[t.time])
	if err != nil {
		bad(t.time, err.Error())
		return
	}
	value, err := strconv.ParseFloat(strings.TrimSpace(record[t.load]), 64)
	if err != nil || !(value >= 0) || value/t.scale > mostLevel {
		bad(t.load, fmt.Sprintf("the load must be a number from 0, at most %g times today's peak", float64(mostLevel)))
		return
	}
	if len(t.knots) == 0 {
		t.origin = seconds
	}
	since := seconds - t.origin
	if since < 0 || since > Longest.Seconds() {
		bad(t.time, fmt.Sprintf("must be within %s after the first row", Longest))
		return
	}
	at := time.Duration(math.Round(since * float64(time.Second)))
	if n := len(t.knots); n > 0 && at < t.knots[n-1].At {
		bad(t.time, "must not be before the row above")
		return
	}
	t.knots = append(t.knots, Knot{At: at, Level: value / t.scale})
}

func (t *trace) seconds(text string) (float64, error) {
	text = strings.TrimSpace(text)
	if t.absolute {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return 0, errors.New("must be a time such as 2026-11-24T10:00:00Z")
		}
		return float64(at.Unix()) + float64(at.Nanosecond())/1e9, nil
	}
	s, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(s) || math.IsInf(s, 0) {
		return 0, errors.New("must be a number of seconds")
	}
	return s, nil
}
