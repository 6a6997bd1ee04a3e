package aws

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/internal/standin/provider"
)

const (
	rdsParameters = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Parameters.html"
	tfValidate    = "terraform-provider-aws internal/service/rds/validate.go"
	ec2GroupAPI   = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html"
)

// configRules judge the provider's own settings.
func configRules(a Account) []provider.Rule {
	return []provider.Rule{{
		ID:     "aws-account",
		Source: "terraform-provider-aws allowed_account_ids and forbidden_account_ids; error \"AWS account ID not allowed\"",
		Test: func(config, _ provider.Value) (found []provider.Problem) {
			if allowed := config.At("allowedAccountIds"); allowed.Known() && !contains(allowed, a.ID) {
				found = problem("allowedAccountIds", "AWS account ID not allowed: %s", a.ID)
			}
			if contains(config.At("forbiddenAccountIds"), a.ID) {
				found = append(found, problem("forbiddenAccountIds", "AWS account ID not allowed: %s", a.ID)...)
			}
			return found
		},
	}}
}

func contains(list provider.Value, text string) bool {
	return slices.ContainsFunc(list.List(), func(v provider.Value) bool { return v.Text() == text })
}

func parameterGroupRules() []provider.Rule {
	return []provider.Rule{
		{
			ID:     "rds-static-parameter",
			Source: rdsParameters + "; hashicorp/terraform#8018, terraform-aws-modules/terraform-aws-rds#349",
			Test:   staticParameter,
		},
		{ID: "rds-parameter", Source: tfParameterGroup + "; enum ApplyMethod", Test: parameterShape},
		{ID: "rds-parameter-group-name", Source: tfValidate + " validParamGroupName", Test: parameterGroupName},
	}
}

// staticParameter refuses what RDS cannot apply at once; it does not say which
// parameter it means.
func staticParameter(_, in provider.Value) (found []provider.Problem) {
	version, _ := strconv.Atoi(strings.TrimPrefix(in.At("family").Text(), "postgres"))
	for i, p := range in.At("parameters").List() {
		name, method := p.At("name").Text(), p.At("applyMethod")
		// Absent means immediate; unknown may still turn out right.
		if catalog.StaticParameter(name, version) && !method.Unknown() && method.Text() != "pending-reboot" {
			found = append(found, problem(fmt.Sprintf("parameters[%d].applyMethod", i),
				"InvalidParameterCombination: %s is static, RDS cannot apply it immediately; use pending-reboot", name)...)
		}
	}
	return found
}

func parameterShape(_, in provider.Value) (found []provider.Problem) {
	seen := map[string]bool{}
	for i, p := range in.At("parameters").List() {
		at := fmt.Sprintf("parameters[%d]", i)
		name, method := p.At("name").Text(), p.At("applyMethod")
		if !p.At("name").Present() || !p.At("value").Present() {
			found = append(found, problem(at, "name and value are required")...)
		}
		if method.IsText() && !slices.Contains([]string{"immediate", "pending-reboot"}, strings.ToLower(method.Text())) {
			found = append(found, problem(at+".applyMethod", "must be immediate or pending-reboot")...)
		}
		if name != "" && seen[name] {
			found = append(found, problem(at+".name", "is listed twice; RDS keeps only one value")...)
		}
		seen[name] = true
	}
	return found
}

var (
	parameterGroupChars = regexp.MustCompile(`^[a-z](-?[0-9a-z.])*$`)
	subnetGroupChars    = regexp.MustCompile(`^[0-9a-z_ .-]+$`)
	securityGroupChars  = regexp.MustCompile(`^[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]*$`)
)

func parameterGroupName(_, in provider.Value) []provider.Problem {
	name := in.At("name")
	if name.IsText() && (!parameterGroupChars.MatchString(name.Text()) || len(name.Text()) > 255) {
		return problem("name", "must begin with a letter and hold lower-case letters, digits, periods and single hyphens")
	}
	return nil
}

func subnetGroupRules() []provider.Rule {
	return []provider.Rule{
		{
			ID: "rds-subnet-group-name", Source: tfValidate + " validSubnetGroupName",
			Test: func(_, in provider.Value) []provider.Problem {
				name := in.At("name")
				bad := !subnetGroupChars.MatchString(name.Text()) || len(name.Text()) > 255 || strings.EqualFold(name.Text(), "default")
				if name.IsText() && bad {
					return problem("name", "must hold lower-case letters, digits, hyphens, underscores, periods and spaces, and not be default")
				}
				return nil
			},
		},
		{
			ID:     "rds-subnet-group-zones",
			Source: "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html DBSubnetGroupDoesNotCoverEnoughAZs",
			Test: func(_, in provider.Value) []provider.Problem {
				if ids := in.At("subnetIds"); ids.Present() && !ids.Unknown() && len(ids.List()) < 2 {
					return problem("subnetIds", "must cover at least two availability zones; name two subnets or more")
				}
				return nil
			},
		},
	}
}

func securityGroupRules() []provider.Rule {
	return []provider.Rule{
		{
			ID: "ec2-security-group-name", Source: tfSecurityGroup + " name",
			Test: func(_, in provider.Value) []provider.Problem {
				if name := in.At("name").Text(); strings.HasPrefix(name, "sg-") || len(name) > 255 {
					return problem("name", "must not begin with sg- and must not exceed 255 characters")
				}
				return nil
			},
		},
		{
			ID: "ec2-security-group-text", Source: ec2GroupAPI + " GroupDescription",
			Test: func(_, in provider.Value) []provider.Problem {
				if text := in.At("description").Text(); !securityGroupChars.MatchString(text) || len(text) > 255 {
					return problem("description", "must hold at most 255 of the letters, digits and signs EC2 allows, all ASCII")
				}
				return nil
			},
		},
	}
}

// trafficRules judge one ingress or egress rule.
func trafficRules() []provider.Rule {
	return []provider.Rule{
		{ID: "ec2-rule-one-source", Source: tfIngressRule + "; ConfigValidators ExactlyOneOf", Test: oneSource},
		{ID: "ec2-rule-ports", Source: tfIngressRule + "; int64validator.Between(-1, 65535)", Test: ports},
		{ID: "ec2-rule-cidr", Source: tfIngressRule + "; IPv4CIDRNetworkAddress", Test: cidr},
	}
}

func oneSource(_, in provider.Value) []provider.Problem {
	n := 0
	for _, s := range sources {
		if in.At(s).Present() {
			n++
		}
	}
	if n != 1 {
		return problem("", "exactly one of %s must be set, not %d", strings.Join(sources, ", "), n)
	}
	return nil
}

func ports(config, in provider.Value) []provider.Problem {
	found := append(between("fromPort", -1, 65535)(config, in), between("toPort", -1, 65535)(config, in)...)
	from, okFrom := in.At("fromPort").Number()
	to, okTo := in.At("toPort").Number()
	switch protocol := in.At("ipProtocol").Text(); {
	case okFrom && okTo && from > to && protocol != "icmp" && protocol != "icmpv6":
		found = append(found, problem("fromPort", "must not exceed toPort (%.0f)", to)...)
	case (protocol == "tcp" || protocol == "udp") && (!in.At("fromPort").Present() || !in.At("toPort").Present()):
		found = append(found, problem("ipProtocol", "needs fromPort and toPort")...)
	}
	return found
}

func cidr(_, in provider.Value) (found []provider.Problem) {
	for _, name := range []string{"cidrIpv4", "cidrIpv6"} {
		text := in.At(name)
		if !text.IsText() {
			continue
		}
		prefix, err := netip.ParsePrefix(text.Text())
		if err != nil || prefix.Masked() != prefix || prefix.Addr().Is4() != (name == "cidrIpv4") {
			found = append(found, problem(name, "must be a network address with its prefix length")...)
		}
	}
	return found
}
