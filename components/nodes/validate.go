package nodes

import (
	"fmt"
	"regexp"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/check"
)

// longestPrefix of a node group's name: EKS takes 63 characters, of which the
// provider makes up 26
// (terraform-provider-aws internal/service/eks/node_group.go @ 012e0a32).
const longestPrefix = 37

var released = regexp.MustCompile(`^1\.[0-9]+$`)

// validate refuses what EKS, IAM or Helm would refuse at the end of a long apply.
func (f fleet) validate() error {
	c := check.Checker{}
	c.Require(f.name != "", "nodes", "", "must have a name", "")
	c.Require(len(f.Plan.Groups) == len(f.Spec.Groups), "nodes.groups", len(f.Plan.Groups), "is not what the stack file has", "derive the plan from the same stack file")
	if c.Err() != nil {
		return c.Err()
	}
	if f.launches() || f.Addons.ClusterAutoscaler == spec.Managed {
		c.Require(f.Cluster.Name != "", "cluster.name", "", "must be the EKS cluster that nodes join", "")
		c.Require(f.Cluster.NodeSecurityGroupID != "" || !f.launches(), "cluster.nodeSecurityGroupId", "", "must be set: database and cache admit only the nodes in it", "")
	}
	for i, g := range f.Spec.Groups {
		if g.Mode == spec.Managed {
			f.validateGroup(&c, i)
		}
	}
	if f.Addons.ClusterAutoscaler == spec.Managed {
		_, known := autoscalerImages[f.Cluster.Version]
		c.Require(known, "cluster.version", f.Cluster.Version, "has no known Cluster Autoscaler, whose minor version must be the cluster's", "set addons.clusterAutoscaler to external")
	}
	c.Require(f.Addons.MetricsServer != spec.Managed || f.MetricsResolution.Seconds() >= 10, "monitoring.metricsResolution", f.MetricsResolution,
		"must be at least 10s, the floor of metrics-server", "")
	c.Require(len(f.paused()) == 0 || f.Cluster.Namespace != "", "cluster.namespace", "", "must be set for pause pods", "")
	return c.Err()
}

func (f fleet) validateGroup(c *check.Checker, i int) {
	at, g := fmt.Sprintf("nodes.groups[%d]", i), f.Plan.Groups[i]
	c.Require(released.MatchString(f.Cluster.Version), "cluster.version", f.Cluster.Version, "must be a minor version", "")
	c.Require(g.MaxPods > 0, at, g.MaxPods, "has no room for pods", "choose a larger instance type")
	c.Require(len(g.Pools) > 0, at, g.Name, "has no EKS node groups in the plan", "derive the plan from the same stack file")
	for _, p := range g.Pools {
		prefix := p.Prefix(f.Stack)
		c.Require(len(prefix) <= longestPrefix, at+".name", prefix, fmt.Sprintf("must have at most %d characters with stack and zone", longestPrefix), "shorten the group's name")
		c.Require(p.MaxSize >= 1 && p.MinSize <= p.MaxSize, at+".maxSize", p.MaxSize, "must be at least 1 and not below minSize in every zone", "raise it, or list fewer zones")
		c.Require(len(f.subnets(p.Zones)) > 0, at+".zones", p.Zones, "have no subnet in cluster.subnets", "")
	}
}

// subnets are those of some zones.
func (f fleet) subnets(zones []string) []string {
	var ids []string
	for _, zone := range zones {
		for _, n := range f.Cluster.Subnets {
			if n.Zone == zone {
				ids = append(ids, n.ID)
			}
		}
	}
	return ids
}
