package alerts

import (
	"github.com/agencyos/headroom/capacity/series"
)

// RuleGroup is a group as Prometheus and its operator read it
// (https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/, 2026-11).
type RuleGroup struct {
	Name  string `json:"name"`
	Rules []Rule `json:"rules"`
}

// Rule is an alerting or a recording rule.
type Rule struct {
	Alert       string            `json:"alert,omitempty"`
	Record      string            `json:"record,omitempty"`
	Expr        string            `json:"expr"`
	For         string            `json:"for,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Labels of every alert. The namespace is the stack's whatever the alert is
// about: Alertmanager lets the receivers of a namespace hear only its own alerts
// (https://prometheus-operator.dev/docs/developer/alerting/, OnNamespace, 2026-11).
const (
	LabelStack    = "stack"
	LabelSeverity = "severity"
	LabelSubject  = "subject"
)

// RuleFile renders groups for Prometheus. Alerts link to their runbook where it
// is published; the text stands in the alert anyway.
func RuleFile(stack, namespace, runbooksURL string, groups []Group) []RuleGroup {
	var out []RuleGroup
	for _, g := range groups {
		// Groups share one namespace with those of other stacks.
		rendered := RuleGroup{Name: "headroom-" + stack + "-" + g.Name}
		for _, r := range g.Records {
			rendered.Rules = append(rendered.Rules, Rule{Record: r.Name, Expr: r.Expr, Labels: r.Labels})
		}
		for _, a := range g.Alerts {
			rendered.Rules = append(rendered.Rules, a.rule(stack, namespace, runbooksURL))
		}
		out = append(out, rendered)
	}
	return out
}

func (a Alert) rule(stack, namespace, runbooksURL string) Rule {
	r := Rule{Alert: a.Name, Expr: a.Expr,
		Labels:      map[string]string{LabelStack: stack, "namespace": namespace, LabelSeverity: string(a.Severity)},
		Annotations: map[string]string{"summary": a.Summary, "runbook": a.Runbook.Text()}}
	if a.For > 0 {
		r.For = series.Window(a.For)
	}
	if a.Subject != "" {
		r.Labels[LabelSubject] = a.Subject
	}
	if runbooksURL != "" {
		r.Annotations["runbook_url"] = runbooksURL + "#" + a.Anchor()
	}
	return r
}
