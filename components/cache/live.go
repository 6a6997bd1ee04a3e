package cache

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/adopt"
	"github.com/agencyos/headroom/components/internal/check"
)

// What stays of adopted parts: what replaces them, and what others decide. A
// lookup tells neither engine nor encryption nor users of a replication group, so
// these are always the live ones. Who comes in through other security groups still
// does.
var (
	keptOfGroup = append([]string{
		"atRestEncryptionEnabled", "authToken", "authTokenUpdateStrategy", "clusterMode", "description", "engine", "engineVersion",
		"finalSnapshotIdentifier", "ipDiscovery", "kmsKeyId", "logDeliveryConfigurations", "maintenanceWindow", "networkType", "notificationTopicArn",
		"port", "preferredCacheClusterAzs", "replicationGroupId", "securityGroupIds", "snapshotArns", "snapshotName", "snapshotWindow",
		"subnetGroupName", "transitEncryptionEnabled", "transitEncryptionMode", "userGroupIds",
	}, adopt.Tags...)
	keptOfParameters = append([]string{"description", "family"}, adopt.Tags...)
)

// read looks an adopted group up. It is known in a preview, so what cannot be
// adopted is refused there, before anything is declared.
func (b builder) read(ctx *pulumi.Context, parent pulumi.Resource) (builder, error) {
	if b.Spec.Mode != spec.Adopt {
		return b, nil
	}
	var err error
	args := &elasticache.LookupReplicationGroupArgs{ReplicationGroupId: b.Spec.ID}
	if b.live, err = elasticache.LookupReplicationGroup(ctx, args, pulumi.Parent(parent)); err != nil {
		return b, fmt.Errorf("live replication group %s (cache.id): %w", b.Spec.ID, err)
	}
	return b, b.validateLive()
}

// validateLive refuses what would be another cache, with the value to state.
func (b builder) validateLive() error {
	c, l := check.Checker{}, b.live
	c.Require(l.ClusterMode != "enabled" && l.NumNodeGroups <= 1, "cache.id", b.Spec.ID, "is sharded, which needs another client",
		"use external and state its limits")
	c.Require(l.Port == 0 || l.Port == b.Spec.Port, "cache.port", b.Spec.Port,
		fmt.Sprintf("is not where the live group listens (%d)", l.Port), fmt.Sprintf("set it to %d: another port is another group", l.Port))
	return c.Err()
}
