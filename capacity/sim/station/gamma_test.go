package station

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mathext"
)

// Draws follow the distribution that package queue computes with.
func TestGamma(t *testing.T) {
	for _, cv2 := range []float64{1e-6, 0.01, 0.3, 1, 2, 8, 100} {
		t.Run(fmt.Sprint(cv2), func(t *testing.T) {
			g, shape := newGamma(Work{Mean: 0.25, CV2: cv2}), 1/cv2
			last := 0.0
			for x := 1e-6; x < 60; x *= 1.01 {
				at := g.at(x)
				if !(at >= last) {
					t.Fatalf("at(%g) = %g after %g: want it to rise", x, at, last)
				}
				last = at
				// How much too likely or unlikely a draw this far out is.
				exact := math.Exp(-x)
				if x > 0.02 && x < 20 {
					if got := mathext.GammaIncRegComp(shape, shape*at/0.25); math.Abs(got-exact) > 0.004*min(exact, 1-exact) {
						t.Fatalf("P(S > at(%g)) = %g, want %g", x, got, exact)
					}
				}
			}
			r := rand.New(rand.NewPCG(1, 1))
			const n = 1 << 20
			sum, squares := 0.0, 0.0
			for range n {
				x := g.at(r.ExpFloat64()) / 0.25
				sum += x
				squares += (x - 1) * (x - 1)
			}
			// Five standard errors of a gamma's mean and variance.
			if e := sum/n - 1; math.Abs(e) > 5*math.Sqrt(cv2/n) {
				t.Errorf("mean is off by %g", e)
			}
			if e := squares/n/cv2 - 1; math.Abs(e) > 0.001+5*math.Sqrt((2+6*cv2)/n) {
				t.Errorf("variance is off by %g of it", e)
			}
		})
	}
}

func FuzzGamma(f *testing.F) {
	f.Add(0.3, 1.0)
	f.Add(1e-8, 44.0)
	f.Add(100.0, 1e-300)
	f.Fuzz(func(t *testing.T, cv2, x float64) {
		w := Work{Mean: 1, CV2: cv2}
		if !w.Valid() || !(x >= 0) || math.IsInf(x, 1) {
			return
		}
		if g := newGamma(w); !(g.at(x) >= 0) || math.IsInf(g.at(x), 1) && x < 100 {
			t.Errorf("cv2 %g at %g: %g", cv2, x, g.at(x))
		}
	})
}
