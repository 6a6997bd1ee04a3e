package oracle

import (
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/agencyos/headroom/capacity/hpa"
)

// pod lives through creation, scheduling, start, readiness and deletion, with
// some bad luck on the way.
type pod struct {
	name  string
	state hpa.Pod
	shown hpa.Pod // the state of the object that the controller has
	known bool

	scheduled, runs, ready, gone time.Duration
	sampled                      time.Duration // first sample
	neverStarts, noCondition     bool
	stumbles                     time.Duration // when it turns unready for good
	failed, flapped              bool
	noRequest, noMain            bool
	requests                     [2]int64
}

const never = time.Duration(1<<62 - 1)

func (p *pod) mainName() string {
	if p.noMain {
		return "other"
	}
	return appContainer
}

// luck is how much goes wrong in a scenario.
type luck struct {
	slow                       time.Duration // scale of the times to start and to get ready
	fail, flap, odd, bare      float64
	missing, outage            float64
	whole                      bool // times in whole seconds, as the API server has them
	requests                   [2]int64
	oldPods                    bool
	edge                       float64 // load exactly at a tolerance
	statusLag                  float64
	unevenRequests, statusZero bool
	wild                       float64 // values that no sane exporter sends
}

func newLuck(r *rand.Rand) luck {
	l := luck{
		slow:    time.Duration(1+r.IntN(90)) * time.Second,
		fail:    pick(r, 0, 0, 0.0005, 0.005),
		flap:    pick(r, 0, 0, 0.001, 0.02),
		odd:     pick(r, 0, 0, 0.02, 0.2),
		missing: pick(r, 0, 0, 0.02, 0.2),
		outage:  pick(r, 0, 0, 0.01, 0.05),
		whole:   chance(r, 0.5),
		oldPods: chance(r, 0.8),
		edge:    pick(r, 0, 0.1, 0.4),
		requests: [2]int64{
			pick(r, 100, 250, 1000, 1+r.Int64N(4000)),
			pick(r, 0, 50, 100, 1+r.Int64N(1000)),
		},
		statusLag:      pick(r, 0, 0.02, 0.3),
		unevenRequests: chance(r, 0.2),
		statusZero:     chance(r, 0.1),
	}
	l.bare, l.wild = pick(r, 0, 0, 0, 0.002), pick(r, 0, 0, 0, 0.005)
	return l
}

// grain rounds a time down to what the API server keeps.
func (l luck) grain(d time.Duration) time.Duration {
	if l.whole {
		return d.Truncate(time.Second)
	}
	return d
}

// upTo is a random time in the scenario's grain.
func (l luck) upTo(r *rand.Rand, most time.Duration) time.Duration {
	return l.grain(time.Duration(r.Int64N(int64(most) + 1)))
}

func newPod(r *rand.Rand, l luck, serial int, now time.Duration) *pod {
	p := &pod{name: "web-" + strconv.Itoa(serial), gone: never, stumbles: never, requests: l.requests}
	p.scheduled = l.grain(now) + l.upTo(r, l.slow)
	if l.whole && chance(r, 0.3) { // on the grid of the syncs
		p.scheduled = p.scheduled.Truncate(hpa.DefaultSyncPeriod)
	}
	p.runs = p.scheduled + l.upTo(r, l.slow)
	p.ready = p.runs + l.upTo(r, pick(r, l.slow, l.slow, 6*time.Minute))
	p.sampled = p.runs + l.upTo(r, time.Minute)
	p.neverStarts, p.noCondition = chance(r, l.odd), chance(r, l.odd)
	p.noRequest, p.noMain = chance(r, l.bare), chance(r, l.bare)
	if chance(r, l.odd) {
		p.ready = never
	}
	if chance(r, l.odd) { // around the initial readiness
		p.stumbles = p.scheduled + pick[time.Duration](r, 9, 10, 29, 30, 30, 31)*time.Second
	}
	if l.unevenRequests {
		p.requests[0] = 1 + r.Int64N(2000)
	}
	return p
}

// age makes a pod one that has been ready for an hour.
func (p *pod) age() {
	p.scheduled, p.runs, p.ready, p.sampled = -time.Hour, -time.Hour, -time.Hour, -time.Hour
}

func (p *pod) live() bool { return !p.state.Terminating && !p.failed }

// advance brings the state to now.
func (p *pod) advance(r *rand.Rand, l luck, now time.Duration) {
	if now >= p.scheduled && !p.neverStarts {
		p.state.HasStarted, p.state.Started = true, p.scheduled
	}
	if now >= p.runs && !p.failed {
		p.state.Phase = hpa.Running
	}
	if !p.noCondition && !p.flapped && now >= p.scheduled {
		p.state.Ready, p.state.ReadyChanged = hpa.ReadyFalse, p.scheduled
		if now >= p.ready {
			p.state.Ready, p.state.ReadyChanged = hpa.ReadyTrue, p.ready
		}
		if now >= p.stumbles {
			p.state.Ready, p.state.ReadyChanged = hpa.ReadyFalse, p.stumbles
		}
	}
	if p.state.Phase == hpa.Running && chance(r, l.flap) {
		p.flapped = true
		p.state.Ready, p.state.ReadyChanged = pick(r, hpa.ReadyFalse, hpa.ReadyFalse, hpa.ReadyUnknown, hpa.ReadyTrue, hpa.ReadyTrue), l.grain(now)-l.upTo(r, 7*time.Second)
	}
	if p.state.Phase == hpa.Running && !p.failed && chance(r, l.fail) {
		p.failed, p.state.Phase = true, pick(r, hpa.Failed, hpa.Failed, hpa.Other)
		p.gone = now + l.upTo(r, 10*time.Minute)
	}
}

func (p *pod) terminate(r *rand.Rand, l luck, now time.Duration) {
	p.state.Terminating, p.gone = true, now+l.upTo(r, time.Minute)
}
