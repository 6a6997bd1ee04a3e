package cache

import (
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/check"
)

// longestName leaves room for the random end and the users of a replication
// group, whose id has 40 characters at most.
const longestName = 32

// validate refuses what ElastiCache would refuse at the end of a long apply, or
// accept and break later.
func (b builder) validate() error {
	c := check.Checker{}
	c.Require(b.Spec.Mode != spec.External || b.Spec.Host != "", "cache.host", "", "must be set", "")
	c.Require(b.Spec.Port > 0, "cache.port", b.Spec.Port, "must be set", "")
	switch {
	case b.Spec.Mode == spec.External:
	case b.inCluster():
		b.validatePod(&c)
	default:
		b.validateGroup(&c)
	}
	return c.Err()
}

func (b builder) validatePod(c *check.Checker) {
	c.Require(b.Cluster.Namespace != "", "cluster.namespace", "", "must be set", "")
	c.Require(b.Spec.Image != "", "cache.image", "", "must be set", "")
	c.Require(b.Spec.MaxMemory > 0, "cache.maxMemory", "", "must be set", "")
	c.Require(b.Password != nil, "localPassword", "", "must be set", "")
	b.validatePlan(c)
}

func (b builder) validateGroup(c *check.Checker) {
	s := b.Spec
	c.Require(b.name != "" && len(b.name) <= longestName, "cache", b.name, "must have a name of at most 32 characters", "")
	c.Require(s.NodeType != "", "cache.nodeType", "", "must be set", "")
	c.Require(s.EngineVersion != "", "cache.engineVersion", "", "must be set", "")
	c.Require(s.Replicas != nil, "cache.replicas", "", "must be set", "")
	c.Require(s.SnapshotDays != nil, "cache.snapshotDays", "", "must be set", "")
	if s.Mode == spec.Adopt {
		c.Require(s.ID != "", "cache.id", "", "must be the live replication group's id", "")
	} else {
		c.Require(b.Password != nil, "cachePassword", "", "must be set", "")
		c.Require(b.Cluster.NodeSecurityGroupID != "", "cluster.nodeSecurityGroupId", "", "must be set", "nobody could reach the cache")
		zones := map[string]bool{}
		for _, n := range b.Cluster.Subnets {
			zones[n.Zone] = true
		}
		c.Require(len(zones) > 0, "cluster.subnets", "", "must be set", "")
		c.Require(s.Replicas == nil || *s.Replicas == 0 || len(zones) > 1, "cluster.subnets", "one zone", "must lie in two zones or more",
			"a replica takes over only from another zone")
	}
	b.validatePlan(c)
}

func (b builder) validatePlan(c *check.Checker) {
	c.Require(b.Spec.ReservedMemory != nil, "cache.reservedMemory", "", "must be set", "")
	c.Require(b.Plan.Policy != "" && b.Plan.Policy == string(b.Spec.Policy), "cache.policy", b.Plan.Policy, "is not what the stack file sets",
		"derive the plan from the same stack file")
}
