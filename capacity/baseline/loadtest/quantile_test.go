package loadtest

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

func TestPercentile(t *testing.T) {
	cases := map[string]struct {
		reason string
		values []float64
		q      float64
		want   float64
	}{
		"One":     {reason: "of one value every quantile is it", values: []float64{7}, q: 0.99, want: 7},
		"Between": {reason: "linear between the values around q·(n−1)", values: []float64{0, 10, 20, 30}, q: 0.5, want: 15},
		"K6":      {reason: "0.99·3 = 2.97, as metrics/sink.go has it", values: []float64{0, 10, 20, 30}, q: 0.99, want: 29.7},
		"Last":    {reason: "the largest is the 100 % quantile", values: []float64{1, 2, 3}, q: 1, want: 3},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := percentile(tc.values, tc.q); math.Abs(got-tc.want) > 1e-12 {
				t.Errorf("%s: want %v, got %v", tc.reason, tc.want, got)
			}
		})
	}
}

// The interval holds the true p99 as often as it says, of independent requests and,
// with the dispersion, of requests that are slow together.
func TestIntervalCovers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	normal := distuv.Normal{Sigma: 1, Src: random}
	const runs, each = 400, 4000
	for name, memory := range map[string]float64{"Independent": 0, "Together": 0.9} {
		t.Run(name, func(t *testing.T) {
			held := 0
			for range runs {
				values, state := make([]float64, each), normal.Rand()
				for i := range values {
					state = memory*state + math.Sqrt(1-memory*memory)*normal.Rand()
					values[i] = state
				}
				ordered := sorted(values)
				low, high := interval(ordered, 0.99, dispersion(values, percentile(ordered, 0.99)))
				if truth := distuv.UnitNormal.Quantile(0.99); low <= truth && truth <= high {
					held++
				}
			}
			if share := float64(held) / runs; share < 0.92 {
				t.Errorf("the interval holds the p99 in %.1f%% of the runs, not in 95%%", 100*share)
			}
		})
	}
}

func TestIntervalOfFew(t *testing.T) {
	low, high := interval([]float64{1, 2, 3, 4, 5}, 0.99, 1)
	if low > 5 || !math.IsInf(high, 1) {
		t.Errorf("five requests bound their p99 by %v to %v", low, high)
	}
}

func TestGammaFromSummaries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mean, cv2 := rapid.Float64Range(0.1, 1e4).Draw(t, "mean"), rapid.Float64Range(0.01, 3).Draw(t, "cv2")
		g := distuv.Gamma{Alpha: 1 / cv2, Beta: 1 / (cv2 * mean)}
		if got := gammaCV2(mean, 0.99, g.Quantile(0.99)); math.Abs(got/cv2-1) > 1e-3 {
			t.Fatalf("cv² of a mean and a p99 = %v, want %v", got, cv2)
		}
		gotMean, gotCV2 := gammaFromQuantiles(g.Quantile(0.5), g.Quantile(0.99))
		if math.Abs(gotMean/mean-1) > 1e-3 || math.Abs(gotCV2/cv2-1) > 1e-3 {
			t.Fatalf("of a median and a p99 %v and %v, want %v and %v", gotMean, gotCV2, mean, cv2)
		}
	})
}

// Heavier tails than a gamma distribution has give the heaviest one, so that nobody
// takes them for constant.
func TestGammaEnds(t *testing.T) {
	cases := map[string]struct {
		reason             string
		mean, quantile     float64
		want, wantOfMedian float64
	}{
		"Heavy":    {"a p99 a million times the mean", 1, 1e6, mostCV2, mostCV2},
		"Constant": {"no spread", 1, 1, 0, 0},
		"Nearly":   {"hardly any", 1, 1 + 1e-9, leastCV2, leastCV2},
		"Below":    {"a p99 below the mean is none", 1, 0.5, 0, 0},
		"NoMean":   {"nothing measured", 0, 1, 0, 0},
		"NaN":      {"no number", math.NaN(), 1, 0, 0},
		"NaNs":     {"no number", 1, math.NaN(), 0, 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, ofMedian := gammaFromQuantiles(tc.mean, tc.quantile)
			if got := gammaCV2(tc.mean, 0.99, tc.quantile); math.Abs(got-tc.want) > 1e-6 || math.Abs(ofMedian-tc.wantOfMedian) > 1e-6 {
				t.Errorf("%s: cv² %v of the mean, %v of the median, want %v and %v", tc.reason, got, ofMedian, tc.want, tc.wantOfMedian)
			}
		})
	}
}
