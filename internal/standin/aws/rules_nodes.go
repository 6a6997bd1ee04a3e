package aws

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/internal/standin/provider"
)

// Sources of the rules; those of replacements are in package effects.
const (
	tfNodeGroup = "terraform-provider-aws internal/service/eks/node_group.go @ 012e0a32"
	eksCreate   = "https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html, 2026-11"
	eksScaling  = "https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupScalingConfig.html, 2026-11"
	eksTemplate = "https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html, 2026-11"
	ec2Template = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestLaunchTemplateData.html, 2026-11"
	tfTemplate  = "terraform-provider-aws internal/service/ec2/ec2_launch_template.go, schema in the 5.x series"
	eksIdentity = "https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html, 2026-11"
	eksAddon    = "https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateAddon.html, 2026-11"
	asgTag      = "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Tag.html, 2026-11"
)

func nodeGroupRules() []provider.Rule {
	return []provider.Rule{
		{ID: "eks-nodegroup-name", Source: tfNodeGroup + " (node_group_name at most 63, node_group_name_prefix at most 37 characters; ConflictsWith)", Test: nodeGroupName},
		{ID: "eks-nodegroup-scaling", Source: tfNodeGroup + " (IntAtLeast); " + eksScaling, Test: scalingNumbers},
		{ID: "eks-nodegroup-sizes", When: provider.OnCreate, Source: eksScaling + " InvalidParameterException", Test: func(_, in provider.Value) []provider.Problem { return sizes(in) }},
		{ID: "eks-nodegroup-resize", When: provider.OnUpdate, Source: eksScaling + " InvalidParameterException; terraform-aws-modules/terraform-aws-eks#2030",
			Between: func(_, in provider.Value) []provider.Problem { return sizes(in) }},
		{ID: "eks-nodegroup-template", Source: eksTemplate + " (disk size and remote access belong into the template)", Test: groupTemplate},
		{ID: "eks-nodegroup-update", Source: tfNodeGroup + " update_config (ExactlyOneOf, IntBetween)", Test: updateConfig},
		{ID: "eks-nodegroup-image", Source: eksCreate + " amiType, capacityType, instanceTypes", Test: machines},
		{ID: "eks-nodegroup-subnets", Source: tfNodeGroup + " subnet_ids (MinItems)", Test: func(_, in provider.Value) []provider.Problem {
			if ids := in.At("subnetIds"); ids.Known() && len(ids.List()) == 0 {
				return problem("subnetIds", "must name a subnet")
			}
			return nil
		}},
	}
}

func nodeGroupName(_, in provider.Value) (found []provider.Problem) {
	name, prefix := in.At("nodeGroupName"), in.At("nodeGroupNamePrefix")
	if name.Present() && prefix.Present() {
		found = problem("nodeGroupName", "conflicts with nodeGroupNamePrefix")
	}
	if len(name.Text()) > 63 {
		found = append(found, problem("nodeGroupName", "must have at most 63 characters")...)
	}
	if len(prefix.Text()) > 37 {
		found = append(found, problem("nodeGroupNamePrefix", "must have at most 37 characters: 26 more are added")...)
	}
	return found
}

func scalingNumbers(_, in provider.Value) (found []provider.Problem) {
	if in.At("scalingConfig").Unknown() {
		return nil
	}
	for path, least := range map[string]float64{"desiredSize": 0, "maxSize": 1, "minSize": 0} {
		v := in.At("scalingConfig." + path)
		if n, ok := v.Number(); !v.Unknown() && (!ok || n < least) {
			found = append(found, problem("scalingConfig."+path, "must be at least %.0f", least)...)
		}
	}
	return found
}

// sizes hold for the group as it shall be: an update sends the recorded desired
// size with the new bounds.
func sizes(in provider.Value) []provider.Problem {
	least, _ := in.At("scalingConfig.minSize").Number()
	most, _ := in.At("scalingConfig.maxSize").Number()
	now, _ := in.At("scalingConfig.desiredSize").Number()
	switch {
	case least > most:
		return problem("scalingConfig.minSize", "InvalidParameterException: Minimum capacity %.0f can't be greater than maximum size %.0f", least, most)
	case least > now:
		return problem("scalingConfig.minSize", "InvalidParameterException: Minimum capacity %.0f can't be greater than desired size %.0f", least, now)
	case now > most:
		return problem("scalingConfig.maxSize", "InvalidParameterException: desired capacity %.0f can't be greater than max size %.0f", now, most)
	}
	return nil
}

func groupTemplate(_, in provider.Value) (found []provider.Problem) {
	t := in.At("launchTemplate")
	if !t.Present() || t.Unknown() {
		return nil
	}
	if t.At("id").Present() == t.At("name").Present() {
		found = problem("launchTemplate", "exactly one of id and name must be set")
	}
	if !t.At("version").Present() {
		found = append(found, problem("launchTemplate.version", "is required")...)
	}
	for _, name := range []string{"diskSize", "remoteAccess"} {
		if in.At(name).Present() && !provider.Filled(in, name) {
			found = append(found, problem(name, "InvalidParameterException: must be specified within the launch template")...)
		}
	}
	return found
}

func updateConfig(_, in provider.Value) []provider.Problem {
	u := in.At("updateConfig")
	if !u.Known() {
		return nil
	}
	n, byNumber := u.At("maxUnavailable").Number()
	p, byShare := u.At("maxUnavailablePercentage").Number()
	if byNumber == byShare || byNumber && (n < 1 || n > 100) || byShare && (p < 1 || p > 100) {
		return problem("updateConfig", "exactly one of maxUnavailable and maxUnavailablePercentage must be set, between 1 and 100")
	}
	return nil
}

// images are the machine images of EKS that groups of Linux nodes have, by
// processor architecture.
var images = map[string][]string{
	"amd64": {"AL2_x86_64", "AL2023_x86_64_STANDARD", "BOTTLEROCKET_x86_64", "CUSTOM"},
	"arm64": {"AL2_ARM_64", "AL2023_ARM_64_STANDARD", "BOTTLEROCKET_ARM_64", "CUSTOM"},
}

func machines(_, in provider.Value) (found []provider.Problem) {
	found = append(within("amiType", in, slices.Concat(images["amd64"], images["arm64"])...), within("capacityType", in, "ON_DEMAND", "SPOT", "CAPACITY_BLOCK")...)
	types := in.At("instanceTypes").List()
	if len(types) > 20 {
		found = append(found, problem("instanceTypes", "must list at most 20")...)
	}
	for i, t := range types {
		node, ok := catalog.Node(t.Text())
		if ok && in.At("amiType").IsText() && !slices.Contains(images[node.Arch], in.At("amiType").Text()) {
			found = append(found, problem(fmt.Sprintf("instanceTypes[%d]", i), "InvalidParameterException: is %s, and amiType is not", node.Arch)...)
		}
	}
	return found
}

func launchTemplateRules() []provider.Rule {
	return []provider.Rule{
		{ID: "ec2-template-name", Source: tfTemplate + " (name at most 125, name_prefix at most 99 characters)", Test: func(_, in provider.Value) []provider.Problem {
			if len(in.At("name").Text()) > 125 || len(in.At("namePrefix").Text()) > 99 {
				return problem("name", "must have at most 125 characters, and namePrefix at most 99")
			}
			return nil
		}},
		{ID: "ec2-template-user-data", Source: ec2Template + " UserData: base64 of at most 16 KB", Test: userData},
		{ID: "ec2-template-metadata", Source: tfTemplate + " metadata_options (enums, IntBetween)", Test: metadataOptions},
		{ID: "ec2-template-disk", Source: tfTemplate + " block_device_mappings (enum VolumeType; TypeStringNullableBool)", Test: disks},
		{ID: "ec2-template-tags", Source: ec2Template + " TagSpecifications", Test: tagged},
		{ID: "eks-template-fields", Source: eksTemplate + " (settings that EKS refuses in a template of a node group)", Test: templateFields},
	}
}

func userData(_, in provider.Value) []provider.Problem {
	text := in.At("userData")
	if !text.IsText() {
		return nil
	}
	raw, err := base64.StdEncoding.DecodeString(text.Text())
	switch {
	case err != nil:
		return problem("userData", "InvalidUserData.Malformed: must be base64")
	case len(raw) > 16<<10:
		return problem("userData", "InvalidUserData.Malformed: must have at most 16 KB")
	}
	return nil
}

func metadataOptions(config, in provider.Value) []provider.Problem {
	return slices.Concat(within("metadataOptions.httpTokens", in, "optional", "required"),
		within("metadataOptions.httpEndpoint", in, "disabled", "enabled"),
		within("metadataOptions.instanceMetadataTags", in, "disabled", "enabled"),
		between("metadataOptions.httpPutResponseHopLimit", 1, 64)(config, in))
}

func disks(_, in provider.Value) (found []provider.Problem) {
	for i := range in.At("blockDeviceMappings").List() {
		at := fmt.Sprintf("blockDeviceMappings[%d].ebs", i)
		found = append(found, within(at+".volumeType", in, "gp2", "gp3", "io1", "io2", "sc1", "st1", "standard")...)
		for _, name := range []string{".encrypted", ".deleteOnTermination"} {
			if v := in.At(at + name); v.Known() && v.Text() != "true" && v.Text() != "false" {
				found = append(found, problem(at+name, `must be "true" or "false"`)...)
			}
		}
		if in.At(at+".kmsKeyId").Present() && in.At(at+".encrypted").Text() != "true" {
			found = append(found, problem(at+".kmsKeyId", "needs encrypted")...)
		}
	}
	return found
}

func tagged(_, in provider.Value) (found []provider.Problem) {
	seen := map[string]bool{}
	for i, s := range in.At("tagSpecifications").List() {
		at := fmt.Sprintf("tagSpecifications[%d].resourceType", i)
		kind := s.At("resourceType").Text()
		found = append(found, within(at, in, "elastic-gpu", "instance", "network-interface", "spot-instances-request", "volume")...)
		if seen[kind] {
			found = append(found, problem(at, "InvalidParameterValue: stands twice")...)
		}
		seen[kind] = true
	}
	return found
}

func templateFields(_, in provider.Value) (found []provider.Problem) {
	for _, name := range []string{"hibernationOptions", "iamInstanceProfile", "instanceInitiatedShutdownBehavior", "instanceMarketOptions", "instanceRequirements"} {
		if in.At(name).Present() {
			found = append(found, problem(name, "is not allowed in the launch template of a managed node group")...)
		}
	}
	return found
}

func podIdentityRules() []provider.Rule {
	return []provider.Rule{{ID: "eks-pod-identity", Source: eksIdentity, Test: func(_, in provider.Value) []provider.Problem {
		if arn := in.At("roleArn"); arn.IsText() && !iamARN.MatchString(arn.Text()) {
			return problem("roleArn", "InvalidParameterException: is no ARN of a role")
		}
		return nil
	}}}
}

func addonRules() []provider.Rule {
	return []provider.Rule{
		{ID: "eks-addon-conflicts", Source: eksAddon + " resolveConflicts", Test: func(_, in provider.Value) []provider.Problem {
			return slices.Concat(within("resolveConflictsOnCreate", in, "NONE", "OVERWRITE"), within("resolveConflictsOnUpdate", in, "NONE", "OVERWRITE", "PRESERVE"))
		}},
		{ID: "eks-addon-deprecated", Source: "pulumi-aws sdk 6.83.2 eks/addon.go: resolveConflicts is deprecated and makes the provider warn", Test: func(_, in provider.Value) []provider.Problem {
			if in.At("resolveConflicts").Present() {
				return problem("resolveConflicts", "is deprecated; use resolveConflictsOnCreate and resolveConflictsOnUpdate")
			}
			return nil
		}},
	}
}

func groupTagRules() []provider.Rule {
	return []provider.Rule{{ID: "asg-tag", Source: asgTag, Test: func(_, in provider.Value) []provider.Problem {
		key := in.At("tag.key").Text()
		if len(key) > 128 || len(in.At("tag.value").Text()) > 256 || strings.HasPrefix(strings.ToLower(key), "aws:") {
			return problem("tag", "must have a key of at most 128 characters that does not begin with aws:, and a value of at most 256")
		}
		return nil
	}}}
}
