package nodes

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/check"
)

// live is what is there before anything is declared.
type live struct {
	// securityGroup that EKS made for the cluster: control plane and nodes talk
	// within it.
	securityGroup string
	// groups are the live EKS node groups by the index of the stack's group.
	groups map[int][]*eks.LookupNodeGroupResult
}

// read looks the cluster and its node groups up. All is known in a preview, so
// what EKS would refuse is refused there, before anything is declared.
func (f fleet) read(ctx *pulumi.Context, parent pulumi.Resource) (live, error) {
	if !f.launches() {
		return live{}, nil
	}
	opt := pulumi.Parent(parent)
	cluster, err := eks.LookupCluster(ctx, &eks.LookupClusterArgs{Name: f.Cluster.Name}, opt)
	if err != nil {
		return live{}, fmt.Errorf("cluster %s (cluster.name): %w", f.Cluster.Name, err)
	}
	all, err := eks.GetNodeGroups(ctx, &eks.GetNodeGroupsArgs{ClusterName: f.Cluster.Name}, opt)
	if err != nil {
		return live{}, fmt.Errorf("node groups of cluster %s: %w", f.Cluster.Name, err)
	}
	l := live{securityGroup: cluster.VpcConfig.ClusterSecurityGroupId, groups: map[int][]*eks.LookupNodeGroupResult{}}
	c := check.Checker{}
	c.Require(cluster.Version == f.Cluster.Version, "cluster.version", f.Cluster.Version, "is not what the live cluster runs ("+cluster.Version+")",
		"upgrade the cluster first, or state "+cluster.Version)
	for i, g := range f.Spec.Groups {
		for _, name := range f.liveNames(i, all.Names) {
			found, err := eks.LookupNodeGroup(ctx, &eks.LookupNodeGroupArgs{ClusterName: f.Cluster.Name, NodeGroupName: name}, opt)
			if err != nil {
				return live{}, fmt.Errorf("live node group %s (nodes.groups[%d]): %w", name, i, err)
			}
			l.groups[i] = append(l.groups[i], found)
			f.resizable(&c, i, found)
			if g.Mode == spec.Adopt {
				f.adoptable(&c, i, found)
			}
		}
	}
	return l, c.Err()
}

// liveNames are the live EKS node groups that a group of the stack is made of.
func (f fleet) liveNames(i int, all []string) []string {
	g := f.Spec.Groups[i]
	switch g.Mode {
	case spec.Adopt:
		return []string{g.ID}
	case spec.Managed:
		return slices.DeleteFunc(slices.Clone(all), func(name string) bool { return f.pool(i, name) == nil })
	}
	return nil
}

// made up by the provider at the end of a name.
var suffix = regexp.MustCompile(`^[0-9a-f]{26}$`)

// pool is that of the plan which an EKS node group belongs to by its name.
func (f fleet) pool(i int, name string) *plan.NodePool {
	g := f.Plan.Groups[i]
	if f.Spec.Groups[i].Mode == spec.Adopt {
		return &plan.NodePool{Name: g.Name, Zones: g.Zones, MinSize: g.MinSize, MaxSize: g.MaxSize}
	}
	for _, p := range g.Pools {
		if rest, ok := strings.CutPrefix(name, p.Prefix(f.Stack)); ok && suffix.MatchString(rest) {
			return &p
		}
	}
	return nil
}

// resizable refuses bounds that leave the live number of nodes outside: EKS does,
// and the number is the autoscaler's, so that no program may set it. Whoever runs
// the one command of the fix decides to.
func (f fleet) resizable(c *check.Checker, i int, g *eks.LookupNodeGroupResult) {
	pool := f.pool(i, g.NodeGroupName)
	if pool == nil || len(g.ScalingConfigs) == 0 {
		return
	}
	at, now := fmt.Sprintf("nodes.groups[%d]", i), g.ScalingConfigs[0].DesiredSize
	fix := func(desired int) string {
		return fmt.Sprintf("run: aws eks update-nodegroup-config --region %s --cluster-name %s --nodegroup-name %s --scaling-config minSize=%d,maxSize=%d,desiredSize=%d",
			f.Cluster.Region, f.Cluster.Name, g.NodeGroupName, pool.MinSize, pool.MaxSize, desired)
	}
	c.Require(pool.MinSize <= now, at+".minSize", pool.MinSize, fmt.Sprintf("is above the live desired size (%d) of EKS node group %s, which EKS refuses", now, g.NodeGroupName), fix(pool.MinSize))
	c.Require(pool.MaxSize >= now, at+".maxSize", pool.MaxSize, fmt.Sprintf("is below the live desired size (%d) of EKS node group %s, which EKS refuses", now, g.NodeGroupName), fix(pool.MaxSize))
}

// adoptable refuses a live group that is another one than the stack file counts:
// its machines never change.
func (f fleet) adoptable(c *check.Checker, i int, g *eks.LookupNodeGroupResult) {
	at, want := fmt.Sprintf("nodes.groups[%d]", i), f.Spec.Groups[i]
	types := slices.Sorted(slices.Values(g.InstanceTypes))
	c.Require(len(types) == 0 || slices.Equal(types, slices.Sorted(slices.Values(want.InstanceTypes))), at+".instanceTypes", want.InstanceTypes,
		fmt.Sprintf("are not those of the live group (%s)", strings.Join(types, ", ")), "state those")
	c.Require(g.CapacityType == "" || g.CapacityType == capacityType(want.CapacityType), at+".capacityType", want.CapacityType,
		"is not that of the live group ("+g.CapacityType+")", "correct it")
	zones := map[string]bool{}
	for _, id := range g.SubnetIds {
		at := slices.IndexFunc(f.Cluster.Subnets, func(n spec.Subnet) bool { return n.ID == id })
		c.Require(at >= 0, "cluster.subnets", id, "is a subnet of node group "+g.NodeGroupName+" and is not listed", "add it")
		if at >= 0 {
			zones[f.Cluster.Subnets[at].Zone] = true
		}
	}
	for _, zone := range want.Zones {
		c.Require(zones[zone] || len(g.SubnetIds) == 0, at+".zones", zone, "is no zone of the live group", "remove it")
	}
}
