package aws

import (
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Sources of the rules; those of replacements are in package effects.
const (
	tfSecurityGroup = "terraform-provider-aws internal/service/ec2/vpc_security_group.go @ 01606926"
	tfIngressRule   = "terraform-provider-aws internal/service/ec2/vpc_security_group_ingress_rule.go @ 00a32209"
)

func networkTypes(a Account) []provider.Type {
	return []provider.Type{
		{
			Token:    securityGroup,
			Sets:     []string{"egress", "ingress"},
			Defaults: map[string]any{"description": "Managed by Pulumi", "revokeRulesOnDelete": false},
			Autoname: &provider.Autoname{Property: "name", Unless: []string{"namePrefix"}, Separator: "-", Random: 7, Max: 255},
			Rules:    securityGroupRules(),
			Identity: securityGroupName,
			Mint:     a.mintSecurityGroup,
		},
		a.ruleType(ingressRule),
		a.ruleType(egressRule),
	}
}

// ruleType is a security group rule, in either direction.
func (a Account) ruleType(token string) provider.Type {
	return provider.Type{
		Token:    token,
		Required: []string{"ipProtocol", "securityGroupId"},
		Rules:    trafficRules(),
		Identity: trafficRule(token),
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

// trafficRule is what EC2 calls a duplicate: the same traffic from or to the
// same peer in one group (InvalidPermission.Duplicate,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, 2026-11).
func trafficRule(token string) func(provider.Value) string {
	return func(in provider.Value) string {
		parts := []string{token}
		for _, path := range append([]string{"securityGroupId", "ipProtocol", "fromPort", "toPort"}, sources...) {
			if v := in.At(path); v.Unknown() {
				return ""
			} else if v.Present() {
				parts = append(parts, path+"="+v.String())
			}
		}
		return strings.Join(parts, " ")
	}
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
