package flow

import (
	"math"
	"math/rand/v2"

	"github.com/agencyos/headroom/capacity/sim/station"
)

// Station is one service as a fluid. All its pods share the load evenly. A backlog
// stays with the pods that were there when it began: no balancer takes a request
// back, so that a pod that joins later starts without one.
type Station struct {
	config     station.Config
	table      *table
	random     *rand.Rand
	now        float64
	conditions station.Conditions

	pods    []pod
	serving int // pods that take requests and are alive
	dead    int // pods that take requests and fail them
	// burned is the work that a serving pod has done since the start, in
	// core-seconds; a pod's own is the difference to when it joined.
	burned float64
	limits
	// backlog are requests that arrived and could not be carried, behind the pods
	// that have them while there are any, and epoch tells one backlog from the next.
	backlog float64
	behind  int
	epoch   int
	// failed in the present step, and the rate at which they come back.
	failed, retrying float64
	// rate that arrived at pods in the last step, load of those without a backlog,
	// and what a request waits at those with one, which had the share stuck of it.
	rate, load, delay, stuck float64

	even   even
	window window
	run    mixture
}

type pod struct {
	alive, serving bool
	joined         float64 // burned when it joined, or what it burned when it left
	epoch          int     // of backlogs, when it joined
	known          bool
}

// New is a service without pods. The seed decides the noise of counts.
func New(c station.Config, seed uint64) (*Station, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	return &Station{config: c, table: tableOf(c), random: rand.New(rand.NewPCG(seed, noise))}, nil
}

// noise is the stream of the fluid's random numbers.
const noise = 0xf10

// Join lets a pod take requests.
func (s *Station) Join(id int) {
	s.flush()
	for id >= len(s.pods) {
		s.pods = append(s.pods, pod{})
	}
	if p := &s.pods[id]; !p.known {
		*p = pod{known: true, alive: true, serving: true, joined: s.burned, epoch: s.epoch}
		s.serving++
		s.adapt()
	}
}

// Leave takes a pod out of the balancing; what it has it finishes.
func (s *Station) Leave(id int) {
	p := s.pod(id)
	if p == nil || !p.serving {
		return
	}
	if p.alive {
		s.retire(p)
	} else {
		s.dead--
	}
	p.serving = false
	s.adapt()
}

// Refuse makes a pod fail what the balancer sends there until Leave; what it has
// it finishes.
func (s *Station) Refuse(id int) {
	p := s.pod(id)
	if p == nil || !p.alive {
		return
	}
	if p.serving {
		s.retire(p)
		s.dead++
	}
	p.alive = false
	s.adapt()
}

// Fail ends a pod: what it has is lost, and so is what the balancer sends there
// until Leave.
func (s *Station) Fail(id int) {
	if p := s.pod(id); p != nil && p.alive && p.serving {
		inService := s.rate * s.response() * s.perServing
		waiting := s.retire(p)
		p.alive = false
		s.dead++
		s.adapt()
		s.fail(station.Failures{Lost: waiting + inService})
	}
	s.Refuse(id)
}

// retire takes a pod that serves off, with its share of the backlog.
func (s *Station) retire(p *pod) (backlog float64) {
	s.flush()
	p.joined = s.burned - p.joined
	s.serving--
	if s.backlog > 0 && p.epoch != s.epoch {
		backlog = s.backlog / float64(s.behind)
		s.backlog -= backlog
		s.behind--
	}
	return backlog
}

func (s *Station) pod(id int) *pod {
	if id < 0 || id >= len(s.pods) || !s.pods[id].known {
		return nil
	}
	return &s.pods[id]
}

// CPU is what a pod has burned, in core-seconds.
func (s *Station) CPU(id int) float64 {
	p := s.pod(id)
	switch {
	case p == nil:
		return 0
	case p.alive && p.serving:
		return s.burned - p.joined
	}
	return p.joined
}

// Common is what every pod burns as long as it serves, in core-seconds.
func (s *Station) Common() (float64, bool) { return s.burned, true }

// Served appends for each of the pods how many requests it has answered.
func (s *Station) Served(into []float64, pods []int) []float64 {
	for _, id := range pods {
		into = append(into, s.CPU(id)/s.config.CPU.Mean)
	}
	return into
}

// InFlight are the requests in progress: a draw around their mean, because a
// gauge is read at a moment. Queues make it vary more than chance alone.
func (s *Station) InFlight() int {
	low, high, part := s.table.around(s.load + s.stuck*(1-s.load))
	mean := s.rate * (lerp(low.mean, high.mean, part) + s.extra())
	return int(s.draw(mean, lerp(low.spread, high.spread, part)) + s.backlog)
}

// response is the mean response time of the present state, without the backlog.
func (s *Station) response() float64 {
	low, high, part := s.table.around(s.load + s.stuck*(1-s.load))
	return lerp(low.mean, high.mean, part) + s.extra()
}

// extra is what a slow database adds to the mean response.
func (s *Station) extra() float64 {
	if s.config.Pool == nil {
		return 0
	}
	return s.conditions.MissShare * (s.hold() - s.config.Pool.Hold.Mean)
}

// hold is how long a connection is held under the present conditions.
func (s *Station) hold() float64 {
	if s.config.Pool == nil {
		return 0
	}
	return s.config.Pool.Hold.Mean*s.conditions.HoldFactor + s.conditions.HoldExtra
}

// Connections that are open: the pools are taken to have opened early what they
// keep, and overflow as far as all pods together need it.
func (s *Station) Connections() int {
	p := s.config.Pool
	if p == nil || s.conditions.MissShare <= 0 {
		return 0
	}
	pools := float64(s.serving * p.PerPod)
	needed := s.rate * s.conditions.MissShare * s.hold()
	if s.byPool {
		needed += s.backlog
	}
	return int(math.Ceil(min(pools*float64(p.Size+p.Overflow), max(pools*float64(p.Size), needed))))
}

// draw is a count with a mean, and spread times the variance of a Poisson count:
// negative binomial. One that is not small is a normal draw with its skewness
// (Cornish and Fisher); a small one is Poisson.
func (s *Station) draw(mean, spread float64) float64 {
	if mean < 8 {
		limit, product, n := math.Exp(-mean), s.random.Float64(), 0.0
		for product > limit {
			product *= s.random.Float64()
			n++
		}
		return n
	}
	z := s.random.NormFloat64()
	return max(0, math.Round(mean+math.Sqrt(mean*spread)*z+(2*spread-1)*(z*z-1)/6))
}
