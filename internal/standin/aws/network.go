package aws

import (
	"github.com/agencyos/headroom/internal/standin/provider"
)

const (
	tfSecurityGroup = "terraform-provider-aws internal/service/ec2/vpc_security_group.go @ 01606926 (ForceNew fields)"
	tfIngressRule   = "terraform-provider-aws internal/service/ec2/vpc_security_group_ingress_rule.go @ 00a32209 " +
		"(RequiresReplace, and ModifyPlan on a changed source type)"
)

func networkTypes(a Account) []provider.Type {
	return []provider.Type{
		{
			Token:     "aws:ec2/securityGroup:SecurityGroup",
			ReplaceOn: provider.On("description", "name", "namePrefix", "vpcId"),
			Source:    tfSecurityGroup,
			Sets:      []string{"egress", "ingress"},
			Defaults:  map[string]any{"description": "Managed by Pulumi", "revokeRulesOnDelete": false},
			Autoname:  &provider.Autoname{Property: "name", Unless: []string{"namePrefix"}, Separator: "-", Random: 7, Max: 255},
			Rules:     securityGroupRules(),
			Identity:  securityGroupName,
			Mint:      a.mintSecurityGroup,
		},
		a.ruleType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"),
		a.ruleType("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"),
	}
}

// ruleType is a security group rule, in either direction.
func (a Account) ruleType(token string) provider.Type {
	return provider.Type{
		Token:     token,
		ReplaceOn: append(provider.On("securityGroupId"), sourceChanges()...),
		Source:    tfIngressRule,
		Required:  []string{"ipProtocol", "securityGroupId"},
		Rules:     trafficRules(),
		Mint: func(m provider.Minting) (string, map[string]any) {
			id := "sgr-0" + m.Hex(16)
			return id, map[string]any{
				"arn":                 a.arn("ec2", a.region(m.Config), "security-group-rule/"+id),
				"securityGroupRuleId": id, "tagsAll": allTags(m.Config, m.Inputs),
			}
		},
	}
}

// sources are the inputs that say where traffic comes from or goes to. A rule
// keeps its kind of source for life; only the value may change.
var sources = []string{"cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"}

// sourceChanges replaces a rule whose source is of another kind than before:
// one source input goes away and another appears.
func sourceChanges() []provider.Replace {
	rows := make([]provider.Replace, 0, len(sources))
	for _, s := range sources {
		rows = append(rows, provider.Replace{Path: s, AddedOrRemoved: true})
	}
	return rows
}

// securityGroupName is unique within one VPC.
func securityGroupName(in provider.Value) string {
	name, vpc := in.At("name").Text(), in.At("vpcId").Text()
	if name == "" || in.At("vpcId").Unknown() {
		return ""
	}
	return "security-group:" + vpc + ":" + name
}

func (a Account) mintSecurityGroup(m provider.Minting) (string, map[string]any) {
	id := "sg-0" + m.Hex(16)
	return id, map[string]any{
		"arn": a.arn("ec2", a.region(m.Config), "security-group/"+id), "ownerId": a.ID,
		"egress": []any{}, "ingress": []any{}, "vpcId": "vpc-0" + m.Hex(16),
		"name": m.Inputs.At("namePrefix").Text() + m.Hex(26), "tagsAll": allTags(m.Config, m.Inputs),
	}
}
