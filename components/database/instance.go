package database

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/spec"
)

// tagOther lets the policy rules count the clients besides the services, which
// no resource shows.
const tagOther = "headroom:otherConnections"

// network is where the instance lives.
type network struct {
	subnets *rds.SubnetGroup
	group   *ec2.SecurityGroup
}

// parameterGroup is named by Pulumi: its family cannot change and an attached
// group cannot be deleted, so a new one must be able to stand beside it.
func (s server) parameterGroup(ctx *pulumi.Context, parent pulumi.Resource) (*rds.ParameterGroup, error) {
	args, err := s.renderParameters()
	if err != nil {
		return nil, fmt.Errorf("parameters of database %s: %w", s.name, err)
	}
	group, err := rds.NewParameterGroup(ctx, s.name, args, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("parameters of database %s: %w", s.name, err)
	}
	return group, nil
}

func (s server) renderParameters() (*rds.ParameterGroupArgs, error) {
	all, err := parameters(s.Spec)
	if err != nil {
		return nil, err
	}
	var out rds.ParameterGroupParameterArray
	for _, p := range all {
		out = append(out, rds.ParameterGroupParameterArgs{
			Name: pulumi.String(p.Name), Value: pulumi.String(p.Value), ApplyMethod: pulumi.String(p.ApplyMethod),
		})
	}
	return &rds.ParameterGroupArgs{
		Family:      pulumi.String("postgres" + s.Spec.EngineVersion),
		Description: pulumi.String("Connections, logging and statistics of " + s.name),
		Parameters:  out,
		Tags:        pulumi.StringMap{tagOther: pulumi.String(strconv.Itoa(s.Plan.OtherConnections))},
	}, nil
}

// network admits the nodes to the database port and nobody else. The group has
// no way out: a database opens no connections.
func (s server) network(ctx *pulumi.Context, parent pulumi.Resource) (network, error) {
	subnets, err := rds.NewSubnetGroup(ctx, s.name, &rds.SubnetGroupArgs{
		Description: pulumi.String("Subnets of " + s.name), SubnetIds: pulumi.ToStringArray(s.subnetIDs()),
	}, pulumi.Parent(parent))
	if err != nil {
		return network{}, fmt.Errorf("subnets of database %s: %w", s.name, err)
	}
	group, err := ec2.NewSecurityGroup(ctx, s.name, &ec2.SecurityGroupArgs{
		Description: pulumi.String("Admits the cluster nodes to " + s.name), VpcId: pulumi.String(s.Cluster.VpcID),
	}, pulumi.Parent(parent))
	if err != nil {
		return network{}, fmt.Errorf("security group of database %s: %w", s.name, err)
	}
	_, err = vpc.NewSecurityGroupIngressRule(ctx, s.name, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId: group.ID(), ReferencedSecurityGroupId: pulumi.String(s.Cluster.NodeSecurityGroupID),
		IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(s.Spec.Port), ToPort: pulumi.Int(s.Spec.Port),
		Description: pulumi.String("PostgreSQL from the cluster nodes"),
	}, pulumi.Parent(parent))
	if err != nil {
		return network{}, fmt.Errorf("security group of database %s: %w", s.name, err)
	}
	return network{subnets: subnets, group: group}, nil
}

func (s server) subnetIDs() []string {
	ids := make([]string, len(s.Cluster.Subnets))
	for i, n := range s.Cluster.Subnets {
		ids[i] = n.ID
	}
	return ids
}

func (s server) instance(ctx *pulumi.Context, parent pulumi.Resource, group *rds.ParameterGroup, n network) (*rds.Instance, error) {
	args := s.renderInstance()
	args.ParameterGroupName = group.Name
	args.DbSubnetGroupName = n.subnets.Name
	args.VpcSecurityGroupIds = pulumi.StringArray{n.group.ID()}
	instance, err := rds.NewInstance(ctx, s.name, args, pulumi.Parent(parent), pulumi.Protect(s.Protect))
	if err != nil {
		return nil, fmt.Errorf("instance of database %s: %w", s.name, err)
	}
	return instance, nil
}

// renderInstance leaves the references to other resources open.
func (s server) renderInstance() *rds.InstanceArgs {
	d := s.Spec
	args := &rds.InstanceArgs{
		Engine: pulumi.String("postgres"), InstanceClass: pulumi.String(d.InstanceClass),
		// A major version only: minor upgrades arrive by themselves and are no drift.
		EngineVersion: pulumi.String(d.EngineVersion), AutoMinorVersionUpgrade: pulumi.Bool(true),
		AllowMajorVersionUpgrade: pulumi.Bool(false),
		// Extended support is a charge per vCPU that RDS enrolls into by default.
		EngineLifecycleSupport: pulumi.String("open-source-rds-extended-support-disabled"),
		DbName:                 pulumi.String(d.Name), Username: pulumi.String(d.User), Port: pulumi.Int(d.Port),
		ManageMasterUserPassword: pulumi.Bool(true),
		MultiAz:                  pulumi.Bool(d.MultiAZ == nil || *d.MultiAZ),
		PubliclyAccessible:       pulumi.Bool(false),
		StorageType:              pulumi.String("gp3"), StorageEncrypted: pulumi.Bool(true),
		AllocatedStorage: pulumi.Int(d.Storage.GiB), MaxAllocatedStorage: pulumi.Int(d.Storage.MaxGiB),
		BackupRetentionPeriod: pulumi.Int(s.backupDays()), CopyTagsToSnapshot: pulumi.Bool(true),
		DeletionProtection: pulumi.Bool(true), SkipFinalSnapshot: pulumi.Bool(false),
		DeleteAutomatedBackups:  pulumi.Bool(false),
		FinalSnapshotIdentifier: pulumi.String(s.name + "-final"),
		// Changes that interrupt wait for the maintenance window.
		ApplyImmediately:             pulumi.Bool(false),
		EnabledCloudwatchLogsExports: pulumi.ToStringArray([]string{"postgresql", "upgrade"}),
		// The exporter and pg_stat_statements answer what these two would be paid for.
		PerformanceInsightsEnabled: pulumi.Bool(false), MonitoringInterval: pulumi.Int(0),
	}
	// Below this size gp3 has a fixed rate, and RDS refuses to be told one.
	if d.Storage.GiB >= spec.GP3StripeGiB {
		args.Iops = pulumi.Int(d.Storage.IOPS)
	}
	return args
}

func (s server) backupDays() int {
	if s.Spec.BackupDays == nil {
		return 7
	}
	return *s.Spec.BackupDays
}

// masterSecret is the ARN of the secret in which RDS keeps and rotates the
// master password.
func masterSecret(instance *rds.Instance) pulumi.StringOutput {
	return instance.MasterUserSecrets.Index(pulumi.Int(0)).SecretArn().Elem()
}
