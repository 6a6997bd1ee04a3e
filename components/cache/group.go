package cache

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/elasticache"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/components/internal/adopt"
)

// parts are what a replication group refers to; users and logs are nil for an
// adopted one, which keeps its own.
type parts struct {
	parameters pulumi.StringInput
	network    place
	users      pulumi.StringArrayInput
	logs       elasticache.ReplicationGroupLogDeliveryConfigurationArray
}

func (b builder) group(ctx *pulumi.Context, parent pulumi.Resource, p parts) (*elasticache.ReplicationGroup, error) {
	args := b.renderGroup()
	args.ParameterGroupName, args.SubnetGroupName, args.SecurityGroupIds = p.parameters, p.network.subnets, p.network.groups
	args.UserGroupIds = p.users
	if len(p.logs) > 0 {
		args.LogDeliveryConfigurations = p.logs
	}
	group, err := elasticache.NewReplicationGroup(ctx, b.name, args, pulumi.Parent(parent), pulumi.Protect(b.Protect),
		adopt.Options(b.Spec.ID, keptOfGroup...))
	if err != nil {
		return nil, fmt.Errorf("replication group of cache %s: %w", b.name, err)
	}
	return group, nil
}

// renderGroup leaves the references to other resources open.
func (b builder) renderGroup() *elasticache.ReplicationGroupArgs {
	c, nodes := b.Spec, 1+*b.Spec.Replicas
	args := &elasticache.ReplicationGroupArgs{
		Description: pulumi.String("Cache of the services of " + b.name),
		Engine:      pulumi.String(c.Engine), EngineVersion: pulumi.String(c.EngineVersion), NodeType: pulumi.String(c.NodeType),
		Port: pulumi.Int(c.Port), NumCacheClusters: pulumi.Int(nodes),
		// A replica takes over within a minute, and lies in another zone.
		AutomaticFailoverEnabled: pulumi.Bool(nodes > 1), MultiAzEnabled: pulumi.Bool(nodes > 1),
		AtRestEncryptionEnabled: pulumi.Bool(true), TransitEncryptionEnabled: pulumi.Bool(true), TransitEncryptionMode: pulumi.String("required"),
		SnapshotRetentionLimit: pulumi.Int(*c.SnapshotDays), SnapshotWindow: pulumi.String("03:00-04:00"),
		MaintenanceWindow: pulumi.String(c.MaintenanceWindow), AutoMinorVersionUpgrade: pulumi.Bool(true),
		// Changes that interrupt wait for the maintenance window.
		ApplyImmediately: pulumi.Bool(false),
	}
	if b.live != nil {
		args.ReplicationGroupId = pulumi.String(c.ID)
	}
	return args
}

// parameterGroup is named by Pulumi: its family cannot change and a group in use
// cannot be deleted, so a new one must be able to stand beside it. An adopted
// group keeps its name.
func (b builder) parameterGroup(ctx *pulumi.Context, parent pulumi.Resource) (*elasticache.ParameterGroup, error) {
	args, id := b.renderParameters(), ""
	if b.live != nil && !b.Spec.Adopt.DefaultGroup() {
		id = b.Spec.Adopt.ParameterGroup
		args.Name = pulumi.String(id)
	}
	group, err := elasticache.NewParameterGroup(ctx, b.name, args, pulumi.Parent(parent), adopt.Options(id, keptOfParameters...))
	if err != nil {
		return nil, fmt.Errorf("parameters of cache %s: %w", b.name, err)
	}
	return group, nil
}

func (b builder) renderParameters() *elasticache.ParameterGroupArgs {
	parameter := func(name, value string) elasticache.ParameterGroupParameterArgs {
		return elasticache.ParameterGroupParameterArgs{Name: pulumi.String(name), Value: pulumi.String(value)}
	}
	return &elasticache.ParameterGroupArgs{
		Family: pulumi.String(b.family()), Description: pulumi.String("Eviction and reserved memory of " + b.name),
		Parameters: elasticache.ParameterGroupParameterArray{
			parameter("maxmemory-policy", b.Plan.Policy),
			parameter("reserved-memory-percent", fmt.Sprintf("%.0f", float64(*b.Spec.ReservedMemory))),
		},
	}
}

// family of the parameter group: the engine with its major version, but for
// Redis 6, whose family is redis6.x
// (https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html, 2026-11).
func (b builder) family() string {
	major, _, _ := strings.Cut(b.Spec.EngineVersion, ".")
	family := string(b.Spec.Engine) + major
	if family == "redis6" {
		family += ".x"
	}
	return family
}

// logDays that slow operations and the engine's log are kept.
const logDays = 30

// logs are where slow operations and the engine's messages go. Names below
// /aws/vendedlogs/ need no room in the one resource policy of the region that
// all deliveries share
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html, 2026-11).
func (b builder) logs(ctx *pulumi.Context, parent pulumi.Resource) (elasticache.ReplicationGroupLogDeliveryConfigurationArray, error) {
	if b.live != nil {
		return nil, nil
	}
	var out elasticache.ReplicationGroupLogDeliveryConfigurationArray
	for _, kind := range []string{"slow-log", "engine-log"} {
		group, err := cloudwatch.NewLogGroup(ctx, b.name+"-"+kind, &cloudwatch.LogGroupArgs{
			Name: pulumi.String("/aws/vendedlogs/elasticache/" + b.name + "/" + kind), RetentionInDays: pulumi.Int(logDays),
		}, pulumi.Parent(parent))
		if err != nil {
			return nil, fmt.Errorf("%s of cache %s: %w", kind, b.name, err)
		}
		out = append(out, elasticache.ReplicationGroupLogDeliveryConfigurationArgs{
			Destination: group.Name, DestinationType: pulumi.String("cloudwatch-logs"), LogFormat: pulumi.String("json"), LogType: pulumi.String(kind),
		})
	}
	return out, nil
}
