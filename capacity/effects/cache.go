package effects

import "slices"

// Sources of the rows about a cache, read in September 2026.
const (
	tfReplicationGroup = "terraform-provider-aws internal/service/elasticache/replication_group.go @ 001b6364 (ForceNew fields; Optional and Computed ones)"
	tfCacheParameters  = "terraform-provider-aws internal/service/elasticache/parameter_group.go @ fd91d1b7 (ForceNew fields)"
	tfCacheSubnets     = "terraform-provider-aws internal/service/elasticache/subnet_group.go @ 6286e3f1 (ForceNew fields)"
	tfCacheUser        = "terraform-provider-aws internal/service/elasticache/user.go @ 01f43111 (ForceNew fields)"
	tfCacheUserGroup   = "terraform-provider-aws internal/service/elasticache/user_group.go @ 16a38e65 (ForceNew fields)"
	tfLogGroup         = "terraform-provider-aws internal/service/logs/group.go, schema in the 5.x series (ForceNew fields)"

	cacheModify   = "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html, 2026-11"
	cacheScaling  = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Scaling.RedisReplGrps.html, 2026-11"
	cacheUpgrade  = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/VersionManagement.HowTo.html, 2026-11"
	cacheModified = "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyUser.html, 2026-11"
)

var cacheTypes = []Type{
	{
		Token: "aws:elasticache/replicationGroup:ReplicationGroup", Source: tfReplicationGroup,
		Holds: "what is cached, which the database then carries until it is cached again",
		Rows: slices.Concat(on(Replace, "", "atRestEncryptionEnabled", "dataTieringEnabled", "globalReplicationGroupId", "kmsKeyId", "networkType",
			"port", "replicationGroupId", "securityGroupNames", "snapshotArns", "snapshotName", "subnetGroupName"), []Row{
			{Path: "nodeType", Effect: Restart, Note: "in the maintenance window; larger nodes take the data over, and connections break once", Source: cacheScaling},
			{Path: "engineVersion", Effect: Restart, Note: "in the maintenance window; connections break once", Source: cacheUpgrade},
			{Path: "engine", Effect: Restart, Note: "Redis becomes Valkey in place, and never the other way", Source: cacheUpgrade},
			{Path: "numCacheClusters", Effect: Update, Note: "replicas come and go; the primary serves on", Source: cacheScaling},
			{Path: "userGroupIds", Effect: Update, Note: "at once: users that go are logged out", Source: cacheModify},
			{Path: "securityGroupIds", Effect: Update, Note: "at once: who came through a group that goes is locked out", Source: cacheModify},
			{Path: "finalSnapshotIdentifier", Effect: None, Note: "a setting of Pulumi; nothing in AWS changes", Source: tfReplicationGroup},
			{Path: "applyImmediately", Effect: None, Note: "a setting of Pulumi; nothing in AWS changes", Source: tfReplicationGroup},
		}),
		Keeps: []string{"applyImmediately", "atRestEncryptionEnabled", "autoMinorVersionUpgrade", "clusterMode", "dataTieringEnabled", "engine",
			"engineVersion", "globalReplicationGroupId", "ipDiscovery", "maintenanceWindow", "networkType", "nodeType", "numCacheClusters",
			"numNodeGroups", "parameterGroupName", "replicasPerNodeGroup", "securityGroupIds", "securityGroupNames", "snapshotWindow",
			"subnetGroupName", "transitEncryptionEnabled", "transitEncryptionMode"},
	},
	{
		Token: "aws:elasticache/parameterGroup:ParameterGroup", Source: tfCacheParameters,
		Rows:  on(Replace, "", "description", "family", "name"),
		Keys:  map[string]string{"parameters": "name"},
		InUse: "ElastiCache deletes no parameter group that a cache uses",
	},
	{
		Token: "aws:elasticache/subnetGroup:SubnetGroup", Source: tfCacheSubnets, Rows: on(Replace, "", "name"),
		InUse: "ElastiCache deletes no subnet group that a cache uses",
	},
	{
		Token: "aws:elasticache/user:User", Source: tfCacheUser,
		Rows: slices.Concat(on(Replace, "", "userId", "userName"), []Row{
			{Path: "passwords", Effect: Update, Note: "at once: new connections need the new password, those that are open stay", Source: cacheModified},
		}),
	},
	{
		Token: "aws:elasticache/userGroup:UserGroup", Source: tfCacheUserGroup, Rows: on(Replace, "", "userGroupId"),
		InUse: "ElastiCache deletes no user group that a cache uses",
	},
	{
		Token: "aws:cloudwatch/logGroup:LogGroup", Source: tfLogGroup, Rows: on(Replace, "", "name", "namePrefix", "logGroupClass"),
		Keeps: []string{"logGroupClass", "name", "namePrefix"},
	},
}
