package queue

import "math"

// deterministicCV2 is the service cv² below which service counts as constant:
// there a gamma distribution is within 0.03 % of its mean.
const deterministicCV2 = 1e-8

// meaningless bounds every parameter: 30 million years, or as many requests a
// second. Products of bounded parameters cannot overflow into ∞ − ∞.
const meaningless = 1e15

// Station is a queue in front of identical servers: worker processes of a pod,
// connections of a pool, cores.
type Station struct {
	// Servers is how many requests are served at once.
	Servers int
	// Arrival is the mean arrival rate, per second.
	Arrival float64
	// Service is the mean time one request occupies a server, in seconds.
	Service float64
	// ArrivalCV2 is the squared coefficient of variation of the time between
	// arrivals: 1 for Poisson (many independent users), above 1 for bursts.
	ArrivalCV2 float64
	// ServiceCV2 is the squared coefficient of variation of the service time: 0
	// constant, 1 exponential. Far above 5 a gamma distribution puts its p99
	// below the mean of heavy tails; do not trust quantiles there.
	ServiceCV2 float64
}

// Utilization is the share of the servers' time that is asked for; 1 and more
// means saturated. +Inf for parameters without a meaning.
func (s Station) Utilization() float64 {
	if !s.valid() {
		return math.Inf(1)
	}
	return s.offered() / float64(s.Servers)
}

// Saturated reports that there is no steady state: work arrives at least as
// fast as it can be done.
func (s Station) Saturated() bool { return !(s.Utilization() < 1) }

// WaitProbability is the share of requests that wait at all; 1 when saturated.
func (s Station) WaitProbability() float64 {
	if s.Saturated() {
		return 1
	}
	return ErlangC(s.Servers, s.offered())
}

// MeanWait is the mean time before service begins, over all requests, in
// seconds: Erlang's for M/M/c times (Ca² + Cs²)/2 (Allen and Cunneen).
func (s Station) MeanWait() float64 {
	if s.Saturated() {
		return math.Inf(1)
	}
	return s.WaitProbability() / s.decay()
}

// WaitTail is the share of requests that wait longer than t seconds.
func (s Station) WaitTail(t float64) float64 {
	switch {
	case s.Saturated() || !(t >= 0):
		return 1
	case math.IsInf(t, 1):
		return 0
	}
	return s.WaitProbability() * math.Exp(-product(s.decay(), t))
}

// WaitQuantile is the time within which the share q of requests gets a server,
// in seconds; 0 when so many do not wait at all, +Inf when saturated or q ≥ 1.
func (s Station) WaitQuantile(q float64) float64 {
	if s.Saturated() || !(q < 1) {
		return math.Inf(1)
	}
	excess := math.Log(s.WaitProbability()) - math.Log1p(-q)
	if !(excess > 0) || q <= 0 {
		return 0
	}
	return excess / s.decay()
}

// SojournMean is the mean response time, waiting and service, in seconds.
func (s Station) SojournMean() float64 {
	if s.Saturated() {
		return math.Inf(1)
	}
	return s.Service + s.MeanWait()
}

// SojournTail is the share of requests that take longer than t seconds, waiting
// and service.
func (s Station) SojournTail(t float64) float64 {
	switch {
	case s.Saturated() || !(t >= 0):
		return 1
	case math.IsInf(t, 1):
		return 0
	case s.constant():
		if t < s.Service {
			return 1
		}
		return s.WaitTail(t - s.Service)
	}
	return s.response(s.Service, s.ServiceCV2).tail(t / s.Service)
}

// SojournQuantile is the time within which the share q of requests is answered,
// in seconds; +Inf when saturated or q ≥ 1.
func (s Station) SojournQuantile(q float64) float64 {
	return s.ResponseQuantile(q, s.Service, s.ServiceCV2)
}

// PSMean is the mean response time when the servers are cores shared by all
// requests at once (processor sharing: an event loop, or an unbounded pool of
// goroutines), in seconds. It equals that of M/M/c whatever the service cv²:
// with Poisson arrivals sharing is insensitive to all but the mean (Kelly,
// Reversibility and Stochastic Networks, 1979, symmetric queues).
func (s Station) PSMean() float64 {
	s.ArrivalCV2, s.ServiceCV2 = 1, 1
	return s.SojournMean()
}

func (s Station) valid() bool {
	for _, v := range []float64{s.Arrival, s.Service, s.ArrivalCV2, s.ServiceCV2} {
		if !(v >= 0 && v <= meaningless) { // also refuses NaN
			return false
		}
	}
	return s.Servers >= 1
}

func (s Station) offered() float64 { return s.Arrival * s.Service }
func (s Station) constant() bool   { return s.ServiceCV2 < deterministicCV2 || s.Service == 0 }

// decay is the rate η at which the tail of the wait falls, per second:
// 2(1−ρ)c / ((Ca²+Cs²)·E[S]), which for M/M/c is cμ − λ. +Inf when nothing
// varies, because then nobody waits below saturation.
func (s Station) decay() float64 {
	spread := (s.ArrivalCV2 + s.ServiceCV2) * s.Service
	if !(spread > 0) { // a service of −0 would turn the sign
		return math.Inf(1)
	}
	return 2 * (float64(s.Servers) - s.offered()) / spread
}

// product is a·b with 0·∞ = 0: no time has passed.
func product(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a * b
}
