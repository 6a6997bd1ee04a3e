// Package cache declares the Redis or Valkey of a stack: an ElastiCache
// replication group with its users, parameters, network and logs, or a Redis in
// the cluster of a local stack.
package cache

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

const typeToken = "headroom:cache:Cache"

// Args are what a cache is made of.
type Args struct {
	// Cluster gives the network: subnets, nodes' security group, namespace. With a
	// context it is a local one, and the cache runs in it.
	Cluster spec.Cluster
	// Spec is the cache of the stack file, Plan what the plan derived for it.
	Spec spec.Cache
	Plan plan.Cache
	// Password of the user that the services log in as; required for a managed
	// cache. It stays a secret: in the state it is encrypted.
	Password pulumi.StringInput
	// Protect keeps Pulumi from deleting the replication group.
	Protect bool
}

// Cache is what the services share. For an external one it only knows the host.
type Cache struct {
	pulumi.ResourceState

	// Host and Port that services write to and read from; ReaderHost spreads reads
	// over the replicas, and is the host where there are none.
	Host       pulumi.StringOutput `pulumi:"host"`
	ReaderHost pulumi.StringOutput `pulumi:"readerHost"`
	Port       pulumi.IntOutput    `pulumi:"port"`
}

// New declares a cache.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Cache, error) {
	b := builder{name: name, Args: args}
	if err := b.validate(); err != nil {
		return nil, err
	}
	c := &Cache{}
	if err := ctx.RegisterComponentResourceV2(typeToken, name, b.recorded(), c, opts...); err != nil {
		return nil, fmt.Errorf("cache %s: %w", name, err)
	}
	b, err := b.read(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := b.serve(ctx, c); err != nil {
		return nil, err
	}
	return c, ctx.RegisterResourceOutputs(c, c.outputs())
}

func (c *Cache) outputs() pulumi.Map {
	return pulumi.Map{"host": c.Host, "readerHost": c.ReaderHost, "port": c.Port}
}

// builder is a cache with its name.
type builder struct {
	Args
	name string
	// live is the replication group that is adopted; nil where none is.
	live *elasticache.LookupReplicationGroupResult
}

// inCluster tells whether the cache is a pod of a local stack.
func (b builder) inCluster() bool { return b.Cluster.Context != "" && b.Spec.Mode == spec.Managed }

// recorded are the decisions that the state keeps for policies and audits.
func (b builder) recorded() pulumi.Map {
	return pulumi.Map{
		"mode": pulumi.String(b.Spec.Mode), "engine": pulumi.String(b.Spec.Engine), "nodeType": pulumi.String(b.Spec.NodeType),
		"maxmemoryPolicy": pulumi.String(b.Plan.Policy), "connections": pulumi.Int(b.Plan.Connections), "maxClients": pulumi.Int(b.Plan.MaxClients),
	}
}

// serve declares the cache, or points at the external one.
func (b builder) serve(ctx *pulumi.Context, c *Cache) error {
	c.Port = pulumi.Int(b.Spec.Port).ToIntOutput()
	switch {
	case b.Spec.Mode == spec.External:
		c.Host = pulumi.String(b.Spec.Host).ToStringOutput()
		c.ReaderHost = c.Host
		return nil
	case b.inCluster():
		return b.serveInCluster(ctx, c)
	}
	return b.serveOnAWS(ctx, c)
}

// serveOnAWS declares the replication group with what it needs.
func (b builder) serveOnAWS(ctx *pulumi.Context, c *Cache) error {
	parameters, err := b.parameterGroup(ctx, c)
	if err != nil {
		return err
	}
	network, err := b.network(ctx, c)
	if err != nil {
		return err
	}
	users, err := b.users(ctx, c)
	if err != nil {
		return err
	}
	logs, err := b.logs(ctx, c)
	if err != nil {
		return err
	}
	group, err := b.group(ctx, c, parts{parameters: parameters.Name, network: network, users: users, logs: logs})
	if err != nil {
		return err
	}
	c.Host, c.ReaderHost = group.PrimaryEndpointAddress, group.ReaderEndpointAddress
	return nil
}
