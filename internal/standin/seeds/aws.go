package seeds

import (
	"maps"
	"slices"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Tokens of what the AWS CLI describes.
const (
	instance       = "aws:rds/instance:Instance"
	parameterGroup = "aws:rds/parameterGroup:ParameterGroup"
	subnetGroup    = "aws:rds/subnetGroup:SubnetGroup"
	securityGroup  = "aws:ec2/securityGroup:SecurityGroup"
	ingressRule    = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressRule     = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
)

// described are the answers of the AWS CLI that are read, by their only key:
// describe-db-instances, describe-db-parameter-groups, describe-db-subnet-groups
// of rds, describe-replication-groups, describe-cache-parameter-groups,
// describe-cache-subnet-groups of elasticache, describe-security-groups,
// describe-security-group-rules of ec2, and get-distribution of cloudfront, which
// holds one object instead of a list
// (https://docs.aws.amazon.com/cli/latest/reference/, 2026-11).
var described = map[string]func(map[string]any) provider.Seed{
	"CacheParameterGroups": parametersOf(cacheParameters, "Cache", "ARN"),
	"CacheSubnetGroups":    subnetsOf(cacheSubnets, "Cache", "ARN"),
	"DBInstances":          rdsInstance,
	"DBParameterGroups":    parametersOf(parameterGroup, "DB", "DBParameterGroupArn"),
	"DBSubnetGroups":       subnetsOf(subnetGroup, "DB", "DBSubnetGroupArn"),
	"Distribution":         cloudFrontDistribution,
	"ReplicationGroups":    cacheGroup,
	"SecurityGroups":       ec2Group,
	"SecurityGroupRules":   ec2Rule,
}

// joined are answers that complete objects of other answers: the parameters of a
// group, and the nodes of a replication group.
const (
	parametersKey = "Parameters"
	nodesKey      = "CacheClusters"
)

func (r *reader) aws(file string, n int, object map[string]any) {
	switch {
	case object[parametersKey] != nil:
		r.parameters = append(r.parameters, readParameters(file, items(object[parametersKey])))
		return
	case object[nodesKey] != nil:
		r.nodes = append(r.nodes, items(object[nodesKey])...)
		return
	}
	found := false
	for _, key := range slices.Sorted(maps.Keys(described)) {
		for _, item := range listed(object[key]) {
			seed := described[key](item)
			if seed.ID == "" {
				r.problem(file, n, "%s holds an object without its id or its settings", key)
				continue
			}
			r.seeds.Objects = append(r.seeds.Objects, seed)
			if seed.Token == replicationGroup {
				r.groups = append(r.groups, group{seed, file, n})
			}
		}
		found = found || object[key] != nil
	}
	if !found {
		keys := append(slices.Collect(maps.Keys(described)), nodesKey)
		slices.Sort(keys)
		r.problem(file, n, "is no Kubernetes manifest, no object with type, id and inputs, and no answer of the AWS CLI with %s or %s",
			strings.Join(keys, ", "), parametersKey)
	}
}

// copied takes fields over under the names of the provider's inputs.
func copied(from map[string]any, names map[string]string) map[string]any {
	out := map[string]any{}
	for field, input := range names {
		if v := at(from, strings.Split(field, ".")...); v != nil && v != "" {
			out[input] = v
		}
	}
	return out
}

// instanceFields are those of DBInstance in
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html,
// 2026-11, that are inputs.
var instanceFields = map[string]string{
	"AllocatedStorage": "allocatedStorage", "AutoMinorVersionUpgrade": "autoMinorVersionUpgrade", "AvailabilityZone": "availabilityZone",
	"BackupRetentionPeriod": "backupRetentionPeriod", "BackupTarget": "backupTarget", "CACertificateIdentifier": "caCertIdentifier",
	"CopyTagsToSnapshot": "copyTagsToSnapshot", "DBInstanceClass": "instanceClass", "DBInstanceIdentifier": "identifier", "DBName": "dbName",
	"DBSubnetGroup.DBSubnetGroupName": "dbSubnetGroupName", "DatabaseInsightsMode": "databaseInsightsMode", "DedicatedLogVolume": "dedicatedLogVolume",
	"DeletionProtection": "deletionProtection", "EnabledCloudwatchLogsExports": "enabledCloudwatchLogsExports", "Endpoint.Port": "port",
	"Engine": "engine", "EngineLifecycleSupport": "engineLifecycleSupport", "EngineVersion": "engineVersion",
	"IAMDatabaseAuthenticationEnabled": "iamDatabaseAuthenticationEnabled", "Iops": "iops", "KmsKeyId": "kmsKeyId", "LicenseModel": "licenseModel",
	"MasterUsername": "username", "MaxAllocatedStorage": "maxAllocatedStorage", "MonitoringInterval": "monitoringInterval",
	"MonitoringRoleArn": "monitoringRoleArn", "MultiAZ": "multiAz", "NetworkType": "networkType",
	"PerformanceInsightsEnabled": "performanceInsightsEnabled", "PerformanceInsightsKMSKeyId": "performanceInsightsKmsKeyId",
	"PerformanceInsightsRetentionPeriod": "performanceInsightsRetentionPeriod", "PreferredBackupWindow": "backupWindow",
	"PreferredMaintenanceWindow": "maintenanceWindow", "PubliclyAccessible": "publiclyAccessible",
	"ReadReplicaSourceDBInstanceIdentifier": "replicateSourceDb", "StorageEncrypted": "storageEncrypted", "StorageThroughput": "storageThroughput",
	"StorageType": "storageType",
}

var instanceOutputs = map[string]string{
	"DBClusterIdentifier": "clusterIdentifier", "DBInstanceArn": "arn", "DBInstanceStatus": "status", "DbiResourceId": "resourceId",
	"Endpoint.Address": "address", "Endpoint.HostedZoneId": "hostedZoneId", "EngineVersion": "engineVersionActual",
}

func rdsInstance(o map[string]any) provider.Seed {
	in := copied(o, instanceFields)
	// An import cannot read these two (resourceInstanceImport in
	// terraform-provider-aws internal/service/rds/instance.go).
	in["skipFinalSnapshot"], in["deleteAutomatedBackups"] = true, true
	in["vpcSecurityGroupIds"] = each(o["VpcSecurityGroups"], "VpcSecurityGroupId")
	for input, path := range map[string][2]string{
		"parameterGroupName": {"DBParameterGroups", "DBParameterGroupName"}, "optionGroupName": {"OptionGroupMemberships", "OptionGroupName"},
	} {
		if names := each(o[path[0]], path[1]); len(names) > 0 {
			in[input] = names[0]
		}
	}
	addTags(in, o["TagList"])
	out := copied(o, instanceOutputs)
	if secret, ok := o["MasterUserSecret"].(map[string]any); ok {
		in["manageMasterUserPassword"] = true
		out["masterUserSecrets"] = []any{copied(secret, map[string]string{"SecretArn": "secretArn", "KmsKeyId": "kmsKeyId", "SecretStatus": "secretStatus"})}
	} else {
		out["masterUserSecrets"] = []any{}
	}
	id := text(o, "DbiResourceId")
	if id == "" {
		id = text(o, "DBInstanceIdentifier")
	}
	return provider.Seed{Token: instance, ID: id, Inputs: in, Computed: out}
}

// parametersOf reads the parameter groups of a service, whose fields begin with its
// kind.
func parametersOf(token, kind, arn string) func(map[string]any) provider.Seed {
	return func(o map[string]any) provider.Seed {
		return provider.Seed{Token: token, ID: text(o, kind+"ParameterGroupName"), Inputs: copied(o, map[string]string{
			kind + "ParameterGroupName": "name", kind + "ParameterGroupFamily": "family", "Description": "description",
		}), Computed: copied(o, map[string]string{arn: "arn"})}
	}
}

// subnetsOf reads the subnet groups of a service.
func subnetsOf(token, kind, arn string) func(map[string]any) provider.Seed {
	return func(o map[string]any) provider.Seed {
		in := copied(o, map[string]string{kind + "SubnetGroupName": "name", kind + "SubnetGroupDescription": "description"})
		in["subnetIds"] = each(o["Subnets"], "SubnetIdentifier")
		return provider.Seed{Token: token, ID: text(o, kind+"SubnetGroupName"), Inputs: in, Computed: copied(o, map[string]string{
			arn: "arn", "VpcId": "vpcId",
		})}
	}
}

// changed are the parameters that somebody set: what is the engine's own is no
// input.
func changed(list []map[string]any) []any {
	out := []any{}
	for _, p := range list {
		if source := text(p, "Source"); source != "" && source != "user" || p["ParameterValue"] == nil {
			continue
		}
		out = append(out, copied(p, map[string]string{"ParameterName": "name", "ParameterValue": "value", "ApplyMethod": "applyMethod"}))
	}
	return out
}

func ec2Group(o map[string]any) provider.Seed {
	in := copied(o, map[string]string{"GroupName": "name", "Description": "description", "VpcId": "vpcId"})
	addTags(in, o["Tags"])
	return provider.Seed{Token: securityGroup, ID: text(o, "GroupId"), Inputs: in, Computed: copied(o, map[string]string{
		"OwnerId": "ownerId", "SecurityGroupArn": "arn",
	})}
}

func ec2Rule(o map[string]any) provider.Seed {
	token := ingressRule
	if o["IsEgress"] == true {
		token = egressRule
	}
	in := copied(o, map[string]string{
		"GroupId": "securityGroupId", "IpProtocol": "ipProtocol", "FromPort": "fromPort", "ToPort": "toPort", "CidrIpv4": "cidrIpv4",
		"CidrIpv6": "cidrIpv6", "PrefixListId": "prefixListId", "ReferencedGroupInfo.GroupId": "referencedSecurityGroupId", "Description": "description",
	})
	addTags(in, o["Tags"])
	return provider.Seed{Token: token, ID: text(o, "SecurityGroupRuleId"), Inputs: in}
}

// listed are the objects of a list, or the one object that stands for it.
func listed(v any) []map[string]any {
	if one, ok := v.(map[string]any); ok {
		return []map[string]any{one}
	}
	return items(v)
}

// each is one field of every item.
func each(v any, field string) []any {
	out := []any{}
	for _, item := range items(v) {
		if s := text(item, field); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// addTags turns a list of keys and values into a map.
func addTags(in map[string]any, v any) {
	tags := map[string]any{}
	for _, tag := range items(v) {
		tags[text(tag, "Key")] = text(tag, "Value")
	}
	if len(tags) > 0 {
		in["tags"] = tags
	}
}
