package effects

import "slices"

// Sources of the AWS rows. A commit is of hashicorp/terraform-provider-aws,
// read in September 2026.
const (
	tfInstance       = "terraform-provider-aws internal/service/rds/instance.go, schema in the 5.x series (ForceNew fields; Optional and Computed ones)"
	tfParameterGroup = "terraform-provider-aws internal/service/rds/parameter_group.go @ 01606926 (ForceNew fields)"
	tfSubnetGroup    = "terraform-provider-aws internal/service/rds/subnet_group.go @ 01c08000 (ForceNew fields)"
	tfSecurityGroup  = "terraform-provider-aws internal/service/ec2/vpc_security_group.go @ 01606926 (ForceNew fields)"
	tfIngressRule    = "terraform-provider-aws internal/service/ec2/vpc_security_group_ingress_rule.go @ 00a32209 " +
		"(RequiresReplace, and ModifyPlan on a changed source type)"
	tfImport = "terraform-provider-aws internal/service/rds/instance.go, resourceInstanceImport"

	rdsModify = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html, 2026-11"
	rdsReboot = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RebootInstance.html, 2026-11"
	rdsGroups = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html, 2026-11"
	rdsSubnet = "hashicorp/terraform-provider-aws#512: InvalidVPCNetworkStateFault within one VPC"
)

// inWindow are settings whose change interrupts the database.
func inWindow() []Row {
	const note = "in the maintenance window; a standby takes over"
	var rows []Row
	for _, path := range []string{"instanceClass", "engineVersion", "licenseModel", "dedicatedLogVolume", "networkType"} {
		rows = append(rows, Row{Path: path, Effect: Restart, Note: note, Source: rdsModify})
	}
	return append(rows,
		Row{Path: "identifier", Effect: Restart, Note: "renames it: another host name, and a reboot", Source: rdsModify},
		Row{Path: "port", Effect: Restart, Note: "at once, whatever applyImmediately says", Source: rdsModify},
		Row{Path: "backupRetentionPeriod", Effect: Restart, When: CrossesZero, Note: note, Source: rdsModify},
		Row{Path: "parameterGroupName", Effect: Restart, Note: "waits for a reboot by hand", Source: rdsGroups},
		Row{Path: "dbSubnetGroupName", Effect: Restart, Note: "only into another VPC; RDS refuses it within one", Source: rdsSubnet},
	)
}

// onlyHere are settings of the provider and not of the database.
var onlyHere = []string{"skipFinalSnapshot", "finalSnapshotIdentifier", "deleteAutomatedBackups", "applyImmediately", "allowMajorVersionUpgrade"}

func settings() []Row {
	rows := on(None, "a setting of Pulumi; nothing in AWS changes", onlyHere...)
	for i := range rows {
		rows[i].Source = tfImport
	}
	return append(rows,
		Row{Path: "allocatedStorage", Effect: Update, Note: "grows without interruption, and no further for six hours", Source: rdsModify},
		Row{Path: "multiAz", Effect: Update, Note: "without interruption; latency rises while the standby is made", Source: rdsModify},
		Row{Path: "manageMasterUserPassword", Effect: Update, Note: "RDS makes a new master password; logins with the old one fail", Source: rdsModify},
		Row{Path: "vpcSecurityGroupIds", Effect: Update, Note: "at once: who came through a group that goes is locked out", Source: rdsModify},
	)
}

var awsTypes = []Type{
	{
		Token: "aws:rds/instance:Instance", Source: tfInstance, Holds: "the database, but for the final snapshot",
		// The identifier is not among them: RDS renames in place
		// (hashicorp/terraform-provider-aws#32590, #32687).
		Rows: slices.Concat(on(Replace, "", "availabilityZone", "backupTarget", "characterSetName", "customIamInstanceProfile",
			"dbName", "engine", "kmsKeyId", "ncharCharacterSetName", "restoreToPointInTime", "snapshotIdentifier",
			"storageEncrypted", "timezone", "username", "s3Import.bucketName", "s3Import.bucketPrefix",
			"s3Import.ingestionRole", "s3Import.sourceEngine", "s3Import.sourceEngineVersion"), inWindow(), settings()),
		Keeps: []string{"allocatedStorage", "applyImmediately", "availabilityZone", "backupRetentionPeriod", "backupTarget",
			"backupWindow", "caCertIdentifier", "characterSetName", "databaseInsightsMode", "dbName", "dbSubnetGroupName",
			"dedicatedLogVolume", "engine", "engineLifecycleSupport", "engineVersion", "identifier", "identifierPrefix", "iops",
			"kmsKeyId", "licenseModel", "maintenanceWindow", "masterUserSecretKmsKeyId", "monitoringRoleArn", "multiAz",
			"ncharCharacterSetName", "networkType", "optionGroupName", "parameterGroupName", "performanceInsightsKmsKeyId",
			"performanceInsightsRetentionPeriod", "port", "replicaMode", "snapshotIdentifier", "storageThroughput", "storageType",
			"timezone", "username", "vpcSecurityGroupIds"},
	},
	{
		Token: "aws:rds/parameterGroup:ParameterGroup", Source: tfParameterGroup,
		Rows: slices.Concat(on(Replace, "", "description", "family", "name", "namePrefix"), []Row{
			{Path: "parameters", Effect: Restart, When: Deferred, Note: "waits for a reboot of every instance with the group", Source: rdsReboot},
			{Path: "skipDestroy", Effect: None, Note: "a setting of Pulumi; nothing in AWS changes", Source: tfParameterGroup},
		}),
		Keys:  map[string]string{"parameters": "name"},
		InUse: "RDS deletes no parameter group that an instance uses",
	},
	{
		Token: "aws:rds/subnetGroup:SubnetGroup", Source: tfSubnetGroup, Rows: on(Replace, "", "name", "namePrefix"),
		Holds: "the place of the instance, which cannot move to another group within its VPC",
	},
	{
		Token: "aws:ec2/securityGroup:SecurityGroup", Source: tfSecurityGroup,
		Rows:  on(Replace, "", "description", "name", "namePrefix", "vpcId"),
		Keeps: []string{"egress", "ingress", "name", "namePrefix", "vpcId"},
		InUse: "EC2 deletes no security group that an interface uses",
	},
	trafficRule("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"),
	trafficRule("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"),
}

// trafficRule is a security group rule, in either direction. It keeps its kind
// of source for life; only the value may change.
func trafficRule(token string) Type {
	rows := on(Replace, "", "securityGroupId")
	for _, source := range []string{"cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"} {
		rows = append(rows, Row{Path: source, Effect: Replace, When: Appears})
	}
	return Type{Token: token, Source: tfIngressRule, Rows: rows}
}
