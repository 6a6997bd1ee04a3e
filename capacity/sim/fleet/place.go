package fleet

import (
	"slices"

	"github.com/agencyos/headroom/capacity/budget"
)

// place puts a pod on the best node, evicting pause pods where only that makes
// room, as the scheduler's preemption does. It says whether there was one.
func (f *Fleet) place(id int) bool {
	best := candidate{node: none}
	for _, n := range f.live {
		if c, ok := f.judge(n, id, !f.pause(id)); ok && (best.node == none || c.before(best)) {
			best = c
		}
	}
	if best.node == none {
		return false
	}
	f.makeRoom(best)
	f.enter(best.node, id)
	return true
}

// candidate is a node for a pod.
type candidate struct {
	node int
	// evictions of pause pods that it takes.
	evictions int
	// inZone and here are the pods of the same kind there already, used the share of
	// the node that is taken.
	inZone, here int
	used         float64
}

// before prefers no eviction, then the zone and the node with the fewest pods of
// the kind, then the emptiest node: the order of importance that the scheduler's
// default weights give topology spread over resources
// (github.com/kubernetes/kubernetes pkg/scheduler/apis/config/v1/default_plugins.go, v1.36).
func (c candidate) before(d candidate) bool {
	switch {
	case c.evictions != d.evictions:
		return c.evictions < d.evictions
	case c.inZone != d.inZone:
		return c.inZone < d.inZone
	case c.here != d.here:
		return c.here < d.here
	}
	return c.used < d.used
}

// judge says whether a pod can run on a node, and how well.
func (f *Fleet) judge(n, id int, preempts bool) (candidate, bool) {
	v := &f.nodes[n]
	if v.booting || v.drained {
		return candidate{}, false
	}
	d := f.pods[id].demand
	c := candidate{node: n, inZone: f.inZone[v.zone][d], here: v.kinds[d]}
	free := v.free
	if !holds(free, f.Demands[d].Each) {
		if !preempts {
			return c, false
		}
		if c.evictions = f.evictions(v, f.Demands[d].Each); c.evictions == none {
			return c, false
		}
	}
	whole := f.Groups[v.group].Free
	c.used = 1 - min(part(free.MilliCPU, whole.MilliCPU), part(free.MiB, whole.MiB))
	return c, true
}

// evictions of pause pods, youngest first, until there is room on a node; none
// when even all of them do not suffice.
func (f *Fleet) evictions(v *node, each budget.Amount) int {
	free, n := v.free, 0
	for _, id := range slices.Backward(v.pods) {
		if !f.pause(id) {
			continue
		}
		n++
		if free = free.Plus(f.each(id)); holds(free, each) {
			return n
		}
	}
	return none
}

// makeRoom evicts pause pods; they wait for another node.
func (f *Fleet) makeRoom(c candidate) {
	for range c.evictions {
		pods := f.nodes[c.node].pods
		for i := len(pods) - 1; i >= 0; i-- {
			if victim := pods[i]; f.pause(victim) {
				f.leave(victim)
				f.wait(victim)
				f.room = true // for it, elsewhere
				break
			}
		}
	}
}

// enter puts a pod on a node.
func (f *Fleet) enter(n, id int) {
	v, p := &f.nodes[n], &f.pods[id]
	p.node = n
	v.free = v.free.Less(f.each(id))
	v.pods = append(v.pods, id)
	v.kinds[p.demand]++
	f.inZone[v.zone][p.demand]++
}

// leave takes a pod off its node.
func (f *Fleet) leave(id int) {
	p := &f.pods[id]
	v := &f.nodes[p.node]
	v.free = v.free.Plus(f.each(id))
	i := slices.Index(v.pods, id)
	v.pods = slices.Delete(v.pods, i, i+1)
	v.kinds[p.demand]--
	f.inZone[v.zone][p.demand]--
	p.node = none
	f.look = true
	f.empty = f.empty || v.drained && len(v.pods) == 0
	f.room = f.room || len(f.waiting)+len(f.paused) > 0
}

// settle looks for room for every pod that waits, pause pods last.
func (f *Fleet) settle() {
	f.room = false
	f.settleQueue(&f.waiting)
	f.settleQueue(&f.paused)
	f.room = false // pause pods that made way have looked as well
}

func (f *Fleet) settleQueue(queue *[]int) {
	full := make([]bool, len(f.Demands)) // a pod of this kind has found no room
	for _, id := range slices.Clone(*queue) {
		d := f.pods[id].demand
		if full[d] {
			continue
		}
		if !f.place(id) {
			full[d] = true
			continue
		}
		f.unwait(id)
		if !f.pods[id].own {
			f.tell(Placed, none, id)
		}
	}
}

// holds says that every part of each fits into free.
func holds(free, each budget.Amount) bool {
	left := free.Less(each)
	return left.MilliCPU >= 0 && left.MiB >= 0 && left.Pods >= 0
}

// part is what is left of a whole; a node without any of it is full.
func part(left, whole int64) float64 {
	if whole <= 0 {
		return 0
	}
	return float64(left) / float64(whole)
}
