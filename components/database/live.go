package database

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/check"
)

// keptOfInstance are inputs of an adopted instance that stay whose they are:
// who may log in, what watches it and what it is tagged with.
var keptOfInstance = []string{
	"tags", "tagsAll", "customerOwnedIpEnabled", "databaseInsightsMode", "domain", "domainIamRoleName",
	"iamDatabaseAuthenticationEnabled", "monitoringInterval", "monitoringRoleArn", "performanceInsightsEnabled",
	"performanceInsightsKmsKeyId", "performanceInsightsRetentionPeriod",
}

// read looks an adopted instance and its parameter group up. Both are known in
// a preview, so what cannot be adopted is refused there, before anything is
// declared.
func (s server) read(ctx *pulumi.Context, parent pulumi.Resource) (server, error) {
	if s.Spec.Mode != spec.Adopt {
		return s, nil
	}
	var err error
	if s.live, err = rds.LookupInstance(ctx, &rds.LookupInstanceArgs{DbInstanceIdentifier: &s.Spec.ID}, pulumi.Parent(parent)); err != nil {
		return s, fmt.Errorf("live instance %s (database.id): %w", s.Spec.ID, err)
	}
	if !s.Spec.Adopt.DefaultGroup() {
		args := &rds.LookupParameterGroupArgs{Name: s.Spec.Adopt.ParameterGroup}
		if s.liveGroup, err = rds.LookupParameterGroup(ctx, args, pulumi.Parent(parent)); err != nil {
			return s, fmt.Errorf("live parameter group %s (database.adopt.parameterGroup): %w", args.Name, err)
		}
	}
	return s, s.validateLive()
}

// validateLive refuses what RDS could only do by another instance, and where the
// stack file is about another one. All at once, with the value to state.
func (s server) validateLive() error {
	c, l, d := check.Checker{}, s.live, s.Spec
	c.Require(l.Engine == "postgres", "database.id", d.ID, "is a "+l.Engine+" instance, not postgres", "use external")
	c.Require(l.DbClusterIdentifier == "", "database.id", d.ID, "belongs to the cluster "+l.DbClusterIdentifier, "use external")
	c.Require(l.ReplicateSourceDb == "", "database.id", d.ID, "is a replica of "+l.ReplicateSourceDb, "adopt that")
	c.Require(l.StorageEncrypted, "database.id", d.ID, "is not encrypted, and RDS encrypts only a copy",
		"restore an encrypted copy of a snapshot and adopt that, or use external")
	major, _, _ := strings.Cut(l.EngineVersion, ".")
	c.Require(d.EngineVersion == major, "database.engineVersion", d.EngineVersion, "is not the live major version ("+l.EngineVersion+")",
		"set it to "+major+"; upgrade by a blue/green deployment of RDS, then state the new one")
	c.Require(d.Port == l.DbInstancePort, "database.port", d.Port, fmt.Sprintf("is not where the live instance listens (%d)", l.DbInstancePort),
		fmt.Sprintf("set it to %d: a changed port restarts the database at once", l.DbInstancePort))
	among := func(key, value string, live []string) {
		c.Require(value == "" || slices.Contains(live, value), "database.adopt."+key, value,
			"is not the live instance's", "it has "+strings.Join(live, ", "))
	}
	among("parameterGroup", d.Adopt.ParameterGroup, l.DbParameterGroups)
	among("subnetGroup", d.Adopt.SubnetGroup, []string{l.DbSubnetGroup})
	among("securityGroup", d.Adopt.SecurityGroup, l.VpcSecurityGroups)
	if g := s.liveGroup; g != nil {
		c.Require(g.Family == s.family(), "database.adopt.parameterGroup", g.Name, "is of family "+g.Family+", not "+s.family(),
			"RDS keeps the family of a group for life")
	}
	return c.Err()
}

// family of the parameter group.
func (s server) family() string { return "postgres" + s.Spec.EngineVersion }

// overLive makes the rendered instance the live one: what RDS cannot change and
// what others decide is taken from it.
func (s server) overLive(args *rds.InstanceArgs) {
	l := s.live
	args.Identifier, args.EngineVersion = pulumi.String(s.Spec.ID), pulumi.String(l.EngineVersion)
	args.Username, args.DbName = pulumi.String(l.MasterUsername), nil
	if l.DbName != "" {
		args.DbName = pulumi.String(l.DbName)
	}
	// Turning it on makes a new master password; whoever keeps the old one goes on.
	args.ManageMasterUserPassword = nil
	if len(l.MasterUserSecrets) > 0 {
		args.ManageMasterUserPassword = pulumi.Bool(true)
	}
	// RDS takes it only for a new instance.
	args.EngineLifecycleSupport = nil
}
