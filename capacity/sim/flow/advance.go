package flow

import (
	"math"

	"github.com/agencyos/headroom/capacity/sim/station"
)

// settled is the delay, in seconds, below which the steady state alone counts.
const settled = 1e-6

// Advance serves until to, under conditions that hold until then.
func (s *Station) Advance(to float64, c station.Conditions) {
	if c.MissShare != s.conditions.MissShare || c.HoldFactor != s.conditions.HoldFactor || c.HoldExtra != s.conditions.HoldExtra {
		s.flush()
	}
	s.conditions = c
	for s.now < to {
		step := s.step(to - s.now)
		s.now += step
		if step <= 0 {
			s.now = to
		}
	}
}

// step serves for at most dt, and less where a backlog ends within it.
func (s *Station) step(dt float64) float64 {
	offered := s.conditions.Arrival + s.retrying
	reach := s.reach()
	alive, carried := offered*reach, float64(s.serving)*s.podRate()
	if s.backlog > 0 && alive < carried {
		dt = math.Min(dt, s.backlog/(carried-alive)+1e-9)
	}
	arrivals := s.count(offered * dt)
	s.window.requests += arrivals
	s.rate = alive
	dropped := s.serve(alive, carried, dt)
	s.burn(arrivals*reach/dt, carried, dt)
	s.miss(arrivals-arrivals*reach, dropped)
	s.note(math.Max(0, arrivals*reach-dropped))
	s.comeBack(dt)
	return dt
}

// reach is the share of the requests that reaches a pod that is alive.
func (s *Station) reach() float64 {
	switch {
	case s.serving == 0:
		return 0
	case s.dead == 0:
		return 1
	}
	return float64(s.serving) / float64(s.serving+s.dead)
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

// even are requests of consecutive steps in about one steady state, which are
// recorded together: between two samples of a metric nothing much changes.
type even struct{ served, bin float64 }

// sameBin is how far apart, in bins, the states of steps may be to count as one.
const sameBin = 0.5

// note records the requests that pods serve in a step, now or with those of the
// next steps.
func (s *Station) note(served float64) {
	if s.delay > 0 || s.dead > 0 || s.serving == 0 || s.config.Client.Retries > 0 {
		s.flush()
		s.record(served)
		return
	}
	if e := &s.even; e.served > 0 && math.Abs(s.bin-e.bin) > sameBin {
		s.flush()
	}
	if sum := s.even.served + served; sum > 0 {
		s.even.bin += (s.bin - s.even.bin) * served / sum
		s.even.served = sum
	}
}

// flush records what waits to be recorded.
func (s *Station) flush() {
	e := s.even
	if e.served == 0 {
		return
	}
	s.even = even{}
	bin, delay := s.bin, s.delay
	s.bin, s.delay = e.bin, 0
	s.record(e.served)
	s.bin, s.delay = bin, delay
}

// comeBack lets clients retry what failed in a step in the next one. A retry that
// fails is retried as well, so that at most every retry of every request is on
// its way.
func (s *Station) comeBack(dt float64) {
	s.retrying = 0
	if n := s.config.Client.Retries; n > 0 && dt > 0 {
		s.retrying = math.Min(s.failed/dt, s.conditions.Arrival*float64(n))
	}
	s.failed = 0
}

// podRate is what one pod carries under the present conditions.
func (s *Station) podRate() float64 {
	if s.config.Pool == nil {
		return s.table.pod
	}
	return podRate(&s.config, s.conditions.MissShare, s.hold())
}

// serve moves the backlog, whose middle over the step is the delay, and returns
// how many are dropped because no more may wait.
func (s *Station) serve(alive, carried, dt float64) (dropped float64) {
	before := s.backlog
	if carried <= 0 {
		s.backlog, s.delay, s.bin = 0, 0, 0
		return 0
	}
	s.backlog = math.Max(0, before+(alive-carried)*dt)
	s.delay = (before + s.backlog) / 2 / carried
	utilization := alive / carried
	if s.backlog > 0 {
		utilization = 1
	}
	s.bin = binOf(utilization)
	most := float64(s.serving * (s.config.Queue + s.config.Servers))
	dropped = math.Max(0, s.backlog-most)
	s.backlog -= dropped
	return dropped
}

// burn counts the work that the pods do.
func (s *Station) burn(rate, carried, dt float64) {
	if s.serving == 0 {
		return
	}
	work := math.Min(rate, carried)
	if s.backlog > 0 {
		work = carried
	}
	s.burned += work * s.config.CPU.Mean * dt / float64(s.serving)
}

// record adds the requests of a step to the window and to the run, with the
// share of them that fails.
func (s *Station) record(served float64) {
	if served <= 0 {
		return
	}
	late := s.late() * served
	switch {
	case late <= 0:
	case s.poolGivesUp():
		s.fail(station.Failures{PoolTimedOut: late})
	default:
		s.fail(station.Failures{TimedOut: late})
	}
	s.answer(served - late)
}

// late is the share that gives up: by the client's patience or the pool's.
func (s *Station) late() float64 {
	share := 0.0
	if limit := s.config.Client.Timeout; limit > 0 {
		share = s.tail(limit)
	}
	if s.poolGivesUp() {
		share = math.Max(share, s.conditions.MissShare)
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
	return s.poolFull() && s.config.Pool.Timeout > 0 && s.delay > s.config.Pool.Timeout
}

// tail is the share of the present requests that takes longer than t.
func (s *Station) tail(t float64) float64 {
	if t -= s.delay; t <= 0 {
		return 1
	}
	i, part := split(s.bin)
	share := tailAt(&s.table.at(i).logs, t)
	if part > 0 {
		share = lerp(share, tailAt(&s.table.at(i+1).logs, t), part)
	}
	return share
}

// answer records requests that were answered.
func (s *Station) answer(n float64) {
	i, part := split(s.bin)
	low := s.table.at(i)
	high := low
	if part > 0 {
		high = s.table.at(i + 1)
	}
	shift := s.delay + s.extra()
	w := &s.window
	promised := n * s.table.promised
	w.promised += promised
	w.broken += n * s.brokenShare(low, high, part, shift)
	w.p99 = math.Max(w.p99, lerp(low.p99, high.p99, part)+shift)
	w.poolWait = math.Max(w.poolWait, s.poolWait(low, high, part))
	w.connections = max(w.connections, s.Connections())
	s.run.add(i, part, n, shift)
}

// brokenShare is the share of the requests that breaks its promise.
func (s *Station) brokenShare(low, high *state, part, shift float64) float64 {
	if shift <= settled {
		return lerp(low.broken, high.broken, part)
	}
	share := 0.0
	for _, k := range s.config.Kinds {
		if k.Promise > shift {
			share += k.Share * lerp(tailAt(&low.logs, k.Promise-shift), tailAt(&high.logs, k.Promise-shift), part)
		} else if k.Promise > 0 {
			share += k.Share
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
		wait += math.Min(s.delay, p.Timeout)
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
