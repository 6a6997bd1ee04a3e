// Package nodes declares what a stack's pods run on: EKS managed node groups,
// what adds and removes nodes and measures pods, and pause pods that keep room
// for the first pods of a ramp.
package nodes

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

const typeToken = "headroom:nodes:Nodes"

// Args are what nodes are made of.
type Args struct {
	// Stack is part of the names of groups in a cluster that stacks share.
	Stack string
	// Cluster that the nodes join.
	Cluster spec.Cluster
	// Spec are the groups of the stack file, Plan what the plan derived for them.
	Spec spec.Nodes
	Plan plan.Nodes
	// Addons say who runs Cluster Autoscaler, metrics-server and the Pod Identity agent.
	Addons spec.Addons
	// MetricsResolution of metrics-server.
	MetricsResolution spec.Duration
	// Pauses are the pause pods by service.
	Pauses map[string]Pause
}

// Pause are pods of one size that keep room and give way.
type Pause struct {
	Pods int
	// Each requests this much: what a pod of the service does.
	Each spec.Amounts
}

// Nodes are the node groups of a stack with their add-ons. What is external they
// only count.
type Nodes struct {
	pulumi.ResourceState

	// Groups are the names of the EKS node groups.
	Groups pulumi.StringArrayOutput `pulumi:"groups"`
}

// Needed says whether there is anything to declare.
func (a Args) Needed() bool {
	return a.launches() || a.Addons.ClusterAutoscaler == spec.Managed || a.Addons.MetricsServer == spec.Managed ||
		a.Addons.PodIdentityAgent == spec.Managed || len(a.paused()) > 0
}

// launches says whether a node group is declared.
func (a Args) launches() bool {
	return slices.ContainsFunc(a.Spec.Groups, func(g spec.NodeGroup) bool { return g.Mode != spec.External })
}

// paused are the services with pause pods.
func (a Args) paused() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(a.Pauses)), func(name string) bool { return a.Pauses[name].Pods == 0 })
}

// New declares nodes.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Nodes, error) {
	f := fleet{name: name, Args: args}
	if err := f.validate(); err != nil {
		return nil, err
	}
	n := &Nodes{}
	if err := ctx.RegisterComponentResourceV2(typeToken, name, f.recorded(), n, opts...); err != nil {
		return nil, fmt.Errorf("nodes %s: %w", name, err)
	}
	live, err := f.read(ctx, n)
	if err != nil {
		return nil, err
	}
	groups, err := f.groups(ctx, n, live)
	if err != nil {
		return nil, err
	}
	if err := f.addons(ctx, n, groups); err != nil {
		return nil, err
	}
	if err := f.pause(ctx, n, groups); err != nil {
		return nil, err
	}
	names := pulumi.StringArray{}
	for _, g := range groups {
		names = append(names, g.NodeGroupName)
	}
	n.Groups = names.ToStringArrayOutput()
	return n, ctx.RegisterResourceOutputs(n, pulumi.Map{"groups": n.Groups})
}

// fleet are nodes with their name.
type fleet struct {
	Args
	name string
}

// recorded are the decisions that the state keeps for policies and audits.
func (f fleet) recorded() pulumi.Map {
	groups, pauses := pulumi.Map{}, pulumi.Map{}
	for i, g := range f.Spec.Groups {
		p := f.Plan.Groups[i]
		groups[g.Name] = pulumi.Map{"mode": pulumi.String(g.Mode), "minSize": pulumi.Int(p.MinSize), "maxSize": pulumi.Int(p.MaxSize),
			"maxPods": pulumi.Int(p.MaxPods), "capacityType": pulumi.String(g.CapacityType)}
	}
	for _, name := range f.paused() {
		pauses[name] = pulumi.Int(f.Pauses[name].Pods)
	}
	return pulumi.Map{
		"groups": groups, "pausePods": pauses,
		"clusterAutoscaler": pulumi.String(f.Addons.ClusterAutoscaler), "metricsServer": pulumi.String(f.Addons.MetricsServer),
	}
}
