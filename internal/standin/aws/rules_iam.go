package aws

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

const (
	iamCreate   = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html, 2026-11"
	iamPolicies = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, 2026-11"
	iamAttach   = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html, 2026-11"
)

var (
	iamName   = regexp.MustCompile(`^[\w+=,.@-]*$`)
	policyARN = regexp.MustCompile(`^arn:[a-z-]+:iam::(aws|\d{12}):policy/.+$`)
	iamARN    = regexp.MustCompile(`^arn:[a-z-]+:iam::\d{12}:role/.+$`)
)

func roleRules() []provider.Rule {
	return []provider.Rule{
		{ID: "iam-role-name", Source: iamCreate + " RoleName", Test: func(_, in provider.Value) []provider.Problem {
			if name := in.At("name").Text(); len(name) > 64 || !iamName.MatchString(name) {
				return problem("name", "must hold at most 64 letters, digits and _+=,.@-")
			}
			return nil
		}},
		{ID: "iam-role-trust", Source: iamCreate + " AssumeRolePolicyDocument, MalformedPolicyDocument", Test: func(_, in provider.Value) []provider.Problem {
			return statements(in, "assumeRolePolicy", "Principal")
		}},
	}
}

func rolePolicyRules() []provider.Rule {
	return []provider.Rule{{ID: "iam-role-policy", Source: iamPolicies + " (10,240 characters of inline policies); MalformedPolicyDocument", Test: func(_, in provider.Value) []provider.Problem {
		return statements(in, "policy", "Resource")
	}}}
}

// statements judges a policy document of IAM: trust names who, rights name what.
func statements(in provider.Value, path, about string) []provider.Problem {
	text := in.At(path)
	if !text.IsText() {
		return nil
	}
	var document struct {
		Version   string
		Statement []map[string]any
	}
	if err := json.Unmarshal([]byte(text.Text()), &document); err != nil || document.Version != "2012-10-17" || len(document.Statement) == 0 {
		return problem(path, "MalformedPolicyDocument: must be JSON with a version and statements")
	}
	if len(strings.Join(strings.Fields(text.Text()), "")) > 10240 {
		return problem(path, "LimitExceeded: must have at most 10240 characters")
	}
	for _, s := range document.Statement {
		if s["Effect"] != "Allow" && s["Effect"] != "Deny" || s["Action"] == nil || s[about] == nil {
			return problem(path, "MalformedPolicyDocument: each statement needs Effect, Action and %s", about)
		}
	}
	return nil
}

func attachmentRules() []provider.Rule {
	return []provider.Rule{{ID: "iam-policy-arn", Source: iamAttach, Test: func(_, in provider.Value) []provider.Problem {
		if arn := in.At("policyArn"); arn.IsText() && !policyARN.MatchString(arn.Text()) {
			return problem("policyArn", "ValidationError: is no ARN of a policy")
		}
		return nil
	}}}
}
