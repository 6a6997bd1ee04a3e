package plan

import (
	"maps"
	"math"

	"github.com/agencyos/headroom/capacity/spec"
)

const (
	// headroomMost bounds the search for the headroom factor.
	headroomMost = 1000
	// headroomStep is its resolution.
	headroomStep = 0.01
	// todaysPeak is the factor 1 in steps.
	todaysPeak = 100
)

// headroom is how far the stack holds. The plan's own numbers are tried first.
// Where they break a check that less load does not mend, such as a ceiling of pods
// for which there are no nodes, less may be asked for, which leads to smaller
// numbers. Waived checks do not count: their risk is accepted.
func (w world) headroom() Headroom {
	waived := map[string]bool{}
	for _, c := range w.plan.Checks {
		waived[c.ID] = c.Waived
	}
	if _, broken := w.firstAt(headroomStep, waived); broken {
		return w.asked(waived)
	}
	frozen := func(m float64) (Check, bool) { return w.firstBroken(m, waived) }
	if _, broken := frozen(headroomMost); !broken {
		return Headroom{Factor: headroomMost}
	}
	return bisect(1, headroomMost*todaysPeak, frozen)
}

// asked is the largest load that the stack may ask for and holds. All numbers
// follow the load, so a smaller one need not hold where a larger one does: today's
// peak is tried before less.
func (w world) asked(waived map[string]bool) Headroom {
	broken := func(m float64) (Check, bool) { return w.asking(m).firstAt(math.Max(1, m), waived) }
	growth := int(math.Ceil(w.stack.Traffic.Growth/headroomStep - 1e-6))
	if _, any := broken(1); !any && growth > todaysPeak {
		return bisect(todaysPeak, growth, broken)
	}
	first, any := broken(headroomStep)
	if !any {
		return bisect(1, todaysPeak, broken)
	}
	return Headroom{FirstLimit: first.ID, Subject: first.Subject}
}

// asking is the world that asks for m times today's peak. Less than today's peak
// cannot be asked for: then that is smaller itself.
func (in input) asking(m float64) world {
	s := in.stack
	s.Traffic.Growth = math.Max(1, m)
	s.Services = maps.Clone(s.Services)
	for name, v := range s.Services {
		v.PeakRPS *= spec.RPS(math.Min(1, m))
		s.Services[name] = v
	}
	d := input{stack: s, base: in.base}.derive()
	return world{input: d.input, plan: &d.plan}
}

// bisect finds the factor between a number of steps that holds and one that does
// not.
func bisect(holds, breaks int, broken func(m float64) (Check, bool)) Headroom {
	for breaks-holds > 1 {
		mid := (holds + breaks) / 2
		if _, any := broken(float64(mid) * headroomStep); any {
			breaks = mid
		} else {
			holds = mid
		}
	}
	first, _ := broken(float64(breaks) * headroomStep)
	return Headroom{Factor: round(float64(holds)*headroomStep, 2), FirstLimit: first.ID, Subject: first.Subject}
}

// firstAt is the first check that fails at m.
func (w world) firstAt(m float64, waived map[string]bool) (Check, bool) {
	return w.first(m, waived, func(p prover) proof { return p.prove })
}

// firstBroken is the first check that fails at m of what depends on the load.
func (w world) firstBroken(m float64, waived map[string]bool) (Check, bool) {
	return w.first(m, waived, func(p prover) proof { return p.loaded })
}

func (w world) first(m float64, waived map[string]bool, of func(p prover) proof) (Check, bool) {
	for _, p := range provers() {
		prove := of(p)
		if prove == nil || waived[p.id] {
			continue
		}
		if c := NewCheck(p.id, prove(w, m)); !c.OK {
			return c, true
		}
	}
	return Check{}, false
}
