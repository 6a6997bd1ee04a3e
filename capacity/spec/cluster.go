package spec

import "strings"

// Cluster is the existing EKS cluster and network, or a local cluster.
type Cluster struct {
	// Name of the EKS cluster. Required unless context is set.
	Name string `json:"name,omitempty"`
	// Version is the Kubernetes minor version, such as "1.35": one from 1.34 to 1.37,
	// whose autoscaler is modeled.
	Version string `json:"version"`
	// Region of the cluster, such as "us-east-1".
	Region string `json:"region,omitempty"`
	// Account is the 12-digit AWS account that the stack may touch; any other
	// is refused before the first call.
	Account string `json:"account,omitempty"`
	// Namespace of the workloads. Default: "default".
	Namespace string `json:"namespace,omitempty"`
	// Context is the kubeconfig context of a local cluster; it replaces name,
	// account, region and the network.
	Context string `json:"context,omitempty"`
	// VpcID is the VPC of the cluster.
	VpcID string `json:"vpcId,omitempty"`
	// Subnets are the subnets that nodes and pods take addresses from.
	Subnets []Subnet `json:"subnets,omitempty"`
	// PodIPMode is how the VPC CNI gives addresses to pods. Default: secondary.
	PodIPMode PodIPMode `json:"podIpMode,omitempty"`
	// NodeSecurityGroupID is the security group of the nodes; database and
	// cache admit only it.
	NodeSecurityGroupID string `json:"nodeSecurityGroupId,omitempty"`
}

// ParseClusterARN is what the ARN of an EKS cluster tells of it,
// arn:PARTITION:eks:REGION:ACCOUNT:cluster/NAME; false for any other text.
func ParseClusterARN(text string) (Cluster, bool) {
	arn := strings.Split(text, ":")
	if len(arn) != 6 || arn[0] != "arn" || arn[2] != "eks" {
		return Cluster{}, false
	}
	name, ok := strings.CutPrefix(arn[5], "cluster/")
	return Cluster{Name: name, Region: arn[3], Account: arn[4]}, ok
}

// Subnet is one subnet with the addresses that are still free in it.
type Subnet struct {
	// ID such as "subnet-0a1b2c3d".
	ID string `json:"id"`
	// Zone such as "us-east-1a".
	Zone string `json:"zone"`
	// CIDR such as "10.0.0.0/20".
	CIDR string `json:"cidr"`
	// FreeIPs are the addresses that this stack may take: those free today plus
	// those that its own nodes and pods hold. Default: the block less the five
	// that AWS reserves.
	FreeIPs *int `json:"freeIps,omitempty"`
}

// PodIPMode is how the VPC CNI assigns pod addresses.
type PodIPMode string

// The pod address modes.
const (
	// SecondaryIP gives each pod a secondary address of an interface.
	SecondaryIP PodIPMode = "secondary"
	// PrefixDelegation gives each interface /28 blocks.
	PrefixDelegation PodIPMode = "prefix"
)

// Values are the allowed pod address modes.
func (PodIPMode) Values() []string { return []string{string(SecondaryIP), string(PrefixDelegation)} }
