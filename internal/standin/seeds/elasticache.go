package seeds

import (
	"maps"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Tokens of a cache.
const (
	replicationGroup = "aws:elasticache/replicationGroup:ReplicationGroup"
	cacheParameters  = "aws:elasticache/parameterGroup:ParameterGroup"
	cacheSubnets     = "aws:elasticache/subnetGroup:SubnetGroup"
)

// The fields that are inputs of the provider, of a replication group and of its
// nodes, which alone know version, parameters and network
// (https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ReplicationGroup.html
// and API_CacheCluster.html, 2026-11; resourceReplicationGroupRead in
// terraform-provider-aws internal/service/elasticache/replication_group.go). The
// password of a group without users is nowhere.
var (
	replicationFields = map[string]string{
		"AtRestEncryptionEnabled": "atRestEncryptionEnabled", "AutoMinorVersionUpgrade": "autoMinorVersionUpgrade", "CacheNodeType": "nodeType",
		"ClusterMode": "clusterMode", "Description": "description", "IpDiscovery": "ipDiscovery", "KmsKeyId": "kmsKeyId", "NetworkType": "networkType",
		"ReplicationGroupId": "replicationGroupId", "SnapshotRetentionLimit": "snapshotRetentionLimit", "SnapshotWindow": "snapshotWindow",
		"TransitEncryptionEnabled": "transitEncryptionEnabled", "TransitEncryptionMode": "transitEncryptionMode",
	}
	nodeFields = map[string]string{
		"CacheParameterGroup.CacheParameterGroupName": "parameterGroupName", "CacheSubnetGroupName": "subnetGroupName", "Engine": "engine",
		"NotificationConfiguration.TopicArn": "notificationTopicArn", "PreferredMaintenanceWindow": "maintenanceWindow",
	}
	logFields = map[string]string{
		"DestinationDetails.CloudWatchLogsDetails.LogGroup": "destination", "DestinationDetails.KinesisFirehoseDetails.DeliveryStream": "destination",
		"DestinationType": "destinationType", "LogFormat": "logFormat", "LogType": "logType",
	}
)

// cacheGroup is a replication group but for what its nodes tell.
func cacheGroup(o map[string]any) provider.Seed {
	in, shards, members := copied(o, replicationFields), items(o["NodeGroups"]), list(o["MemberClusters"])
	in["automaticFailoverEnabled"], in["multiAzEnabled"] = on(o, "AutomaticFailover"), on(o, "MultiAZ")
	if on(o, "DataTiering") {
		in["dataTieringEnabled"] = true
	}
	if users := list(o["UserGroupIds"]); len(users) > 0 {
		in["userGroupIds"] = users
	}
	if logs := all(o["LogDeliveryConfigurations"], fields(logFields)); len(logs) > 0 {
		in["logDeliveryConfigurations"] = logs
	}
	sharded := o["ClusterEnabled"] == true
	endpoint := object(o, "ConfigurationEndpoint")
	if len(shards) > 0 && !sharded {
		endpoint = object(shards[0], "PrimaryEndpoint")
	}
	if endpoint["Port"] != nil {
		in["port"] = endpoint["Port"]
	}
	if sharded && len(shards) > 0 {
		in["numNodeGroups"], in["replicasPerNodeGroup"] = float64(len(shards)), float64(len(items(shards[0]["NodeGroupMembers"]))-1)
	} else {
		in["numCacheClusters"] = float64(len(members))
	}
	out := copied(o, map[string]string{"ARN": "arn", "ConfigurationEndpoint.Address": "configurationEndpointAddress"})
	out["clusterEnabled"], out["memberClusters"] = sharded, members
	if len(shards) > 0 {
		maps.Copy(out, copied(shards[0], map[string]string{"PrimaryEndpoint.Address": "primaryEndpointAddress", "ReaderEndpoint.Address": "readerEndpointAddress"}))
	}
	return provider.Seed{Token: replicationGroup, ID: text(o, "ReplicationGroupId"), Inputs: in, Computed: out}
}

// on tells of a status that answers for a switch: enabled, or enabling.
func on(o map[string]any, field string) bool { return strings.HasPrefix(text(o, field), "enabl") }

// addNode completes a group by one of its nodes, which are alike.
func addNode(group provider.Seed, node map[string]any) {
	maps.Copy(group.Inputs, copied(node, nodeFields))
	group.Inputs["securityGroupIds"] = each(node["SecurityGroups"], "SecurityGroupId")
	version := text(node, "EngineVersion")
	group.Inputs["engineVersion"], group.Computed["engineVersionActual"] = settable(version), version
}

// settable is the form of a version that ElastiCache takes: without a patch from 6
// on (setEngineVersionRedis in terraform-provider-aws
// internal/service/elasticache/engine_version.go).
func settable(version string) string {
	parts := strings.Split(version, ".")
	if len(parts) == 3 && (len(parts[0]) > 1 || parts[0] >= "6") {
		return parts[0] + "." + parts[1]
	}
	return version
}

func list(v any) []any {
	l, _ := v.([]any)
	return append([]any{}, l...)
}
