package station

import (
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

	arrivals, work, choice, jitter *rand.Rand
	// hazard is what is left of a unit exponential until the next arrival: time
	// counts faster for a higher rate, so that slicing changes nothing.
	hazard float64
	now    float64
	Conditions

	pods    []pod
	targets []int // ids that the balancer sends to, dead ones included
	turn    int
	retries retries
	flights flights
	sharing bool // processor sharing: responses are known at their end only

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
	known, alive, serving bool
	// free is when each server is done with what it was given, given the work.
	free  []float64
	given float64
	// starts are the moments at which waiting requests begin, in order.
	starts queueOfTimes
	pools  []pool
	// outstanding requests, for the balancer that looks at them.
	outstanding int
	shared      sharedPod
	cpuAtEnd    float64
}

// Purposes of random streams.
const (
	arrivalStream = iota + 1
	workStream
	choiceStream
	jitterStream
)

// New is a station without pods. The error lists everything that is wrong with
// the configuration.
func New(c Config, seed uint64) (*Station, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	stream := func(purpose uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, purpose)) }
	s := &Station{config: c, cpu: newGamma(c.CPU), sharing: c.Discipline == PS,
		arrivals: stream(arrivalStream), work: stream(workStream), choice: stream(choiceStream), jitter: stream(jitterStream)}
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
	s.flights.byPod = c.Balancing == queue.LeastOutstanding
	return s, nil
}

// Join lets a pod take requests. Ids are small and never used again.
func (s *Station) Join(id int) {
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
	p.shared.at = s.now
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
			if s.turn > i {
				s.turn--
			}
			break
		}
	}
	s.closeAll(p)
}

// Fail ends a pod at once. What it was working on is lost, and so is what the
// balancer sends there until Leave.
func (s *Station) Fail(id int) {
	p := s.pod(id)
	if p == nil || !p.alive {
		return
	}
	p.cpuAtEnd = s.CPU(id)
	p.alive = false
	lost := s.flights.drop(id, s.now)
	if s.sharing {
		lost = p.shared.drop()
		s.flights.shared -= lost
	}
	s.lose(lost)
	s.closeAll(p)
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
		return p.shared.burned
	}
	done := p.given
	for _, free := range p.free {
		if free > s.now {
			done -= free - s.now
		}
	}
	return done
}

// InFlight are the requests that pods are working on or have waiting.
func (s *Station) InFlight() int {
	if s.sharing {
		return s.flights.shared
	}
	return s.flights.count(s.now)
}

// Connections that are open to the database.
func (s *Station) Connections() int { return s.open.count(s.now) }
