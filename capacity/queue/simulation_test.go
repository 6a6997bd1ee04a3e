package queue

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// simulate runs n requests through c servers, first come, first served, with
// Poisson arrivals and gamma service of mean 1, and returns the mean and the
// 99 % quantile of the response time.
func simulate(c, n int, rho, cs2 float64) (mean, p99 float64) {
	src := rand.NewPCG(1, uint64(c))
	between := distuv.Exponential{Rate: rho * float64(c), Src: src}
	service := distuv.Gamma{Alpha: 1 / cs2, Beta: 1 / cs2, Src: src}
	free := make([]float64, c) // when each server is free
	times := make([]float64, 0, n)
	now, sum := 0.0, 0.0
	for range n {
		now += between.Rand()
		first := 0
		for i, at := range free {
			if at < free[first] {
				first = i
			}
		}
		free[first] = math.Max(free[first], now) + service.Rand()
		times = append(times, free[first]-now)
		sum += free[first] - now
	}
	slices.Sort(times)
	return sum / float64(n), times[n*99/100]
}

// TestAgainstSimulation bounds the error of the approximation where M/M/c does
// not apply.
func TestAgainstSimulation(t *testing.T) {
	const meanBound, p99Bound = 0.03, 0.04
	cases := []struct {
		servers  int
		rho, cs2 float64
	}{
		{1, 0.8, 0.25}, {1, 0.8, 2},
		{4, 0.5, 0.25}, {4, 0.8, 0.25}, {4, 0.8, 0.5}, {4, 0.8, 1}, {4, 0.8, 2},
		{16, 0.8, 0.5}, {16, 0.9, 2},
	}
	for _, tc := range cases {
		t.Run(fmt.Sprintf("c=%d ρ=%v cs2=%v", tc.servers, tc.rho, tc.cs2), func(t *testing.T) {
			s := Station{Servers: tc.servers, Arrival: tc.rho * float64(tc.servers), Service: 1, ArrivalCV2: 1, ServiceCV2: tc.cs2}
			mean, p99 := simulate(tc.servers, 1_000_000, tc.rho, tc.cs2)
			meanErr, p99Err := s.SojournMean()/mean-1, s.SojournQuantile(0.99)/p99-1
			t.Logf("mean %+.2f %%, p99 %+.2f %%", 100*meanErr, 100*p99Err)
			if math.Abs(meanErr) > meanBound || math.Abs(p99Err) > p99Bound {
				t.Errorf("error of the mean %+.2f %%, of the p99 %+.2f %%", 100*meanErr, 100*p99Err)
			}
		})
	}
}
