package queue

import "math"

// maxExact is the number of servers up to which the recurrence runs. Beyond it
// the Halfin–Whitt limit, good to about one part in the square root of the
// number of servers, keeps a wild input from taking minutes.
const maxExact = 1 << 22

// ErlangB is the probability that a request finds all c servers busy and is
// lost, for an offered load of a erlangs: M/M/c/c. 1 without servers, 1 for a
// load that is not a number.
func ErlangB(c int, a float64) float64 {
	switch {
	case c < 1 || !(a >= 0) || math.IsInf(a, 1):
		return 1
	case a == 0:
		return 0
	}
	return 1 / inverseB(c, a)
}

// ErlangC is the probability that a request waits, for c servers and an offered
// load of a erlangs (arrival rate × mean service time): M/M/c. 1 when a ≥ c or
// the parameters have no meaning.
func ErlangC(c int, a float64) float64 {
	servers := float64(c)
	switch {
	case c < 1 || !(a >= 0) || a >= servers:
		return 1
	case a == 0:
		return 0
	case c > maxExact:
		return halfinWhitt(servers, a)
	}
	b := 1 / inverseB(c, a)
	free := (servers - a) / servers
	return b / (free + (1-free)*b)
}

// inverseB is 1/B by the recurrence 1/Bₖ = 1 + (k/a)/Bₖ₋₁. Every term is
// positive, so that nothing cancels and the relative error grows by an ulp a
// step. It overflows exactly where B is below the smallest float, and 1/+Inf is
// then the right answer, 0; so it may stop there.
func inverseB(c int, a float64) float64 {
	inv := 1.0
	for k := 1; k <= c && !math.IsInf(inv, 1); k++ {
		inv = 1 + inv*(float64(k)/a)
	}
	return inv
}

// halfinWhitt is the limit of Erlang C for many servers: 1/(1 + βΦ(β)/φ(β)) with
// β = (1−ρ)√c. Halfin and Whitt 1981, doi 10.1287/opre.29.3.567.
func halfinWhitt(c, a float64) float64 {
	beta := (c - a) / math.Sqrt(c)
	density := math.Exp(-beta*beta/2) / math.Sqrt(2*math.Pi)
	if density == 0 {
		return 0
	}
	return 1 / (1 + beta*math.Erfc(-beta/math.Sqrt2)/2/density)
}
