// Package valley finds the bottom of functions of one variable that fall and then
// rise.
package valley

// golden section: 2/(1+√5).
const golden = 0.6180339887498949

// rounds narrow an interval to a hundred-millionth of itself.
const rounds = 40

// Lowest is where a function with one valley between low and high is lowest (Kiefer
// 1953, doi 10.1090/S0002-9939-1953-0055639-3). A value of +Inf is as good as any.
func Lowest(of func(float64) float64, low, high float64) float64 {
	a, b := high-golden*(high-low), low+golden*(high-low)
	fa, fb := of(a), of(b)
	for range rounds {
		if fa <= fb {
			high, b, fb = b, a, fa
			a = high - golden*(high-low)
			fa = of(a)
		} else {
			low, a, fa = a, b, fb
			b = low + golden*(high-low)
			fb = of(b)
		}
	}
	return (low + high) / 2
}
