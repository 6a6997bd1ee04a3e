package queue

import "math"

// root finds where f, positive at lo and not positive at hi, crosses zero, to
// 1e-12 relative: Chandrupatla's method (1997, doi 10.1016/S0965-9978(96)00051-8),
// which interpolates where that is safe and bisects elsewhere.
func root(f func(float64) float64, lo, hi float64) float64 {
	a, b := hi, lo
	fa, fb := f(a), f(b)
	t := 0.5
	for range 200 {
		x := a + t*(b-a)
		fx := f(x)
		c, fc := a, fa
		if (fx > 0) != (fa > 0) {
			c, fc, b, fb = b, fb, a, fa
		}
		a, fa = x, fx
		limit := 1e-12 * math.Abs(a) / math.Abs(b-a)
		if fa == 0 || !(limit < 0.5) {
			return a
		}
		t = step(a, b, c, fa, fb, fc, limit)
	}
	return math.Max(a, b) // the safe side of the bracket
}

// step is the relative position of the next point between a and b.
func step(a, b, c, fa, fb, fc, limit float64) float64 {
	xi, phi := (a-b)/(c-b), (fa-fb)/(fc-fb)
	t := 0.5
	if phi*phi < xi && (1-phi)*(1-phi) < 1-xi {
		t = fa/(fb-fa)*fc/(fb-fc) + (c-a)/(b-a)*fa/(fc-fa)*fb/(fc-fb)
	}
	return math.Min(1-limit, math.Max(limit, t))
}

// lastTrue is the largest x in [0, 1] for which holds is true, to 1e-10, given
// that it holds up to some point and not after it; 0 when it holds nowhere. The
// answer itself always satisfies holds (or is 0).
func lastTrue(holds func(x float64) bool) float64 {
	lo, hi := 0.0, 1.0
	for hi-lo > 1e-10 {
		if mid := lo + (hi-lo)/2; holds(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}
