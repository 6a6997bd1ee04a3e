package plan

import (
	"fmt"
	"math"
	"sort"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/spec"
)

// nodes derives what a node offers and the bounds of every group.
func (d *draft) nodes() {
	timing := budget.ClusterAutoscaler
	d.plan.Nodes = Nodes{BootSeconds: d.base.Nodes.BootSeconds, WarmPods: map[string]int{}, Autoscaler: Autoscaler{
		ScanSeconds: timing.Scan.Seconds(), UnneededSeconds: timing.Unneeded.Seconds(),
		AfterAddSeconds: timing.AfterAdd.Seconds(), UtilizationThreshold: timing.Threshold, GraceSeconds: int(timing.Grace.Seconds()),
	}}
	for _, name := range d.names() {
		v := d.plan.Services[name]
		d.plan.Nodes.Autoscaler.GraceSeconds = max(d.plan.Nodes.Autoscaler.GraceSeconds, v.Rollout.GraceSeconds)
		n := d.warmPods(d.subject(name), v, d.stack.Traffic.Growth)
		d.plan.Nodes.WarmPods[name] = n
		d.note("nodes.warmPods."+name, n, "pods that the ramp adds in %.0f s decision + %.0f s node boot + %.0f s start",
			v.Timeline.DecisionSeconds, d.base.Nodes.BootSeconds, d.base.Services[name].StartupSeconds)
	}
	for i, g := range d.stack.Nodes.Groups {
		d.plan.Nodes.Groups = append(d.plan.Nodes.Groups, d.group(i, g))
	}
	d.boundGroups()
	d.pools()
}

// group is what one node of a group offers: the least of its instance types in
// every part, less reserves and DaemonSets.
func (d *draft) group(i int, g spec.NodeGroup) NodeGroup {
	out := NodeGroup{Name: g.Name, Zones: g.Zones, Priority: priorities[g.CapacityType], FreeMilliCPU: math.MaxInt64, FreeMiB: math.MaxInt64, MaxPods: math.MaxInt}
	if c := g.Fixed; c != nil {
		out.InstanceType, out.FreeMilliCPU, out.FreeMiB, out.MaxPods = "local", int64(c.CPU), int64(c.Memory), c.Pods
	}
	for _, name := range g.InstanceTypes {
		node, _ := catalog.Node(name)
		pods := maxPods(node, d.stack.Cluster.PodIPMode)
		milli, mib := catalog.Allocatable(node, pods)
		mib -= catalog.VMOverheadMiB(node)
		if int64(milli) < out.FreeMilliCPU || out.InstanceType == "" {
			out.InstanceType = name
		}
		out.FreeMilliCPU, out.FreeMiB, out.MaxPods = min(out.FreeMilliCPU, int64(milli)), min(out.FreeMiB, int64(mib)), min(out.MaxPods, pods)
	}
	sets := PerNode(d.stack)
	out.FreeMilliCPU -= int64(sets.CPU)
	out.FreeMiB -= int64(sets.Memory)
	d.note(fmt.Sprintf("nodes.groups[%d].free", i), fmt.Sprintf("%dm, %dMi, %d pods", out.FreeMilliCPU, out.FreeMiB, out.MaxPods-sets.Pods),
		"%s less kubelet and system reserve, 7.5%% memory overhead and DaemonSets of %s, %s, %d pods", out.InstanceType, sets.CPU, sets.Memory, sets.Pods)
	return out
}

func maxPods(n catalog.NodeType, mode spec.PodIPMode) int {
	if mode == spec.PrefixDelegation {
		return catalog.MaxPodsPrefix(n)
	}
	return n.MaxPods
}

// boundGroups fills the sizes: those that the stack states, and for managed
// groups the smallest equal size that holds.
func (d *draft) boundGroups() {
	d.smallest(d.fitsAtMax, func(g *NodeGroup, n int) { g.MaxSize = n }, func(g spec.NodeGroup) *int { return g.MaxSize })
	d.smallest(d.fitsAtMin, func(g *NodeGroup, n int) { g.MinSize = n }, func(g spec.NodeGroup) *int { return g.MinSize })
	for i, stated := range d.stack.Nodes.Groups {
		g := &d.plan.Nodes.Groups[i]
		if stated.MaxSize == nil {
			if stated.MinSize != nil {
				g.MaxSize = max(g.MaxSize, *stated.MinSize)
			}
			d.note(fmt.Sprintf("nodes.groups[%d].maxSize", i), g.MaxSize,
				"smallest size at which every service at its maximum with surge fits, and today's peak with a zone lost")
		}
		if stated.MinSize == nil {
			g.MinSize = min(g.MinSize, g.MaxSize)
			d.note(fmt.Sprintf("nodes.groups[%d].minSize", i), g.MinSize,
				"smallest size, at least one node per zone, at which today's peak and the warm pods fit, or pause pods keep room for these; at most maxSize")
		}
	}
}

// largestGroup bounds the search for a size: the quota of nodes per managed
// node group (https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html, 2026-11).
const largestGroup = 450

// smallest sets all groups without a stated size to the least one at which the
// condition holds.
func (d *draft) smallest(fits func() bool, set func(*NodeGroup, int), stated func(spec.NodeGroup) *int) {
	var open []int
	least := 1
	for i, g := range d.stack.Nodes.Groups {
		if n := stated(g); n != nil {
			set(&d.plan.Nodes.Groups[i], *n)
			continue
		}
		open = append(open, i)
		least = max(least, len(g.Zones))
	}
	if len(open) == 0 {
		return
	}
	resize := func(size int) {
		for _, i := range open {
			set(&d.plan.Nodes.Groups[i], size)
		}
	}
	resize(least + sort.Search(largestGroup-least, func(n int) bool {
		resize(least + n)
		return fits()
	}))
}

func (d *draft) fitsAtMax() bool {
	w := world{input: d.input, plan: &d.plan}
	for _, c := range append(w.zonesLost(), w.atMax()) {
		if !c.holds() {
			return false
		}
	}
	return true
}

func (d *draft) fitsAtMin() bool {
	w := world{input: d.input, plan: &d.plan}
	return w.warm(d.stack.Traffic.Growth)
}

// offered are the groups at a size each, less the nodes of a lost zone.
func (w world) offered(size func(NodeGroup) int, lost string) []budget.NodeGroup {
	sets := PerNode(w.stack)
	var groups []budget.NodeGroup
	for _, g := range w.plan.Nodes.Groups {
		n := size(g)
		if lost != "" {
			n -= zoneNodes(n, g.Zones, lost)
		}
		groups = append(groups, budget.NodeGroup{Name: g.Name, Nodes: n,
			Free: budget.Amount{MilliCPU: g.FreeMilliCPU, MiB: g.FreeMiB, Pods: g.MaxPods - sets.Pods}})
	}
	return groups
}

// zoneNodes are the nodes of a group that stand in a zone, spread evenly and
// rounded up.
func zoneNodes(n int, zones []string, zone string) int {
	for _, z := range zones {
		if z == zone {
			return int(math.Ceil(float64(n) / float64(len(zones))))
		}
	}
	return 0
}

// Demands are what one pod of every service requests, in the order of their
// names, and the pods that run all the time beside them: those have a number.
func Demands(stack spec.Stack, p Plan) []budget.Demand {
	w := world{input: input{stack: stack}, plan: &p}
	return w.demands(func(string, Service) int { return 0 })
}

// demands are the pods of every service in a number each, with what else runs in
// the cluster.
func (w world) demands(count func(name string, v Service) int) []budget.Demand {
	var out []budget.Demand
	for _, name := range w.names() {
		r := w.stack.Services[name].Resources.Requests
		out = append(out, budget.Demand{Name: name, Pods: count(name, w.plan.Services[name]),
			Each: budget.Amount{MilliCPU: int64(r.CPU), MiB: int64(r.Memory), Pods: 1}})
	}
	if sys := w.stack.Nodes.System; sys.Pods > 0 {
		out = append(out, budget.Demand{Name: "system", Pods: sys.Pods, Each: budget.Amount{
			MilliCPU: int64(sys.CPU) / int64(sys.Pods), MiB: int64(sys.Memory) / int64(sys.Pods), Pods: 1}})
	}
	if w.stack.Database.Pooler == spec.PgBouncerPooler {
		b := w.stack.Database.PgBouncer
		each := budget.Amount{MilliCPU: int64(b.Resources.CPU), MiB: int64(b.Resources.Memory), Pods: 1}
		if beside, ok := watcher(Monitoring(w.stack), PgBouncerExporter); ok {
			each = each.Plus(budget.Amount{MilliCPU: beside.MilliCPU, MiB: beside.MiB})
		}
		out = append(out, budget.Demand{Name: "pgbouncer", Pods: b.Replicas, Each: each})
	}
	for _, pod := range []struct {
		name string
		asks spec.Amounts
	}{{"postgres", w.stack.DatabasePod()}, {"redis", w.stack.CachePod()}} {
		if pod.asks != (spec.Amounts{}) {
			out = append(out, budget.Demand{Name: pod.name, Pods: 1,
				Each: budget.Amount{MilliCPU: int64(pod.asks.CPU), MiB: int64(pod.asks.Memory), Pods: 1}})
		}
	}
	return append(out, watchers(w.stack)...)
}

func maxSize(g NodeGroup) int { return g.MaxSize }
func minSize(g NodeGroup) int { return g.MinSize }

// scene are nodes and the pods that they must hold.
type scene struct {
	groups  []budget.NodeGroup
	demands []budget.Demand
}

func (c scene) pack() budget.Packing       { return budget.Pack(c.groups, c.demands) }
func (c scene) anyOrder() budget.Placement { return budget.AnyOrder(c.groups, c.demands) }

// holds says that the pods fit, and that no scheduler's choice leaves one out.
func (c scene) holds() bool { return c.pack().Fits() && c.anyOrder().Holds() }

// atMax has every service at its maximum with surge.
func (w world) atMax() scene {
	return scene{w.offered(maxSize, ""), w.demands(func(_ string, v Service) int {
		return v.MaxReplicas + budget.Surge(v.MaxReplicas, v.Rollout.MaxSurgePercent)
	})}
}

// zonesLost have the replicas of today's peak, each without one of the zones.
func (w world) zonesLost() []scene {
	zones := w.stack.PodZones()
	if len(zones) < 2 {
		return nil
	}
	var out []scene
	for _, z := range zones {
		out = append(out, scene{w.offered(maxSize, z), w.demands(func(_ string, v Service) int { return v.PeakReplicas })})
	}
	return out
}

// warm says that, from today's peak on, the pods that a ramp to m times it adds
// while a node boots have room: each a pause pod that gives way, or else a place
// on the nodes that are there.
func (w world) warm(m float64) bool {
	covered, paused := true, false
	for _, name := range w.names() {
		v := w.plan.Services[name]
		covered = covered && w.warmPods(w.subject(name), v, m) <= v.PausePods
		paused = paused || v.PausePods > 0
	}
	there := minSize
	if paused {
		there = w.running(peakReplicas)
	}
	return covered || scene{w.offered(there, ""), w.demands(func(name string, v Service) int {
		return v.PeakReplicas + max(v.PausePods, w.warmPods(w.subject(name), v, m))
	})}.holds()
}

func minReplicas(v Service) int  { return v.MinReplicas }
func peakReplicas(v Service) int { return v.PeakReplicas }

// running are the nodes that are there when every service has so many replicas:
// the minimum of every group, and as many more of each as Cluster Autoscaler adds
// for them and the pause pods.
func (w world) running(replicas func(Service) int) func(NodeGroup) int {
	demands := w.demands(func(_ string, v Service) int { return replicas(v) + v.PausePods })
	grown := func(by int) func(NodeGroup) int {
		return func(g NodeGroup) int { return min(g.MinSize+by, max(g.MinSize, g.MaxSize)) }
	}
	fits := func(by int) bool { return budget.Pack(w.offered(grown(by), ""), demands).Fits() }
	if fits(0) {
		return minSize
	}
	most := 0
	for _, g := range w.plan.Nodes.Groups {
		most = max(most, g.MaxSize-g.MinSize)
	}
	return grown(1 + sort.Search(most, func(by int) bool { return fits(1 + by) }))
}

func unplaced(p budget.Packing) int {
	sum := 0
	for _, n := range p.Unplaced {
		sum += n
	}
	return sum
}
