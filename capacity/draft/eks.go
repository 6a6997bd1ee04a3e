package draft

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/spec"
)

// FromEKS completes a cluster by the answers of aws eks describe-cluster and aws
// ec2 describe-subnets, either of which may be nil. What is stated already stays.
func FromEKS(c spec.Cluster, described, subnets []byte) (spec.Cluster, error) {
	var ps spec.Problems
	if described != nil && !fromDescription(&c, described) {
		ps = append(ps, spec.Problem{Path: "eks", Rule: "is no answer of aws eks describe-cluster", Fix: "aws eks describe-cluster --name NAME --output json > cluster.json"})
	}
	if subnets != nil && !fromSubnets(&c, subnets) {
		ps = append(ps, spec.Problem{Path: "eks-subnets", Rule: "is no answer of aws ec2 describe-subnets", Fix: "aws ec2 describe-subnets --subnet-ids ID… --output json > subnets.json"})
	}
	if len(ps) > 0 {
		return c, ps
	}
	return c, nil
}

// fromDescription reads DescribeCluster
// (https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeCluster.html, 2026-11).
func fromDescription(c *spec.Cluster, text []byte) bool {
	var answer struct {
		Cluster struct {
			Name, Arn, Version string
			ResourcesVpcConfig struct{ VpcID, ClusterSecurityGroupID string }
		}
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return false
	}
	arn, ok := spec.ParseClusterARN(answer.Cluster.Arn)
	if !ok {
		return false
	}
	fill(&c.Name, answer.Cluster.Name)
	fill(&c.Region, arn.Region)
	fill(&c.Account, arn.Account)
	fill(&c.Version, answer.Cluster.Version)
	fill(&c.VpcID, answer.Cluster.ResourcesVpcConfig.VpcID)
	// Nodes of managed groups carry the cluster's security group
	// (https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html, 2026-11).
	fill(&c.NodeSecurityGroupID, answer.Cluster.ResourcesVpcConfig.ClusterSecurityGroupID)
	return true
}

// FromARN completes a cluster by the name of a context as aws eks
// update-kubeconfig writes it: the ARN. Any other name says nothing.
func FromARN(c spec.Cluster, context string) spec.Cluster {
	if arn, ok := spec.ParseClusterARN(context); ok {
		fill(&c.Name, arn.Name)
		fill(&c.Region, arn.Region)
		fill(&c.Account, arn.Account)
	}
	return c
}

// fromSubnets reads DescribeSubnets
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html, 2026-11).
func fromSubnets(c *spec.Cluster, text []byte) bool {
	var answer struct {
		Subnets []struct {
			SubnetID, AvailabilityZone, CidrBlock string
			AvailableIPAddressCount               *int
		}
	}
	if err := json.Unmarshal(text, &answer); err != nil || len(answer.Subnets) == 0 {
		return false
	}
	if len(c.Subnets) > 0 {
		return true
	}
	for _, n := range answer.Subnets {
		c.Subnets = append(c.Subnets, spec.Subnet{ID: n.SubnetID, Zone: n.AvailabilityZone, CIDR: n.CidrBlock, FreeIPs: n.AvailableIPAddressCount})
	}
	slices.SortFunc(c.Subnets, func(a, b spec.Subnet) int { return strings.Compare(a.Zone+a.ID, b.Zone+b.ID) })
	return true
}
