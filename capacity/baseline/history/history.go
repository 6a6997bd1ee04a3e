package history

import (
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/baseline/loadtest"
)

// History of one service in windows of equal length.
type History struct {
	// Source says where it comes from.
	Source string
	// Window is the length of each window, and Asked how much history was asked for.
	Window, Asked time.Duration
	// Windows in the order of time; those without data are left out.
	Windows []Window
	// StartupSeconds from the start of a container to a Ready pod, at the p95 of the
	// pods; 0 was not recorded.
	StartupSeconds float64
}

// Window is what happened in a stretch of time, over all pods.
type Window struct {
	// End of the window.
	End time.Time
	// Pods that served.
	Pods float64
	// RPS that they answered, and those of it that failed.
	RPS, FailedRPS float64
	// CPUMilli of all pods together; 0 was not measured.
	CPUMilli float64
	// MemoryMiB of the largest pod; 0 was not measured.
	MemoryMiB float64
	// Latency of the requests; nil was not measured.
	Latency *Histogram
}

// perPod is the load of one pod.
func (w Window) perPod() float64 { return w.RPS / w.Pods }

func (w Window) good() bool {
	for _, x := range []float64{w.Pods, w.RPS} {
		if !(x > 0) || math.IsInf(x, 0) {
			return false
		}
	}
	return w.Latency != nil && w.Latency.Count() > 0
}

// What a history must have.
const (
	// leastCover is the share of the windows asked for that must have data.
	leastCover = 0.5
	// leastSpan has a peak and a night.
	leastSpan = 24 * time.Hour
	// leastWindows of a step.
	leastWindows = 3
	// bins of load per pod, from the lowest to the highest.
	bins = 10
	// leastSpread is the ratio of the highest load per pod to the lowest.
	leastSpread = 1.5
)

// Test is the history as steps of load per pod. The error is baseline.Problems.
func (h History) Test() (loadtest.Test, error) {
	windows, err := h.usable()
	if err != nil {
		return loadtest.Test{}, err
	}
	t := loadtest.Test{Source: h.Source, Start: windows[0].End.Add(-h.Window), End: windows[len(windows)-1].End}
	if missing := h.missing(len(windows)); missing > 0.02 {
		t.Notes = append(t.Notes, fmt.Sprintf("%.0f%% of the windows have no data", 100*missing))
	}
	for _, bin := range binned(windows) {
		t.Steps = append(t.Steps, h.step(bin))
	}
	wide := 0
	for _, s := range t.Steps {
		if s.P99HighMillis > 1.5*s.P99LowMillis {
			wide++
		}
	}
	if wide > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("the p99 of %d of %d loads is known to within half of itself only: the histogram needs finer buckets around it, or more days", wide, len(t.Steps)))
	}
	return t, nil
}

func (h History) missing(windows int) float64 {
	return math.Max(0, 1-float64(windows)*h.Window.Seconds()/h.Asked.Seconds())
}

// usable are the windows with load and latency, if they are enough.
func (h History) usable() ([]Window, error) {
	windows := slices.DeleteFunc(slices.Clone(h.Windows), func(w Window) bool { return !w.good() })
	problem := func(value, rule, fix string) error {
		return baseline.Problems{{Path: "history", Value: value, Rule: rule, Fix: fix}}
	}
	if len(windows) == 0 {
		return nil, problem("0 windows", "must have requests, latencies and pods at the same time", "check the names of the metrics and the labels of the service")
	}
	first, last := windows[0], windows[len(windows)-1]
	if span := last.End.Sub(first.End) + h.Window; span < leastSpan {
		return nil, problem(span.String(), fmt.Sprintf("must span at least %s", leastSpan), "a day has its peak and its night; wait, or query a system that keeps more")
	}
	if missing := h.missing(len(windows)); missing > 1-leastCover {
		return nil, problem(fmt.Sprintf("%.0f%% of %s missing", 100*missing, days(h.Asked)), "must have at least half of what was asked for", "ask for fewer --days, or query a system that keeps more")
	}
	low, high := math.Inf(1), 0.0
	for _, w := range windows {
		low, high = math.Min(low, w.perPod()), math.Max(high, w.perPod())
	}
	if high < leastSpread*low {
		return nil, problem(fmt.Sprintf("%.4g to %.4g rps per pod", low, high), fmt.Sprintf("must vary by a factor of %g at least: a line needs two points", leastSpread), "load-test one pod instead, or ask for more --days")
	}
	return windows, nil
}

func days(d time.Duration) string { return fmt.Sprintf("%.3g days", d.Hours()/24) }

// binned are the windows by their load per pod, in bins of equal width; a bin with
// too few windows joins the one below.
func binned(windows []Window) [][]Window {
	ordered := slices.Clone(windows)
	slices.SortStableFunc(ordered, func(a, b Window) int {
		switch {
		case a.perPod() < b.perPod():
			return -1
		case a.perPod() > b.perPod():
			return 1
		}
		return a.End.Compare(b.End)
	})
	low, high := ordered[0].perPod(), ordered[len(ordered)-1].perPod()
	var out [][]Window
	at := -1
	for _, w := range ordered {
		bin := min(bins-1, int(bins*(w.perPod()-low)/(high-low)))
		if n := len(out); n == 0 || bin != at && len(out[n-1]) >= leastWindows {
			out, at = append(out, nil), bin
		}
		out[len(out)-1] = append(out[len(out)-1], w)
	}
	if n := len(out); n > 1 && len(out[n-1]) < leastWindows {
		out[n-2] = append(out[n-2], out[n-1]...)
		out = out[:n-1]
	}
	return out
}

// step puts the windows of one load together, each pod and second alike.
func (h History) step(windows []Window) loadtest.Step {
	s := loadtest.Step{ArrivalCV2: 1, Seconds: float64(len(windows)) * h.Window.Seconds()}
	var pods, requests, failed, cpu, cpuPods float64
	var all Histogram
	byDay := map[string]*Histogram{}
	for _, w := range windows {
		pods, requests, failed = pods+w.Pods, requests+w.RPS, failed+w.FailedRPS
		if w.CPUMilli > 0 {
			cpu, cpuPods = cpu+w.CPUMilli, cpuPods+w.Pods
		}
		s.MemoryMiB = math.Max(s.MemoryMiB, w.MemoryMiB)
		all.Add(*w.Latency)
		day := w.End.UTC().Format(time.DateOnly)
		if byDay[day] == nil {
			byDay[day] = &Histogram{}
		}
		byDay[day].Add(*w.Latency)
	}
	s.OfferedRPS, s.AchievedRPS = requests/pods, requests/pods
	s.FailedShare = math.Min(1, failed/requests)
	if cpuPods > 0 {
		s.CPUMilli = cpu / cpuPods
	}
	s.Name = fmt.Sprintf("%d windows", len(windows))
	describe(&s, all, byDay)
	return s
}

// describe fills in the latency. The interval of the p99 is its bucket, or what the
// days differ by, whichever is wider.
func describe(s *loadtest.Step, all Histogram, byDay map[string]*Histogram) {
	g := all.gamma()
	s.Requests = int(math.Min(math.MaxInt32, all.Count()))
	s.MeanMillis, s.CV2 = g.mean, g.cv2
	s.P50Millis, _, _ = all.quantile(0.5, g)
	s.P99Millis, s.P99LowMillis, s.P99HighMillis = all.quantile(0.99, g)
	var p99s, means []float64
	for _, day := range byDay {
		own := day.gamma()
		p99, _, _ := day.quantile(0.99, own)
		p99s, means = append(p99s, p99), append(means, own.mean)
	}
	if n := float64(len(means)); n >= 3 {
		s.MeanStdErr = stat.StdErr(stat.StdDev(means, nil), n)
		spread := 1.96 * stat.StdErr(stat.StdDev(p99s, nil), n)
		s.P99LowMillis, s.P99HighMillis = math.Min(s.P99LowMillis, s.P99Millis-spread), math.Max(s.P99HighMillis, s.P99Millis+spread)
		s.P99LowMillis = math.Max(0, s.P99LowMillis)
	}
}
