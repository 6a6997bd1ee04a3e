package loadtest

import (
	"math"
	"slices"
)

// plateaus are the runs of bins, as half-open index ranges, between which the rate
// of events changed, found by optimal partitioning with pruning (PELT: Killick,
// Fearnhead and Eckley 2012, doi 10.1080/01621459.2012.737745). The cost is that of
// Poisson counts, over their dispersion: evenly spaced arrivals vary less, bursts
// more. A change has to pay for itself with 1.5·ln(n), half as much again as the
// Bayesian criterion asks for its place and its rate.
func plateaus(counts []float64) [][2]int {
	n := len(counts)
	if n == 0 {
		return nil
	}
	c := coster{sums: make([]float64, n+1), scale: 1 / countDispersion(counts)}
	for i, k := range counts {
		c.sums[i+1] = c.sums[i] + k
	}
	penalty := 1.5 * math.Log(float64(n)+1)
	best, last := make([]float64, n+1), make([]int, n+1)
	best[0] = -penalty
	candidates := []int{0}
	for end := 1; end <= n; end++ {
		best[end] = math.Inf(1)
		for _, begin := range candidates {
			if total := best[begin] + c.cost(begin, end) + penalty; total < best[end] {
				best[end], last[end] = total, begin
			}
		}
		candidates = slices.DeleteFunc(candidates, func(begin int) bool { return best[begin]+c.cost(begin, end) > best[end] })
		candidates = append(candidates, end)
	}
	var out [][2]int
	for end := n; end > 0; end = last[end] {
		out = append(out, [2]int{last[end], end})
	}
	slices.Reverse(out)
	return out
}

// coster is the cost of taking a run of counts as one rate.
type coster struct {
	// sums of the counts up to each bin.
	sums  []float64
	scale float64
}

// cost is the negative logarithm of the largest Poisson likelihood, without what
// all partitions share.
func (c coster) cost(begin, end int) float64 {
	sum, n := c.sums[end]-c.sums[begin], float64(end-begin)
	if sum == 0 {
		return 0
	}
	return c.scale * sum * (1 - math.Log(sum/n))
}

// countDispersion is variance over mean of the counts without the changes between
// plateaus: from the median of the squared differences of neighbors, whose
// expectation is twice the variance and whose median, for normal counts, 0.455 of
// that. Even arrivals would give 0, which every rounding would split.
func countDispersion(counts []float64) float64 {
	const least, chiSquaredMedian = 0.1, 0.455
	var ratios []float64
	for i := 1; i < len(counts); i++ {
		if sum := counts[i] + counts[i-1]; sum > 0 {
			d := counts[i] - counts[i-1]
			ratios = append(ratios, d*d/sum)
		}
	}
	if len(ratios) == 0 {
		return 1
	}
	slices.Sort(ratios)
	return math.Max(least, percentile(ratios, 0.5)/chiSquaredMedian)
}

// ramping says whether counts rise or fall within a plateau by more than a tenth of
// their mean, and more than chance lets them.
func ramping(counts []float64) bool {
	n := float64(len(counts))
	if n < 3 {
		return false
	}
	middle, mean := (n-1)/2, 0.0
	for _, k := range counts {
		mean += k / n
	}
	sxy, sxx, syy := 0.0, 0.0, 0.0
	for i, k := range counts {
		dx, dy := float64(i)-middle, k-mean
		sxy, sxx, syy = sxy+dx*dy, sxx+dx*dx, syy+dy*dy
	}
	slope := sxy / sxx
	chance := math.Sqrt(math.Max(0, syy-slope*sxy) / (n - 2) / sxx)
	return math.Abs(slope)*n > 0.1*mean && math.Abs(slope) > 3*chance
}
