package database

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/components/internal/adopt"
)

// network is where the instance lives.
type network struct {
	subnets pulumi.StringInput
	groups  pulumi.StringArrayInput
}

// What stays of adopted parts: what replaces them, and what others decide.
var (
	keptOfSubnets = append([]string{"description", "subnetIds"}, adopt.Tags...)
	keptOfGroup   = append([]string{"description", "egress", "ingress", "name", "namePrefix", "revokeRulesOnDelete", "vpcId"}, adopt.Tags...)
	keptOfRule    = append([]string{"description"}, adopt.Tags...)
)

// network admits the nodes to the database port and nobody else. The group has
// no way out: a database opens no connections. An adopted instance stays where
// it is; only what the stack file names of its surroundings is declared.
func (s server) network(ctx *pulumi.Context, parent pulumi.Resource) (network, error) {
	subnets, err := s.subnets(ctx, parent)
	if err != nil {
		return network{}, fmt.Errorf("subnets of database %s: %w", s.name, err)
	}
	groups, err := s.groups(ctx, parent)
	if err != nil {
		return network{}, fmt.Errorf("security group of database %s: %w", s.name, err)
	}
	return network{subnets: subnets, groups: groups}, nil
}

func (s server) subnets(ctx *pulumi.Context, parent pulumi.Resource) (pulumi.StringInput, error) {
	id := s.Spec.Adopt.SubnetGroup
	if s.live != nil && id == "" {
		return pulumi.String(s.live.DbSubnetGroup), nil
	}
	args := &rds.SubnetGroupArgs{Description: pulumi.String("Subnets of " + s.name), SubnetIds: pulumi.ToStringArray(s.subnetIDs())}
	if id != "" {
		args.Name = pulumi.String(id)
	}
	group, err := rds.NewSubnetGroup(ctx, s.name, args, pulumi.Parent(parent), pulumi.Protect(s.Protect), adopt.Options(id, keptOfSubnets...))
	if err != nil {
		return nil, err
	}
	return group.Name, nil
}

func (s server) groups(ctx *pulumi.Context, parent pulumi.Resource) (pulumi.StringArrayInput, error) {
	id := s.Spec.Adopt.SecurityGroup
	if s.live != nil && id == "" {
		return pulumi.ToStringArray(s.live.VpcSecurityGroups), nil
	}
	group, err := ec2.NewSecurityGroup(ctx, s.name, &ec2.SecurityGroupArgs{
		Description: pulumi.String("Admits the cluster nodes to " + s.name), VpcId: pulumi.String(s.Cluster.VpcID),
	}, pulumi.Parent(parent), adopt.Options(id, keptOfGroup...))
	if err != nil {
		return nil, err
	}
	_, err = vpc.NewSecurityGroupIngressRule(ctx, s.name, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: group.ID(), ReferencedSecurityGroupId: pulumi.String(s.Cluster.NodeSecurityGroupID),
		IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(s.Spec.Port), ToPort: pulumi.Int(s.Spec.Port),
		Description: pulumi.String("PostgreSQL from the cluster nodes"),
	}, pulumi.Parent(parent), adopt.Options(s.Spec.Adopt.IngressRule, keptOfRule...))
	if err != nil {
		return nil, err
	}
	all := pulumi.StringArray{group.ID()}
	if s.live != nil { // whoever comes through the instance's other groups still does
		for _, other := range slices.DeleteFunc(slices.Clone(s.live.VpcSecurityGroups), func(g string) bool { return g == id }) {
			all = append(all, pulumi.String(other))
		}
	}
	return all, nil
}

func (s server) subnetIDs() []string {
	ids := make([]string, len(s.Cluster.Subnets))
	for i, n := range s.Cluster.Subnets {
		ids[i] = n.ID
	}
	return ids
}
