package history

import (
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"
)

// PeakQuantile of the windows is today's peak: in two weeks of windows of five
// minutes, twenty minutes are above it.
const PeakQuantile = 0.999

// Peak is today's peak as the pods saw it.
type Peak struct {
	// RPS is the PeakQuantile of the windows, and HighestRPS the highest window, at
	// Highest.
	RPS        float64   `json:"rps"`
	HighestRPS float64   `json:"highestRps"`
	Highest    time.Time `json:"highest"`
	// P99Millis of the hundredth of the windows with the most load.
	P99Millis float64 `json:"p99Millis"`
	// Pods are the mean number of pods in those.
	Pods float64 `json:"pods"`
}

// Peak of the history; zero without usable windows.
func (h History) Peak() (p Peak) {
	windows := slices.DeleteFunc(slices.Clone(h.Windows), func(w Window) bool { return !w.good() })
	if len(windows) == 0 {
		return p
	}
	slices.SortStableFunc(windows, func(a, b Window) int {
		switch {
		case a.RPS < b.RPS:
			return -1
		case a.RPS > b.RPS:
			return 1
		}
		return 0
	})
	var rates []float64
	for _, w := range windows {
		rates = append(rates, w.RPS)
	}
	last := windows[len(windows)-1]
	p.RPS, p.HighestRPS, p.Highest = stat.Quantile(PeakQuantile, stat.LinInterp, rates, nil), last.RPS, last.End
	top := windows[len(windows)-max(1, len(windows)/100):]
	var all Histogram
	for _, w := range top {
		all.Add(*w.Latency)
		p.Pods += w.Pods / float64(len(top))
	}
	p.P99Millis = all.Quantile(0.99)
	return p
}
