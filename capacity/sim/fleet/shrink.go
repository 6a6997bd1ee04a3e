package fleet

import (
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
	f.spare = f.spare[:0]
	for _, n := range f.live {
		if v := &f.nodes[n]; !v.booting && !v.drained {
			f.spare = append(f.spare, spare{n, v.free})
		}
	}
	for _, n := range f.live {
		v := &f.nodes[n]
		if v.booting || v.drained || !f.idle(v) || !f.movable(n) {
			v.unneeded = none
		} else if v.unneeded == none {
			v.unneeded = f.now
		}
	}
}

// spare is what a node has left for the pods of others.
type spare struct {
	node int
	free budget.Amount
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
	used := 1 - min(part(v.free.MilliCPU, whole.MilliCPU), part(v.free.MiB, whole.MiB))
	return used < f.Autoscaler.Threshold
}

// movable moves the pods of a node to what others have to spare, first fit, and
// takes the node out of that. Without success nothing is changed.
func (f *Fleet) movable(n int) bool {
	f.before = append(f.before[:0], f.spare...)
	for _, id := range f.nodes[n].pods {
		i := slices.IndexFunc(f.spare, func(s spare) bool { return s.node != n && holds(s.free, f.each(id)) })
		if i < 0 {
			f.spare, f.before = f.before, f.spare
			return false
		}
		f.spare[i].free = f.spare[i].free.Less(f.each(id))
	}
	f.spare = slices.DeleteFunc(f.spare, func(s spare) bool { return s.node == n })
	return true
}
