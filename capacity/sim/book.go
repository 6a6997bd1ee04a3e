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
	started bool
	// Integrals of the fleet at the end of the warmup.
	nodeSeconds, usdSeconds, pendingSeconds float64
	// last is the end of the last slice of the timeline.
	last time.Duration
	// connections that the pods alive could open, exhausted since when they are
	// more than there are; never else.
	connections int
	exhausted   time.Duration
	points      []ServicePoint // room for those of the timeline
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

// begin ends the warmup.
func (r *run) begin() {
	b := &r.book
	b.started, b.last = true, r.now
	points := int(r.Load.Duration()/r.periods[pointEnds]) + 1
	b.result.Timeline = make([]Point, 0, points)
	b.points = make([]ServicePoint, 0, points*len(r.services))
	b.nodeSeconds, b.usdSeconds, b.pendingSeconds = r.fleet.NodeSeconds(r.now), r.fleet.USDSeconds(r.now), r.fleet.PendingSeconds(r.now)
	b.result.PeakNodes, b.result.PeakUSDPerHour, b.result.LeastUSDPerHour = 0, 0, math.Inf(1)
	b.result.Connections = b.connections
	r.priced()
	for _, w := range r.services {
		w.plane.Take()
		w.plane.Reset()
		w.story.readied(0, w.readyNow)
		w.story.result.PeakReplicas = w.replicas
	}
}

// priced notes how many nodes there are and what all costs, after every change.
func (r *run) priced() {
	b := &r.book.result
	usd := r.fleet.USDPerHour() + r.FixedUSDPerHour
	b.PeakNodes = max(b.PeakNodes, r.fleet.Nodes()+r.fleet.Booting())
	b.PeakUSDPerHour, b.LeastUSDPerHour = max(b.PeakUSDPerHour, usd), min(b.LeastUSDPerHour, usd)
}

// opens notes that so many more pods of a service could open connections.
func (r *run) opens(w *workload, pods int) {
	p := w.Station.Pool
	if p == nil {
		return
	}
	b := &r.book
	b.connections += pods * p.PerPod * (p.Size + p.Overflow)
	b.result.Connections = max(b.result.Connections, b.connections)
	switch {
	case r.Database == nil:
	case b.connections > r.Database.Usable && b.exhausted == never:
		b.exhausted = r.now
	case b.connections <= r.Database.Usable && b.exhausted != never:
		r.relieved()
	}
}

// relieved ends a time in which the pods alive could open too much.
func (r *run) relieved() {
	b := &r.book
	b.result.ExhaustedSeconds += max(0, r.now-max(b.exhausted, r.Warmup)).Seconds()
	b.exhausted = never
}

// point ends a slice of the timeline.
func (r *run) point() {
	r.advanceAll()
	b := &r.book
	length := r.now - b.last
	if length <= 0 {
		return
	}
	b.last = r.now
	p := Point{At: r.since(), Nodes: r.fleet.Nodes(), Booting: r.fleet.Booting(), Connections: b.connections, USDPerHour: r.fleet.USDPerHour() + r.FixedUSDPerHour}
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
		b.points = append(b.points, s)
	}
	p.Services = b.points[len(b.points)-len(r.services) : len(b.points) : len(b.points)]
	b.result.Timeline = append(b.result.Timeline, p)
}

// worse is the larger of two times in which -1 is infinite.
func worse(a, b float64) float64 {
	if a < 0 || b < 0 {
		return -1
	}
	return max(a, b)
}

// result closes the book.
func (r *run) result() Result {
	b := &r.book
	if b.exhausted != never {
		r.relieved()
	}
	out := b.result
	out.Seed, out.Fidelity, out.Duration = r.Seed, r.Fidelity, r.Load.Duration()
	out.NodeHours = (r.fleet.NodeSeconds(r.now) - b.nodeSeconds) / 3600
	out.PendingSeconds = r.fleet.PendingSeconds(r.now) - b.pendingSeconds
	out.CostUSD = (r.fleet.USDSeconds(r.now)-b.usdSeconds)/3600 + r.FixedUSDPerHour*out.Duration.Hours()
	for _, w := range r.services {
		out.Services = append(out.Services, w.story.result)
		out.OpenConnections += w.story.result.OpenConnections
	}
	return out
}
