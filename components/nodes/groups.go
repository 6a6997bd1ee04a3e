package nodes

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/adopt"
)

// desiredSize is the autoscaler's. What is ignored is set to the recorded value,
// so that it takes `refresh: always` in Pulumi.yaml as well.
const desiredSize = "scalingConfig.desiredSize"

// keptOfGroup are inputs of an adopted group that stay whose they are: all but
// its bounds.
var keptOfGroup = append([]string{"amiType", "capacityType", "diskSize", "forceUpdateVersion", "instanceTypes", "labels", "launchTemplate",
	"nodeGroupName", "nodeGroupNamePrefix", "nodeRepairConfig", "nodeRoleArn", "releaseVersion", "remoteAccess", "subnetIds", "taints", "updateConfig", "version", desiredSize}, adopt.Tags...)

// groups declares the EKS node groups.
func (f fleet) groups(ctx *pulumi.Context, parent pulumi.Resource, l live) ([]*eks.NodeGroup, error) {
	var out []*eks.NodeGroup
	var role nodeRole
	for i, g := range f.Spec.Groups {
		var made []*eks.NodeGroup
		var err error
		switch g.Mode {
		case spec.Adopt:
			made, err = f.adopted(ctx, parent, i, l)
		case spec.Managed:
			if role.Role == nil {
				if role, err = f.nodeRole(ctx, parent); err != nil {
					return nil, fmt.Errorf("role of the nodes of %s: %w", f.name, err)
				}
			}
			made, err = f.created(ctx, parent, i, role, l)
		}
		if err != nil {
			return nil, fmt.Errorf("node group %s: %w", g.Name, err)
		}
		out = append(out, made...)
	}
	return out, nil
}

// created declares a group with a launch template, an EKS node group for each of
// its pools, and what tells Cluster Autoscaler about them.
func (f fleet) created(ctx *pulumi.Context, parent pulumi.Resource, i int, role nodeRole, l live) ([]*eks.NodeGroup, error) {
	g := f.Spec.Groups[i]
	template, err := ec2.NewLaunchTemplate(ctx, f.name+"-"+g.Name, f.renderTemplate(i, l), pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("launch template: %w", err)
	}
	var out []*eks.NodeGroup
	for _, p := range f.Plan.Groups[i].Pools {
		args := f.renderGroup(g, p)
		args.NodeRoleArn = role.Arn
		args.LaunchTemplate = eks.NodeGroupLaunchTemplateArgs{
			Id: template.ID(), Version: template.LatestVersion.ApplyT(strconv.Itoa).(pulumi.StringOutput),
		}
		// EKS needs the rights for as long as it has the group.
		group, err := eks.NewNodeGroup(ctx, f.name+"-"+p.Name, args, pulumi.Parent(parent), pulumi.DependsOn(role.rights),
			pulumi.IgnoreChanges([]string{desiredSize}))
		if err != nil {
			return nil, err
		}
		if err := f.tag(ctx, group, p, g.CapacityType); err != nil {
			return nil, err
		}
		out = append(out, group)
	}
	return out, nil
}

// renderGroup leaves the references to other resources open. Its number of nodes
// is only the start.
func (f fleet) renderGroup(g spec.NodeGroup, p plan.NodePool) *eks.NodeGroupArgs {
	return &eks.NodeGroupArgs{
		ClusterName: pulumi.String(f.Cluster.Name), NodeGroupNamePrefix: pulumi.String(p.Prefix(f.Stack)),
		SubnetIds: pulumi.ToStringArray(f.subnets(p.Zones)),
		AmiType:   pulumi.String(image(g.InstanceTypes)), CapacityType: pulumi.String(capacityType(g.CapacityType)),
		InstanceTypes: pulumi.ToStringArray(g.InstanceTypes),
		ScalingConfig: eks.NodeGroupScalingConfigArgs{
			MinSize: pulumi.Int(p.MinSize), MaxSize: pulumi.Int(p.MaxSize), DesiredSize: pulumi.Int(p.MinSize),
		},
		UpdateConfig: eks.NodeGroupUpdateConfigArgs{MaxUnavailablePercentage: pulumi.Int(33)},
		// Without it, nodes would stay behind when the cluster is upgraded.
		Version: pulumi.String(f.Cluster.Version),
		Tags:    pulumi.ToStringMap(f.discovery()),
	}
}

func capacityType(kind spec.CapacityType) string {
	if kind == spec.Spot {
		return "SPOT"
	}
	return "ON_DEMAND"
}

// image is the machine image of EKS for the processors of a group.
func image(types []string) string {
	if node, ok := catalog.Node(types[0]); ok && node.Arch == "arm64" {
		return "AL2023_ARM_64_STANDARD"
	}
	return "AL2023_x86_64_STANDARD"
}

// discovery are the tags by which Cluster Autoscaler finds its groups and IAM
// lets it change them
// (github.com/kubernetes/autoscaler cluster-autoscaler/cloudprovider/aws/README.md, 2026-11).
func (f fleet) discovery() map[string]string {
	return map[string]string{tagEnabled: "true", tagOwned + f.Cluster.Name: "owned"}
}

const (
	tagEnabled = "k8s.io/cluster-autoscaler/enabled"
	tagOwned   = "k8s.io/cluster-autoscaler/"
	tagLabel   = "k8s.io/cluster-autoscaler/node-template/label/"
)

// template are the tags that tell Cluster Autoscaler what a node of an empty
// group would be: EKS copies no tag of a node group to the Auto Scaling group
// behind it.
func (f fleet) template(p plan.NodePool, kind spec.CapacityType) map[string]string {
	tags := f.discovery()
	tags[tagLabel+"eks.amazonaws.com/capacityType"] = capacityType(kind)
	if len(p.Zones) == 1 {
		tags[tagLabel+"topology.kubernetes.io/zone"] = p.Zones[0]
	}
	return tags
}

func (f fleet) tag(ctx *pulumi.Context, group *eks.NodeGroup, p plan.NodePool, kind spec.CapacityType) error {
	behind := group.Resources.ApplyT(scalingGroup).(pulumi.StringOutput)
	tags := f.template(p, kind)
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		_, err := autoscaling.NewTag(ctx, f.name+"-"+p.Name+"-"+key, &autoscaling.TagArgs{
			AutoscalingGroupName: behind,
			Tag:                  autoscaling.TagTagArgs{Key: pulumi.String(key), Value: pulumi.String(tags[key]), PropagateAtLaunch: pulumi.Bool(false)},
		}, pulumi.Parent(group))
		if err != nil {
			return fmt.Errorf("tag %s: %w", key, err)
		}
	}
	return nil
}

// scalingGroup is the Auto Scaling group behind a node group.
func scalingGroup(resources []eks.NodeGroupResource) string {
	if len(resources) == 0 || len(resources[0].AutoscalingGroups) == 0 || resources[0].AutoscalingGroups[0].Name == nil {
		return ""
	}
	return *resources[0].AutoscalingGroups[0].Name
}

// adopted declares the bounds of a live group; the rest of it stays what it is.
func (f fleet) adopted(ctx *pulumi.Context, parent pulumi.Resource, i int, l live) ([]*eks.NodeGroup, error) {
	p, found := f.Plan.Groups[i], l.groups[i][0]
	now := p.MinSize
	if len(found.ScalingConfigs) > 0 {
		now = found.ScalingConfigs[0].DesiredSize
	}
	group, err := eks.NewNodeGroup(ctx, f.name+"-"+p.Name, &eks.NodeGroupArgs{
		ClusterName: pulumi.String(f.Cluster.Name), NodeGroupName: pulumi.String(found.NodeGroupName),
		NodeRoleArn: pulumi.String(found.NodeRoleArn), SubnetIds: pulumi.ToStringArray(slices.Sorted(slices.Values(found.SubnetIds))),
		ScalingConfig: eks.NodeGroupScalingConfigArgs{MinSize: pulumi.Int(p.MinSize), MaxSize: pulumi.Int(p.MaxSize), DesiredSize: pulumi.Int(now)},
	}, pulumi.Parent(parent), adopt.Options(f.Cluster.Name+":"+found.NodeGroupName, keptOfGroup...))
	if err != nil {
		return nil, err
	}
	return []*eks.NodeGroup{group}, nil
}

// nodeRole is what nodes may do, with the rights that must outlive every group.
type nodeRole struct {
	*iam.Role
	rights []pulumi.Resource
}
