package sim

import (
	"fmt"
	"math"
	"time"

	"github.com/agencyos/headroom/capacity/sim/fleet"
)

// mostEvents are told; a day of flapping would fill a book.
const mostEvents = 1000

// book is what the cluster goes through.
type book struct {
	started     bool
	nodeSeconds float64
	usd         float64 // USD per hour × seconds
	pending     float64
	last        time.Duration
	exhausted   time.Duration
	result      Result
}

// tell notes an event.
func (r *run) tell(format string, args ...any) {
	if r.since() >= 0 && len(r.book.result.Events) < mostEvents {
		r.book.result.Events = append(r.book.result.Events, Event{At: r.since(), What: fmt.Sprintf(format, args...)})
	}
}

func (r *run) tellFleet(e fleet.Event) {
	switch e.Kind {
	case fleet.NodeRequested:
		r.tell("a node of %s is requested", r.Fleet.Groups[e.Group].Name)
	case fleet.NodeReady:
		r.tell("a node of %s is Ready", r.Fleet.Groups[e.Group].Name)
	case fleet.NodeRemoved:
		r.tell("a node of %s is removed", r.Fleet.Groups[e.Group].Name)
	}
}

// point ends a slice of the timeline. The first call ends the warmup.
func (r *run) point() {
	r.advanceAll()
	b := &r.book
	if !b.started {
		b.started = true
		b.nodeSeconds, b.pending, b.last = -r.fleet.NodeSeconds(r.now), -r.fleet.PendingSeconds(r.now), r.now
		b.result.LeastUSDPerHour = math.Inf(1)
		for _, w := range r.services {
			w.plane.Take()
			w.plane.Reset()
			w.story.readied(0, w.readyNow)
			w.story.result.PeakReplicas = w.replicas
		}
		return
	}
	length := r.now - b.last
	b.last = r.now
	if length <= 0 {
		return
	}
	p := Point{At: r.since(), Nodes: r.fleet.Nodes(), Booting: r.fleet.Booting(), Connections: r.possible(), USDPerHour: r.fleet.USDPerHour() + r.FixedUSDPerHour}
	for _, w := range r.services {
		s := w.story.point(length)
		s.Wanted, s.Ready = w.replicas, w.readyNow
		for _, id := range w.live {
			switch w.pods[id].phase {
			case pending:
				s.Pending++
			case starting:
				s.Starting++
			}
		}
		w.story.result.WorstP99Ms = worse(w.story.result.WorstP99Ms, s.P99Ms)
		p.Services = append(p.Services, s)
	}
	b.record(p, length)
}

func (b *book) record(p Point, length time.Duration) {
	r := &b.result
	r.Timeline = append(r.Timeline, p)
	r.PeakNodes = max(r.PeakNodes, p.Nodes+p.Booting)
	r.Connections = max(r.Connections, p.Connections)
	r.PeakUSDPerHour = math.Max(r.PeakUSDPerHour, p.USDPerHour)
	r.LeastUSDPerHour = math.Min(r.LeastUSDPerHour, p.USDPerHour)
	b.usd += p.USDPerHour * length.Seconds()
}

// worse is the larger of two times in which -1 is infinite.
func worse(a, b float64) float64 {
	if a < 0 || b < 0 {
		return -1
	}
	return math.Max(a, b)
}

// result closes the book.
func (r *run) result() Result {
	b := &r.book
	out := b.result
	out.Seed, out.Fidelity, out.Duration = r.Seed, r.Fidelity, r.Load.Duration()
	out.NodeHours = (b.nodeSeconds + r.fleet.NodeSeconds(r.now)) / 3600
	out.PendingSeconds = b.pending + r.fleet.PendingSeconds(r.now)
	out.CostUSD = b.usd / 3600
	out.ExhaustedSeconds = b.exhausted.Seconds()
	for _, w := range r.services {
		out.Services = append(out.Services, w.story.result)
		out.OpenConnections += w.story.result.OpenConnections
	}
	return out
}
