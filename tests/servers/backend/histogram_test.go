//go:build linux

package backend

import (
	"cmp"
	"math"
	"slices"
	"testing"
)

// histogram is what was observed between two scrapes, in seconds.
type histogram struct {
	count, sum float64
	// upper bounds and the counts up to them.
	bounds, counts []float64
}

// observed is a histogram of one pod, all its series together.
func (p *pod) observed(t *testing.T, name string) histogram {
	t.Helper()
	var h histogram
	up := map[float64]float64{}
	for _, m := range p.scrape(t)[name].GetMetric() {
		h.count += float64(m.GetHistogram().GetSampleCount())
		h.sum += m.GetHistogram().GetSampleSum()
		for _, b := range m.GetHistogram().GetBucket() {
			up[b.GetUpperBound()] += float64(b.GetCumulativeCount())
		}
	}
	for bound := range up {
		h.bounds = append(h.bounds, bound)
	}
	slices.SortFunc(h.bounds, cmp.Compare)
	for _, bound := range h.bounds {
		h.counts = append(h.counts, up[bound])
	}
	return h
}

// since is what came after an earlier scrape.
func (h histogram) since(before histogram) histogram {
	out := histogram{count: h.count - before.count, sum: h.sum - before.sum, bounds: h.bounds, counts: slices.Clone(h.counts)}
	for i := range before.counts {
		out.counts[i] -= before.counts[i]
	}
	return out
}

func (h histogram) mean() float64 { return h.sum / h.count }

// cv2 is the squared coefficient of variation, each observation taken to be in the
// middle of its bucket.
func (h histogram) cv2() float64 {
	squares, sum, last := 0.0, 0.0, 0.0
	for i, n := range h.counts {
		if math.IsInf(h.bounds[i], 1) {
			continue
		}
		middle := h.bounds[i] * 0.9
		squares, sum, last = squares+(n-last)*middle*middle, sum+(n-last)*middle, n
	}
	mean := sum / h.count
	return squares/h.count/(mean*mean) - 1
}
