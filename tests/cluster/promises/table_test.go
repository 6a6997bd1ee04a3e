//go:build linux

package promises

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
)

// table is what the tests found.
type table struct {
	mu   sync.Mutex
	rows []row
	// lines compare simulator and reality, one a scenario.
	lines []string
}

// row is one criterion.
type row struct {
	criterion, promised, unit string
	// measured, the best first.
	measured []float64
	pass     bool
}

// atMost adds a criterion that holds when every measurement is within the limit.
// It returns whether it holds.
func (t *table) atMost(criterion string, limit float64, unit string, measured ...float64) bool {
	pass := len(measured) > 0 && slices.Max(measured) <= limit
	t.add(row{criterion, fmt.Sprintf("≤ %.4g %s", limit, unit), unit, rising(measured), pass})
	return pass
}

// atLeast is its counterpart.
func (t *table) atLeast(criterion string, limit float64, unit string, measured ...float64) bool {
	pass := len(measured) > 0 && slices.Min(measured) >= limit
	t.add(row{criterion, fmt.Sprintf("≥ %.4g %s", limit, unit), unit, falling(measured), pass})
	return pass
}

// above adds one that holds when every measurement exceeds the limit.
func (t *table) above(criterion string, limit float64, unit string, measured ...float64) bool {
	pass := len(measured) > 0 && slices.Min(measured) > limit
	t.add(row{criterion, fmt.Sprintf("> %.4g %s", limit, unit), unit, falling(measured), pass})
	return pass
}

func rising(measured []float64) []float64 { return slices.Sorted(slices.Values(measured)) }

func falling(measured []float64) []float64 {
	out := rising(measured)
	slices.Reverse(out)
	return out
}

// note adds figures that promise nothing.
func (t *table) note(what, unit string, measured ...float64) {
	t.add(row{what, "-", unit, rising(measured), true})
}

// compared adds a line on simulator and reality.
func (t *table) compared(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, line)
}

func (t *table) add(r row) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows = append(t.rows, r)
}

// broken are the criteria that do not hold.
func (t *table) broken() (out []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.rows {
		if !r.pass {
			out = append(out, r.criterion)
		}
	}
	return out
}

// print writes the table and what was compared in words.
func (t *table) print(out io.Writer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	slices.SortStableFunc(t.rows, func(a, b row) int { return cmp.Compare(a.criterion, b.criterion) })
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CRITERION\tPROMISED\tN\tMEDIAN\tP95\tWORST\tUNIT\t")
	for _, r := range t.rows {
		verdict := "ok"
		switch {
		case r.promised == "-":
			verdict = "-"
		case !r.pass:
			verdict = "FAIL"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\n", r.criterion, r.promised, len(r.measured), r.quantile(0.5), r.quantile(0.95), r.quantile(1), r.unit, verdict)
	}
	_ = w.Flush() // errors show in what is written next
	slices.Sort(t.lines)
	fmt.Fprintf(out, "\n| scenario | real: replicas | syncs | within a period | first scale: real, simulated (s) | capacity: real, simulated (s) |\n|---|---|---|---|---|---|\n%s\n", strings.Join(t.lines, "\n"))
}

// quantile is the measurement that so large a share is as good as or better.
func (r row) quantile(q float64) string {
	if len(r.measured) == 0 {
		return "none"
	}
	return fmt.Sprintf("%.4g", r.measured[max(0, int(math.Ceil(q*float64(len(r.measured))))-1)])
}
