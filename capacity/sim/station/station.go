package station

import (
	"math"
	"math/rand/v2"

	"github.com/agencyos/headroom/capacity/queue"
)

// Station is one service: a balancer, pods, and what was measured at them. Use
// New. Not safe for concurrent use.
type Station struct {
	config Config
	cpu    gamma
	kinds  []kind
	hold   gamma

	// Every purpose has random numbers of its own, so that two settings under one
	// seed meet the same requests.
	arrivals, work, holds, jitter  *rand.Rand
	routes, misses, pools, choices uniform
	// next arrival; while none is due, hazard is what is left of a unit exponential
	// until it.
	next, hazard float64
	// now is the end of the last Advance, at the moment within one.
	now, at float64
	Conditions

	pods    []pod
	targets []int // ids that the balancer sends to, dead ones included
	turns   [turns]int
	retries heap[uint8] // the attempts to come
	flights flights
	perPod  []int // a buffer of Served
	sharing bool  // processor sharing: responses are known at their end only
	jobs    jobs
	working int // jobs of all pods

	open connections
	measure
}

// kind is a route with its draws.
type kind struct {
	until   float64 // share of this and all kinds before
	service gamma
	promise float64
}

// pod is one replica.
type pod struct {
	known, alive, serving, refuses bool
	// free is when each server is done with what it was given, given the work.
	free  []float64
	given float64
	// starts are the moments at which waiting requests begin, in order.
	starts fifo[struct{}]
	pools  []pool
	// last end of a request.
	last float64
	// outstanding requests, for the balancer that looks at them; accepted since the
	// start.
	outstanding, accepted int
	shared                sharedPod
	cpuAtEnd              float64
}

// New is a station without pods. The error lists everything that is wrong with
// the configuration.
func New(c Config, seed uint64) (*Station, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	s := &Station{config: c, cpu: newGamma(c.CPU), sharing: c.Discipline == PS, next: math.Inf(1)}
	for purpose, stream := range []**rand.Rand{&s.arrivals, &s.work, &s.holds, &s.jitter} {
		*stream = rand.New(rand.NewPCG(seed, uint64(purpose)))
	}
	for purpose, stream := range []*uniform{&s.routes, &s.misses, &s.pools, &s.choices} {
		stream.Seed(^seed, uint64(purpose))
	}
	s.hazard = s.arrivals.ExpFloat64()
	sum := 0.0
	for _, k := range c.Kinds {
		sum += k.Share
		s.kinds = append(s.kinds, kind{until: sum, service: newGamma(k.Service), promise: k.Promise})
	}
	s.kinds[len(s.kinds)-1].until = 2 // rounding must not leave a gap at the end
	if c.Pool != nil {
		s.hold = newGamma(c.Pool.Hold)
	}
	s.flights.ordered = c.Balancing == queue.LeastOutstanding
	return s, nil
}

// Join lets a pod take requests. Ids are small and never used again.
func (s *Station) Join(id int) {
	if id < 0 {
		return
	}
	for id >= len(s.pods) {
		s.pods = append(s.pods, pod{})
	}
	p := &s.pods[id]
	if p.known {
		return
	}
	*p = pod{known: true, alive: true, serving: true, free: make([]float64, s.config.Servers)}
	for i := range p.free {
		p.free[i] = s.now
	}
	p.shared.at, p.last = s.now, s.now
	if s.config.Pool != nil {
		p.pools = make([]pool, s.config.Pool.PerPod)
	}
	s.targets = append(s.targets, id)
}

// Leave takes a pod out of the balancing; it finishes what it has, and then
// closes its connections.
func (s *Station) Leave(id int) {
	p := s.pod(id)
	if p == nil || !p.serving {
		return
	}
	p.serving = false
	for i, other := range s.targets {
		if other == id {
			s.targets = append(s.targets[:i], s.targets[i+1:]...)
			for t := range s.turns {
				if s.turns[t] >= i {
					s.turns[t]--
				}
			}
			break
		}
	}
	if p.alive && len(p.shared.jobs) == 0 {
		s.closeAll(id, max(s.now, p.last))
	}
}

// Refuse makes a pod fail what the balancer sends there from now on, at once. What
// it has it finishes.
func (s *Station) Refuse(id int) {
	if p := s.pod(id); p != nil {
		p.refuses = true
	}
}

// Fail ends a pod at once. What it was working on is lost, and so is what the
// balancer sends there until Leave; clients of both come back at once. A request
// whose client would have given up before its end stays counted as that. The
// database notices at once that the connections are gone.
func (s *Station) Fail(id int) {
	p := s.pod(id)
	if p == nil || !p.alive {
		return
	}
	p.cpuAtEnd = s.CPU(id)
	p.alive = false
	for _, f := range s.flights.drop(id, s.now) {
		s.lose(f)
	}
	for _, j := range p.shared.jobs {
		if r, _ := s.jobs.take(j.of); !r.failed {
			s.fail(&r, s.now, &s.window.failures.Lost)
		}
	}
	s.working -= len(p.shared.jobs)
	p.shared.jobs, p.pools = nil, nil
	s.open.drop(s.now, id)
}

func (s *Station) pod(id int) *pod {
	if id < 0 || id >= len(s.pods) || !s.pods[id].known {
		return nil
	}
	return &s.pods[id]
}

// CPU is what a pod has burned, in core-seconds: the work it was given, without
// what it has yet to do. From now on its servers are busy without a gap until
// they are free.
func (s *Station) CPU(id int) float64 {
	p := s.pod(id)
	switch {
	case p == nil:
		return 0
	case !p.alive:
		return p.cpuAtEnd
	case s.sharing:
		h := &p.shared
		return h.burned + float64(float64((s.now-h.at)*h.speed(s.config.Servers))*float64(len(h.jobs)))
	}
	done := p.given
	for _, free := range p.free {
		if free > s.now {
			done -= free - s.now
		}
	}
	return done
}

// Common says that every pod burns on its own.
func (s *Station) Common() (float64, bool) { return 0, false }

// Served appends for each of the pods how many requests it has answered, failures
// that the pod answered included.
func (s *Station) Served(into []float64, pods []int) []float64 {
	s.perPod = append(s.perPod[:0], make([]int, len(s.pods))...)
	for i := range s.flights.list {
		if f := &s.flights.list[i]; f.at > s.now {
			s.perPod[f.of.pod]++
		}
	}
	for _, id := range pods {
		served := 0
		if p := s.pod(id); p != nil {
			served = p.accepted - s.perPod[id] - len(p.shared.jobs)
		}
		into = append(into, float64(served))
	}
	return into
}

// InFlight are the requests that pods are working on or have waiting: exact.
func (s *Station) InFlight() int { return s.working + s.flights.count(s.now) }

// Connections that are open to the database.
func (s *Station) Connections() int { return s.open.count(s.now) }
