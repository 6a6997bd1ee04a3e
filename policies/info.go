package main

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/agencyos/headroom/policies/rules"
)

// notice is a policy of the pack about its own judgements.
type notice struct {
	name, what string
}

var (
	// noticeDoubts says which rules could not judge. Set it to mandatory where
	// an unanswered question must stop an update.
	noticeDoubts = notice{"not-evaluated", "what the rules could not judge, and what they wait for"}
	// noticeExceptions lists waivers and suppressions with their standing.
	noticeExceptions = notice{"exceptions", "which waivers and suppressions hold, and which no longer do"}
)

// GetAnalyzerInfo names one policy per rule and the two notices. It needs no
// configuration.
func (p *pack) GetAnalyzerInfo(context.Context) (plugin.AnalyzerInfo, error) {
	info := plugin.AnalyzerInfo{
		Name: packName, DisplayName: "Headroom", Version: packVersion, SupportsConfig: true,
		Description: "Proves from the declared resources that a stack survives its own autoscaling ceilings.",
	}
	for _, rule := range p.rules {
		info.Policies = append(info.Policies, describe(rule))
	}
	for _, n := range []notice{noticeDoubts, noticeExceptions} {
		info.Policies = append(info.Policies, plugin.AnalyzerPolicyInfo{
			Name: n.name, DisplayName: n.name, Description: n.what, Message: n.what,
			EnforcementLevel: apitype.Advisory, Type: plugin.AnalyzerPolicyTypeStack, Severity: apitype.PolicySeverityLow,
		})
	}
	return info, nil
}

func describe(rule rules.Rule) plugin.AnalyzerPolicyInfo {
	kind := plugin.AnalyzerPolicyTypeStack
	if rule.Single {
		kind = plugin.AnalyzerPolicyTypeResource
	}
	return plugin.AnalyzerPolicyInfo{
		Name: rule.ID, DisplayName: rule.ID, Description: rule.What, Message: rule.Why,
		EnforcementLevel: apitype.EnforcementLevel(rule.Level), Type: kind, Severity: apitype.PolicySeverity(rule.Severity),
		Tags: rule.Anchors, RemediationSteps: rule.Fix,
	}
}
