package chart

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestDraw(t *testing.T) {
	nan := math.NaN()
	cases := map[string]struct {
		reason string
		in     Chart
		want   Drawing
	}{
		"Line": {"the axis ends at a round number", Chart{X: []float64{0, 0.5, 1}, Series: []Series{{Name: "a", Class: "b", Y: []float64{0, 2, 4}}}},
			Drawing{Shapes: []Shape{{"a", "b", "M0 200L500 100L1000 0", false}}, Ticks: []Label{{0, "0", 200}, {25, "1", 150}, {50, "2", 100}, {75, "3", 50}, {100, "4", 0}}}},
		"Limit": {"a limit above the data widens the axis", Chart{X: []float64{0, 1}, Series: []Series{{Y: []float64{0, 1}}}, Limits: []Limit{{10, "most"}}},
			Drawing{Shapes: []Shape{{Path: "M0 200L1000 180"}}, Limits: []Label{{100, "most", 0}}, Ticks: []Label{{0, "0", 200}, {25, "2.5", 150}, {50, "5", 100}, {75, "7.5", 50}, {100, "10", 0}}}},
		"Clipped": {"what is too large lies on the top, and limits above it are gone", Chart{X: []float64{0, 1}, Top: 2, Series: []Series{{Y: []float64{1, 9}}}, Limits: []Limit{{1, "low"}, {8, "high"}}},
			Drawing{Shapes: []Shape{{Path: "M0 100L1000 0"}}, Limits: []Label{{50, "low", 100}}, Ticks: []Label{{0, "0", 200}, {25, "0.5", 150}, {50, "1", 100}, {75, "1.5", 50}, {100, "2", 0}}, Clipped: true}},
		"Gap": {"what is not known is not drawn", Chart{X: []float64{0, 0.25, 0.5, 0.75, 1}, Top: 1, Series: []Series{{Y: []float64{1, 1, nan, 1, 1}}}},
			Drawing{Shapes: []Shape{{Path: "M0 0L250 0M750 0L1000 0"}}, Ticks: []Label{{0, "0", 200}, {25, "0.25", 150}, {50, "0.5", 100}, {75, "0.75", 50}, {100, "1", 0}}}},
		"Area": {"there and back", Chart{X: []float64{0, 1}, Top: 1, Series: []Series{{Y: []float64{1, 1}, Base: []float64{0, 0.5}}}},
			Drawing{Shapes: []Shape{{Path: "M0 0L1000 0L1000 100L0 200Z", Area: true}}, Ticks: []Label{{0, "0", 200}, {25, "0.25", 150}, {50, "0.5", 100}, {75, "0.75", 50}, {100, "1", 0}}}},
		"Alarm": {"slices in a row are one bar", Chart{X: []float64{0.25, 0.5, 0.75, 1}, Top: 1, Alarm: []bool{true, false, true, true}},
			Drawing{Shapes: []Shape{{Class: "alarm", Path: "M0 0H250V200H0ZM500 0H1000V200H500Z", Area: true}}, Ticks: []Label{{0, "0", 200}, {25, "0.25", 150}, {50, "0.5", 100}, {75, "0.75", 50}, {100, "1", 0}}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.in.Draw()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// Ticks start at 0, reach the top, and are neither few nor many.
func TestTicks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		top := math.Pow(10, rapid.Float64Range(-6, 9).Draw(t, "magnitude"))
		ticks := Ticks(top, 4)
		last := ticks[len(ticks)-1]
		if ticks[0] != 0 || last < top*(1-1e-9) || last > 2*top || len(ticks) < 3 || len(ticks) > 6 {
			t.Errorf("Ticks(%g) = %v", top, ticks)
		}
	})
	for _, top := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if diff := cmp.Diff([]float64{0, 1}, Ticks(top, 4)); diff != "" {
			t.Errorf("Ticks(%g) (-want +got):\n%s", top, diff)
		}
	}
}

func TestTimeTicks(t *testing.T) {
	for length, want := range map[time.Duration][]string{
		time.Minute:         {"0", "10 s", "20 s", "30 s", "40 s", "50 s", "60 s"},
		41 * time.Minute:    {"0", "10 min", "20 min", "30 min", "40 min"},
		24 * time.Hour:      {"0", "6 h", "12 h", "18 h", "24 h"},
		31 * 24 * time.Hour: {"0", "day 7", "day 14", "day 21", "day 28"},
		0:                   nil,
	} {
		var got []string
		for _, l := range TimeTicks(length, 6) {
			got = append(got, l.Text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", length, diff)
		}
	}
}

func TestCompact(t *testing.T) {
	for in, want := range map[float64]string{0: "0", 0.25: "0.25", 5: "5", 1250: "1250", 20000: "20k", 2.5e6: "2.5M"} {
		if got := Compact(in); got != want {
			t.Errorf("Compact(%g) = %q, want %q", in, got, want)
		}
	}
}
