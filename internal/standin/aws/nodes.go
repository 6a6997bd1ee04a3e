package aws

import (
	"fmt"
	"slices"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Tokens of what nodes and their autoscaler are made of.
const (
	nodeGroup      = "aws:eks/nodeGroup:NodeGroup"
	launchTemplate = "aws:ec2/launchTemplate:LaunchTemplate"
	role           = "aws:iam/role:Role"
	rolePolicy     = "aws:iam/rolePolicy:RolePolicy"
	roleAttachment = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	podIdentity    = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
	addon          = "aws:eks/addon:Addon"
	groupTag       = "aws:autoscaling/tag:Tag"
)

func nodeTypes(a Account) []provider.Type {
	return slices.Concat(launchTypes(a), roleTypes(a), []provider.Type{
		{
			Token: podIdentity, Required: []string{"clusterName", "namespace", "roleArn", "serviceAccount"},
			Rules:    podIdentityRules(),
			Identity: joined("pod-identity", "clusterName", "namespace", "serviceAccount"),
			Mint: func(m provider.Minting) (string, map[string]any) {
				id := "a-" + m.Hex(17)
				return id, map[string]any{
					"associationId": id, "tagsAll": allTags(m.Config, m.Inputs),
					"associationArn": a.arn("eks", a.region(m.Config), "podidentityassociation/"+m.Inputs.At("clusterName").Text()+"/"+id),
				}
			},
		},
		{
			Token: addon, Required: []string{"addonName", "clusterName"}, Rules: addonRules(),
			Identity: joined("addon", "clusterName", "addonName"),
			Mint: func(m provider.Minting) (string, map[string]any) {
				cluster, name := m.Inputs.At("clusterName").Text(), m.Inputs.At("addonName").Text()
				return cluster + ":" + name, map[string]any{
					"addonVersion": "v1.0.0-eksbuild.1", "arn": a.arn("eks", a.region(m.Config), "addon/"+cluster+"/"+name+"/"+m.Hex(8)),
					"createdAt": "2026-01-01T00:00:00Z", "modifiedAt": "2026-01-01T00:00:00Z", "tagsAll": allTags(m.Config, m.Inputs),
				}
			},
		},
		{
			Token: groupTag, Required: []string{"autoscalingGroupName", "tag", "tag.key", "tag.value", "tag.propagateAtLaunch"},
			Rules:    groupTagRules(),
			Identity: joined("group-tag", "autoscalingGroupName", "tag.key"),
			Mint: func(m provider.Minting) (string, map[string]any) {
				return m.Inputs.At("autoscalingGroupName").Text() + "," + m.Inputs.At("tag.key").Text(), map[string]any{}
			},
		},
	})
}

// launchTypes are node groups and what their nodes are launched from.
func launchTypes(a Account) []provider.Type {
	return []provider.Type{
		{
			Token: nodeGroup, Required: []string{"clusterName", "nodeRoleArn", "scalingConfig", "subnetIds"},
			Sets:     []string{"subnetIds", "taints"},
			Autoname: &provider.Autoname{Property: "nodeGroupName", Unless: []string{"nodeGroupNamePrefix"}, Separator: "-", Random: 7, Max: 63},
			Rules:    nodeGroupRules(),
			Identity: joined("nodegroup", "clusterName", "nodeGroupName"),
			Mint:     a.mintNodeGroup,
		},
		{
			Token:    launchTemplate,
			Autoname: &provider.Autoname{Property: "name", Unless: []string{"namePrefix"}, Separator: "-", Random: 7, Max: 125},
			Rules:    launchTemplateRules(),
			Identity: named("launch-template", "name"),
			Mint: func(m provider.Minting) (string, map[string]any) {
				id := "lt-0" + m.Hex(16)
				return id, map[string]any{
					"arn": a.arn("ec2", a.region(m.Config), "launch-template/"+id), "latestVersion": 1.0, "defaultVersion": 1.0,
					"name": m.Inputs.At("namePrefix").Text() + m.Hex(26), "tagsAll": allTags(m.Config, m.Inputs),
				}
			},
			// Every change makes another version.
			Renews: func(live provider.Value) map[string]any {
				n, _ := live.At("latestVersion").Number()
				return map[string]any{"latestVersion": n + 1}
			},
		},
	}
}

func roleTypes(a Account) []provider.Type {
	return []provider.Type{
		{
			Token: role, Required: []string{"assumeRolePolicy"},
			Defaults: map[string]any{"forceDetachPolicies": false, "maxSessionDuration": 3600.0, "path": "/"},
			Autoname: &provider.Autoname{Property: "name", Unless: []string{"namePrefix"}, Separator: "-", Random: 7, Max: 64},
			Rules:    roleRules(),
			Identity: named("role", "name"),
			Mint: func(m provider.Minting) (string, map[string]any) {
				name := m.Inputs.At("name").Text()
				if name == "" {
					name = m.Inputs.At("namePrefix").Text() + m.Hex(26)
				}
				return name, map[string]any{
					"arn": fmt.Sprintf("arn:aws:iam::%s:role%s%s", a.ID, m.Inputs.At("path").Text(), name), "name": name,
					"createDate": "2026-01-01T00:00:00Z", "uniqueId": "AROA" + m.Hex(17), "tagsAll": allTags(m.Config, m.Inputs),
					"inlinePolicies": []any{}, "managedPolicyArns": []any{},
				}
			},
		},
		{
			Token: rolePolicy, Required: []string{"policy", "role"},
			Autoname: &provider.Autoname{Property: "name", Unless: []string{"namePrefix"}, Separator: "-", Random: 7, Max: 128},
			Rules:    rolePolicyRules(),
			Identity: joined("role-policy", "role", "name"),
			Mint: func(m provider.Minting) (string, map[string]any) {
				return m.Inputs.At("role").Text() + ":" + m.Inputs.At("name").Text(), map[string]any{}
			},
		},
		{
			Token: roleAttachment, Required: []string{"policyArn", "role"}, Rules: attachmentRules(),
			Identity: joined("role-attachment", "role", "policyArn"),
			Mint: func(m provider.Minting) (string, map[string]any) {
				return m.Inputs.At("role").Text() + "-" + m.Hex(26), map[string]any{}
			},
		},
	}
}

// joined is the identity of objects that several inputs tell apart; none while
// one of them is not known.
func joined(kind string, properties ...string) func(provider.Value) string {
	return func(in provider.Value) string {
		name := kind
		for _, p := range properties {
			text := in.At(p).Text()
			if text == "" {
				return ""
			}
			name += ":" + text
		}
		return name
	}
}

// mintNodeGroup makes a group with the Auto Scaling group behind it, which EKS
// names after it.
func (a Account) mintNodeGroup(m provider.Minting) (string, map[string]any) {
	cluster, name := m.Inputs.At("clusterName").Text(), m.Inputs.At("nodeGroupName").Text()
	if name == "" {
		name = m.Inputs.At("nodeGroupNamePrefix").Text() + m.Hex(26)
	}
	uuid := fmt.Sprintf("%s-%s-%s-%s-%s", m.Hex(8), m.Hex(4), m.Hex(4), m.Hex(4), m.Hex(12))
	return cluster + ":" + name, map[string]any{
		"arn":           a.arn("eks", a.region(m.Config), "nodegroup/"+cluster+"/"+name+"/"+uuid),
		"nodeGroupName": name, "status": "ACTIVE", "tagsAll": allTags(m.Config, m.Inputs),
		"amiType": "AL2023_x86_64_STANDARD", "capacityType": "ON_DEMAND", "diskSize": 20.0, "instanceTypes": []any{"t3.medium"},
		"releaseVersion": a.KubernetesVersion + ".0-20260101", "version": a.KubernetesVersion,
		"resources": []any{map[string]any{
			"autoscalingGroups": []any{map[string]any{"name": "eks-" + name + "-" + uuid}}, "remoteAccessSecurityGroupId": "",
		}},
		"updateConfig": map[string]any{"maxUnavailable": 1.0},
	}
}

// getNodeGroups answers the names of all groups of a cluster.
func (a Account) getNodeGroups(c provider.Call) (map[string]any, error) {
	cluster := c.Args.At("clusterName").Text()
	names := []string{}
	for _, g := range c.List(nodeGroup) {
		if g.At("clusterName").Text() == cluster {
			names = append(names, g.At("nodeGroupName").Text())
		}
	}
	slices.Sort(names)
	listed := make([]any, len(names))
	for i, n := range names {
		listed[i] = n
	}
	return map[string]any{"id": cluster, "clusterName": cluster, "names": listed}, nil
}

// getNodeGroup answers a live group, by the fields of LookupNodeGroupResult in
// pulumi-aws 6.83.2.
func (a Account) getNodeGroup(c provider.Call) (map[string]any, error) {
	id := c.Args.At("clusterName").Text() + ":" + c.Args.At("nodeGroupName").Text()
	g, ok := c.Find(nodeGroup, id)
	if !ok {
		return nil, fmt.Errorf("reading EKS Node Group (%s): couldn't find resource", id)
	}
	answer := map[string]any{"id": id, "labels": map[string]any{}, "tags": map[string]any{}, "taints": []any{}, "remoteAccesses": []any{}}
	for _, field := range []string{"amiType", "arn", "capacityType", "clusterName", "nodeGroupName", "nodeRoleArn", "releaseVersion", "status", "version"} {
		answer[field] = g.At(field).Text()
	}
	answer["diskSize"], _ = g.At("diskSize").Number()
	answer["instanceTypes"], answer["subnetIds"] = texts(g, "instanceTypes"), texts(g, "subnetIds")
	scaling := map[string]any{}
	for _, field := range []string{"desiredSize", "maxSize", "minSize"} {
		scaling[field], _ = g.At("scalingConfig." + field).Number()
	}
	answer["scalingConfigs"] = []any{scaling}
	answer["launchTemplates"] = []any{}
	if t := g.At("launchTemplate"); t.Present() {
		answer["launchTemplates"] = []any{map[string]any{"id": t.At("id").Text(), "name": t.At("name").Text(), "version": t.At("version").Text()}}
	}
	answer["resources"] = []any{map[string]any{
		"autoscalingGroups":           []any{map[string]any{"name": g.At("resources[0].autoscalingGroups[0].name").Text()}},
		"remoteAccessSecurityGroupId": "",
	}}
	return answer, nil
}
