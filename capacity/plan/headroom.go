package plan

import "math"

const (
	// headroomMost bounds the search for the headroom factor.
	headroomMost = 1000
	// headroomStep is its resolution.
	headroomStep = 0.01
)

// headroom is the largest multiple of today's peak at which every check holds
// with the settings frozen. Waived checks do not count: their risk is accepted.
func (w world) headroom() Headroom {
	waived := map[string]bool{}
	for _, c := range w.plan.Checks {
		waived[c.ID] = c.Waived
		if !c.OK && !c.Waived && !variesByID(c.ID) {
			return Headroom{FirstLimit: c.ID, Subject: c.Subject}
		}
	}
	broken := func(steps int) (Check, bool) { return w.firstBroken(float64(steps)*headroomStep, waived) }
	low, high := 0, int(math.Round(headroomMost/headroomStep))
	if _, any := broken(high); !any {
		return Headroom{Factor: headroomMost}
	}
	for high-low > 1 {
		mid := (low + high) / 2
		if _, any := broken(mid); any {
			high = mid
		} else {
			low = mid
		}
	}
	first, _ := broken(high)
	return Headroom{Factor: round(float64(low)*headroomStep, 2), FirstLimit: first.ID, Subject: first.Subject}
}

// firstBroken is the first check that depends on the load and fails at m.
func (w world) firstBroken(m float64, waived map[string]bool) (Check, bool) {
	for _, p := range provers() {
		if !p.varies || waived[p.id] {
			continue
		}
		if c := NewCheck(p.id, p.prove(w, m)); !c.OK {
			return c, true
		}
	}
	return Check{}, false
}

func variesByID(id string) bool {
	for _, p := range provers() {
		if p.id == id {
			return p.varies
		}
	}
	return false
}
