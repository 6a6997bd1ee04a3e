package loadtest

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/catalog"
)

// mostRows of a table: a day of samples every second, ten times over.
const mostRows = 1_000_000

// table is CSV with a header, read row by row: lines that start with # are
// comments, a byte order mark is dropped, every problem has its line.
type table struct {
	rows   *csv.Reader
	header []string
	// record and line of the current row.
	record []string
	line   int
	found  baseline.Problems
}

// newTable reads the header, whose columns must be of those known, each once.
func newTable(file io.Reader, known ...string) (*table, error) {
	content, err := plain(file)
	if err != nil {
		return nil, err
	}
	if mark, _ := content.Peek(3); string(mark) == "\ufeff" {
		_, _ = content.Discard(3) // cannot fail: it was peeked at
	}
	t := &table{rows: csv.NewReader(content)}
	t.rows.Comment, t.rows.TrimLeadingSpace, t.rows.ReuseRecord = '#', true, true
	header, err := t.rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, baseline.Problems{{Path: "file", Value: "empty", Rule: "must have a header and rows", Fix: "known columns: " + strings.Join(known, ", ")}}
	}
	if err != nil {
		return nil, baseline.Problems{unreadable(1, err)}
	}
	for _, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		switch {
		case !slices.Contains(known, name):
			t.add(fmt.Sprintf("column %q", clip(name)), "", "is unknown", catalog.Known(name, known))
		case slices.Contains(t.header, name):
			t.add(fmt.Sprintf("column %q", name), "", "occurs twice", "keep one of them")
		}
		t.header = append(t.header, name)
	}
	return t, t.err()
}

func (t *table) add(path, value, rule, fix string) {
	if len(t.found) < mostProblems {
		t.found = append(t.found, baseline.Problem{Path: path, Value: value, Rule: rule, Fix: fix})
	}
}

func (t *table) err() error {
	if len(t.found) == 0 {
		return nil
	}
	return t.found
}

// next moves to the next row; false at the end or where reading on makes no sense.
func (t *table) next() bool {
	for rows := 0; rows <= mostRows; rows++ {
		record, err := t.rows.Read()
		if errors.Is(err, io.EOF) || len(t.found) >= mostProblems {
			return false
		}
		if err != nil && !errors.Is(err, csv.ErrFieldCount) {
			t.found = append(t.found, unreadable(t.line+1, err))
			return false
		}
		t.line, _ = t.rows.FieldPos(0)
		if err == nil {
			t.record = record
			return true
		}
		t.add(at(t.line), fmt.Sprintf("%d fields", len(record)), fmt.Sprintf("must have %d, as the header", len(t.header)), "is the file cut off?")
	}
	return false
}

func (t *table) has(column string) bool { return slices.Contains(t.header, column) }

// text of a column, "" where there is none.
func (t *table) text(column string) string {
	if i := slices.Index(t.header, column); i >= 0 {
		return strings.TrimSpace(t.record[i])
	}
	return ""
}

// number of a column from 0 to most; 0 where the column or its value is not there.
func (t *table) number(column string, most float64) float64 {
	text := t.text(column)
	if text == "" {
		return 0
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || x < 0 || x > most {
		t.add(at(t.line)+": "+column, strconv.Quote(clip(text)), fmt.Sprintf("must be a number from 0 to %g", most), "write a plain number, or leave the field empty where nothing was measured")
		return 0
	}
	return x
}
