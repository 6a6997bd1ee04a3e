package history

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"

	"github.com/agencyos/headroom/capacity/baseline/valley"
)

// Histogram of latencies in milliseconds.
type Histogram struct {
	// bounds are the upper ends of the buckets, rising, the last +Inf; counts are of
	// each bucket alone.
	bounds, counts []float64
	// sum of all latencies.
	sum float64
}

// NewHistogram from cumulative counts by upper bound in milliseconds, as Prometheus
// keeps them, and the sum of the latencies. ok is false when they are no histogram:
// no bound but +Inf, a sum that fits none, or nothing counted.
func NewHistogram(cumulative map[float64]float64, sum float64) (h Histogram, ok bool) {
	for bound := range cumulative {
		h.bounds = append(h.bounds, bound)
	}
	slices.Sort(h.bounds)
	if n := len(h.bounds); n < 2 || !math.IsInf(h.bounds[n-1], 1) || !(h.bounds[0] > 0) || !(sum > 0) || math.IsInf(sum, 1) {
		return Histogram{}, false
	}
	last := 0.0
	for _, bound := range h.bounds {
		// Buckets are scraped and extrapolated one by one, so that a later one may be
		// smaller by a hair.
		now := math.Max(cumulative[bound], last)
		h.counts, last = append(h.counts, now-last), now
	}
	h.sum = sum
	return h, last > 0 && !math.IsInf(last, 1)
}

// Count of the latencies.
func (h Histogram) Count() float64 {
	n := 0.0
	for _, c := range h.counts {
		n += c
	}
	return n
}

// Add another histogram. Buckets that changed in between are put into those that
// hold them.
func (h *Histogram) Add(o Histogram) {
	if len(h.bounds) == 0 {
		h.bounds, h.counts, h.sum = slices.Clone(o.bounds), slices.Clone(o.counts), o.sum
		return
	}
	h.sum += o.sum
	for i, bound := range o.bounds {
		at, _ := slices.BinarySearch(h.bounds, bound)
		h.counts[min(at, len(h.counts)-1)] += o.counts[i]
	}
}

// gamma distribution with a mean and cv².
type gamma struct{ mean, cv2 float64 }

// tail is the share above a latency.
func (g gamma) tail(t float64) float64 {
	if math.IsInf(t, 1) {
		return 0
	}
	return mathext.GammaIncRegComp(1/g.cv2, t/(g.mean*g.cv2))
}

// at is the latency above which a share lies.
func (g gamma) at(tail float64) float64 {
	return g.mean * g.cv2 * mathext.GammaIncRegCompInv(1/g.cv2, tail)
}

// The cv² between which a distribution is looked for.
const leastCV2, mostCV2 = 1e-3, 10.0

// gamma is the gamma distribution with the exact mean that makes the counts of the
// buckets likeliest: buckets are too coarse for moments.
func (h Histogram) gamma() gamma {
	mean := h.sum / h.Count()
	unlikely := func(logCV2 float64) float64 {
		g := gamma{mean, math.Exp(logCV2)}
		total, above := 0.0, 1.0
		for i, bound := range h.bounds {
			next := g.tail(bound)
			if h.counts[i] > 0 {
				total -= h.counts[i] * math.Log(math.Max(above-next, 1e-12))
			}
			above = next
		}
		return total
	}
	return gamma{mean, math.Exp(valley.Lowest(unlikely, math.Log(leastCV2), math.Log(mostCV2)))}
}

// Quantile of the latencies.
func (h Histogram) Quantile(q float64) float64 {
	value, _, _ := h.quantile(q, h.gamma())
	return value
}

// quantile of the latencies, and the bucket that it lies in. Within the bucket they
// are spread as the distribution says.
func (h Histogram) quantile(q float64, g gamma) (value, low, high float64) {
	above := (1 - q) * h.Count()
	left := 0.0 // counted above the bucket
	for i := len(h.bounds) - 1; i >= 0; i-- {
		if left+h.counts[i] < above || h.counts[i] == 0 {
			left += h.counts[i]
			continue
		}
		low, high = 0, h.bounds[i]
		if i > 0 {
			low = h.bounds[i-1]
		}
		share := (above - left) / h.counts[i]
		top, bottom := g.tail(high), g.tail(low)
		value = g.at(top + share*(bottom-top))
		if !(value >= low && value <= high) || math.IsInf(value, 1) { // the distribution has nothing there
			value = low + (1-share)*(math.Min(high, 10*low+1)-low)
		}
		return value, low, high
	}
	return 0, 0, h.bounds[0]
}
