package monitors

import (
	"github.com/agencyos/headroom/capacity/alerts"
	"github.com/agencyos/headroom/capacity/spec"
)

// RuleSpec are rule groups.
type RuleSpec struct {
	Groups []alerts.RuleGroup `json:"groups"`
}

// rules are one object per group: all together would outgrow what kubectl keeps
// in an annotation.
func (w world) rules() []Object {
	var out []Object
	groups := alerts.RuleFile(w.plan.Stack, w.stack.Cluster.Namespace, w.stack.Monitoring.RunbooksURL, alerts.New(w.stack, w.plan))
	for _, g := range groups {
		out = append(out, w.object(v1, PrometheusRule, g.Name, RuleSpec{[]alerts.RuleGroup{g}}))
	}
	return out
}

// ReceiverSpec is how alerts find their receivers
// (https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1alpha1.AlertmanagerConfig, 2026-11).
type ReceiverSpec struct {
	Route        Route      `json:"route"`
	InhibitRules []Inhibit  `json:"inhibitRules"`
	Receivers    []Receiver `json:"receivers"`
}

// Route sends what matches to a receiver.
type Route struct {
	Receiver       string    `json:"receiver"`
	GroupBy        []string  `json:"groupBy,omitempty"`
	GroupWait      string    `json:"groupWait,omitempty"`
	GroupInterval  string    `json:"groupInterval,omitempty"`
	RepeatInterval string    `json:"repeatInterval,omitempty"`
	Matchers       []Matcher `json:"matchers,omitempty"`
	Continue       bool      `json:"continue,omitempty"`
	Routes         []Route   `json:"routes,omitempty"`
}

// Matcher of a label.
type Matcher struct {
	Name      string `json:"name"`
	Value     string `json:"value"`
	MatchType string `json:"matchType"`
}

// Inhibit silences the targets while a source with the same labels fires.
type Inhibit struct {
	SourceMatch []Matcher `json:"sourceMatch"`
	TargetMatch []Matcher `json:"targetMatch"`
	Equal       []string  `json:"equal"`
}

// Receiver is where alerts go; one without any is a drain.
type Receiver struct {
	Name             string      `json:"name"`
	SlackConfigs     []Slack     `json:"slackConfigs,omitempty"`
	PagerdutyConfigs []PagerDuty `json:"pagerdutyConfigs,omitempty"`
	WebhookConfigs   []Webhook   `json:"webhookConfigs,omitempty"`
}

// SecretKey of an existing Secret in the same namespace.
type SecretKey struct {
	Name string `json:"name"`
	Key  string `json:"key"`
}

// Slack posts into the channel of an incoming webhook.
type Slack struct {
	SendResolved bool      `json:"sendResolved"`
	APIURL       SecretKey `json:"apiURL"`
	Title        string    `json:"title"`
	Text         string    `json:"text"`
}

// PagerDuty opens an incident by the Events API v2.
type PagerDuty struct {
	SendResolved bool      `json:"sendResolved"`
	RoutingKey   SecretKey `json:"routingKey"`
	Description  string    `json:"description"`
	Severity     string    `json:"severity"`
	Details      []Detail  `json:"details"`
}

// Detail of an incident.
type Detail struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Webhook posts the alerts as JSON.
type Webhook struct {
	SendResolved bool      `json:"sendResolved"`
	URLSecret    SecretKey `json:"urlSecret"`
}

// receivers route every severity to those who hear it, and the watchdog to the
// dead man's switch alone. The root receiver is a drain: it gets what no route
// takes, which is nothing of this stack.
func (w world) receivers() []Object {
	m := w.stack.Monitoring
	if len(m.Receivers) == 0 && m.DeadMansSwitch == nil {
		return nil
	}
	out := ReceiverSpec{
		Route: Route{Receiver: spec.NobodyReceiver, GroupBy: []string{"alertname", alerts.LabelSubject}, GroupWait: "30s", GroupInterval: "5m", RepeatInterval: "4h",
			Matchers: []Matcher{is(alerts.LabelStack, w.plan.Stack)}},
		InhibitRules: w.inhibitions(),
		Receivers:    []Receiver{{Name: spec.NobodyReceiver}},
	}
	if m.DeadMansSwitch != nil {
		// Sent again before the switch, usually set to a few minutes, grows impatient.
		out.Route.Routes = append(out.Route.Routes, Route{Receiver: spec.SwitchReceiver, Matchers: []Matcher{is("alertname", alerts.Watchdog)},
			GroupWait: "1s", GroupInterval: "1m", RepeatInterval: "1m"})
		out.Receivers = append(out.Receivers, Receiver{Name: spec.SwitchReceiver, WebhookConfigs: []Webhook{{URLSecret: key(*m.DeadMansSwitch)}}})
	}
	for _, r := range m.Receivers {
		out.Route.Routes = append(out.Route.Routes, Route{Receiver: r.Name, Continue: true, Matchers: []Matcher{{Name: alerts.LabelSeverity, MatchType: "=~", Value: heard(r)}},
			// An exporter that is gone takes many series along: they are one message.
			Routes: []Route{{Receiver: r.Name, GroupBy: []string{"alertname"}, Matchers: []Matcher{is("alertname", alerts.SeriesMissing)}}}})
		out.Receivers = append(out.Receivers, receiver(r))
	}
	return []Object{w.object(v1alpha1, AlertmanagerConfig, "headroom-"+w.plan.Stack, out)}
}

// heard is a regular expression of the severities that a receiver gets.
func heard(r spec.Receiver) string {
	pattern := ""
	for _, severity := range []spec.Severity{spec.Critical, spec.Warning} {
		if r.Hears(severity) {
			pattern += "|" + string(severity)
		}
	}
	return pattern[min(1, len(pattern)):]
}

// inhibitions: who hears that all replicas run need not hear that nearly all do.
func (w world) inhibitions() []Inhibit {
	var out []Inhibit
	for _, pair := range [][2]string{{"HeadroomReplicasAtMaximum", "HeadroomReplicasNearMaximum"}, {"HeadroomNodesAtMaximum", "HeadroomNodesNearMaximum"}} {
		out = append(out, Inhibit{SourceMatch: []Matcher{is("alertname", pair[0])}, TargetMatch: []Matcher{is("alertname", pair[1])},
			Equal: []string{alerts.LabelStack, alerts.LabelSubject}})
	}
	return out
}

func is(name, value string) Matcher { return Matcher{Name: name, Value: value, MatchType: "="} }

func key(r spec.SecretRef) SecretKey { return SecretKey{Name: r.Name, Key: r.Key} }

// receiver of a kind, with the runbook in every message.
func receiver(r spec.Receiver) Receiver {
	out := Receiver{Name: r.Name}
	switch r.Kind {
	case spec.Slack:
		out.SlackConfigs = []Slack{{SendResolved: true, APIURL: key(r.SecretRef),
			Title: `{{ .Status | toUpper }} {{ .CommonLabels.severity }}: {{ .CommonLabels.alertname }} {{ .CommonLabels.subject }} ({{ .CommonLabels.stack }})`,
			Text:  "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ .Annotations.runbook }}\n{{ end }}"}}
	case spec.PagerDuty:
		out.PagerdutyConfigs = []PagerDuty{{SendResolved: true, RoutingKey: key(r.SecretRef),
			Description: `{{ .CommonLabels.alertname }} {{ .CommonLabels.subject }} ({{ .CommonLabels.stack }}): {{ (index .Alerts 0).Annotations.summary }}`,
			Severity:    `{{ .CommonLabels.severity }}`, Details: []Detail{{"runbook", `{{ (index .Alerts 0).Annotations.runbook }}`}}}}
	case spec.Webhook:
		out.WebhookConfigs = []Webhook{{SendResolved: true, URLSecret: key(r.SecretRef)}}
	}
	return out
}
