package cache

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/components/internal/adopt"
	"github.com/agencyos/headroom/components/internal/network"
)

// place is where the nodes live; nil inputs leave it to an adopted group.
type place struct {
	subnets pulumi.StringPtrInput
	groups  pulumi.StringArrayInput
}

// network admits the cluster's nodes to the port and nobody else. The group has no
// way out: a cache opens no connections. An adopted group stays where it is; only
// what the stack file names of its surroundings is declared.
func (b builder) network(ctx *pulumi.Context, parent pulumi.Resource) (n place, err error) {
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
	args := &elasticache.SubnetGroupArgs{Description: pulumi.String("Subnets of " + b.name), SubnetIds: pulumi.ToStringArray(network.SubnetIDs(b.Cluster))}
	if id != "" {
		args.Name = pulumi.String(id)
	}
	group, err := elasticache.NewSubnetGroup(ctx, b.name, args, pulumi.Parent(parent), adopt.Options(id, adopt.Subnets...))
	if err != nil {
		return nil, err
	}
	return group.Name, nil
}

func (b builder) admit(ctx *pulumi.Context, parent pulumi.Resource, id string) (pulumi.StringArrayInput, error) {
	group, err := network.Door{
		Name: b.name, Purpose: "Cache operations from the cluster nodes", Cluster: b.Cluster, Port: b.Spec.Port,
		Group: id, Rule: b.Spec.Adopt.IngressRule,
	}.Open(ctx, parent)
	if err != nil {
		return nil, err
	}
	return pulumi.StringArray{group.ID()}, nil
}
