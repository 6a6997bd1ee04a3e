package database

import (
	"fmt"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/check"
)

// validate refuses what AWS or PgBouncer would refuse at the end of a long
// apply, or accept and break later.
func (s server) validate() error {
	c := check.Checker{}
	c.Require(s.name != "", "database", "", "must have a name", "")
	switch {
	case s.inCluster():
		s.validatePod(&c)
	case s.Spec.Mode == spec.Managed:
		s.validateNetwork(&c)
		s.validateInstance(&c)
	case s.Spec.Mode == spec.Adopt:
		c.Require(s.Spec.ID != "", "database.id", "", "must be the live instance", "")
		c.Require(s.Spec.Adopt.ParameterGroup != "", "database.adopt.parameterGroup", "", "must be that of the live instance", "")
		s.validateInstance(&c)
	}
	c.Require(s.Spec.Mode != spec.External || s.Spec.Host != "", "database.host", "", "must be the host of the external database", "")
	if s.Spec.Pooler == spec.PgBouncerPooler {
		s.validatePooler(&c)
	}
	return c.Err()
}

func (s server) validatePod(c *check.Checker) {
	c.Require(s.Cluster.Namespace != "", "cluster.namespace", "", "must be set", "")
	c.Require(s.Spec.Image != "", "database.image", "", "must be set", "")
	c.Require(s.Password != nil, "localPassword", "", "must be set", "")
	c.Require(s.Spec.MaxConnections != nil && *s.Spec.MaxConnections == s.Plan.MaxConnections, "database.maxConnections",
		s.Plan.MaxConnections, "is not what the stack file sets", "derive the plan from the same stack file")
}

func (s server) validateNetwork(c *check.Checker) {
	zones := map[string]bool{}
	for _, n := range s.Cluster.Subnets {
		zones[n.Zone] = true
	}
	c.Require(s.Cluster.VpcID != "", "cluster.vpcId", "", "must be set for a managed database", "")
	c.Require(s.Cluster.NodeSecurityGroupID != "", "cluster.nodeSecurityGroupId", "", "must be set for a managed database",
		"the database admits only the nodes")
	c.Require(len(zones) >= 2, "cluster.subnets", len(zones), "must lie in at least two zones for a managed database",
		"RDS refuses a subnet group in one zone")
}

func (s server) validateInstance(c *check.Checker) {
	d := s.Spec
	c.Require(d.InstanceClass != "", "database.instanceClass", "", "must be set", "")
	c.Require(d.EngineVersion != "", "database.engineVersion", "", "must be set", "")
	c.Require(d.BackupDays == nil || *d.BackupDays > 0 || !s.Protect, "database.backupDays", "0", "must be at least 1",
		"without automatic backups there is no point-in-time recovery")
	c.Require(d.Storage.GiB >= 20, "database.storage.gib", d.Storage.GiB, "must be at least 20 for gp3", "")
	c.Require(d.MaxConnections == nil || *d.MaxConnections == s.Plan.MaxConnections, "database.maxConnections",
		s.Plan.MaxConnections, "is not what the stack file sets", "derive the plan from the same stack file")
}

func (s server) validatePooler(c *check.Checker) {
	const at = "database.pgbouncer"
	p := s.Plan.PgBouncer
	if p == nil {
		c.Require(false, at, "", "has no plan", "derive the plan from the same stack file")
		return
	}
	c.Require(s.Cluster.Namespace != "", "cluster.namespace", "", "must be set for PgBouncer", "")
	c.Require(s.Spec.PgBouncer.Image != "", at+".image", "", "must be set", "PgBouncer "+spec.MinPgBouncer+" or later")
	c.Require(s.Spec.PgBouncer.UserList.Name != "" && s.Spec.PgBouncer.UserList.Key != "", at+".userList", "",
		"must name a Secret and its key", "")
	c.Require(p.Replicas >= 2, at+".replicas", p.Replicas, "must be at least 2", "one replica is a single point of failure")
	c.Require(p.PoolSize >= 1, at+".poolSize", p.PoolSize, "must be at least 1", "PgBouncer reads 0 as no limit")
	c.Require(p.MaxClientConn >= 1, at+".maxClientConn", p.MaxClientConn, "must be at least 1", "")
	c.Require(p.QueryWaitSeconds >= 1, at+".queryWait", p.QueryWaitSeconds, "must be at least 1 s", "PgBouncer reads 0 as no limit")
	c.Require(s.Exporter == nil || s.Exporter.Image != "" && s.Exporter.Secret != nil, "monitoring.exporters.pgbouncer", "",
		"must have an image and a Secret with the password of its user", "")
	c.Require(p.GraceSeconds > p.PreStopSeconds, at+".grace", fmt.Sprintf("%ds", p.GraceSeconds),
		fmt.Sprintf("must be longer than preStop (%ds)", p.PreStopSeconds), "transactions would have no time to end")
}
