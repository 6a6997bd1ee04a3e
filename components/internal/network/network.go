// Package network admits a cluster's nodes to what the services keep their data in.
package network

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/adopt"
)

// Door is one port that the nodes may come in by.
type Door struct {
	// Name of both resources; Purpose describes the rule.
	Name, Purpose string
	Cluster       spec.Cluster
	Port          int
	// Group and Rule are the ids of live ones to adopt; empty creates them.
	Group, Rule string
}

// Open admits the cluster's nodes to the port and nobody else. The group has no
// way out: what keeps data opens no connections.
func (d Door) Open(ctx *pulumi.Context, parent pulumi.Resource) (*ec2.SecurityGroup, error) {
	group, err := ec2.NewSecurityGroup(ctx, d.Name, &ec2.SecurityGroupArgs{
		Description: pulumi.String("Admits the cluster nodes to " + d.Name), VpcId: pulumi.String(d.Cluster.VpcID),
	}, pulumi.Parent(parent), adopt.Options(d.Group, adopt.SecurityGroup...))
	if err != nil {
		return nil, err
	}
	_, err = vpc.NewSecurityGroupIngressRule(ctx, d.Name, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: group.ID(), ReferencedSecurityGroupId: pulumi.String(d.Cluster.NodeSecurityGroupID),
		IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(d.Port), ToPort: pulumi.Int(d.Port),
		Description: pulumi.String(d.Purpose),
	}, pulumi.Parent(parent), adopt.Options(d.Rule, adopt.IngressRule...))
	return group, err
}

// SubnetIDs are those of a cluster, in the order of the stack file.
func SubnetIDs(c spec.Cluster) []string {
	ids := make([]string, len(c.Subnets))
	for i, n := range c.Subnets {
		ids[i] = n.ID
	}
	return ids
}
