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

// kinds of timers.
const kinds = hpaSyncs + 1

// timer is something that is due.
type timer struct {
	at time.Duration
	// order of what is due at one moment: kind, service, pod.
	order uint64
}

func newTimer(at time.Duration, k kind, service, pod int) timer {
	return timer{at, uint64(k)<<56 | uint64(service)<<32 | uint64(uint32(pod))}
}

func (t timer) kind() kind   { return kind(t.order >> 56) }
func (t timer) service() int { return int(t.order >> 32 & (1<<24 - 1)) }
func (t timer) pod() int     { return int(uint32(t.order)) }

func (t timer) before(u timer) bool { return t.at < u.at || t.at == u.at && t.order < u.order }

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

// pop drops the first timer; there must be one.
func (h *timers) pop() {
	q := *h
	last := q[len(q)-1]
	*h = q[:len(q)-1]
	if len(*h) > 0 {
		h.replace(last)
	}
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
