package spec

import "slices"

// Monitoring is how often metrics arrive, where they are kept, and where alerts go.
type Monitoring struct {
	// ScrapeInterval of Prometheus for the services. Default: 15s.
	ScrapeInterval Duration `json:"scrapeInterval,omitempty" nonzero:"true"`
	// MetricsResolution of metrics-server; its own default of 60s breaks a 60s
	// trigger, so an external metrics-server must state it. Default: 15s.
	MetricsResolution Duration `json:"metricsResolution,omitempty" nonzero:"true"`
	// Namespace of Prometheus, its adapter and Grafana. Default: "monitoring".
	Namespace string `json:"namespace,omitempty"`
	// ReleaseLabel is the Helm release that Prometheus selects monitors and
	// rules by. Default: "kube-prometheus-stack".
	ReleaseLabel string `json:"releaseLabel,omitempty"`
	// Labels that an external Prometheus selects monitors, rules and receivers
	// by. Default: release, with the releaseLabel.
	Labels map[string]string `json:"labels,omitempty"`
	// DashboardLabels that Grafana's sidecar selects ConfigMaps by. Default:
	// grafana_dashboard: "1".
	DashboardLabels map[string]string `json:"dashboardLabels,omitempty"`
	// PrometheusURL that the adapter asks. Default: that of the release.
	PrometheusURL string `json:"prometheusUrl,omitempty"`
	// RetentionDays of a managed Prometheus; burn rates look three days back.
	// Default: 15.
	RetentionDays int `json:"retentionDays,omitempty" nonzero:"true"`
	// StorageGiB of a managed Prometheus. Default: 50.
	StorageGiB int `json:"storageGib,omitempty" nonzero:"true"`
	// StorageClass of the volumes of a managed Prometheus. Default: the cluster's;
	// an EKS cluster may have none.
	StorageClass string `json:"storageClass,omitempty"`
	// GrafanaAdmin is the Secret, in the namespace of Prometheus, that holds
	// admin-user and admin-password of a managed Grafana.
	GrafanaAdmin string `json:"grafanaAdmin,omitempty"`
	// RunbooksURL is where the rendered runbooks.md is published; alerts link to
	// their section of it. Default: no link, the runbook stands in the alert.
	RunbooksURL string `json:"runbooksUrl,omitempty"`
	// Exporters tell what the services themselves cannot.
	Exporters Exporters `json:"exporters,omitzero"`
	// Receivers get the alerts. Outside a local stack, every severity needs one.
	Receivers []Receiver `json:"receivers,omitempty"`
	// DeadMansSwitch is the URL of a service that calls when it hears nothing:
	// an alert that always fires is sent there every few minutes. Required
	// outside a local stack.
	DeadMansSwitch *SecretRef `json:"deadMansSwitch,omitempty"`
}

// Exporters are the programs that turn the state of servers into metrics. One of
// something that the stack does not have is ignored.
type Exporters struct {
	// Postgres reads the database: connections, transactions, statements, size.
	Postgres *Exporter `json:"postgres,omitempty"`
	// PgBouncer runs beside every managed PgBouncer.
	PgBouncer *Exporter `json:"pgbouncer,omitempty"`
	// Redis reads the cache.
	Redis *Exporter `json:"redis,omitempty"`
	// CloudWatch reads what AWS alone knows: CPU, storage and I/O of RDS, and
	// errors of CloudFront. CloudWatch bills every metric asked for.
	CloudWatch *Exporter `json:"cloudwatch,omitempty"`
	// Cloudflare reads the analytics of the zone as lablabs/cloudflare-exporter
	// shows them since November 2025: every value is what one minute counted. A
	// free zone shows nothing in versions before its use of
	// httpRequestsAdaptiveGroups, in 2026.
	Cloudflare *Exporter `json:"cloudflare,omitempty"`
	// Blackbox asks every ingress host from outside of the service: reachability,
	// first byte, certificate.
	Blackbox *Exporter `json:"blackbox,omitempty"`
}

// Exporter is one of them.
type Exporter struct {
	// Mode: managed (the default), or external for one that runs already.
	Mode Mode `json:"mode,omitempty"`
	// Labels by which Prometheus knows the series of an external exporter, such
	// as job.
	Labels map[string]string `json:"labels,omitempty"`
	// Image of a managed exporter, with a tag or digest other than latest.
	// Default: the version that Headroom is tested with.
	Image string `json:"image,omitempty"`
	// User that a managed exporter logs in as. Default: "postgres_exporter" at
	// the database, "pgbouncer_stats" at PgBouncer, cache.user at a managed cache
	// and the default user at another.
	User string `json:"user,omitempty"`
	// Secret that a managed exporter authenticates by: the user's password, at a
	// managed cache that of headroom:cachePassword, or the API token of Cloudflare.
	Secret *SecretRef `json:"secretRef,omitempty"`
}

// Severity says how fast somebody must act on an alert.
type Severity string

// The severities.
const (
	// Critical wakes someone up: the promise is being broken, or is about to be.
	Critical Severity = "critical"
	// Warning waits for the morning.
	Warning Severity = "warning"
)

// Values are the severities.
func (Severity) Values() []string { return []string{string(Critical), string(Warning)} }

// Receiver is one place that alerts are sent to.
type Receiver struct {
	// Name of the receiver.
	Name string `json:"name"`
	// Kind of the receiver.
	Kind ReceiverKind `json:"kind"`
	// SecretRef holds the webhook URL or the integration key.
	SecretRef SecretRef `json:"secretRef"`
	// Severities that it gets. Default: all.
	Severities []Severity `json:"severities,omitempty"`
}

// Names of receivers that no stack file may state: one that drops what no route
// takes, and the dead man's switch.
const (
	NobodyReceiver = "nobody"
	SwitchReceiver = "dead-mans-switch"
)

// ReceiverKind is a kind of alert receiver.
type ReceiverKind string

// The kinds of receivers.
const (
	Slack     ReceiverKind = "slack"
	PagerDuty ReceiverKind = "pagerduty"
	Webhook   ReceiverKind = "webhook"
)

// Values are the allowed kinds of receivers.
func (ReceiverKind) Values() []string {
	return []string{string(Slack), string(PagerDuty), string(Webhook)}
}

// Hears says that a receiver gets the alerts of a severity.
func (r Receiver) Hears(s Severity) bool {
	return len(r.Severities) == 0 || slices.Contains(r.Severities, s)
}
