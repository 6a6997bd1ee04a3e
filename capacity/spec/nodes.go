package spec

// Nodes are the node groups and what else runs on them.
type Nodes struct {
	// Groups of nodes that the services may run on.
	Groups []NodeGroup `json:"groups"`
	// DaemonSets take this much of every node. Default: 300m, 512Mi, 4 pods,
	// an estimate for CNI, kube-proxy, CSI and a log agent.
	DaemonSets *PodAmounts `json:"daemonSets,omitempty"`
	// System workloads besides the services take this much of the cluster.
	// Default: 1500m, 3Gi, 12 pods, an estimate for DNS, metrics, autoscaler and
	// load-balancer controllers.
	System *PodAmounts `json:"system,omitempty"`
}

// PodAmounts are CPU, memory and a number of pods.
type PodAmounts struct {
	CPU    MilliCPU `json:"cpu"`
	Memory MiB      `json:"memory"`
	Pods   int      `json:"pods"`
}

// NodeGroup is one EKS managed node group.
type NodeGroup struct {
	// Name of the group.
	Name string `json:"name"`
	// Mode of the group. Default: external.
	Mode Mode `json:"mode,omitempty"`
	// ID is the name of the live EKS node group; required when adopted.
	ID string `json:"id,omitempty"`
	// InstanceTypes that the group may launch, for on-demand nodes in this order.
	// Which one a node gets is EC2's to say: the plan counts the room of the
	// smallest, the price of the dearest and the addresses of the one that takes
	// most.
	InstanceTypes []string `json:"instanceTypes,omitempty"`
	// Fixed is what one node offers that is not an EC2 instance (a local cluster):
	// it costs nothing and replaces instanceTypes.
	Fixed *PodAmounts `json:"fixed,omitempty"`
	// CapacityType. Default: onDemand.
	CapacityType CapacityType `json:"capacityType,omitempty"`
	// Zones of the group. Default: those of cluster.subnets.
	Zones []string `json:"zones,omitempty"`
	// MinSize of the group; derived for a managed group when absent.
	MinSize *int `json:"minSize,omitempty"`
	// MaxSize of the group; derived for a managed group when absent.
	MaxSize *int `json:"maxSize,omitempty"`
	// DiskGiB of each node. Default: 50.
	DiskGiB int `json:"diskGib,omitempty" nonzero:"true"`
}

// CapacityType is how a node is bought.
type CapacityType string

// The capacity types.
const (
	OnDemand CapacityType = "onDemand"
	Spot     CapacityType = "spot"
)

// Values are the allowed capacity types.
func (CapacityType) Values() []string { return []string{string(OnDemand), string(Spot)} }
