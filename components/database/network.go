package database

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/components/internal/adopt"
	"github.com/agencyos/headroom/components/internal/network"
)

// place is where the instance lives.
type place struct {
	subnets pulumi.StringInput
	groups  pulumi.StringArrayInput
}

// network admits the nodes to the database port and nobody else. The group has
// no way out: a database opens no connections. An adopted instance stays where
// it is; only what the stack file names of its surroundings is declared.
func (s server) network(ctx *pulumi.Context, parent pulumi.Resource) (place, error) {
	subnets, err := s.subnets(ctx, parent)
	if err != nil {
		return place{}, fmt.Errorf("subnets of database %s: %w", s.name, err)
	}
	groups, err := s.groups(ctx, parent)
	if err != nil {
		return place{}, fmt.Errorf("security group of database %s: %w", s.name, err)
	}
	return place{subnets: subnets, groups: groups}, nil
}

func (s server) subnets(ctx *pulumi.Context, parent pulumi.Resource) (pulumi.StringInput, error) {
	id := s.Spec.Adopt.SubnetGroup
	if s.live != nil && id == "" {
		return pulumi.String(s.live.DbSubnetGroup), nil
	}
	args := &rds.SubnetGroupArgs{Description: pulumi.String("Subnets of " + s.name), SubnetIds: pulumi.ToStringArray(network.SubnetIDs(s.Cluster))}
	if id != "" {
		args.Name = pulumi.String(id)
	}
	group, err := rds.NewSubnetGroup(ctx, s.name, args, pulumi.Parent(parent), pulumi.Protect(s.Protect), adopt.Options(id, adopt.Subnets...))
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
	group, err := network.Door{
		Name: s.name, Purpose: "PostgreSQL from the cluster nodes", Cluster: s.Cluster, Port: s.Spec.Port,
		Group: id, Rule: s.Spec.Adopt.IngressRule,
	}.Open(ctx, parent)
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
