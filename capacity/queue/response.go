package queue

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// response is the distribution of T = W + S in units of the mean service time,
// so that no scale can over- or underflow. S is gamma(shape, shape); W is 0 with
// probability 1−wait and else exponential(decay), independent of S, as first
// come, first served makes it.
type response struct {
	wait  float64 // probability of waiting
	decay float64 // η·E[S]
	shape float64 // k = 1/cv², also the rate β·E[S]
}

// tail is P(T > t) = P(S > t) + wait·P(S ≤ t < S + X), with X exponential(η).
// The two parts are what (1−C)·P(S>t) + C·P(S+X>t) is once sorted, and nothing
// cancels in it.
func (r response) tail(t float64) float64 {
	if t <= 0 {
		return 1
	}
	x := r.shape * t
	if x > 1e200 { // the slowest decay a Station can have is far over by then
		return 0
	}
	p := mathext.GammaIncRegComp(r.shape, x)
	if r.wait > 1e-17*p { // else it cannot change p: the overhang is at most 1
		p += r.wait * overhang(r.shape, r.shape, r.decay, t)
	}
	return min(p, 1)
}

// quantile finds t with tail(t) = 1−q, to 1e-12 relative.
func (r response) quantile(q float64) float64 {
	target := math.Log1p(-q)
	excess := func(t float64) float64 {
		// -746 stands for the logarithm of a tail that underflowed to 0.
		return math.Max(math.Log(r.tail(t)), -746) - target
	}
	lo, hi := 0.0, 1+r.wait/r.decay // the mean
	for !math.IsInf(hi, 1) && excess(hi) > 0 {
		lo, hi = hi, 2*hi
	}
	if math.IsInf(hi, 1) {
		return hi
	}
	return root(excess, lo, hi)
}

// overhang is P(S ≤ t < S + X): service is over, but the wait before it carried
// the request past t. It is ∫₀ᵗ f(s)·e^{−η(t−s)} ds with f the gamma density.
//
// For β > η this is e^{−ηt}·(β/(β−η))ᵏ·P(k, (β−η)t). The factor in the middle
// overflows for near-constant service (large k) at many servers, and the form
// has no meaning for β ≤ η; there the series take over.
func overhang(k, beta, eta, t float64) float64 {
	if math.IsInf(eta, 1) {
		return 0
	}
	if gap := beta - eta; gap > 0 {
		if grow := -k * math.Log(gap/beta); grow < 500 {
			return math.Exp(grow-eta*t) * mathext.GammaIncReg(k, gap*t)
		}
	}
	return overhangSeries(k, beta, eta, t)
}

// overhangSeries is overhang for any η, from ∫ = g(k)·M(1; k+1; (β−η)t) with
// M Kummer's function (DLMF 8.5.1) and g(s) = e^{−βt}(βt)ˢ/Γ(s+1). Both branches
// sum positive terms only, outwards from the largest, so that they neither
// cancel nor overflow.
func overhangSeries(k, beta, eta, t float64) float64 {
	x := beta * t
	if eta > beta {
		return math.Exp(logPoisson(k, x)) * meanShare(k, (eta-beta)*t)
	}
	left := (beta - eta) / beta
	peak := math.Max(0, math.Floor((beta-eta)*t-k))
	largest := math.Exp(logPoisson(k+peak, x))
	if peak > 0 {
		largest = math.Exp(logPoisson(k+peak, x) + peak*math.Log(left))
	}
	return sumAround(peak, largest, func(n float64) float64 { return left * x / (k + n + 1) })
}

// meanShare is the mean of k/(k+N) over a Poisson variable N of mean y, which
// is what Kummer's transformation makes of e^{y}·M for η > β.
func meanShare(k, y float64) float64 {
	if math.IsInf(y, 1) {
		return 0
	}
	if y > 1e5 { // the moments of N around y; the next term is below 1e-14
		m, i := y/(k+y), 1/(k+y)
		return k * i * (1 + m*i*(1-i+3*m*i+i*i))
	}
	peak := math.Floor(y)
	largest := math.Exp(logPoisson(peak, y)) * k / (k + peak)
	return sumAround(peak, largest, func(n float64) float64 { return y / (n + 1) * (k + n) / (k + n + 1) })
}

// sumAround sums a unimodal series over n = 0, 1, 2, … outwards from its
// largest term until a term no longer changes the sum; ratio(n) is term n+1
// over term n.
func sumAround(peak, largest float64, ratio func(n float64) float64) float64 {
	const negligible = 1e-17
	sum := largest
	for n, v := peak-1, largest; n >= 0 && v > negligible*sum; n-- {
		v /= ratio(n)
		sum += v
	}
	for n, v := peak, largest; v > negligible*sum; n++ {
		v *= ratio(n)
		sum += v
	}
	return sum
}

// logPoisson is ln(e^{−x} xˢ/Γ(s+1)). For large s it subtracts Stirling's
// formula by hand: its terms of size s·ln s would cost seven digits otherwise.
func logPoisson(s, x float64) float64 {
	if x == 0 {
		if s == 0 {
			return 0
		}
		return math.Inf(-1)
	}
	if s < 30 {
		g, _ := math.Lgamma(s + 1)
		return s*math.Log(x) - x - g
	}
	u := x/s - 1
	stirling := 1/(12*s) - 1/(360*s*s*s) + 1/(1260*s*s*s*s*s)
	return s*(math.Log1p(u)-u) - math.Log(2*math.Pi*s)/2 - stirling
}
