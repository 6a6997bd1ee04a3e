package loadtest

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/text"
)

// Usage is what a pod used over time.
type Usage struct {
	points []usagePoint
	// since says that times count from the start of the test.
	since bool
	// counter says that cpu counts seconds since the process began.
	counter bool
}

type usagePoint struct {
	// at in seconds since 1970, or since the start of the test.
	at float64
	// cpu in millicores, or in seconds for a counter.
	cpu, memory float64
}

// UsageColumns of a CSV of usage: time as RFC 3339, or seconds since 1970 or since
// the start of the test; one of cores, millicores, or cpu_seconds, a counter; and
// optionally memory_mib.
func UsageColumns() []string {
	return []string{"time", "seconds", "cores", "millicores", "cpu_seconds", "memory_mib"}
}

// sinceEpoch is a number of seconds that no test lasts.
const sinceEpoch = 1e9

// ReadUsage reads CSV. The error is baseline.Problems.
func ReadUsage(file io.Reader) (Usage, error) {
	t, err := newTable(file, UsageColumns()...)
	if err != nil {
		return Usage{}, err
	}
	column := t.usageColumn()
	if err := t.err(); err != nil {
		return Usage{}, err
	}
	u := Usage{counter: column == "cpu_seconds"}
	for t.next() {
		u.points = append(u.points, t.usage(column))
	}
	if len(u.points) < 2 && len(t.found) == 0 {
		t.add("file", fmt.Sprintf("%d rows", len(u.points)), "must have two or more", "sample every few seconds")
	}
	slices.SortStableFunc(u.points, func(a, b usagePoint) int { return cmp.Compare(a.at, b.at) })
	u.since = len(u.points) > 0 && u.points[0].at < sinceEpoch
	return u, t.err()
}

// usageColumn is the column of CPU; anything but one of them and one of time is a
// problem.
func (t *table) usageColumn() string {
	column := ""
	for _, name := range []string{"cores", "millicores", "cpu_seconds"} {
		if t.has(name) && column != "" {
			t.add(fmt.Sprintf("column %q", name), "", "is a second column of CPU", "keep one of them")
		} else if t.has(name) {
			column = name
		}
	}
	if column == "" {
		t.add(`column "cores"`, "", "or millicores or cpu_seconds is missing", "such as time,millicores")
	}
	if t.has("time") == t.has("seconds") {
		t.add(`column "time"`, "", "or seconds must be there, and not both", "such as time,millicores")
	}
	return column
}

func (t *table) usage(column string) usagePoint {
	p := usagePoint{cpu: t.number(column, most), memory: t.number("memory_mib", most)}
	if column == "cores" {
		p.cpu *= 1000
	}
	if !t.has("time") {
		p.at = t.number("seconds", 1e12)
		return p
	}
	moment, err := time.Parse(time.RFC3339, t.text("time"))
	if err != nil {
		t.add(at(t.line)+": time", strconv.Quote(clip(t.text("time"))), "must be a time such as 2026-11-24T10:00:00Z", "")
		return p
	}
	p.at = float64(moment.UnixNano()) / 1e9
	return p
}

// NewUsage is a usage from samples of millicores and MiB at times, such as those of
// a monitoring system.
func NewUsage(times []time.Time, milli, memory []float64) Usage {
	var u Usage
	for i, t := range times {
		p := usagePoint{at: float64(t.UnixNano()) / 1e9, cpu: milli[i]}
		if i < len(memory) {
			p.memory = memory[i]
		}
		u.points = append(u.points, p)
	}
	return u
}

// WithUsage fills in what the pod used in every step. The error is
// baseline.Problems, when no step has usage.
func (t Test) WithUsage(u Usage) (Test, error) {
	if t.Start.IsZero() {
		return t, baseline.Problems{{Path: "cpu", Rule: "cannot be matched: the test's results have no times", Fix: "use raw results, or a CSV with a column cpu"}}
	}
	steps, matched := slices.Clone(t.Steps), 0
	for i := range steps {
		s := &steps[i]
		from, to := u.clock(t.Start, s.Start), u.clock(t.Start, s.End())
		cpu, memory, ok := u.mean(from, to)
		if !ok {
			continue
		}
		matched++
		s.CPUMilli, s.MemoryMiB = cpu, math.Max(memory, s.MemoryMiB)
	}
	if matched == 0 {
		first, last := u.points[0].at, u.points[len(u.points)-1].at
		return t, baseline.Problems{{Path: "cpu", Rule: fmt.Sprintf("has no two samples within a step: it covers %s to %s, the test %s to %s", u.label(first), u.label(last), stamp(t.Start), stamp(t.End)),
			Fix: "sample the pod during the test, at least every few seconds, by the same clock"}}
	}
	t.Steps = steps
	if matched < len(steps) {
		t.Notes = append(slices.Clone(t.Notes), fmt.Sprintf("CPU was not sampled in %s", text.Count(len(steps)-matched, "step", "steps")))
	}
	return t, nil
}

// clock is a time of the test by the clock of the usage.
func (u Usage) clock(start, at time.Time) float64 {
	if u.since {
		return at.Sub(start).Seconds()
	}
	return float64(at.UnixNano()) / 1e9
}

func (u Usage) label(at float64) string {
	if u.since {
		return fmt.Sprintf("%.0f s", at)
	}
	return stamp(time.Unix(0, int64(at*1e9)))
}

func stamp(t time.Time) string { return t.UTC().Format(time.DateTime) }

// mean use in a time, which two samples at least must lie in.
func (u Usage) mean(from, to float64) (cpu, memory float64, ok bool) {
	low, _ := slices.BinarySearchFunc(u.points, from, func(p usagePoint, t float64) int { return cmp.Compare(p.at, t) })
	high, _ := slices.BinarySearchFunc(u.points, to, func(p usagePoint, t float64) int { return cmp.Compare(p.at, t) })
	points := u.points[low:max(low, high)]
	if len(points) < 2 {
		return 0, 0, false
	}
	for _, p := range points {
		cpu += p.cpu / float64(len(points))
		memory = math.Max(memory, p.memory)
	}
	if !u.counter {
		return cpu, memory, true
	}
	used := 0.0
	for i := 1; i < len(points); i++ {
		// A counter that falls began again at 0 with a new process.
		if d := points[i].cpu - points[i-1].cpu; d >= 0 {
			used += d
		} else {
			used += points[i].cpu
		}
	}
	first, last := points[0].at, points[len(points)-1].at
	if !(last > first) {
		return 0, 0, false
	}
	return 1000 * used / (last - first), memory, true
}

// Sample of a counter of CPU seconds.
type Sample struct {
	At      time.Time
	Seconds float64
}

// CounterUsage adds counters of CPU seconds up, such as those of the containers of a
// pod, each sampled at times of its own: between two samples a counter rises evenly.
func CounterUsage(counters [][]Sample) Usage {
	u := Usage{counter: true}
	rises := map[float64]float64{} // the change of the slope of the sum at a time
	for _, samples := range counters {
		for i := 1; i < len(samples); i++ {
			from, to := samples[i-1].At, samples[i].At
			d := samples[i].Seconds - samples[i-1].Seconds
			if d < 0 { // a new process began at 0
				d = samples[i].Seconds
			}
			if length := to.Sub(from).Seconds(); length > 0 {
				rises[float64(from.UnixNano())/1e9] += d / length
				rises[float64(to.UnixNano())/1e9] -= d / length
			}
		}
	}
	used, slope, last := 0.0, 0.0, 0.0
	for _, at := range slices.Sorted(maps.Keys(rises)) {
		used += slope * (at - last)
		slope, last = slope+rises[at], at
		u.points = append(u.points, usagePoint{at: at, cpu: used})
	}
	return u
}
