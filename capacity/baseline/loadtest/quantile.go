package loadtest

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// blocks of time into which a step is cut to see how much its samples hang
// together.
const blocks = 10

// confidence of every interval, two-sided.
const confidence = 0.95

// percentile is k6's: linear between the values around q·(n−1) (k6 v2.2.0,
// metrics/sink.go). values are sorted and not empty.
func percentile(values []float64, q float64) float64 {
	at := q * float64(len(values)-1)
	i := int(at)
	if i+1 >= len(values) {
		return values[len(values)-1]
	}
	return values[i] + (values[i+1]-values[i])*(at-float64(i))
}

// interval holds the true q-quantile with the given confidence: the order
// statistics whose ranks a binomial count stays between (David and Nagaraja, Order
// Statistics, 2003, section 7.1), with the normal approximation. dispersion is how
// much more than independent samples these vary; as it comes from a few blocks,
// Student's distribution then takes the place of the normal one. The high end is +Inf
// where the rank lies beyond the last value.
func interval(values []float64, q, dispersion float64) (low, high float64) {
	n := float64(len(values))
	z := distuv.UnitNormal.Quantile((1 + confidence) / 2)
	if dispersion > 1 {
		z = distuv.StudentsT{Sigma: 1, Nu: blocks - 1}.Quantile((1 + confidence) / 2)
	}
	half := z * math.Sqrt(n*q*(1-q)*dispersion)
	l, h := int(math.Floor(n*q-half))-1, int(math.Ceil(n*q+half))
	low, high = values[max(l, 0)], math.Inf(1)
	if h < len(values) {
		high = values[h]
	}
	return low, high
}

// dispersion is how much more the share of samples above a threshold varies from
// block to block than that of independent ones would: 1 and more. Requests that
// queue behind each other are slow together, so that ten thousand of them say less
// about the p99 than ten thousand independent ones. Blocks are equal parts of the
// samples in the order of their arrival.
func dispersion(ordered []float64, threshold float64) float64 {
	each := len(ordered) / blocks
	if each < blocks {
		return 1
	}
	var shares []float64
	for i := range blocks {
		above := 0
		for _, v := range ordered[i*each : (i+1)*each] {
			if v > threshold {
				above++
			}
		}
		shares = append(shares, float64(above)/float64(each))
	}
	mean, variance := stat.MeanVariance(shares, nil)
	if mean == 0 || mean == 1 {
		return 1
	}
	return math.Max(1, variance/(mean*(1-mean)/float64(each)))
}

// meanError is the standard error of the mean of samples in the order of their
// arrival, from the means of the blocks.
func meanError(ordered []float64) float64 {
	n := len(ordered)
	each := n / blocks
	if each < blocks {
		return stat.StdErr(stat.StdDev(ordered, nil), float64(n))
	}
	var means []float64
	for i := range blocks {
		means = append(means, stat.Mean(ordered[i*each:(i+1)*each], nil))
	}
	independent := stat.StdErr(stat.StdDev(ordered, nil), float64(n))
	return math.Max(independent, stat.StdErr(stat.StdDev(means, nil), blocks))
}

// The cv² between which a gamma distribution is looked for: constant for all that
// matters, and where its p99 hardly rises any more.
const leastCV2, mostCV2 = 1e-4, 4.0

// gammaCV2 is the cv² of the gamma distribution with the given mean and q-quantile,
// mostCV2 for heavier tails, and 0 where the quantile is not above the mean.
func gammaCV2(mean, q, quantile float64) float64 {
	if !(mean > 0) || !(quantile > mean) {
		return 0
	}
	return rising(quantile/mean, func(cv2 float64) float64 { return gammaQuantile(cv2, q) })
}

// gammaFromQuantiles is the mean and cv² of the gamma distribution with the given
// median and p99, or for heavier tails that with mostCV2 and the p99; zeros where
// they are no quantiles.
func gammaFromQuantiles(p50, p99 float64) (mean, cv2 float64) {
	if !(p50 > 0) || !(p99 > p50) {
		return 0, 0
	}
	cv2 = rising(p99/p50, func(cv2 float64) float64 { return gammaQuantile(cv2, 0.99) / gammaQuantile(cv2, 0.5) })
	return p99 / gammaQuantile(cv2, 0.99), cv2
}

// rising is the cv² at which a rising function reaches a value, or the end nearer to
// it.
func rising(value float64, of func(cv2 float64) float64) float64 {
	low, high := leastCV2, mostCV2
	for range 60 {
		if mid := (low + high) / 2; of(mid) < value {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// gammaQuantile of the gamma distribution with mean 1 and the given cv².
func gammaQuantile(cv2, q float64) float64 {
	return cv2 * mathext.GammaIncRegCompInv(1/cv2, 1-q)
}

// sorted is a sorted copy.
func sorted(values []float64) []float64 {
	out := slices.Clone(values)
	slices.Sort(out)
	return out
}
