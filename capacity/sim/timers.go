package sim

import "time"

// kind of a timer.
type kind uint8

const (
	// What comes at one moment is done in this order: the world changes, pods
	// follow, then it is measured, then the autoscaler looks.
	conditionsChange kind = iota
	fleetActs
	podReady
	podAvailable
	podDeaf  // the balancer no longer sends to it
	podStops // it refuses what is new
	podGone
	kubeletSamples
	serverScrapes
	prometheusScrapes
	windowEnds
	pointEnds
	hpaSyncs
)

// timer is something that is due.
type timer struct {
	at      time.Duration
	kind    kind
	service int32
	pod     int32
}

func (t timer) before(u timer) bool {
	switch {
	case t.at != u.at:
		return t.at < u.at
	case t.kind != u.kind:
		return t.kind < u.kind
	case t.service != u.service:
		return t.service < u.service
	}
	return t.pod < u.pod
}

// timers are a binary heap. Equal moments have a fixed order, so that a run does
// not depend on how the heap was filled.
type timers []timer

func (h *timers) push(t timer) {
	*h = append(*h, t)
	q := *h
	i := len(q) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !t.before(q[up]) {
			break
		}
		q[i] = q[up]
		i = up
	}
	q[i] = t
}

// pop returns the first timer; there must be one.
func (h *timers) pop() timer {
	q := *h
	first, last := q[0], q[len(q)-1]
	*h = q[:len(q)-1]
	if len(*h) > 0 {
		h.replace(last)
	}
	return first
}

// replace puts a timer in the place of the first.
func (h timers) replace(t timer) {
	i := 0
	for {
		down := 2*i + 1
		if down >= len(h) {
			break
		}
		if right := down + 1; right < len(h) && h[right].before(h[down]) {
			down = right
		}
		if !h[down].before(t) {
			break
		}
		h[i] = h[down]
		i = down
	}
	h[i] = t
}
