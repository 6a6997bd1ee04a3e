package cache

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/components/internal/adopt"
)

// network is where the nodes live; nil inputs leave it to an adopted group.
type network struct {
	subnets pulumi.StringPtrInput
	groups  pulumi.StringArrayInput
}

// network admits the cluster's nodes to the port and nobody else. The group has no
// way out: a cache opens no connections. An adopted group stays where it is; only
// what the stack file names of its surroundings is declared.
func (b builder) network(ctx *pulumi.Context, parent pulumi.Resource) (n network, err error) {
	if id := b.Spec.Adopt.SubnetGroup; b.live == nil || id != "" {
		if n.subnets, err = b.subnets(ctx, parent, id); err != nil {
			return n, fmt.Errorf("subnets of cache %s: %w", b.name, err)
		}
	}
	if id := b.Spec.Adopt.SecurityGroup; b.live == nil || id != "" {
		if n.groups, err = b.admit(ctx, parent, id); err != nil {
			return n, fmt.Errorf("security group of cache %s: %w", b.name, err)
		}
	}
	return n, nil
}

func (b builder) subnets(ctx *pulumi.Context, parent pulumi.Resource, id string) (pulumi.StringPtrInput, error) {
	ids := make([]string, len(b.Cluster.Subnets))
	for i, n := range b.Cluster.Subnets {
		ids[i] = n.ID
	}
	args := &elasticache.SubnetGroupArgs{Description: pulumi.String("Subnets of " + b.name), SubnetIds: pulumi.ToStringArray(ids)}
	if id != "" {
		args.Name = pulumi.String(id)
	}
	group, err := elasticache.NewSubnetGroup(ctx, b.name, args, pulumi.Parent(parent), adopt.Options(id, keptOfSubnets...))
	if err != nil {
		return nil, err
	}
	return group.Name, nil
}

func (b builder) admit(ctx *pulumi.Context, parent pulumi.Resource, id string) (pulumi.StringArrayInput, error) {
	group, err := ec2.NewSecurityGroup(ctx, b.name, &ec2.SecurityGroupArgs{
		Description: pulumi.String("Admits the cluster nodes to " + b.name), VpcId: pulumi.String(b.Cluster.VpcID),
	}, pulumi.Parent(parent), adopt.Options(id, keptOfSecurityGroup...))
	if err != nil {
		return nil, err
	}
	_, err = vpc.NewSecurityGroupIngressRule(ctx, b.name, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: group.ID(), ReferencedSecurityGroupId: pulumi.String(b.Cluster.NodeSecurityGroupID),
		IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(b.Spec.Port), ToPort: pulumi.Int(b.Spec.Port),
		Description: pulumi.String("Cache operations from the cluster nodes"),
	}, pulumi.Parent(parent), adopt.Options(b.Spec.Adopt.IngressRule, keptOfRule...))
	if err != nil {
		return nil, err
	}
	return pulumi.StringArray{group.ID()}, nil
}
