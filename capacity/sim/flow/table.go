// Package flow serves requests as a fluid: rates and a backlog in place of single
// requests, and the steady state of each moment for response times. It offers
// what package station does, thousands of times faster.
package flow

import (
	"math"
	"slices"
	"sync"

	"github.com/agencyos/headroom/capacity/queue"
	"github.com/agencyos/headroom/capacity/sim/station"
)

const (
	// bins of a table over the utilization of a pod's bottleneck.
	bins = 96
	// busiest is the utilization of the last bin: beyond it the steady state
	// takes longer to settle than load stays the same, and the backlog counts.
	busiest = 0.98
	// grid points of response time, logarithmic from shortest seconds on.
	grid     = 160
	shortest = 1e-4
	longest  = 600.0
)

// times are the grid of response times, in seconds.
var times = func() (t [grid]float64) {
	for i := range t {
		t[i] = shortest * math.Pow(longest/shortest, float64(i)/(grid-1))
	}
	return t
}()

// state is the steady state of a pod at one utilization.
type state struct {
	// mean response in seconds.
	mean float64
	// spread is how many times the variance of a Poisson count the requests in
	// progress have.
	spread float64
	bin    int
	// broken is the share of the requests of every promise that break it, late
	// that of all requests that take longer than the client waits.
	broken []float64
	late   float64
	// p99 of the response, and of the wait for a connection.
	p99, poolWait float64
	// tail is the share that takes longer than each of the times, logs its
	// logarithms.
	tail, logs [grid]float64
}

// table holds the steady states of a pod from idle to busiest.
type table struct {
	config station.Config
	// pod is what one pod carries per second at utilization 1.
	pod float64
	// promises are the different ones, promised is the share of requests that have
	// one.
	promises []promise
	promised float64
	// noise is how many times the deviation of their number the work of the
	// requests in a while has.
	noise  float64
	once   [bins]sync.Once
	states [bins]state
}

// promise is a response time that a share of the requests was promised.
type promise struct{ within, share float64 }

// promise adds up the shares of kinds by what they were promised.
func (t *table) promise(kinds []station.Kind) {
	for _, k := range kinds {
		if k.Promise <= 0 {
			continue
		}
		i := slices.IndexFunc(t.promises, func(p promise) bool { return p.within == k.Promise })
		if i < 0 {
			i = len(t.promises)
			t.promises = append(t.promises, promise{within: k.Promise})
		}
		t.promises[i].share += k.Share
		t.promised += k.Share
	}
}

// around are the states next to a utilization, and how far it is from the lower to
// the higher.
func (t *table) around(utilization float64) (low, high *state, part float64) {
	at := binOf(utilization)
	bin := min(int(at), bins-1)
	low = t.at(bin)
	if part = at - float64(bin); part == 0 {
		return low, low, 0
	}
	return low, t.at(bin + 1), part
}

// at is the state of a bin, computed when first asked for.
func (t *table) at(bin int) *state {
	t.once[bin].Do(func() { t.states[bin] = t.solve(bin) })
	return &t.states[bin]
}

// utilization of a bin: finer towards saturation, where the tail grows fastest.
func utilization(bin int) float64 {
	left := 1 - float64(bin)/(bins-1)
	return busiest * (1 - left*left)
}

// binOf is the fractional bin of a utilization.
func binOf(u float64) float64 {
	left := math.Sqrt(max(0, 1-min(u, busiest)/busiest))
	return (1 - left) * (bins - 1)
}

// pools is the queue for the connections of one worker at a rate per pod.
func pools(c *station.Config, rate float64) queue.Station {
	p := c.Pool
	return queue.Station{Servers: p.Size + p.Overflow, Arrival: rate * p.Share / float64(p.PerPod), Service: p.Hold.Mean, ArrivalCV2: 1, ServiceCV2: p.Hold.CV2}
}

// podRates are what the workers and the pools of one pod carry.
func podRates(c *station.Config, share, hold float64) (workers, pools float64) {
	workers, pools = float64(c.Servers)/c.CPU.Mean, math.Inf(1)
	if c.Pool != nil && share > 0 && hold > 0 {
		pools = float64(c.Pool.PerPod*(c.Pool.Size+c.Pool.Overflow)) / (share * hold)
	}
	return workers, pools
}

// solve is the steady state of a bin.
func (t *table) solve(bin int) state {
	c := &t.config
	rate := utilization(bin) * t.pod
	workers := queue.Station{Servers: c.Servers, Arrival: rate, Service: c.CPU.Mean, ArrivalCV2: 1, ServiceCV2: c.CPU.CV2}
	s := state{bin: bin, broken: make([]float64, len(t.promises))}
	for _, k := range c.Kinds {
		s.mean += k.Share * t.meanOf(workers, k)
		tail := t.tailOf(workers, k, rate)
		for i := range s.tail {
			s.tail[i] += k.Share * tail[i]
		}
		var logs [grid]float64
		for i, share := range tail {
			logs[i] = logOf(share)
		}
		for i, p := range t.promises {
			if p.within == k.Promise {
				s.broken[i] += k.Share / p.share * tailAt(&logs, p.within)
			}
		}
		if c.Client.Timeout > 0 {
			s.late += k.Share * tailAt(&logs, c.Client.Timeout)
		}
	}
	if c.Pool != nil {
		p := pools(c, rate)
		s.poolWait = p.WaitQuantile(0.99)
		s.mean += c.Pool.Share * p.MeanWait()
	}
	s.spread = t.spreadOf(workers)
	s.p99 = quantile(&s.tail, 0.99)
	for i, share := range s.tail {
		s.logs[i] = logOf(share)
	}
	return s
}

// spreadOf is the spread of the requests at a pod: those with its workers, as in
// M/M/c with a wait that their variation stretches, and the others, which are many
// and on their own.
func (t *table) spreadOf(workers queue.Station) float64 {
	c, a := float64(workers.Servers), workers.Arrival*workers.Service
	stretch := (1 + workers.ServiceCV2) / 2
	if t.config.Discipline == station.PS {
		stretch = 1
	}
	weight, weights, squares := 1.0, 0.0, 0.0 // of so many busy workers
	for k := 0.0; k < c; k++ {
		weights, squares = weights+weight, squares+k*k*weight
		weight *= a / (k + 1)
	}
	full, rho := queue.ErlangC(workers.Servers, a), a/c
	squares = squares/weights*(1-full) + c*c*full
	queued := stretch * full * rho / (1 - rho)
	squares += stretch*stretch*full*rho*(1+rho)/((1-rho)*(1-rho)) + 2*c*queued
	mean, others := a+queued, 0.0
	for _, k := range t.config.Kinds {
		others += k.Share * max(0, k.Service.Mean-t.config.CPU.Mean) * workers.Arrival
	}
	if mean == 0 {
		return 1
	}
	return (squares - mean*mean + others) / (mean + others)
}

// meanOf is the mean response of a kind without the wait for a connection.
func (t *table) meanOf(workers queue.Station, k station.Kind) float64 {
	if t.config.Discipline == station.PS {
		return k.Service.Mean + workers.PSMean() - t.config.CPU.Mean
	}
	return k.Service.Mean + workers.MeanWait()
}

// tailOf is the response of a kind on the grid, the wait for a connection
// included.
func (t *table) tailOf(workers queue.Station, k station.Kind, rate float64) (tail [grid]float64) {
	stretch := 1.0
	if t.config.Discipline == station.PS { // sharing stretches every request alike
		stretch = t.meanOf(workers, k) / k.Service.Mean
		workers.Arrival = 0
	}
	for i, at := range times {
		tail[i] = workers.ResponseTail(at/stretch, k.Service.Mean, k.Service.CV2)
	}
	if p := t.config.Pool; p != nil && p.Share > 0 {
		addWait(&tail, p.Share, pools(&t.config, rate))
	}
	return tail
}

// addWait adds the wait for a connection to the share of the requests that needs
// one. The wait is 0 or exponential, so that the tail of the sum follows from one
// grid point to the next.
func addWait(tail *[grid]float64, share float64, pool queue.Station) {
	waits := share * pool.WaitProbability()
	mean := pool.MeanWait() / max(pool.WaitProbability(), 1e-300)
	if waits < 1e-12 || !(mean > 0) {
		return
	}
	sum, last := 1.0, 0.0 // P(response + wait > t), at t = last
	before := 1.0
	for i, t := range times {
		step := (t - last) / mean
		carried := math.Exp(-step) * (sum - before)
		within := (before - tail[i]) * -math.Expm1(-step) / step
		before, last = tail[i], t
		sum = tail[i] + carried + within
		tail[i] = (1-waits)*tail[i] + waits*min(1, sum)
	}
}

// addTo adds n requests that met the state after a delay to a tail of counts.
func (s *state) addTo(tail *[grid]float64, n, delay float64) {
	for i, t := range times {
		if delay > 0 {
			tail[i] += n * tailAt(&s.logs, t-delay)
		} else {
			tail[i] += n * s.tail[i]
		}
	}
}

// tailAt is a tail between its grid points, given by its logarithms, and quantile
// its inverse; both are linear in the logarithms.
func tailAt(logs *[grid]float64, t float64) float64 {
	at := (math.Log(t) - logShortest) * perLog
	i := int(math.Floor(at))
	switch {
	case !(at > 0):
		return 1
	case i >= grid-1:
		return share(logs[grid-1])
	}
	return share(lerp(logs[i], logs[i+1], at-float64(i)))
}

// tailBetween is the tail of a state between two.
func tailBetween(low, high *state, part, t float64) float64 {
	if t <= 0 {
		return 1
	}
	return lerp(tailAt(&low.logs, t), tailAt(&high.logs, t), part)
}

// share of a logarithm; what is negligible is nothing.
func share(log float64) float64 {
	if log <= logNegligible {
		return 0
	}
	return math.Exp(log)
}

func quantile(tail *[grid]float64, q float64) float64 {
	want := logOf(1 - q)
	for i := range tail {
		if here := logOf(tail[i]); here <= want {
			if i == 0 {
				return times[0]
			}
			before := logOf(tail[i-1])
			part := (before - want) / (before - here)
			return times[i-1] * math.Pow(times[i]/times[i-1], part)
		}
	}
	return math.Inf(1)
}

// negligible is a share below which a tail ends.
const negligible = 1e-12

var (
	logNegligible = math.Log(negligible)
	logShortest   = math.Log(shortest)
	perLog        = (grid - 1) / (math.Log(longest) - logShortest)
)

func logOf(share float64) float64 { return math.Log(max(share, negligible)) }

func lerp(a, b, part float64) float64 { return a + (b-a)*part }
