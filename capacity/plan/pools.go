package plan

import (
	"fmt"
	"strings"

	"github.com/agencyos/headroom/capacity/spec"
)

// priorities let spot capacity grow first: who states it wants it used, and
// on-demand capacity is there when EC2 has none. A planning choice.
var priorities = map[spec.CapacityType]int{spec.Spot: 20, spec.OnDemand: 10}

// pools splits every managed group into EKS node groups.
func (d *draft) pools() {
	for i, stated := range d.stack.Nodes.Groups {
		if stated.Mode != spec.Managed || stated.Fixed != nil {
			continue
		}
		g := &d.plan.Nodes.Groups[i]
		g.Pools = split(*g, stated.CapacityType)
		if len(g.Pools) > 1 {
			d.note(fmt.Sprintf("nodes.groups[%d].pools.length", i), len(g.Pools),
				"one per zone of %s: a group over several zones fills them evenly, but is not emptied evenly, and the loss of a zone is proven for even ones", strings.Join(g.Zones, ", "))
		}
	}
}

// Prefix begins the name of a managed EKS node group, which ends in 26 characters
// that the provider makes up: so a successor can stand beside it.
func (p NodePool) Prefix(stack string) string { return stack + "-" + p.Name + "-" }

// split gives every zone its own EKS node group, which Cluster Autoscaler then
// balances (--balance-similar-node-groups) and keeps at a minimum each. Spot
// capacity is where EC2 has it, so a spot group spans its zones
// (https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html, 2026-11).
func split(g NodeGroup, kind spec.CapacityType) []NodePool {
	if len(g.Zones) < 2 || kind == spec.Spot {
		return []NodePool{{Name: g.Name, Zones: g.Zones, MinSize: g.MinSize, MaxSize: g.MaxSize}}
	}
	pools := make([]NodePool, len(g.Zones))
	for i, zone := range g.Zones {
		pools[i] = NodePool{Name: g.Name + "-" + zone, Zones: []string{zone},
			MinSize: share(g.MinSize, len(g.Zones), i), MaxSize: share(g.MaxSize, len(g.Zones), i)}
	}
	return pools
}

// share is the i-th of n even shares; the first ones take what is left over.
func share(total, n, i int) int {
	one := total / n
	if i < total%n {
		one++
	}
	return one
}
