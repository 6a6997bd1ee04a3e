package sim

import (
	"fmt"
	"math"
	"time"
)

// Short are the seconds in which fewer pods of a service were Ready than its load
// needs to keep the promises, by what the missing ones lacked.
type Short struct {
	// Capped: the autoscaler was at its maximum. Undecided: it had not asked for
	// them yet. Unplaced: they had no node. Starting: they were on their way, or
	// the pods they replace were lost.
	Capped    float64 `json:"cappedSeconds"`
	Undecided float64 `json:"undecidedSeconds"`
	Unplaced  float64 `json:"unplacedSeconds"`
	Starting  float64 `json:"startingSeconds"`
}

// shortfall notes what a service lacks at the end of a window.
func (r *run) shortfall(w *workload, window time.Duration) {
	needed := int(math.Ceil(w.reaching()*r.levels.Mean(r.since(), r.since())/w.SafeRPS - 1e-9))
	if w.SafeRPS <= 0 || w.readyNow >= needed {
		return
	}
	s := &w.story.result.Short
	switch {
	case w.replicas < needed && w.replicas >= int(w.HPA.MaxReplicas):
		s.Capped += window.Seconds()
	case w.replicas < needed:
		s.Undecided += window.Seconds()
	case w.anyPending():
		s.Unplaced += window.Seconds()
	default:
		s.Starting += window.Seconds()
	}
}

func (w *workload) anyPending() bool {
	for _, id := range w.live {
		if w.pods[id].phase == pending {
			return true
		}
	}
	return false
}

// noticeableWait is the share of a promise that a wait for a connection must take
// to be named as a reason.
const noticeableWait = 0.2

// Reasons are what the worst run shows behind the broken promises of a service or
// of the database, the most telling first.
func (s Summary) Reasons() []string {
	broken := map[string]bool{}
	for _, v := range s.Broken() {
		broken[v.Subject] = true
	}
	if len(broken) == 0 {
		return nil
	}
	run := s.Runs[s.Worst()]
	var out []string
	if broken["database"] {
		out = append(out, fmt.Sprintf("database: for %.0f s the pods alive could open more connections than are usable, %d of %d: pools too large for so many pods",
			run.ExhaustedSeconds, run.Connections, s.Limits.UsableConnections))
	}
	for i, l := range s.Limits.Services {
		if broken[l.Name] {
			out = append(out, run.Services[i].reasons(l)...)
		}
	}
	return out
}

// reasons of one service.
func (r ServiceResult) reasons(l ServiceLimits) []string {
	var out []string
	say := func(is bool, format string, args ...any) {
		if is {
			out = append(out, l.Name+": "+fmt.Sprintf(format, args...))
		}
	}
	f := r.Failures
	say(f.Refused >= 1, "%.0f requests found no database slot: pools too large for so many pods", f.Refused)
	say(f.PoolTimedOut >= 1 || l.PromisedP99Ms > 0 && r.PoolWaitMs > noticeableWait*l.PromisedP99Ms,
		"requests waited up to %.0f ms (p99 of the worst window) for a pooled connection, and %.0f gave up: pools too small", r.PoolWaitMs, f.PoolTimedOut)
	s := r.Short
	say(s.Capped > 0, "for %.0f s the load needed more pods than maxReplicas (%d)", s.Capped, l.MaxReplicas)
	say(s.Undecided > 0, "for %.0f s the autoscaler had not asked for as many pods as the load needed: metric, policy or window too slow for this rise", s.Undecided)
	say(s.Unplaced > 0, "for %.0f s pods waited for a node: no warm room, or node groups at their maximum", s.Unplaced)
	say(s.Starting > 0, "for %.0f s pods were starting or lost ones being replaced", s.Starting)
	say(f.Lost >= 1, "%.0f requests were lost with their pods: they stopped before the load balancer did, or their node went", f.Lost)
	say(f.Dropped >= 1, "%.0f requests found no pod or a full queue", f.Dropped)
	return out
}
