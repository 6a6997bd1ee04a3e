package fleet

import (
	"slices"
	"time"

	"github.com/agencyos/headroom/capacity/budget"
)

// none stands for no node, no pod, no group and no moment.
const none = -1

// Fleet is a cluster at a moment. Use New. Not safe for concurrent use.
type Fleet struct {
	Config
	zones []string
	// lost zones take no new nodes.
	lost  []bool
	nodes []node
	// live are the nodes that run or boot, in the order of their requests.
	live []int
	pods []pod
	// waiting are the pods without a node in the order of their coming, paused the
	// pause pods among them.
	waiting, paused []int
	// inZone counts the pods of every demand by zone.
	inZone [][]int
	// room says that a waiting pod may fit now, look that the autoscaler has
	// something to see at its next scan, empty that a drained node may be.
	room, look, empty bool
	// next is when it acts next by itself, if that is due at all; to be found anew
	// when something has changed.
	next         time.Duration
	due, changed bool
	// now is the moment of the last change, scanned that of the last scan, added
	// when the autoscaler last asked for a node.
	now, scanned, added time.Duration
	events              []Event
	spare, before       []spare // buffers
	meter
}

// node is one machine.
type node struct {
	group, zone int
	free        budget.Amount
	pods        []int
	// kinds counts its pods by demand.
	kinds []int
	// ready is when a booting node takes pods.
	ready   time.Duration
	booting bool
	// drained takes no new pods and ends with its last.
	drained bool
	// unneeded since this moment; none while it is needed.
	unneeded time.Duration
}

// pod is one pod, of a service or of the fleet's own.
type pod struct {
	demand, node int
	// own pods come back by themselves.
	own, alive bool
}

// Event is something that the fleet did.
type Event struct {
	Kind EventKind
	// Group of a node, or -1.
	Group int
	// Pod that is concerned, or -1. Pods of the fleet's own are not told of.
	Pod int
}

// EventKind is a kind of event.
type EventKind uint8

// The kinds.
const (
	// NodeRequested from the cloud, NodeReady for pods, NodeRemoved by the
	// autoscaler.
	NodeRequested EventKind = iota
	NodeReady
	NodeRemoved
	// Placed on a node after waiting.
	Placed
	// Lost with its node: the fleet no longer knows it. Evicted is one that its
	// node, which is drained, waits for: to be taken away by Remove.
	Lost
	Evicted
)

// New is a cluster with its first nodes Ready and its own pods placed. The error
// lists everything that is wrong with the configuration.
func New(c Config) (*Fleet, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c.Autoscaler = c.Autoscaler.withDefaults()
	f := &Fleet{Config: c, scanned: none, added: -c.Autoscaler.AfterAdd, look: true, changed: true}
	f.zones = c.AllZones()
	f.lost, f.inZone = make([]bool, len(f.zones)), make([][]int, len(f.zones))
	for z := range f.inZone {
		f.inZone[z] = make([]int, len(c.Demands))
	}
	for g := range c.Groups {
		for range c.Groups[g].Start {
			f.nodes[f.request(0, g)].booting = false
			f.bootingNow--
		}
	}
	for d, demand := range c.Demands {
		for range demand.Fixed {
			f.add(0, d, true)
		}
	}
	f.events = nil
	return f, nil
}

// Add is a new pod of a service. It is placed at once where there is room or pause
// pods make some; otherwise it waits, and an event tells when it has a node.
func (f *Fleet) Add(now time.Duration, demand int) (id int, placed bool) {
	id = f.add(now, demand, false)
	return id, f.pods[id].node != none
}

func (f *Fleet) add(now time.Duration, demand int, own bool) int {
	f.passes(now)
	id := len(f.pods)
	f.pods = append(f.pods, pod{demand: demand, node: none, own: own, alive: true})
	if !f.place(id) {
		f.wait(id)
	}
	f.look, f.changed = true, true
	return id
}

// Remove takes a pod of a service away. An unknown one changes nothing.
func (f *Fleet) Remove(now time.Duration, id int) {
	if id < 0 || id >= len(f.pods) || !f.pods[id].alive || f.pods[id].own {
		return
	}
	f.passes(now)
	f.changed = true
	if f.pods[id].node == none {
		f.unwait(id)
	} else {
		f.leave(id)
	}
	f.pods[id].alive = false
}

// Node on which a pod is, -1 without one.
func (f *Fleet) Node(id int) int {
	if id < 0 || id >= len(f.pods) {
		return none
	}
	return f.pods[id].node
}

// queue is where a pod without a node waits.
func (f *Fleet) queue(id int) *[]int {
	if f.pause(id) {
		return &f.paused
	}
	return &f.waiting
}

func (f *Fleet) pause(id int) bool { return f.Demands[f.pods[id].demand].Pause }

func (f *Fleet) each(id int) budget.Amount { return f.Demands[f.pods[id].demand].Each }

func (f *Fleet) wait(id int) {
	q := f.queue(id)
	*q = append(*q, id)
	if !f.pods[id].own {
		f.pending++
	}
}

func (f *Fleet) unwait(id int) {
	q := f.queue(id)
	if i := slices.Index(*q, id); i >= 0 {
		*q = slices.Delete(*q, i, i+1)
	}
	if !f.pods[id].own {
		f.pending--
	}
}

// Next is the next moment at which the fleet does something by itself, if there
// is one; never before the last change.
func (f *Fleet) Next() (time.Duration, bool) {
	if f.changed {
		f.next, f.due = f.upcoming()
		f.changed = false
	}
	return max(f.next, f.now), f.due
}

func (f *Fleet) upcoming() (time.Duration, bool) {
	if f.room || f.empty {
		return f.now, true
	}
	next, ok := f.nextScan()
	if f.bootingNow > 0 {
		for _, n := range f.live {
			if v := &f.nodes[n]; v.booting && (!ok || v.ready < next) {
				next, ok = v.ready, true
			}
		}
	}
	return next, ok
}

// Advance does what is due until now. The events are valid until the next call.
func (f *Fleet) Advance(now time.Duration) []Event {
	f.events = f.events[:0]
	for {
		at, ok := f.Next()
		if !ok || at > now {
			break
		}
		f.passes(at)
		f.turn()
	}
	f.passes(now)
	return f.events
}

// turn does what is due at this moment: drained nodes end, booting ones become
// Ready, waiting pods find room, and the autoscaler scans.
func (f *Fleet) turn() {
	f.changed = true
	if f.empty {
		f.removeDrained()
	}
	for _, n := range f.live {
		if v := &f.nodes[n]; v.booting && v.ready <= f.now {
			v.booting = false
			f.bootingNow--
			f.room, f.look = true, true
			f.tell(NodeReady, v.group, none)
		}
	}
	if f.room {
		f.settle()
	}
	if at, ok := f.nextScan(); ok && at <= f.now {
		f.scan()
	}
}

func (f *Fleet) tell(kind EventKind, group, pod int) {
	f.events = append(f.events, Event{kind, group, pod})
}
