package database

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/adopt"
)

// tagOther lets the policy rules count the clients besides the services, which
// no resource shows.
const tagOther = "headroom:otherConnections"

// parameterGroup is named by Pulumi: its family cannot change and an attached
// group cannot be deleted, so a new one must be able to stand beside it. An
// adopted group keeps its name.
func (s server) parameterGroup(ctx *pulumi.Context, parent pulumi.Resource) (*rds.ParameterGroup, error) {
	args, err := s.renderParameters()
	if err != nil {
		return nil, fmt.Errorf("parameters of database %s: %w", s.name, err)
	}
	id := ""
	if g := s.liveGroup; g != nil {
		id, args.Name, args.Description = g.Name, pulumi.String(g.Name), pulumi.String(g.Description)
	}
	group, err := rds.NewParameterGroup(ctx, s.name, args, pulumi.Parent(parent), adopt.Options(id, adopt.Tags...))
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
		Family:      pulumi.String(s.family()),
		Description: pulumi.String("Connections, logging and statistics of " + s.name),
		Parameters:  out,
		Tags:        pulumi.StringMap{tagOther: pulumi.String(strconv.Itoa(s.Plan.OtherConnections))},
	}, nil
}

func (s server) instance(ctx *pulumi.Context, parent pulumi.Resource, group *rds.ParameterGroup, n place) (*rds.Instance, error) {
	args := s.renderInstance()
	args.ParameterGroupName, args.DbSubnetGroupName, args.VpcSecurityGroupIds = group.Name, n.subnets, n.groups
	instance, err := rds.NewInstance(ctx, s.name, args, pulumi.Parent(parent), pulumi.Protect(s.Protect),
		adopt.Options(s.Spec.ID, keptOfInstance...))
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
		DeletionProtection: pulumi.Bool(s.Protect), SkipFinalSnapshot: pulumi.Bool(false),
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
	if s.live != nil {
		s.overLive(args)
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
// master password; empty where the team keeps it.
func masterSecret(instance *rds.Instance) pulumi.StringOutput {
	return instance.MasterUserSecrets.ApplyT(firstSecret).(pulumi.StringOutput)
}

func firstSecret(secrets []rds.InstanceMasterUserSecret) string {
	if len(secrets) == 0 || secrets[0].SecretArn == nil {
		return ""
	}
	return *secrets[0].SecretArn
}
