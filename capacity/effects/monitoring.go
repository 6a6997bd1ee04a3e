package effects

// Sources of the rows of monitoring, read in November 2026.
const (
	tfBudget   = "terraform-provider-aws internal/service/budgets/budget.go @ 01d5888a (ForceNew fields)"
	operatorAM = "prometheus-operator pkg/alertmanager/amcfg.go @ v0.93.1 AddAlertmanagerConfigs (written into the configuration that Alertmanager reloads)"
	operatorPM = "prometheus-operator pkg/prometheus/promcfg.go @ v0.93.1 generatePodMonitorConfig, generateProbeConfig (written into the configuration that Prometheus reloads)"
	operatorPR = "prometheus-operator pkg/operator/rules.go @ v0.93.1 PrometheusRuleSyncer.Sync (written into the rule files that Prometheus reloads)"
)

// monitoringTypes are what watches a stack and its spending.
var monitoringTypes = []Type{
	{Token: "aws:budgets/budget:Budget", Source: tfBudget, Rows: on(Replace, "", "accountId", "name", "namePrefix"), Keeps: []string{"name", "namePrefix"}},
	custom("PodMonitor", "v1", Row{Path: "spec", Effect: Update, Note: "Prometheus reloads what it scrapes", Source: operatorPM}),
	custom("Probe", "v1", Row{Path: "spec", Effect: Update, Note: "Prometheus reloads what it scrapes", Source: operatorPM}),
	custom("PrometheusRule", "v1", Row{Path: "spec", Effect: Update, Note: "Prometheus reloads its rules", Source: operatorPR}),
	custom("AlertmanagerConfig", "v1alpha1", Row{Path: "spec", Effect: Update, Note: "Alertmanager reloads whom it tells", Source: operatorAM}),
}

// custom is a resource of the Prometheus operator.
func custom(kind, version string, row Row) Type {
	return Type{Token: "kubernetes:monitoring.coreos.com/" + version + ":" + kind, Source: pkDiff, Rows: append(on(Replace, "", "metadata.name", "metadata.namespace"), row)}
}
