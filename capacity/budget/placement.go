package budget

import "math"

// Placement says whether pods find a node whatever order and nodes the
// scheduler chooses: packing shows that a good placement exists, and the
// scheduler does not look for it but spreads.
type Placement struct {
	// Demand is the one that is hardest to place.
	Demand string
	// Blocked bounds the nodes on which all other pods together can leave no room
	// for one pod of it; Nodes are those where it fits at all.
	Blocked, Nodes int
}

// Holds says that a node with room is always left.
func (p Placement) Holds() bool { return p.Blocked < p.Nodes }

// AnyOrder bounds every placement. A node has no room for a pod only when the
// pods on it use more than free − pod in CPU, memory or number. A pod stands on
// one node, so it adds to that at most the largest of its shares; the shares of
// all other pods together bound the nodes without room.
func AnyOrder(groups []NodeGroup, demands []Demand) Placement {
	worst := Placement{Nodes: math.MaxInt}
	for i, d := range demands {
		if d.Pods == 0 {
			continue
		}
		p := place(groups, demands, i)
		if p.Nodes-p.Blocked < worst.Nodes-worst.Blocked {
			worst = p
		}
	}
	return worst
}

// place bounds the nodes that are full for one pod of demand i.
func place(groups []NodeGroup, demands []Demand, i int) Placement {
	d := demands[i]
	p := Placement{Demand: d.Name}
	least := Amount{math.MaxInt64, math.MaxInt64, math.MaxInt}
	for _, g := range groups {
		left := g.Free.Less(d.Each)
		if left.MilliCPU < 0 || left.MiB < 0 || left.Pods < 0 {
			continue
		}
		p.Nodes += g.Nodes
		least = Amount{min(least.MilliCPU, left.MilliCPU+1), min(least.MiB, left.MiB+1), min(least.Pods, left.Pods+1)}
	}
	if p.Nodes == 0 {
		return p
	}
	shares := 0.0
	for j, other := range demands {
		n := other.Pods
		if j == i {
			n--
		}
		shares += float64(n) * share(other.Each, least)
	}
	p.Blocked = int(math.Floor(shares + 1e-9))
	return p
}

// share is the largest part of what fills a node that a pod brings.
func share(pod, filling Amount) float64 {
	return math.Max(float64(pod.MilliCPU)/float64(filling.MilliCPU),
		math.Max(float64(pod.MiB)/float64(filling.MiB), float64(pod.Pods)/float64(filling.Pods)))
}
