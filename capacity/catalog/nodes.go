package catalog

import "math"

// Pod density under prefix delegation. Source: github.com/awslabs/amazon-eks-ami
// templates/al2/runtime/max-pods-calculator.sh at 0a6d499e, read 2026-11-23.
const (
	// addressesPerPrefix is the size of the /28 block that prefix delegation
	// puts where the default mode puts one address.
	addressesPerPrefix = 16
	// hostNetworkPods are the VPC CNI and kube-proxy, which need no address.
	hostNetworkPods = 2
	// manyCPUs is the vCPU count above which the higher ceiling holds.
	manyCPUs = 30
	// podCeiling is the recommended most pods of a node up to manyCPUs.
	podCeiling = 110
	// podCeilingManyCPUs is the recommended most pods of a larger node.
	podCeilingManyCPUs = 250
)

// What the kubelet keeps back. Source: github.com/aws/karpenter-provider-aws
// pkg/providers/instancetype/types.go (kubeReservedResources), read 2026-11-23;
// the EKS AMIs configure the same.
const (
	// reservedMiBPerPod is kube-reserved memory per possible pod.
	reservedMiBPerPod = 11
	// reservedMiB is the fixed part of kube-reserved memory.
	reservedMiB = 255
	// evictionMiB is memory.available at which the kubelet evicts.
	evictionMiB = 100
	// vmOverheadPercent is the share of nominal memory that the hypervisor and
	// the kernel may take. Source: the same repository's
	// pkg/operator/options/options.go, a deliberately conservative default.
	vmOverheadPercent = 7.5
)

// reservedCPU is kube-reserved CPU, in basis points (1/10000) of a core, for
// core 1, core 2, cores 3 and 4, and each further core. Source: as above.
var reservedCPU = []struct {
	cores       int
	basisPoints int
}{{1, 600}, {1, 100}, {2, 50}, {math.MaxInt, 25}}

// MaxPodsPrefix is the recommended pod limit of a node with prefix delegation:
// all the /28 blocks its interfaces can hold, under the ceiling for its size.
func MaxPodsPrefix(n NodeType) int {
	ceiling := podCeiling
	if n.VCPU > manyCPUs {
		ceiling = podCeilingManyCPUs
	}
	return min(ceiling, n.MaxENIs*(n.IPv4PerENI-1)*addressesPerPrefix+hostNetworkPods)
}

// Allocatable is what a node offers to pods, DaemonSets included: millicores
// and MiB after kube-reserved and the eviction threshold, for a kubelet started
// with the given maxPods. Memory starts from the nominal size; who must not
// promise a byte too much also subtracts VMOverheadMiB. Never negative.
func Allocatable(n NodeType, maxPods int) (milliCPU, mib int) {
	milliCPU = n.VCPU*1000 - reservedMilliCPU(n.VCPU)
	mib = n.MemoryMiB - reservedMiBPerPod*maxPods - reservedMiB - evictionMiB
	return max(milliCPU, 0), max(mib, 0)
}

// VMOverheadMiB is the memory of a node that may never reach the guest:
// Karpenter's 7.5 % of nominal, rounded up. A measured node usually loses less.
func VMOverheadMiB(n NodeType) int {
	return int(math.Ceil(float64(n.MemoryMiB) * vmOverheadPercent / 100))
}

// reservedMilliCPU rounds up, so that the proof never gains a millicore.
func reservedMilliCPU(vcpu int) int {
	basis, left := 0, vcpu
	for _, step := range reservedCPU {
		cores := min(left, step.cores)
		basis += cores * step.basisPoints
		left -= cores
	}
	return (basis + 9) / 10
}
