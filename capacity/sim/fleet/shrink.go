package fleet

import (
	"math"
	"slices"

	"github.com/agencyos/headroom/capacity/budget"
)

// shrink notes which nodes are not needed, and lets those go that have not been
// for long enough: all empty ones, and one that has to be drained, after the one
// before it.
func (f *Fleet) shrink() {
	f.noteUnneeded()
	if f.now < f.added+f.Autoscaler.AfterAdd {
		return
	}
	draining := slices.ContainsFunc(f.live, func(n int) bool { return f.nodes[n].drained })
	for _, n := range slices.Clone(f.live) {
		v := &f.nodes[n]
		if v.drained || v.unneeded == none || f.now < v.unneeded+f.Autoscaler.Unneeded || f.size(v.group)-f.going(v.group) <= f.Groups[v.group].Min {
			continue
		}
		if len(v.pods) > 0 {
			if draining {
				f.look = true
				continue
			}
			draining = true
		}
		f.drain(n)
	}
	f.removeDrained()
}

// drain lets no more pods onto a node. Its own pods wait for another at once;
// others are told to leave.
func (f *Fleet) drain(n int) {
	v := &f.nodes[n]
	v.drained, v.unneeded = true, none
	for _, id := range slices.Clone(v.pods) {
		if !f.pods[id].own {
			f.tell(Evicted, v.group, id)
			continue
		}
		f.leave(id)
		f.wait(id)
		f.room = true
	}
}

// removeDrained ends the drained nodes that nothing runs on any more.
func (f *Fleet) removeDrained() {
	f.empty = false
	for _, n := range slices.Clone(f.live) {
		if v := &f.nodes[n]; v.drained && len(v.pods) == 0 {
			f.tell(NodeRemoved, v.group, none)
			f.retire(n)
		}
	}
}

// going are the nodes of a group that are drained.
func (f *Fleet) going(g int) int {
	n := 0
	for _, id := range f.live {
		if v := &f.nodes[id]; v.group == g && v.drained {
			n++
		}
	}
	return n
}

// noteUnneeded finds the nodes whose pods fit on the others, one node after the
// other, so that all of them together could go.
func (f *Fleet) noteUnneeded() {
	free := map[int]budget.Amount{}
	for _, n := range f.live {
		if v := &f.nodes[n]; !v.booting && !v.drained {
			free[n] = v.free
		}
	}
	for _, n := range f.live {
		v := &f.nodes[n]
		if v.booting || v.drained || !f.idle(v) || !f.movable(n, free) {
			v.unneeded = none
		} else if v.unneeded == none {
			v.unneeded = f.now
		}
	}
}

// idle says that a node's utilization is below the threshold and that nothing
// holds it: a system pod does
// (--skip-nodes-with-system-pods, github.com/kubernetes/autoscaler cluster-autoscaler/FAQ.md, 2026-11).
func (f *Fleet) idle(v *node) bool {
	for _, id := range v.pods {
		if f.pods[id].own && !f.pause(id) {
			return false
		}
	}
	whole := f.Groups[v.group].Free
	used := 1 - math.Min(part(v.free.MilliCPU, whole.MilliCPU), part(v.free.MiB, whole.MiB))
	return used < f.Autoscaler.Threshold
}

// movable moves the pods of a node to the free room of others, first fit, and
// takes the node out of it. Without success nothing is changed.
func (f *Fleet) movable(n int, free map[int]budget.Amount) bool {
	taken := map[int]budget.Amount{}
	for _, id := range f.nodes[n].pods {
		found := false
		for _, other := range f.live {
			room, ok := free[other]
			if other == n || !ok {
				continue
			}
			if now := room.Less(taken[other]); holds(now, f.each(id)) {
				taken[other] = taken[other].Plus(f.each(id))
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	for other, amount := range taken {
		free[other] = free[other].Less(amount)
	}
	delete(free, n)
	return true
}
