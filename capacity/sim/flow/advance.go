package flow

import (
	"math"

	"github.com/agencyos/headroom/capacity/sim/station"
)

// Advance serves until to, under conditions that hold until then.
func (s *Station) Advance(to float64, c station.Conditions) {
	if c.MissShare != s.conditions.MissShare || c.HoldFactor != s.conditions.HoldFactor || c.HoldExtra != s.conditions.HoldExtra {
		s.flush()
		s.conditions = c
		s.adapt()
	}
	s.conditions.Arrival = c.Arrival
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
	s.carried, s.perCarried, s.perServing, s.reach = 0, 0, 0, 0
	if s.serving > 0 {
		s.carried = float64(s.serving) * s.podRate()
		s.perCarried, s.perServing = 1/s.carried, 1/float64(s.serving)
		s.reach = float64(s.serving) / float64(s.serving+s.dead)
	}
}

// podRate is what one pod carries under the present conditions.
func (s *Station) podRate() float64 {
	if s.config.Pool == nil {
		return s.table.pod
	}
	return podRate(&s.config, s.conditions.MissShare, s.hold())
}

// step serves for at most dt, and less where a backlog ends within it.
func (s *Station) step(dt float64) float64 {
	offered := s.conditions.Arrival + s.retrying
	s.rate = offered * s.reach
	s.load = s.rate * s.perCarried
	s.stuck, s.delay = 0, 0
	dropped := 0.0
	switch {
	case s.carried == 0:
		s.backlog = 0
	case s.backlog > 0 || s.load > 1:
		dt, dropped = s.lag(dt)
	}
	arrivals := s.count(offered * dt)
	reaching := arrivals * s.reach
	s.window.requests += arrivals
	s.burn(reaching, dt)
	s.miss(arrivals-reaching, dropped)
	s.note(max(0, reaching-dropped))
	if s.config.Client.Retries > 0 {
		s.comeBack(dt)
	}
	return dt
}

// lag moves the backlog for at most dt, less where it ends. Its middle over the
// step is the delay; what is beyond all that may wait is dropped.
func (s *Station) lag(dt float64) (step, dropped float64) {
	if s.backlog == 0 || s.load > 1 {
		s.behind = s.serving // nobody keeps up
	}
	s.stuck = float64(s.behind) * s.perServing
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
	dropped = max(0, s.backlog-float64(s.behind*(s.config.Queue+s.config.Servers)))
	s.backlog -= dropped
	return dt, dropped
}

// burn counts the work that the pods do, those that are behind all that they can.
func (s *Station) burn(reaching, dt float64) {
	most := s.carried * dt
	done := s.stuck*most + (1-s.stuck)*min(reaching, most)
	s.burned += done * s.config.CPU.Mean * s.perServing
}

// miss counts the requests that no pod answers: sent to a dead one or to none, and
// beyond what may wait.
func (s *Station) miss(unreached, dropped float64) {
	if s.serving+s.dead == 0 {
		dropped, unreached = dropped+unreached, 0
	}
	if unreached > 0 || dropped > 0 {
		s.fail(station.Failures{Lost: unreached, Dropped: dropped})
	}
}

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

// comeBack lets clients retry what failed in a step in the next one. A retry that
// fails is retried as well, so that at most every retry of every request is on
// its way.
func (s *Station) comeBack(dt float64) {
	s.retrying = 0
	if dt > 0 {
		s.retrying = min(s.failed/dt, s.conditions.Arrival*float64(s.config.Client.Retries))
	}
	s.failed = 0
}

// record adds requests that met a state to the window and to the run, with the
// share of them that fails.
func (s *Station) record(served float64, m moment) {
	if served <= 0 {
		return
	}
	low, high, part := s.table.around(m.load)
	late := s.late(low, high, part, m.delay) * served
	switch {
	case late <= 0:
	case s.poolGivesUp(m.delay):
		s.fail(station.Failures{PoolTimedOut: late})
	default:
		s.fail(station.Failures{TimedOut: late})
	}
	s.answer(served-late, low, high, part, m.delay)
}

// late is the share that gives up: by the client's patience or the pool's.
func (s *Station) late(low, high *state, part, delay float64) float64 {
	share := 0.0
	switch limit := s.config.Client.Timeout; {
	case limit == 0:
	case delay == 0:
		share = lerp(low.late, high.late, part)
	default:
		share = tailBetween(low, high, part, limit-delay)
	}
	if s.poolGivesUp(delay) {
		share = max(share, s.conditions.MissShare)
	}
	return share
}

// poolFull says that the pools and not the workers are what holds requests up.
func (s *Station) poolFull() bool {
	p := s.config.Pool
	if p == nil || s.conditions.MissShare <= 0 {
		return false
	}
	slots := float64(p.PerPod * (p.Size + p.Overflow))
	return slots/(s.conditions.MissShare*s.hold()) <= s.podRate()*(1+1e-9)
}

// poolGivesUp says that requests wait longer for a connection than the pool lets
// them.
func (s *Station) poolGivesUp(delay float64) bool {
	return s.poolFull() && s.config.Pool.Timeout > 0 && delay > s.config.Pool.Timeout
}

// answer records requests that were answered.
func (s *Station) answer(n float64, low, high *state, part, delay float64) {
	shift := delay + s.extra()
	w := &s.window
	w.promised += n * s.table.promised
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
	if s.poolFull() {
		wait += min(delay, p.Timeout)
	}
	return wait
}

// fail counts failures.
func (s *Station) fail(f station.Failures) {
	s.window.failures = s.window.failures.Plus(f)
	s.failed += f.Sum()
	s.run.failed += f.Sum()
}

// count draws how many arrive where a mean number is expected.
func (s *Station) count(mean float64) float64 {
	if mean <= 0 {
		return 0
	}
	return s.poisson(mean)
}
