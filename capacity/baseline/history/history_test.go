package history

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/agencyos/headroom/capacity/baseline/loadtest"
)

var (
	began   = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	buckets = []float64{5, 10, 25, 50, 75, 100, 250, 500, 1000, 2500, math.Inf(1)}
)

// histogram of n latencies of a gamma distribution, in the buckets of most clients.
func histogram(mean, cv2, n float64) Histogram {
	g := distuv.Gamma{Alpha: 1 / cv2, Beta: 1 / (cv2 * mean)}
	cumulative := map[float64]float64{}
	for _, bound := range buckets {
		cumulative[bound] = n * g.CDF(bound)
	}
	cumulative[math.Inf(1)] = n
	h, ok := NewHistogram(cumulative, mean*n)
	if !ok {
		panic("a histogram that is none")
	}
	return h
}

// past is a history of days with load between 10 and 80 per pod; change makes it
// another one.
func past(days int, change func(i int, w *Window)) History {
	h := History{Source: "made up", Window: 5 * time.Minute, Asked: time.Duration(days) * 24 * time.Hour}
	for i := range days * 288 {
		perPod := 45 - 35*math.Cos(2*math.Pi*float64(i)/288)
		latency := histogram(20, 0.6, perPod*3*300)
		w := Window{End: began.Add(time.Duration(i+1) * h.Window), Pods: 3, RPS: 3 * perPod, CPUMilli: 3 * (8*perPod + 25), MemoryMiB: 300 + perPod, Latency: &latency}
		change(i, &w)
		h.Windows = append(h.Windows, w)
	}
	return h
}

func unchanged(int, *Window) {}

func TestSteps(t *testing.T) {
	test, err := past(3, unchanged).Test()
	if err != nil {
		t.Fatal(err)
	}
	if len(test.Steps) != bins || len(test.Notes) != 0 {
		t.Fatalf("%d steps, notes %q", len(test.Steps), test.Notes)
	}
	last := 0.0
	for _, s := range test.Steps {
		if s.AchievedRPS <= last || s.OfferedRPS != s.AchievedRPS || math.Abs(s.CPUMilli-(8*s.AchievedRPS+25)) > 1e-6 || math.Abs(s.MeanMillis-20) > 0.01 || math.Abs(s.CV2-0.6) > 0.01 {
			t.Errorf("step %+v", s)
		}
		want := distuv.Gamma{Alpha: 1 / 0.6, Beta: 1 / (0.6 * 20)}.Quantile(0.99)
		if math.Abs(s.P99Millis-want) > 0.5 || s.P99LowMillis > want || s.P99HighMillis < want || s.P99HighMillis > 100 || s.ArrivalCV2 != 1 {
			t.Errorf("p99 %g in %g to %g, want %g", s.P99Millis, s.P99LowMillis, s.P99HighMillis, want)
		}
		last = s.AchievedRPS
	}
}

func TestHistoryRefused(t *testing.T) {
	cases := map[string]struct {
		reason string
		in     History
		want   string
	}{
		"Empty":     {"nothing was recorded", History{Window: time.Minute, Asked: time.Hour}, "history = 0 windows"},
		"NoLatency": {"load without latencies", past(2, func(_ int, w *Window) { w.Latency = nil }), "history = 0 windows"},
		"NoPods":    {"nobody counted the pods", past(2, func(_ int, w *Window) { w.Pods = 0 }), "history = 0 windows"},
		"NaN":       {"rates that are no numbers", past(2, func(_ int, w *Window) { w.RPS = math.NaN() }), "history = 0 windows"},
		"Short":     {"an evening is no day", func() History { h := past(2, unchanged); h.Windows = h.Windows[:100]; return h }(), "must span at least 24h"},
		"Gaps": {"most of it is missing", past(4, func(i int, w *Window) {
			if i%3 != 0 {
				w.RPS = 0
			}
		}), "missing: must have at least half"},
		"Constant": {"a load that never varies", past(2, func(_ int, w *Window) { w.RPS = 90 }), "must vary by a factor of 1.5"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := tc.in.Test(); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: error %v, want %q", tc.reason, err, tc.want)
			}
		})
	}
}

func TestGapsAreTold(t *testing.T) {
	test, err := past(3, func(i int, w *Window) {
		if i > 100 && i < 200 {
			w.Latency = nil
		}
	}).Test()
	if err != nil || len(test.Notes) != 1 || test.Notes[0] != "11% of the windows have no data" {
		t.Errorf("notes %q, error %v", test.Notes, err)
	}
}

// The order of windows and where a day begins change nothing.
func TestOrderChangesNothing(t *testing.T) {
	h := past(2, unchanged)
	want, err := h.Test()
	if err != nil {
		t.Fatal(err)
	}
	steps := func(test loadtest.Test) []float64 {
		var out []float64
		for _, s := range test.Steps {
			out = append(out, Round(s.AchievedRPS), Round(s.P99Millis), Round(s.CPUMilli))
		}
		return out
	}
	for i := range h.Windows {
		h.Windows[i].End = h.Windows[i].End.Add(12 * time.Hour)
	}
	got, err := h.Test()
	if diff := cmp.Diff(steps(want), steps(got)); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
}

// Round to what a comparison can hold.
func Round(x float64) float64 { return math.Round(1e6*x) / 1e6 }

func TestPeak(t *testing.T) {
	h := past(14, func(i int, w *Window) {
		if i == 1000 { // one window of a crowd
			w.RPS *= 5
		}
	})
	p := h.Peak()
	if math.Abs(p.RPS-240) > 5 || p.HighestRPS < 400 || !p.Highest.Equal(h.Windows[1000].End) || math.Abs(p.Pods-3) > 1e-9 {
		t.Errorf("peak %+v", p)
	}
	if p := (History{}).Peak(); p != (Peak{}) {
		t.Errorf("an empty history has the peak %+v", p)
	}
}

// The distribution behind coarse buckets comes out, and so do its quantiles.
func TestHistogram(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mean, cv2 := rapid.Float64Range(8, 300).Draw(t, "mean"), rapid.Float64Range(0.2, 2).Draw(t, "cv2")
		h := histogram(mean, cv2, 1e6)
		if got := h.gamma(); math.Abs(got.cv2/cv2-1) > 0.02 {
			t.Fatalf("cv² %g, want %g", got.cv2, cv2)
		}
		g := distuv.Gamma{Alpha: 1 / cv2, Beta: 1 / (cv2 * mean)}
		for _, q := range []float64{0.5, 0.9, 0.99} {
			if want := g.Quantile(q); want < 2500 && math.Abs(h.Quantile(q)/want-1) > 0.02 {
				t.Fatalf("p%g = %g, want %g", 100*q, h.Quantile(q), want)
			}
		}
	})
}

// Whatever is in the buckets, a quantile lies in one of them.
func TestQuantileStaysInItsBucket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cumulative := map[float64]float64{}
		n := 0.0
		for _, bound := range buckets {
			n += rapid.SampledFrom([]float64{0, 0, 1, 1000, 1e9}).Draw(t, "count")
			cumulative[bound] = n
		}
		h, ok := NewHistogram(cumulative, rapid.Float64Range(1e-3, 1e12).Draw(t, "sum"))
		if !ok {
			return
		}
		for _, q := range []float64{0.01, 0.5, 0.99} {
			value, low, high := h.quantile(q, h.gamma())
			if math.IsNaN(value) || math.IsInf(value, 0) || value < low || value > high {
				t.Fatalf("p%g = %v in %v to %v", 100*q, value, low, high)
			}
		}
	})
}

func TestNoHistogram(t *testing.T) {
	inf := math.Inf(1)
	for reason, in := range map[string]map[float64]float64{
		"no bucket": {}, "only the count": {inf: 5}, "no upper end": {1: 2, 5: 3}, "nothing counted": {1: 0, inf: 0}, "a bound below 0": {-1: 0, inf: 5}, "without end": {1: 2, inf: inf},
	} {
		if _, ok := NewHistogram(in, 10); ok {
			t.Errorf("%s is a histogram", reason)
		}
	}
	for _, sum := range []float64{0, -1, math.NaN(), inf} {
		if _, ok := NewHistogram(map[float64]float64{1: 2, inf: 5}, sum); ok {
			t.Errorf("a sum of %v is one", sum)
		}
	}
}

// Histograms whose buckets changed in between add up.
func TestAdd(t *testing.T) {
	a := histogram(20, 0.6, 1000)
	b, _ := NewHistogram(map[float64]float64{20: 600, 60: 900, math.Inf(1): 1000}, 20000)
	a.Add(b)
	if a.Count() != 2000 || math.Abs(a.gamma().mean-20) > 0.01 {
		t.Errorf("%g latencies of %g ms", a.Count(), a.gamma().mean)
	}
	var empty Histogram
	empty.Add(b)
	if empty.Count() != 1000 {
		t.Errorf("%g latencies", empty.Count())
	}
}
