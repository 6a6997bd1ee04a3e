package budget

import (
	"fmt"
	"math"
	"sort"
)

// Amount is CPU, memory and a number of pods.
type Amount struct {
	MilliCPU, MiB int64
	Pods          int
}

// Less is a minus b in every part.
func (a Amount) Less(b Amount) Amount {
	return Amount{a.MilliCPU - b.MilliCPU, a.MiB - b.MiB, a.Pods - b.Pods}
}

// Plus is a and b together.
func (a Amount) Plus(b Amount) Amount {
	return Amount{a.MilliCPU + b.MilliCPU, a.MiB + b.MiB, a.Pods + b.Pods}
}

// Times is n of a.
func (a Amount) Times(n int) Amount {
	return Amount{a.MilliCPU * int64(n), a.MiB * int64(n), a.Pods * n}
}

// count is how often each fits into a, at most most.
func (a Amount) count(each Amount, most int) int {
	n := int64(most)
	if each.MilliCPU > 0 {
		n = min(n, a.MilliCPU/each.MilliCPU)
	}
	if each.MiB > 0 {
		n = min(n, a.MiB/each.MiB)
	}
	if each.Pods > 0 {
		n = min(n, int64(a.Pods/each.Pods))
	}
	return int(max(0, n))
}

// Demand is a number of equal pods.
type Demand struct {
	Name string
	Pods int
	// Each is what one pod requests; its Pods is 1.
	Each Amount
}

// NodeGroup is a number of equal nodes.
type NodeGroup struct {
	Name string
	// Nodes of the group.
	Nodes int
	// Free is what one node has left for pods: allocatable less DaemonSets.
	Free Amount
}

// Packing is the outcome of placing demands on nodes.
type Packing struct {
	// Unplaced pods by demand name; empty when everything fits.
	Unplaced map[string]int
	// Nodes that hold at least one pod.
	Nodes int
	// Placed pods in all.
	Placed int
}

// Fits says whether every pod has a node.
func (p Packing) Fits() bool { return len(p.Unplaced) == 0 }

// Pack places pods on nodes by first-fit decreasing, the method by which Cluster
// Autoscaler estimates a scale-up
// (github.com/kubernetes/autoscaler cluster-autoscaler/estimator, 2026-07).
// Groups are filled in their order.
func Pack(groups []NodeGroup, demands []Demand) Packing {
	left := append([]Demand(nil), demands...)
	sort.SliceStable(left, func(i, j int) bool { return larger(left[i].Each, left[j].Each) })
	var result Packing
	for _, g := range groups {
		fillGroup(g, left, &result)
	}
	for _, d := range left {
		if d.Pods > 0 {
			if result.Unplaced == nil {
				result.Unplaced = map[string]int{}
			}
			result.Unplaced[d.Name] += d.Pods
		}
	}
	return result
}

// fillGroup fills the nodes of a group one after the other.
func fillGroup(g NodeGroup, left []Demand, result *Packing) {
	for range g.Nodes {
		placed := 0
		free := g.Free
		for i := range left {
			n := free.count(left[i].Each, left[i].Pods)
			left[i].Pods -= n
			free = free.Less(left[i].Each.Times(n))
			placed += n
		}
		if placed == 0 {
			return
		}
		result.Nodes++
		result.Placed += placed
	}
}

// larger orders pods by CPU, then memory.
func larger(a, b Amount) bool {
	if a.MilliCPU != b.MilliCPU {
		return a.MilliCPU > b.MilliCPU
	}
	return a.MiB > b.MiB
}

// Sum is what all demands request together.
func Sum(demands []Demand) Amount {
	var sum Amount
	for _, d := range demands {
		sum = sum.Plus(d.Each.Times(d.Pods))
	}
	return sum
}

// Addresses says how the VPC CNI takes addresses for one node.
type Addresses struct {
	// Interfaces and PerInterface are the limits of the instance type.
	Interfaces, PerInterface int
	// Prefix is true with prefix delegation (/28 blocks).
	Prefix bool
}

// prefixSize are the addresses of a /28 block.
const prefixSize = 16

// OnNode are the addresses that a node with so many pods takes from its
// subnet: the CNI keeps one spare interface, or one spare block, warm
// (github.com/aws/amazon-vpc-cni-k8s docs/eni-and-ip-target.md, 2026-10:
// WARM_ENI_TARGET=1 and WARM_PREFIX_TARGET=1).
func (a Addresses) OnNode(pods int) int {
	if a.single() {
		return 1 + pods
	}
	if a.Prefix {
		blocks := ceilDiv(pods, prefixSize) + 1
		interfaces := min(a.Interfaces, ceilDiv(blocks, a.PerInterface-1))
		return interfaces + blocks*prefixSize
	}
	interfaces := min(a.Interfaces, ceilDiv(pods, a.PerInterface-1)+1)
	return interfaces * a.PerInterface
}

// Idle bounds the addresses that a number of nodes keeps besides those that
// PerPod counts for their pods: every node may round up to a further interface
// or block and keeps one warm, however unevenly the scheduler spreads the pods.
func (a Addresses) Idle(nodes int) int {
	switch {
	case a.single():
		return nodes
	case a.Prefix:
		return nodes * (a.Interfaces + 2*prefixSize)
	}
	return 2 * nodes * a.PerInterface
}

// PerPod are the addresses that one more pod takes on average, the share of its
// interface's own address included.
func (a Addresses) PerPod() float64 {
	if a.single() || a.Prefix {
		return 1
	}
	return float64(a.PerInterface) / float64(a.PerInterface-1)
}

// single says that nothing is known of interfaces: a node has one address.
func (a Addresses) single() bool { return a.PerInterface <= 1 || a.Interfaces <= 0 }

func ceilDiv(a, b int) int { return int(math.Ceil(float64(a) / float64(b))) }

// String is "1500m CPU, 2048Mi, 3 pods".
func (a Amount) String() string {
	return fmt.Sprintf("%dm CPU, %dMi, %d pods", a.MilliCPU, a.MiB, a.Pods)
}
