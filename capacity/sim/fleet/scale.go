package fleet

import (
	"time"

	"github.com/agencyos/headroom/capacity/budget"
)

// nextScan is when the autoscaler scans next with something to see: a change
// since the last scan, or a node that has been unneeded long enough.
func (f *Fleet) nextScan() (time.Duration, bool) {
	if f.Autoscaler.Off {
		return 0, false
	}
	if f.look {
		return f.onGrid(f.now), true
	}
	first := time.Duration(none)
	for _, n := range f.live {
		if v := &f.nodes[n]; v.unneeded != none && f.size(v.group)-f.going(v.group) > f.Groups[v.group].Min {
			if at := max(v.unneeded+f.Autoscaler.Unneeded, f.added+f.Autoscaler.AfterAdd); first == none || at < first {
				first = at
			}
		}
	}
	return f.onGrid(first), first != none
}

// onGrid is the first scan at or after a moment that has not been.
func (f *Fleet) onGrid(t time.Duration) time.Duration {
	scan := f.Autoscaler.Scan
	return max((max(t, 0)+scan-1)/scan*scan, f.scanned+scan-(f.scanned+scan)%scan)
}

// scan is one loop of Cluster Autoscaler: it adds nodes, or where none are needed
// removes some.
func (f *Fleet) scan() {
	f.scanned, f.look = f.now, false
	if f.grow() {
		f.added = f.now
		f.look = true
		return
	}
	f.shrink()
}

// grow asks for the nodes of one group, as one loop does, and says whether it did.
func (f *Fleet) grow() bool {
	pending := f.pendingDemands()
	if len(pending) == 0 {
		return false
	}
	best := option{group: none}
	for g := range f.Groups {
		if o := f.option(g, pending); o.nodes > 0 && (best.group == none || f.better(o, best)) {
			best = o
		}
	}
	if best.group == none {
		return false
	}
	for range best.nodes {
		f.tell(NodeRequested, f.nodes[f.request(f.now, f.balanced(best.group))].group, none)
	}
	return true
}

// better compares two options as the expanders priority and least-waste do, one
// after the other (github.com/kubernetes/autoscaler cluster-autoscaler/expander, 2026-07).
func (f *Fleet) better(a, b option) bool {
	if p, q := f.Groups[a.group].Priority, f.Groups[b.group].Priority; p != q {
		return p > q
	}
	return a.waste < b.waste || a.waste == b.waste && a.nodes < b.nodes
}

// pendingDemands are the pods that wait and find no room on nodes that boot.
func (f *Fleet) pendingDemands() []budget.Demand {
	count := make([]int, len(f.Demands))
	for _, queue := range [][]int{f.waiting, f.paused} {
		for _, id := range queue {
			count[f.pods[id].demand]++
		}
	}
	var pending []budget.Demand
	for d, n := range count {
		if n > 0 {
			pending = append(pending, budget.Demand{Name: f.Demands[d].Name, Pods: n, Each: f.Demands[d].Each})
		}
	}
	if len(pending) == 0 || f.bootingNow == 0 {
		return pending
	}
	return left(pending, budget.Pack(f.coming(), pending))
}

// coming are the nodes that boot.
func (f *Fleet) coming() []budget.NodeGroup {
	var groups []budget.NodeGroup
	for g := range f.Groups {
		n := 0
		for _, id := range f.live {
			if v := &f.nodes[id]; v.booting && v.group == g {
				n++
			}
		}
		groups = append(groups, budget.NodeGroup{Name: f.Groups[g].Name, Nodes: n, Free: f.Groups[g].Free})
	}
	return groups
}

// left are the demands that a packing left over.
func left(demands []budget.Demand, p budget.Packing) []budget.Demand {
	var out []budget.Demand
	for _, d := range demands {
		if d.Pods = p.Unplaced[d.Name]; d.Pods > 0 {
			out = append(out, d)
		}
	}
	return out
}

// option is what one group could add.
type option struct {
	group, nodes int
	// waste is the share of CPU and memory of the new nodes that stays unused.
	waste float64
}

// option is what a group would add for pods. Its waste is that of the expander
// least-waste
// (github.com/kubernetes/autoscaler cluster-autoscaler/expander/waste, 2026-07).
func (f *Fleet) option(g int, pending []budget.Demand) option {
	group := f.Groups[g]
	room := 0
	for _, similar := range f.similar(g) {
		room += f.Groups[similar].Max - f.size(similar)
	}
	if room <= 0 || !f.canBoot(g) {
		return option{}
	}
	packed := budget.Pack([]budget.NodeGroup{{Name: group.Name, Nodes: room, Free: group.Free}}, pending)
	var used budget.Amount
	for _, d := range pending {
		used = used.Plus(d.Each.Times(d.Pods - packed.Unplaced[d.Name]))
	}
	whole := group.Free.Times(packed.Nodes)
	waste := part(whole.MilliCPU-used.MilliCPU, whole.MilliCPU) + part(whole.MiB-used.MiB, whole.MiB)
	return option{g, packed.Nodes, waste}
}

// similar are the groups with nodes like those of a group, itself included;
// scale-ups are balanced among them.
func (f *Fleet) similar(g int) []int {
	var out []int
	for i := range f.Groups {
		if f.Groups[i].Free == f.Groups[g].Free && f.Groups[i].Priority == f.Groups[g].Priority && f.canBoot(i) {
			out = append(out, i)
		}
	}
	return out
}

// balanced is the smallest of the groups like g that has room.
func (f *Fleet) balanced(g int) int {
	best := g
	for _, i := range f.similar(g) {
		if f.size(i) < f.Groups[i].Max && (f.size(best) >= f.Groups[best].Max || f.size(i) < f.size(best)) {
			best = i
		}
	}
	return best
}
