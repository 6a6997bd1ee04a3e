package station

import "math"

// mostArrivals per second that a station tells apart; more are taken for as many.
const mostArrivals = 1e8

// Advance serves until to, in seconds, under conditions that hold until then.
// How a stretch of time is cut into calls changes nothing. A moment that is past
// or infinite serves nothing.
func (s *Station) Advance(to float64, c Conditions) {
	s.meet(c.Sane())
	if !(to > s.now) || math.IsInf(to, 1) {
		return
	}
	for s.step(to) {
	}
	s.now, s.at = to, to
	if s.sharing {
		s.drainAll(to)
	}
}

// meet sets the conditions. What is left of the unit exponential until the next
// arrival stays: time counts faster at a higher rate.
func (s *Station) meet(c Conditions) {
	if c.Arrival != s.Arrival {
		if s.Arrival > 0 {
			s.hazard = max(0, (s.next-s.now)*s.Arrival)
		}
		s.next = math.Inf(1)
		if c.Arrival > 0 {
			s.next = s.now + s.hazard/c.Arrival
		}
	}
	s.Conditions = c
}

// step serves the next thing that happens until to, if there is one.
func (s *Station) step(to float64) bool {
	at := min(s.next, to)
	again := s.retries.due(at)
	if again {
		at = s.retries[0].at
	}
	if s.jobs.deadlines.due(at) {
		s.at = s.jobs.deadlines.all[s.jobs.deadlines.head].at
		s.giveUp()
		return true
	}
	switch {
	case again:
		s.at = at
		s.request(s.retries.pop().of)
	case s.next <= to:
		s.at = s.next
		s.next += s.arrivals.ExpFloat64() / s.Arrival
		s.request(0)
	default:
		return false
	}
	return true
}

// Sane replaces what has no meaning: not a number, below zero, infinite.
func (c Conditions) Sane() Conditions {
	c.Arrival = min(orElse(c.Arrival, 0), mostArrivals)
	c.MissShare = orElse(c.MissShare, 0)
	c.HoldExtra = min(orElse(c.HoldExtra, 0), longestTime)
	c.HoldFactor = min(orElse(c.HoldFactor, 1), longestTime)
	if c.HoldFactor == 0 {
		c.HoldFactor = 1
	}
	return c
}

func orElse(x, other float64) float64 {
	if !(x >= 0) || math.IsInf(x, 1) {
		return other
	}
	return x
}
