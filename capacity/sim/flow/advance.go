package flow

import "github.com/agencyos/headroom/capacity/sim/station"

// mostArrivals per second need no second look.
const mostArrivals = 1e8

// Advance serves until to, under conditions that hold until then. Slots are not
// kept: a fluid has no single connection that could be refused.
func (s *Station) Advance(to float64, c station.Conditions) {
	if c.MissShare != s.conditions.MissShare || c.HoldFactor != s.conditions.HoldFactor || c.HoldExtra != s.conditions.HoldExtra {
		s.flush()
		s.conditions = c.Sane()
		s.adapt()
	}
	if s.conditions.Arrival = c.Arrival; !(c.Arrival >= 0 && c.Arrival <= mostArrivals) {
		s.conditions.Arrival = c.Sane().Arrival
	}
	for s.now < to {
		step := s.step(to - s.now)
		s.now += step
		if step <= 0 {
			s.now = to
		}
	}
}

// adapt finds what follows from pods and conditions as long as both stay the same.
func (s *Station) adapt() {
	s.limits = limits{}
	if s.serving == 0 {
		return
	}
	n := float64(s.serving)
	worked, pooled := podRates(&s.config, s.conditions.MissShare, s.hold())
	s.limits = limits{
		workers: n * worked, carried: n * min(worked, pooled), byPool: pooled <= worked,
		perServing: 1 / n, reach: n / float64(s.serving+s.dead),
	}
	s.perCarried = 1 / s.carried
}

// limits are what pods and conditions allow: requests per second that the workers
// carry, and that workers and pools carry together, with its inverse and whether
// it is the pools that end first; the inverse of the pods that serve, and the share
// of requests that reaches one of them.
type limits struct {
	workers, carried, perCarried float64
	byPool                       bool
	perServing, reach            float64
}

// step serves for at most dt, and less where a backlog ends within it.
func (s *Station) step(dt float64) float64 {
	offered := s.conditions.Arrival + s.retrying
	s.rate = offered * s.reach
	s.load = s.rate * s.perCarried
	s.stuck, s.delay = 0, 0
	var over station.Failures
	switch {
	case s.carried == 0:
		s.backlog = 0
	case s.backlog > 0 || s.load > 1:
		dt, over = s.lag(dt)
	}
	expected := offered * dt
	arrivals := s.count(expected)
	reaching := arrivals * s.reach
	s.window.requests += arrivals
	s.run.requests += arrivals
	s.burn(max(0, expected+(arrivals-expected)*s.table.noise)*s.reach, dt)
	if s.stuck > 0 || s.reach < 1 {
		s.miss(arrivals-reaching, over)
		reaching = max(0, reaching-over.Sum())
	}
	s.note(reaching)
	if s.config.Client.Retries > 0 {
		s.comeBack(arrivals)
	}
	return dt
}

// lag moves the backlog for at most dt, less where it ends. Its middle over the
// step is the delay. What the pools hold up are only the requests that need a
// connection; the others pass by.
func (s *Station) lag(dt float64) (step float64, over station.Failures) {
	if s.backlog == 0 || s.load > 1 {
		s.behind = s.serving // nobody keeps up
	}
	s.stuck = float64(s.behind) * s.perServing
	if s.byPool {
		s.stuck *= s.conditions.MissShare
		s.load = s.rate * s.perServing / s.table.pod
	}
	excess, carried := (s.rate-s.carried)*s.stuck, s.carried*s.stuck
	before := s.backlog
	if excess < 0 {
		dt = min(dt, before/-excess+1e-9)
	}
	s.backlog = max(0, before+excess*dt)
	s.delay = (before + s.backlog) / 2 / carried
	if s.backlog == 0 {
		s.epoch++
	}
	return dt, s.overflow(carried)
}

// overflow takes off the backlog what may not wait: for a worker because the queue
// is full, for a connection because the pool gives up, or the client before it.
func (s *Station) overflow(carried float64) (f station.Failures) {
	p := s.config.Pool
	most, cause := float64(s.behind*(s.config.Queue+s.config.Servers)), &f.Dropped
	if s.byPool {
		most, cause = carried*p.Timeout, &f.PoolTimedOut
		if limit := s.config.Client.Timeout; limit > 0 && limit < p.Timeout {
			cause = &f.TimedOut
		}
	}
	*cause = max(0, s.backlog-most)
	s.backlog -= *cause
	return f
}

// burn counts the work that the pods do, in requests, those that are behind all
// that they can.
func (s *Station) burn(reaching, dt float64) {
	most := s.workers * dt
	done := min(reaching, most)
	if s.stuck > 0 && !s.byPool {
		done = s.stuck*most + (1-s.stuck)*done
	}
	s.burned += done * s.config.CPU.Mean * s.perServing
}

// miss counts the requests that no pod answers: sent to a dead one or to none, and
// those that are too many.
func (s *Station) miss(unreached float64, over station.Failures) {
	if s.serving+s.dead == 0 {
		over.Dropped += unreached
	} else {
		over.Lost += unreached
	}
	if over.Sum() > 0 {
		s.fail(over)
	}
}

// comeBack lets clients retry in the next step what failed in this one: of every
// attempt the same share, up to the last.
func (s *Station) comeBack(arrivals float64) {
	share, again := 0.0, 0.0
	if arrivals > 0 {
		share = min(1, s.failed/arrivals)
	}
	for range s.config.Client.Retries {
		again = share * (1 + again)
	}
	s.retrying, s.failed = s.conditions.Arrival*again, 0
}

// count draws how many arrive where a mean number is expected.
func (s *Station) count(mean float64) float64 {
	if mean <= 0 {
		return 0
	}
	return s.draw(mean, 1)
}
