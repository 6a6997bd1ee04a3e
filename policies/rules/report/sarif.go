package report

import (
	"fmt"
	"io"

	sarifreport "github.com/owenrumney/go-sarif/v3/pkg/report"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/agencyos/headroom/policies/rules"
)

// SARIF writes the violations and the open judgements for code scanning
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
func (r Report) SARIF(w io.Writer) error {
	run := sarif.NewRunWithInformationURI("headroom", "https://github.com/agencyos/headroom")
	for _, rule := range r.Rules {
		descriptor := run.AddRule(rule.ID).WithDescription(rule.What).WithName(rule.ID)
		descriptor.WithFullDescription(sarif.NewMultiformatMessageString().WithText(rule.Why))
		descriptor.WithHelp(sarif.NewMultiformatMessageString().WithText(rule.Fix))
		properties := sarif.NewPropertyBag()
		properties.Add("tags", rule.Anchors)
		// GitHub sorts by this number (docs.github.com, SARIF support, 2026-11).
		properties.Add("security-severity", score[rule.Severity])
		descriptor.WithProperties(properties)
	}
	for _, f := range r.Findings {
		if f.State == rules.Violation || f.State == rules.CannotKnow {
			run.AddResult(r.result(run, f))
		}
	}
	out := sarifreport.NewV210Report()
	out.AddRun(run)
	if err := out.PrettyWrite(w); err != nil {
		return fmt.Errorf("writing SARIF: %w", err)
	}
	return nil
}

// score of a severity on the scale of CVSS, in the middle of each of its bands.
var score = map[rules.Severity]string{rules.Low: "3.0", rules.Medium: "5.5", rules.High: "8.0", rules.Critical: "9.5"}

func (r Report) result(run *sarif.Run, f rules.Finding) *sarif.Result {
	result := sarif.NewRuleResult(f.Rule).WithRuleIndex(run.GetRuleIndex(f.Rule)).
		WithMessage(sarif.NewTextMessage(f.Resource + ": " + f.Message + fixOf(f)))
	switch {
	case f.State == rules.CannotKnow:
		result.WithKind("open").WithLevel("none")
	case f.Level == rules.Advisory:
		result.WithKind("fail").WithLevel("warning")
	default:
		result.WithKind("fail").WithLevel("error")
	}
	if f.Silenced != "" {
		result.AddSuppression(sarif.NewSuppression().WithKind("external").WithStatus("accepted").WithJustification(f.Silenced))
	}
	result.AddLocation(r.location(f))
	// The same finding keeps its identity when lines move.
	return result.WithPartialFingerprints(map[string]string{"finding/v1": f.Rule + "/" + f.Resource})
}

func fixOf(f rules.Finding) string {
	if f.Fix == "" {
		return ""
	}
	return "\nfix: " + f.Fix
}

func (r Report) location(f rules.Finding) *sarif.Location {
	location := sarif.NewLocation()
	name := f.URN
	if name == "" {
		name = f.Resource
	}
	location.AddLogicalLocation(sarif.NewLogicalLocation().WithFullyQualifiedName(name).WithName(f.Resource).WithKind("resource"))
	if file, line := r.place(f); file != "" {
		location.WithPhysicalLocation(sarif.NewPhysicalLocation().
			WithArtifactLocation(sarif.NewSimpleArtifactLocation(file)).WithRegion(sarif.NewRegion().WithStartLine(line)))
	}
	return location
}
