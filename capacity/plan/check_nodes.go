package plan

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/spec"
)

// nodeCapacity proves that every pod at the ceiling has a node, and that today's
// peak survives the loss of a zone.
func (w world) nodeCapacity(m float64) []Part {
	parts := placeParts("at maximum", w.atMax(), "every service at maxReplicas with surge")
	parts = append(parts, w.sums()...)
	parts = append(parts, w.requestsHold(m)...)
	for i, lost := range w.zonesLost() {
		parts = append(parts, placeParts("without "+w.stack.PodZones()[i], lost, "the replicas of today's peak on the zones left")...)
	}
	return parts
}

// placeParts prove that the pods fit, and that they do wherever the scheduler
// puts them.
func placeParts(subject string, c scene, what string) []Part {
	p, any := c.pack(), c.anyOrder()
	var left []string
	for name, n := range p.Unplaced {
		left = append(left, fmt.Sprintf("%d of %s", n, name))
	}
	sort.Strings(left)
	why := fmt.Sprintf("%s: %d pods placed on %d nodes by first-fit decreasing", what, p.Placed, p.Nodes)
	if len(left) > 0 {
		why += ", without a node: " + strings.Join(left, ", ")
	}
	parts := []Part{AtMost(subject, float64(unplaced(p)), 0, "pods without a node", "%s", why)}
	if any.Demand == "" {
		return parts
	}
	return append(parts, AtMost(subject+" in any order", float64(any.Blocked+1), float64(any.Nodes), "nodes",
		"%s: the other pods can leave no room for one of %s on %d nodes, so one more is needed; the scheduler spreads and does not pack", what, any.Demand, any.Blocked))
}

// requestsHold proves that the requests, by which nodes are filled, are not below
// what a pod was measured to use: or nodes would be full on paper last.
func (w world) requestsHold(m float64) []Part {
	return w.each(func(s subject, v Service) []Part {
		rps := w.loadPerPod(s, v, m)
		r := s.spec.Resources.Requests
		return []Part{
			AtMost(under(s.name, "CPU request"), (rps*s.base.CPUMillis+s.base.IdleCPUMilli)/1000, r.CPU.Cores(), "cores per pod",
				"%.1f rps per pod × %g ms + %gm idle, measured, against resources.requests.cpu", rps, s.base.CPUMillis, s.base.IdleCPUMilli),
			AtMost(under(s.name, "memory request"), s.base.MemoryMiB, float64(r.Memory), "MiB per pod",
				"measured at the knee, against resources.requests.memory"),
		}
	})
}

// sums compare what is requested with what there is, in every part.
func (w world) sums() []Part {
	want := budget.Sum(w.demands(func(_ string, v Service) int {
		return v.MaxReplicas + budget.Surge(v.MaxReplicas, v.Rollout.MaxSurgePercent)
	}))
	var have budget.Amount
	nodes := 0
	for _, g := range w.offered(maxSize, "") {
		have = have.Plus(g.Free.Times(g.Nodes))
		nodes += g.Nodes
	}
	why := fmt.Sprintf("requests of every service at maxReplicas with surge, system pods and pooler; %d nodes at maximum less reserves and DaemonSets", nodes)
	return []Part{
		AtMost("CPU", float64(want.MilliCPU)/1000, float64(have.MilliCPU)/1000, "cores", "%s", why),
		AtMost("memory", float64(want.MiB)/1024, float64(have.MiB)/1024, "GiB", "%s", why),
		AtMost("pods", float64(want.Pods), float64(have.Pods), "pods", "%s", why),
	}
}

// subnetIPs proves, zone by zone, that nodes and pods find addresses.
func (w world) subnetIPs(float64) []Part {
	if len(w.stack.Cluster.Subnets) == 0 {
		return nil
	}
	free := map[string]int{}
	for _, n := range w.stack.Cluster.Subnets {
		free[n.Zone] += *n.FreeIPs
	}
	var parts []Part
	for _, zone := range w.stack.PodZones() {
		have, nodes := w.addresses(zone)
		parts = append(parts, AtMost(zone, float64(have), float64(free[zone]), "addresses",
			"%d nodes at maximum in the zone with every pod, each of the type that takes most, with an interface or block rounded up and one kept warm by the VPC CNI (%s mode), at most full nodes", nodes, w.stack.Cluster.PodIPMode))
	}
	return parts
}

// addresses bounds what the nodes of a zone take with every service at its
// ceiling and pause pods beside, though all of its pods stood in this zone:
// spreading over zones is a wish of the scheduler, not a promise. Full nodes take
// no more.
func (w world) addresses(zone string) (addresses, nodes int) {
	pods := budget.Sum(w.demands(func(_ string, v Service) int {
		return v.MaxReplicas + budget.Surge(v.MaxReplicas, v.Rollout.MaxSurgePercent) + v.PausePods
	})).Pods
	full, idle, each := 0, 0, 1.0
	for i, g := range w.plan.Nodes.Groups {
		n := zoneNodes(g.MaxSize, g.Zones, zone)
		nodes += n
		fullest, idlest := 0, 0
		for _, k := range w.kinds(i) {
			fullest, idlest = max(fullest, k.OnNode(k.pods)), max(idlest, k.Idle(n))
			each = math.Max(each, k.PerPod())
		}
		full += n * fullest
		idle += idlest
	}
	pods += nodes * PerNode(w.stack).Pods
	return min(full, idle+ceil(float64(pods)*each)), nodes
}

// kind is how a node of one type takes addresses, and for how many pods at most.
type kind struct {
	budget.Addresses
	pods int
}

// kinds are those of the types of a group. Only the nodes that Headroom launches
// are told the group's own number of pods; any other has that of its type.
func (w world) kinds(i int) []kind {
	g := w.stack.Nodes.Groups[i]
	if g.Fixed != nil {
		return []kind{{pods: g.Fixed.Pods}}
	}
	var out []kind
	for _, name := range g.InstanceTypes {
		node, _ := catalog.Node(name)
		k := kind{budget.Addresses{Interfaces: node.MaxENIs, PerInterface: node.IPv4PerENI, Prefix: w.stack.Cluster.PodIPMode == spec.PrefixDelegation},
			maxPods(node, w.stack.Cluster.PodIPMode)}
		if g.Mode == spec.Managed {
			k.pods = w.plan.Nodes.Groups[i].MaxPods
		}
		out = append(out, k)
	}
	return out
}
