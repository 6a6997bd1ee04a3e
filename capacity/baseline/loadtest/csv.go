package loadtest

import (
	"fmt"
	"io"

	"github.com/agencyos/headroom/capacity/baseline"
)

// Columns of a CSV of steps: the load in requests per second, latencies in
// milliseconds, cpu in cores, memory_mib in MiB, failed as a share from 0 to 1,
// seconds that the step lasted, dropped and requests as counts, and the cv² of the
// latency and of the time between arrivals. offered_rps and p99 are required, and
// so is a mean or p50.
func Columns() []string {
	return []string{"step", "offered_rps", "achieved_rps", "seconds", "requests", "mean", "p50", "p99", "cv2", "arrival_cv2", "failed", "dropped", "cpu", "memory_mib"}
}

// most bounds a figure of a step.
const most = 1e9

func readCSV(file io.Reader) ([]Step, error) {
	t, err := newTable(file, Columns()...)
	if err != nil {
		return nil, err
	}
	for _, column := range []string{"offered_rps", "p99"} {
		if !t.has(column) {
			t.add(fmt.Sprintf("column %q", column), "", "is missing", "such as step,offered_rps,achieved_rps,p50,p99,cpu")
		}
	}
	if !t.has("p50") && !t.has("mean") {
		t.add(`column "mean"`, "", "or p50 is missing", "the service time follows from it")
	}
	if err := t.err(); err != nil {
		return nil, err
	}
	var steps []Step
	for t.next() {
		steps = append(steps, t.step())
	}
	if len(steps) == 0 && len(t.found) == 0 {
		t.add("file", "0 rows", "must have a row per step", "")
	}
	return steps, t.err()
}

// step is the current row. What a saturated step could not measure may be empty.
func (t *table) step() Step {
	s := Step{
		Name: t.text("step"), OfferedRPS: t.above0("offered_rps", most), AchievedRPS: t.number("achieved_rps", most),
		Seconds: t.number("seconds", most), Requests: int(t.number("requests", most)), MeanMillis: t.number("mean", maxMillis),
		P50Millis: t.number("p50", maxMillis), P99Millis: t.above0("p99", maxMillis), CV2: t.number("cv2", most), ArrivalCV2: t.number("arrival_cv2", most),
		FailedShare: t.number("failed", 1), Dropped: t.number("dropped", most), CPUMilli: 1000 * t.number("cpu", most), MemoryMiB: t.number("memory_mib", most),
	}
	if s.Name == "" {
		s.Name = at(t.line)
	}
	if !t.has("achieved_rps") {
		s.AchievedRPS = s.OfferedRPS
	}
	if s.Requests == 0 {
		s.Requests = int(min(most, s.AchievedRPS*s.Seconds))
	}
	t.consistent(s)
	s.complete()
	return s
}

// above0 is a number that a step without it would not have; only the p99 of a
// saturated step may be missing.
func (t *table) above0(column string, most float64) float64 {
	before := len(t.found)
	x := t.number(column, most)
	if text := t.text(column); x == 0 && len(t.found) == before && (text != "" || column == "offered_rps") {
		t.add(at(t.line)+": "+column, text, "must be above 0", "leave out steps without load")
	}
	return x
}

// consistent refuses what no measurement can give.
func (t *table) consistent(s Step) {
	if s.P99Millis > 0 && s.P50Millis > s.P99Millis {
		t.found = append(t.found, baseline.Problem{Path: at(t.line) + ": p50", Value: fmt.Sprint(s.P50Millis), Rule: fmt.Sprintf("must be at most p99 %g", s.P99Millis), Fix: "are the columns in the right order?"})
	}
	if s.P99Millis > 0 && s.MeanMillis > s.P99Millis {
		t.found = append(t.found, baseline.Problem{Path: at(t.line) + ": mean", Value: fmt.Sprint(s.MeanMillis), Rule: fmt.Sprintf("must be at most p99 %g", s.P99Millis), Fix: "are both in milliseconds?"})
	}
	if s.AchievedRPS > 1.05*s.OfferedRPS && s.OfferedRPS > 0 {
		t.found = append(t.found, baseline.Problem{Path: at(t.line) + ": achieved_rps", Value: fmt.Sprint(s.AchievedRPS), Rule: fmt.Sprintf("must be at most offered_rps %g", s.OfferedRPS), Fix: "are the columns in the right order?"})
	}
}
