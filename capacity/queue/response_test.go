package queue

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mathext"
)

// integrated is overhang by quadrature, after integration by parts, which takes
// the pole of the density at 0 away: F(t) − ∫₀ᵗ F(s)·η·e^{−η(t−s)} ds.
func integrated(k, beta, eta, t float64) float64 {
	cdf := func(s float64) float64 { return mathext.GammaIncReg(k, beta*s) }
	sum, pieces := 0.0, 400
	from := math.Max(0, t-50/eta) // before it the exponential is below 1e-21
	for i := range pieces {
		lo := from + (t-from)*float64(i)/float64(pieces)
		hi := from + (t-from)*float64(i+1)/float64(pieces)
		sum += quad.Fixed(func(s float64) float64 { return cdf(s) * eta * math.Exp(-eta*(t-s)) }, lo, hi, 20, quad.Legendre{}, 0)
	}
	return cdf(t) - sum
}

func TestOverhang(t *testing.T) {
	for _, k := range []float64{0.2, 0.5, 1, 2.5, 10, 80, 1000} {
		for _, ratio := range []float64{0.01, 0.3, 0.9, 1 - 1e-9, 1, 1 + 1e-9, 1.1, 2, 30} {
			for _, at := range []float64{0.1, 0.7, 1, 1.5, 4} {
				t.Run(fmt.Sprintf("k=%v η÷β=%v t=%v", k, ratio, at), func(t *testing.T) {
					eta := k * ratio
					want := integrated(k, k, eta, at)
					for name, got := range map[string]float64{"overhang": overhang(k, k, eta, at), "overhangSeries": overhangSeries(k, k, eta, at)} {
						if !(math.Abs(got-want) <= 1e-6*want+2e-7) {
							t.Errorf("%s: want %.12g by quadrature, got %.12g", name, want, got)
						}
					}
				})
			}
		}
	}
}

// TestOverhangBranchesAgree compares the closed form with the series where both
// are valid, far closer than quadrature can.
func TestOverhangBranchesAgree(t *testing.T) {
	for _, k := range []float64{0.05, 0.3, 1, 4, 64, 400} {
		for _, ratio := range []float64{1e-4, 0.1, 0.5, 0.7} {
			for _, at := range []float64{0.01, 0.5, 1, 2, 9} {
				closed, series := overhang(k, k, k*ratio, at), overhangSeries(k, k, k*ratio, at)
				if !(math.Abs(closed-series) <= 1e-11*series+1e-300) {
					t.Errorf("k=%v η÷β=%v t=%v: closed form %.15g, series %.15g", k, ratio, at, closed, series)
				}
			}
		}
	}
}

// TestMeanShareSeam checks that the moments continue the sum.
func TestMeanShareSeam(t *testing.T) {
	for _, k := range []float64{0.01, 1, 1e3, 1e6} {
		below, above := meanShare(k, 1e5), meanShare(k, 1e5*(1+1e-13))
		if !(math.Abs(below-above) <= 1e-11*below) {
			t.Errorf("k=%v: sum %.15g, moments %.15g", k, below, above)
		}
	}
}

func TestQuantileInvertsTail(t *testing.T) {
	for _, cv2 := range []float64{1e-6, 0.01, 0.25, 1, 3, 20} {
		for _, c := range []int{1, 4, 64, 4000} {
			for _, rho := range []float64{0.1, 0.8, 0.99, 0.9999} {
				for _, q := range []float64{0.5, 0.99, 0.9999} {
					s := Station{Servers: c, Arrival: rho * float64(c), Service: 1, ArrivalCV2: 1, ServiceCV2: cv2}
					x := s.SojournQuantile(q)
					if got := s.SojournTail(x); !(math.Abs(got-(1-q)) <= 1e-8*(1-q)) && x > 1e-300 {
						t.Errorf("c=%d ρ=%v cv²=%v: P(T > p%v = %v) = %v", c, rho, cv2, 100*q, x, got)
					}
				}
			}
		}
	}
}
