package charts

import (
	"fmt"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// Stack are values of kube-prometheus-stack
// (github.com/prometheus-community/helm-charts charts/kube-prometheus-stack/values.yaml, 2026-11).
type Stack struct {
	Alertmanager          AlertmanagerValues `json:"alertmanager"`
	Grafana               GrafanaValues      `json:"grafana"`
	Prometheus            PrometheusValues   `json:"prometheus"`
	PrometheusOperator    OperatorValues     `json:"prometheusOperator"`
	KubeStateMetrics      StateMetricsValues `json:"kube-state-metrics"`
	NodeExporter          NodeExporterValues `json:"prometheus-node-exporter"`
	KubeControllerManager Switch             `json:"kubeControllerManager"`
	KubeScheduler         Switch             `json:"kubeScheduler"`
	KubeEtcd              Switch             `json:"kubeEtcd"`
	KubeProxy             Switch             `json:"kubeProxy"`
}

// AlertmanagerValues of the chart.
type AlertmanagerValues struct {
	Spec AlertmanagerSpec `json:"alertmanagerSpec"`
}

// AlertmanagerSpec is part of the operator's.
type AlertmanagerSpec struct {
	ConfigSelector Selector       `json:"alertmanagerConfigSelector"`
	Strategy       StrategyValues `json:"alertmanagerConfigMatcherStrategy"`
	Resources      Resources      `json:"resources"`
	Storage        Storage        `json:"storage"`
}

// StrategyValues say which alerts receivers hear.
type StrategyValues struct {
	Type string `json:"type"`
}

// Selector of objects by labels.
type Selector struct {
	MatchLabels map[string]string `json:"matchLabels"`
}

// Storage is a volume per pod.
type Storage struct {
	VolumeClaimTemplate Claim `json:"volumeClaimTemplate"`
}

// Claim of a volume.
type Claim struct {
	Spec ClaimSpec `json:"spec"`
}

// ClaimSpec is its size and class; the cluster's default class when empty.
type ClaimSpec struct {
	StorageClassName string    `json:"storageClassName,omitempty"`
	AccessModes      []string  `json:"accessModes"`
	Resources        Resources `json:"resources"`
}

// GrafanaValues of the chart.
type GrafanaValues struct {
	Admin     AdminValues `json:"admin"`
	Resources Resources   `json:"resources"`
}

// AdminValues name the Secret of the administrator. Without it the chart uses a
// password that stands in its repository.
type AdminValues struct {
	ExistingSecret string `json:"existingSecret"`
	UserKey        string `json:"userKey"`
	PasswordKey    string `json:"passwordKey"`
}

// PrometheusValues of the chart.
type PrometheusValues struct {
	Spec PrometheusSpec `json:"prometheusSpec"`
}

// PrometheusSpec is part of the operator's.
type PrometheusSpec struct {
	ScrapeInterval     string    `json:"scrapeInterval"`
	EvaluationInterval string    `json:"evaluationInterval"`
	Retention          string    `json:"retention"`
	RetentionSize      string    `json:"retentionSize"`
	Resources          Resources `json:"resources"`
	StorageSpec        Storage   `json:"storageSpec"`
}

// OperatorValues of the chart.
type OperatorValues struct {
	Resources Resources `json:"resources"`
}

// StateMetricsValues of the chart's dependency.
type StateMetricsValues struct {
	// MetricLabelsAllowlist shows labels that it hides by default.
	MetricLabelsAllowlist []string  `json:"metricLabelsAllowlist"`
	Resources             Resources `json:"resources"`
}

// NodeExporterValues of the chart's dependency.
type NodeExporterValues struct {
	Resources Resources `json:"resources"`
}

// NewStack are the values of a stack.
//
// The control plane of EKS is not there to be scraped, and kube-proxy listens on
// its node alone: their rules would only raise false alarms. The chart's own
// alerts stay in Prometheus and tell nobody; ours cover what was planned. The
// selectors of monitors and rules are left to the chart: it selects the label
// release, which every object of the stack carries.
func NewStack(s spec.Stack, p plan.Plan) Stack {
	m := s.Monitoring
	return Stack{
		Alertmanager: AlertmanagerValues{AlertmanagerSpec{
			ConfigSelector: Selector{m.Labels}, Strategy: StrategyValues{"OnNamespace"},
			Resources: resources(p, plan.Alertmanager), Storage: storage(s, 1),
		}},
		Grafana: GrafanaValues{Admin: AdminValues{ExistingSecret: m.GrafanaAdmin, UserKey: "admin-user", PasswordKey: "admin-password"},
			Resources: resources(p, plan.Grafana)},
		Prometheus: PrometheusValues{PrometheusSpec{
			ScrapeInterval: "30s", EvaluationInterval: "30s",
			Retention: fmt.Sprintf("%dd", m.RetentionDays),
			// Blocks go before the disk is full; the write-ahead log needs the rest.
			RetentionSize: fmt.Sprintf("%dMB", int(float64(m.StorageGiB)*1024*0.8)),
			Resources:     resources(p, plan.Prometheus), StorageSpec: storage(s, m.StorageGiB),
		}},
		PrometheusOperator: OperatorValues{resources(p, plan.PrometheusOperator)},
		KubeStateMetrics:   StateMetricsValues{MetricLabelsAllowlist: []string{plan.NodeLabels}, Resources: resources(p, plan.KubeStateMetrics)},
		NodeExporter:       NodeExporterValues{resources(p, plan.NodeExporter)},
	}
}

func storage(s spec.Stack, gib int) Storage {
	return Storage{Claim{ClaimSpec{StorageClassName: s.Monitoring.StorageClass, AccessModes: []string{"ReadWriteOnce"},
		Resources: Resources{Requests: map[string]string{"storage": fmt.Sprintf("%dGi", gib)}}}}}
}
