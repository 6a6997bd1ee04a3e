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
	alive := offered * s.reach
	if s.backlog > 0 && alive < s.carried {
		dt = min(dt, s.backlog/(s.carried-alive)+1e-9)
	}
	arrivals := s.count(offered * dt)
	reaching := arrivals * s.reach
	s.window.requests += arrivals
	s.rate = alive
	dropped := s.serve(alive, dt)
	s.burn(reaching, dt)
	s.miss(arrivals-reaching, dropped)
	s.note(max(0, reaching-dropped))
	if s.config.Client.Retries > 0 {
		s.comeBack(dt)
	}
	return dt
}

// serve moves the backlog, whose middle over the step is the delay, and returns
// how many are dropped because no more may wait.
func (s *Station) serve(alive, dt float64) (dropped float64) {
	before := s.backlog
	s.present = moment{load: alive * s.perCarried}
	switch {
	case s.carried == 0:
		s.backlog = 0
		return 0
	case before == 0 && alive <= s.carried:
		return 0
	}
	s.backlog = max(0, before+(alive-s.carried)*dt)
	s.present.delay = (before + s.backlog) / 2 * s.perCarried
	if s.backlog > 0 {
		s.present.load = 1
	}
	dropped = max(0, s.backlog-float64(s.serving*(s.config.Queue+s.config.Servers)))
	s.backlog -= dropped
	return dropped
}

// burn counts the work that the pods do.
func (s *Station) burn(reaching, dt float64) {
	done := s.carried * dt
	if s.backlog == 0 {
		done = min(done, reaching)
	}
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
	if s.present.delay > 0 || s.dead > 0 || s.serving == 0 || s.config.Client.Retries > 0 {
		s.flush()
		s.record(served)
		return
	}
	e, load := &s.even, s.present.load
	if e.served > 0 && math.Abs(load-e.load) > sameLoad*(1-load) {
		s.flush()
	}
	if e.served += served; served > 0 {
		e.load += (load - e.load) * served / e.served
	}
}

// flush records what waits to be recorded.
func (s *Station) flush() {
	if s.even.served == 0 {
		return
	}
	now, e := s.present, s.even
	s.present, s.even = moment{load: e.load}, even{}
	s.record(e.served)
	s.present = now
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

// record adds the requests of a step to the window and to the run, with the
// share of them that fails.
func (s *Station) record(served float64) {
	if served <= 0 {
		return
	}
	low, high, part := s.table.around(s.present.load)
	late := s.late(low, high, part) * served
	switch {
	case late <= 0:
	case s.poolGivesUp():
		s.fail(station.Failures{PoolTimedOut: late})
	default:
		s.fail(station.Failures{TimedOut: late})
	}
	s.answer(served-late, low, high, part)
}

// late is the share that gives up: by the client's patience or the pool's.
func (s *Station) late(low, high *state, part float64) float64 {
	share := 0.0
	switch limit := s.config.Client.Timeout; {
	case limit == 0:
	case s.present.delay == 0:
		share = lerp(low.late, high.late, part)
	default:
		share = tailBetween(low, high, part, limit-s.present.delay)
	}
	if s.poolGivesUp() {
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
func (s *Station) poolGivesUp() bool {
	return s.poolFull() && s.config.Pool.Timeout > 0 && s.present.delay > s.config.Pool.Timeout
}

// answer records requests that were answered.
func (s *Station) answer(n float64, low, high *state, part float64) {
	shift := s.present.delay + s.extra()
	w := &s.window
	w.promised += n * s.table.promised
	w.broken += n * s.brokenShare(low, high, part, shift)
	w.p99 = max(w.p99, lerp(low.p99, high.p99, part)+shift)
	w.poolWait = max(w.poolWait, s.poolWait(low, high, part))
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
func (s *Station) poolWait(low, high *state, part float64) float64 {
	p := s.config.Pool
	if p == nil || s.conditions.MissShare <= 0 {
		return 0
	}
	wait := lerp(low.poolWait, high.poolWait, part)
	if s.poolFull() {
		wait += min(s.present.delay, p.Timeout)
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
