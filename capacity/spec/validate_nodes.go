package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/catalog"
)

// mostInstanceTypes of a managed node group
// (https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html, 2026-11).
const mostInstanceTypes = 20

// groupName as EKS takes it
// (https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html, 2026-11).
var groupName = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_-]{0,62}$`)

// validateManagedGroups refuses what EKS would refuse of a group that Headroom
// creates, and a group that nobody would ever grow.
func (s Stack) validateManagedGroups(ps *Problems) {
	for i, g := range s.Nodes.Groups {
		if g.Mode == External || g.Fixed != nil {
			continue
		}
		at := fmt.Sprintf("nodes.groups[%d]", i)
		ps.require(s.Addons.Karpenter == "", at+".mode", string(g.Mode), "must be external beside Karpenter, which grows no node group", "")
		if g.Mode == Managed {
			g.validateLaunch(ps, at, s.Cluster)
		}
		ps.require(g.ID == "" || groupName.MatchString(g.ID), at+".id", g.ID, "must be the name of the EKS node group", "without the cluster before it")
	}
}

func (g NodeGroup) validateLaunch(ps *Problems, at string, c Cluster) {
	ps.require(len(g.InstanceTypes) <= mostInstanceTypes, at+".instanceTypes", len(g.InstanceTypes),
		fmt.Sprintf("must be at most %d", mostInstanceTypes), "")
	ps.require(len(architectures(g.InstanceTypes)) < 2, at+".instanceTypes", strings.Join(g.InstanceTypes, ", "),
		"must be of one processor architecture: a group has one machine image", "make a group of each")
	known := c.zones()
	for _, zone := range g.Zones {
		ps.require(slices.Contains(known, zone), at+".zones", zone, "has no subnet in cluster.subnets", "one of "+strings.Join(known, ", "))
	}
	if g.CapacityType != Spot && g.MaxSize != nil {
		ps.require(*g.MaxSize >= len(g.Zones), at+".maxSize", *g.MaxSize,
			fmt.Sprintf("must be at least the number of zones (%d): each has an EKS node group, and none can be empty for good", len(g.Zones)), "list fewer zones")
	}
	ps.require(g.MaxSize == nil || *g.MaxSize >= 1, at+".maxSize", deref(g.MaxSize), "must be at least 1", "remove the group")
}

func architectures(types []string) map[string]bool {
	out := map[string]bool{}
	for _, name := range types {
		if node, ok := catalog.Node(name); ok {
			out[node.Arch] = true
		}
	}
	return out
}
