package flow

import (
	"math"

	"github.com/agencyos/headroom/capacity/sim/station"
)

// moment is a state of the pods: the utilization of what limits them, and what a
// request waits for the backlog.
type moment struct{ load, delay float64 }

// even are requests of consecutive steps in about one steady state, which are
// recorded together: between two samples of a metric nothing much changes.
type even struct{ served, load float64 }

// sameLoad is how far apart the utilizations of steps may be to count as one, as a
// share of what is left to 1: that is what waits depend on.
const sameLoad = 0.02

// note records the requests that pods serve in a step, now or with those of the
// next steps.
func (s *Station) note(served float64) {
	e := &s.even
	switch {
	case s.stuck > 0:
		s.flush()
		s.record(served*s.stuck, moment{1, s.delay})
		s.record(served*(1-s.stuck), moment{s.load, 0})
		return
	case s.dead > 0 || s.serving == 0 || s.config.Client.Retries > 0:
		s.flush()
		s.record(served, moment{s.load, 0})
		return
	case e.served > 0 && math.Abs(s.load-e.load) > sameLoad*(1-s.load):
		s.flush()
	}
	if e.served += served; served > 0 {
		e.load += (s.load - e.load) * served / e.served
	}
}

// flush records what waits to be recorded.
func (s *Station) flush() {
	if e := s.even; e.served > 0 {
		s.even = even{}
		s.record(e.served, moment{e.load, 0})
	}
}

// record adds requests that met a state to the window and to the run, with the
// share of them that fails.
func (s *Station) record(served float64, m moment) {
	if served <= 0 {
		return
	}
	low, high, part := s.table.around(m.load)
	late := s.late(low, high, part, m.delay) * served
	if late > 0 {
		s.fail(station.Failures{TimedOut: late})
	}
	s.answer(served-late, low, high, part, m.delay)
}

// late is the share that takes longer than its client waits.
func (s *Station) late(low, high *state, part, delay float64) float64 {
	switch limit := s.config.Client.Timeout; {
	case limit == 0:
		return 0
	case delay == 0:
		return lerp(low.late, high.late, part)
	default:
		return tailBetween(low, high, part, limit-delay)
	}
}

// answer records requests that were answered.
func (s *Station) answer(n float64, low, high *state, part, delay float64) {
	shift := delay + s.extra()
	w := &s.window
	w.broken += n * s.brokenShare(low, high, part, shift)
	w.p99 = max(w.p99, lerp(low.p99, high.p99, part)+shift)
	w.poolWait = max(w.poolWait, s.poolWait(low, high, part, delay))
	w.connections = max(w.connections, s.Connections())
	s.run.add(low.bin, part, n, shift)
}

// settled is the share of a promise up to which what is added to every response
// changes nothing.
const settled = 1e-3

// brokenShare is the share of the requests that breaks its promise.
func (s *Station) brokenShare(low, high *state, part, shift float64) float64 {
	share := 0.0
	for i, p := range s.table.promises {
		switch {
		case shift >= p.within:
			share += p.share
		case shift > settled*p.within:
			share += p.share * tailBetween(low, high, part, p.within-shift)
		default:
			share += p.share * lerp(low.broken[i], high.broken[i], part)
		}
	}
	return share
}

// poolWait is the p99 wait for a connection; the backlog waits there when the
// pools are what is full.
func (s *Station) poolWait(low, high *state, part, delay float64) float64 {
	p := s.config.Pool
	if p == nil || s.conditions.MissShare <= 0 {
		return 0
	}
	wait := lerp(low.poolWait, high.poolWait, part)
	if s.byPool {
		wait += min(delay, p.Timeout)
	}
	return wait
}

// fail counts failures, but for requests from before Reset: a backlog may be older.
func (s *Station) fail(f station.Failures) {
	if most := max(0, s.run.requests-s.run.failed); f.Sum() > most {
		f = f.Times(most / f.Sum())
	}
	s.window.failures = s.window.failures.Plus(f)
	s.failed += f.Sum()
	s.run.failed += f.Sum()
}
