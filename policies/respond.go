package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/agencyos/headroom/policies/rules"
)

// respond turns findings into the engine's answer: violations into diagnostics,
// everything that is neither violation nor pass into not applicable, with the
// reason.
func (p *pack) respond(judged []rules.Rule, report rules.Report) plugin.AnalyzeResponse {
	var response plugin.AnalyzeResponse
	for _, rule := range judged {
		findings := report.Of(rule.ID)
		before := len(response.Diagnostics)
		for _, f := range findings {
			if f.Active() && !p.reported[violationKey{f.Rule, f.URN}] {
				response.Diagnostics = append(response.Diagnostics, p.diagnostic(rule, f))
			}
		}
		if reason := undecided(findings); len(response.Diagnostics) == before && reason != "" {
			response.NotApplicable = append(response.NotApplicable, plugin.PolicyNotApplicable{PolicyName: rule.ID, Reason: reason})
		}
	}
	return response
}

// undecided is why a rule without a violation to report has not passed either;
// empty where it passed.
func undecided(findings []rules.Finding) string {
	var doubts, other []string
	for _, f := range findings {
		switch {
		case f.State == rules.Pass:
			other = append(other, "")
		case f.State == rules.CannotKnow:
			doubts = append(doubts, f.Resource+": "+f.Message)
		case f.Silenced != "":
			doubts = append(doubts, f.Resource+": accepted by "+f.Silenced)
		case f.State == rules.Violation:
			doubts = append(doubts, f.Resource+": reported before it was created")
		default:
			other = append(other, f.Message)
		}
	}
	switch {
	case len(doubts) > 0:
		return strings.Join(doubts, "\n")
	case len(findings) == 0:
		return "judges other types"
	case slices.Contains(other, ""):
		return ""
	}
	return strings.Join(other, "\n")
}

func (p *pack) diagnostic(rule rules.Rule, f rules.Finding) plugin.AnalyzeDiagnostic {
	message := fmt.Sprintf("%s: %s\nwhy: %s\nfix: %s", f.Resource, f.Message, rule.Why, f.Fix)
	return plugin.AnalyzeDiagnostic{
		PolicyName: rule.ID, PolicyPackName: packName, PolicyPackVersion: packVersion,
		Description: rule.What, Message: message, URN: resource.URN(f.URN),
		EnforcementLevel: apitype.EnforcementLevel(f.Level), Severity: apitype.PolicySeverity(rule.Severity),
	}
}

// notices are what the pack says about its own judgements. An exception that
// does not hold stops an update: whoever wrote it believes that it does.
func (p *pack) notices(report rules.Report) []plugin.AnalyzeDiagnostic {
	var all []plugin.AnalyzeDiagnostic
	add := func(n notice, own rules.Level, lines []string) {
		if level := p.level(n.name, own); len(lines) > 0 && level != apitype.Disabled {
			all = append(all, plugin.AnalyzeDiagnostic{
				PolicyName: n.name, PolicyPackName: packName, PolicyPackVersion: packVersion,
				Description: n.what, Message: strings.Join(lines, "\n"),
				EnforcementLevel: level, Severity: apitype.PolicySeverityLow,
			})
		}
	}
	holding, broken := exceptionLines(report.Exceptions)
	add(noticeExceptions, rules.Mandatory, slices.Concat(p.config.problems, p.doubtful, broken))
	add(noticeExceptions, rules.Advisory, holding)
	add(noticeDoubts, rules.Advisory, p.doubtLines(report.CannotKnow()))
	return all
}

// exceptionLines list every exception with its standing.
func exceptionLines(exceptions []rules.Exception) (holding, broken []string) {
	for _, e := range exceptions {
		if line := e.Standing(); e.Problem != "" {
			broken = append(broken, line)
		} else {
			holding = append(holding, line)
		}
	}
	return holding, broken
}

// maxDoubts bounds the list; a first preview of a large stack can have many.
const maxDoubts = 20

func (p *pack) doubtLines(doubts []rules.Finding) []string {
	if len(doubts) == 0 {
		return nil
	}
	judged := map[string]bool{}
	var lines []string
	for _, d := range doubts {
		judged[d.Rule] = true
		lines = append(lines, fmt.Sprintf("%s on %s: %s", d.Rule, d.Resource, d.Message))
	}
	when := ""
	if p.preview {
		when = "; an update knows more than a preview"
	}
	head := fmt.Sprintf("open judgements: %d, of rules: %d%s", len(doubts), len(judged), when)
	if more := len(lines) - maxDoubts; more > 0 {
		lines = append(lines[:maxDoubts], fmt.Sprintf("and %d more", more))
	}
	return append([]string{head}, lines...)
}
