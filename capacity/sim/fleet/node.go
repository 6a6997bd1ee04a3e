package fleet

import (
	"slices"
	"time"
)

// request asks the cloud for a node of a group, in the zone where it has fewest.
func (f *Fleet) request(now time.Duration, g int) int {
	group := f.Groups[g]
	n := len(f.nodes)
	f.nodes = append(f.nodes, node{group: g, zone: f.emptiestZone(g), free: group.Free, kinds: make([]int, len(f.Demands)),
		ready: now + group.Boot, booting: true, unneeded: none})
	f.live = append(f.live, n)
	f.bootingNow++
	return n
}

// emptiestZone of a group that is not lost; its first where all are.
func (f *Fleet) emptiestZone(g int) int {
	count := make([]int, len(f.zones))
	for _, n := range f.live {
		if f.nodes[n].group == g {
			count[f.nodes[n].zone]++
		}
	}
	zones := f.zonesOf(g)
	best := zones[0]
	for _, z := range zones {
		if !f.lost[z] && (f.lost[best] || count[z] < count[best]) {
			best = z
		}
	}
	return best
}

// canBoot says that a group has a zone left.
func (f *Fleet) canBoot(g int) bool {
	return slices.ContainsFunc(f.zonesOf(g), func(z int) bool { return !f.lost[z] })
}

func (f *Fleet) zonesOf(g int) []int {
	var out []int
	for _, name := range f.Config.zonesOf(g) {
		out = append(out, slices.Index(f.zones, name))
	}
	return out
}

// size of a group, booting nodes included.
func (f *Fleet) size(g int) int {
	n := 0
	for _, id := range f.live {
		if f.nodes[id].group == g {
			n++
		}
	}
	return n
}

// LoseNode takes the Ready node with the most pods of services away, without a
// warning. Its group replaces it.
func (f *Fleet) LoseNode(now time.Duration) []Event {
	f.passes(now)
	f.events = f.events[:0]
	worst, most := none, none
	for _, n := range f.live {
		if f.nodes[n].booting {
			continue
		}
		served := 0
		for _, id := range f.nodes[n].pods {
			if !f.pods[id].own {
				served++
			}
		}
		if served > most {
			worst, most = n, served
		}
	}
	if worst != none {
		f.lose(worst)
	}
	return f.events
}

// LoseZone takes all nodes of a zone away, and the zone takes no new ones. An
// unknown zone loses nothing.
func (f *Fleet) LoseZone(now time.Duration, zone string) []Event {
	f.passes(now)
	f.events = f.events[:0]
	z := slices.Index(f.zones, zone)
	if z < 0 {
		return nil
	}
	f.lost[z], f.changed = true, true
	for _, n := range slices.Clone(f.live) {
		if f.nodes[n].zone == z {
			f.lose(n)
		}
	}
	return f.events
}

// lose ends a node at once; its group keeps its size by a new one, as an Auto
// Scaling group does.
func (f *Fleet) lose(n int) {
	f.changed = true
	v := &f.nodes[n]
	if v.booting {
		f.bootingNow--
	}
	group := v.group
	f.retire(n)
	if f.canBoot(group) {
		f.request(f.now, group)
		f.tell(NodeRequested, group, none)
	}
}

// retire ends a node with what is on it. Its own pods wait for another; others are
// told of.
func (f *Fleet) retire(n int) {
	v := &f.nodes[n]
	f.live = slices.DeleteFunc(f.live, func(id int) bool { return id == n })
	for _, id := range slices.Clone(v.pods) {
		f.leave(id)
		if f.pods[id].own {
			f.wait(id)
			continue
		}
		f.pods[id].alive = false
		f.tell(Lost, v.group, id)
	}
	f.look = true
	f.room = f.room || len(f.waiting)+len(f.paused) > 0
}
