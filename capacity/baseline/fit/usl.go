package fit

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/agencyos/headroom/capacity/baseline"
)

// fewestForUSL are the steps that three parameters need to mean anything.
const fewestForUSL = 6

// scalability fits the Universal Scalability Law to the steps that have latency;
// nil with too few. Written as the latency R = N/X = (1 + σ(N−1) + κN(N−1)) / λ it
// is linear in 1/λ, σ/λ and κ/λ, so that relative least squares has one solution
// and needs no search. None of the three may be negative: of all solutions with
// some of them 0, the best that is allowed is taken.
func scalability(steps []Step) *baseline.USL {
	var n, r []float64
	most := 0.0
	for _, s := range steps {
		if s.MeanMillis > 0 && s.AchievedRPS > 0 {
			n, r, most = append(n, s.InFlight()), append(r, s.MeanMillis/1000), math.Max(most, s.AchievedRPS)
		}
	}
	if len(n) < fewestForUSL {
		return nil
	}
	best, least := bestTerms(n, r)
	if math.IsInf(least, 1) || !(best[0] > 0) {
		return nil
	}
	law := &baseline.USL{LambdaRPS: 1 / best[0], Sigma: best[1] / best[0], Kappa: best[2] / best[0], ErrorPercent: 100 * math.Sqrt(least/float64(len(n)))}
	if peak, rps, ok := peakOf(*law); ok && peak <= slices.Max(n) && rps <= 1.02*most { // beyond what was seen it is a guess
		law.PeakInFlight, law.PeakRPS = peak, rps
	}
	return law
}

// peakOf the law: in flight, and the rate there; ok is false where it has none.
func peakOf(law baseline.USL) (inFlight, rps float64, ok bool) {
	if !(law.Kappa > 0) || !(law.Sigma < 1) {
		return 0, 0, false
	}
	n := math.Sqrt((1 - law.Sigma) / law.Kappa)
	return n, law.LambdaRPS * n / (1 + law.Sigma*(n-1) + law.Kappa*n*(n-1)), n >= 1
}

// bestTerms are the terms of the law with the least squares, none negative.
func bestTerms(n, r []float64) (best [3]float64, least float64) {
	least = math.Inf(1)
	for _, free := range [][]int{{0, 1, 2}, {0, 1}, {0, 2}, {0}} {
		x, squares, ok := solve(n, r, free)
		if ok && squares < least*(1-1e-9) {
			best, least = x, squares
		}
	}
	return best, least
}

// solve is relative least squares of r with the given terms of the law, its sum of
// squares, and whether no term is negative.
func solve(n, r []float64, free []int) (x [3]float64, squares float64, ok bool) {
	rows := mat.NewDense(len(n), len(free), nil)
	ones := mat.NewVecDense(len(n), nil)
	for i := range n {
		terms := [3]float64{1, n[i] - 1, n[i] * (n[i] - 1)}
		for j, term := range free {
			rows.Set(i, j, terms[term]/r[i])
		}
		ones.SetVec(i, 1)
	}
	var found mat.VecDense
	if err := found.SolveVec(rows, ones); err != nil {
		return x, 0, false
	}
	for j, term := range free {
		if x[term] = found.AtVec(j); !(x[term] >= 0) {
			return x, 0, false
		}
	}
	for i := range n {
		off := (x[0]+x[1]*(n[i]-1)+x[2]*n[i]*(n[i]-1))/r[i] - 1
		squares += off * off
	}
	return x, squares, true
}
