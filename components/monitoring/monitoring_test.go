package monitoring

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/components/componenttest"
)

const (
	chartType  = "kubernetes:helm.sh/v3:Release"
	deployment = "kubernetes:apps/v1:Deployment"
	configMap  = "kubernetes:core/v1:ConfigMap"
	customs    = "kubernetes:monitoring.coreos.com/"
)

// count is how many resources there are of every type below a prefix.
func count(r *componenttest.Recorder, prefix string) map[string]int {
	out := map[string]int{}
	for _, token := range r.Types() {
		if rest, ok := strings.CutPrefix(token, prefix); ok {
			out[rest]++
		}
	}
	return out
}

func TestModes(t *testing.T) {
	managed := map[string]int{"v1:PodMonitor": 6, "v1:Probe": 2, "v1:PrometheusRule": 10, "v1alpha1:AlertmanagerConfig": 1}
	cases := map[string]struct {
		reason string
		addons string
		charts []string
		// rules says that the adapter's are handed over.
		rules bool
	}{
		"Managed":    {"both charts", "{prometheus: managed, prometheusAdapter: managed}", []string{"kube-prometheus-stack", "prometheus-adapter"}, false},
		"Adapter":    {"a Prometheus that runs is asked by an adapter of ours", "{prometheus: external, prometheusAdapter: managed}", []string{"prometheus-adapter"}, false},
		"Prometheus": {"an adapter that runs gets the rules", "{prometheus: managed, prometheusAdapter: external}", []string{"kube-prometheus-stack"}, true},
		"External":   {"what runs stays as it is", "{prometheus: external, prometheusAdapter: external}", nil, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := declared(t, planned(t, "prod", "addons="+c.addons))
			var charts []string
			handed := false
			for _, one := range r.Resources() {
				if one.Type == chartType {
					charts = append(charts, one.Name)
				}
				handed = handed || one.Type == configMap && one.Name == plan.AdapterRules
			}
			if diff := cmp.Diff(c.charts, charts); diff != "" || handed != c.rules {
				t.Errorf("%s: charts (-want +got):\n%s; rules handed over: %t, want %t", c.reason, diff, handed, c.rules)
			}
			if diff := cmp.Diff(managed, count(r, customs)); diff != "" {
				t.Errorf("%s: objects of the operator, in every mode (-want +got):\n%s", c.reason, diff)
			}
		})
	}
}

// Custom resources and dashboards wait for the chart that brings their kinds and
// namespace, and so does the adapter.
func TestOrder(t *testing.T) {
	for _, one := range declared(t, planned(t, "prod")).Resources() {
		waits := slices.ContainsFunc(one.DependsOn, func(urn string) bool { return strings.HasSuffix(urn, "::kube-prometheus-stack") })
		needs := strings.HasPrefix(one.Type, customs) || one.Name == "prometheus-adapter" || strings.HasPrefix(one.Name, dashboardPrefix)
		if waits != needs {
			t.Errorf("%s %s waits for the chart: %t, want %t", one.Type, one.Name, waits, needs)
		}
	}
}

// Without its labels an object is ignored in silence.
func TestLabels(t *testing.T) {
	for name, c := range map[string]struct {
		sets             []string
		objects, boards  string
		value, boardsVal string
	}{
		"Chart":    {nil, "release", "grafana_dashboard", "kube-prometheus-stack", "1"},
		"Existing": {[]string{"addons={prometheus: external}", "monitoring.labels={team: web}", "monitoring.dashboardLabels={boards: web}"}, "team", "boards", "web", "web"},
	} {
		objects, boards := 0, 0
		for _, one := range declared(t, planned(t, "prod", c.sets...)).Resources() {
			if strings.HasPrefix(one.Type, customs) {
				objects++
				if got := one.At("metadata.labels." + c.objects); got != c.value {
					t.Errorf("%s: %s %s: label %s = %v, want %s", name, one.Type, one.Name, c.objects, got, c.value)
				}
			}
			if one.Type == configMap && strings.HasPrefix(one.Name, dashboardPrefix) {
				boards++
				if got := one.At("metadata.labels." + c.boards); got != c.boardsVal {
					t.Errorf("%s: %s: label %s = %v, want %s", name, one.Name, c.boards, got, c.boardsVal)
				}
			}
		}
		if objects == 0 || boards != 6 {
			t.Errorf("%s: %d objects and %d dashboards, want some and 6", name, objects, boards)
		}
	}
}

// The chart is told what no default of its own would do.
func TestChartValues(t *testing.T) {
	r := declared(t, planned(t, "prod", "monitoring.retentionDays=30", "monitoring.storageClass=gp3"))
	stack, adapter := named(t, r, chartType, "kube-prometheus-stack"), named(t, r, chartType, "prometheus-adapter")
	for path, want := range map[string]any{
		"values.prometheus.prometheusSpec.retention":                                             "30d",
		"values.prometheus.prometheusSpec.storageSpec.volumeClaimTemplate.spec.storageClassName": "gp3",
		"values.grafana.admin.existingSecret":                                                    "grafana-admin",
		"values.alertmanager.alertmanagerSpec.alertmanagerConfigSelector.matchLabels.release":    "kube-prometheus-stack",
		"values.kube-state-metrics.metricLabelsAllowlist.0":                                      plan.NodeLabels,
		"values.kubeEtcd.enabled":                                                                false,
		"values.prometheus.prometheusSpec.resources.requests.memory":                             "2Gi",
		"name": "kube-prometheus-stack", "version": "88.5.3", "namespace": "monitoring",
	} {
		if got := stack.At(path); got != want {
			t.Errorf("kube-prometheus-stack: %s = %v, want %v", path, got, want)
		}
	}
	for path, want := range map[string]any{
		"values.metricsRelistInterval": "30s", "values.extraArguments.0": "--metrics-max-age=1m0s", "values.rules.default": false,
		"values.rules.external.0.name.as": "headroom_backend_in_flight", "values.replicas": 2.0, "values.prometheus.port": 9090.0,
		"values.prometheus.url": "http://kube-prometheus-stack-prometheus.monitoring.svc",
	} {
		if got := adapter.At(path); got != want {
			t.Errorf("prometheus-adapter: %s = %v, want %v", path, got, want)
		}
	}
}

// A release that is renamed keeps its label and its address together.
func TestReleaseIsNamedOnce(t *testing.T) {
	r := declared(t, planned(t, "prod", "monitoring.releaseLabel=obs"))
	if got := named(t, r, chartType, "kube-prometheus-stack").At("name"); got != "obs" {
		t.Errorf("release = %v, want obs", got)
	}
	if got := named(t, r, customs+"v1:PrometheusRule", "headroom-prod-scaling").At("metadata.labels.release"); got != "obs" {
		t.Errorf("label release = %v, want obs", got)
	}
	if got := named(t, r, chartType, "prometheus-adapter").At("values.prometheus.url"); got != "http://obs-kube-prometheus-stack-prometheus.monitoring.svc" {
		t.Errorf("adapter asks %v", got)
	}
}

func TestDashboardsOfAStackDoNotReplaceAnothers(t *testing.T) {
	names := map[string]bool{}
	for _, stack := range []string{"prod", "staging"} {
		for _, one := range declared(t, planned(t, stack)).Resources() {
			if one.Type != configMap || !strings.HasPrefix(one.Name, dashboardPrefix) {
				continue
			}
			files, _ := one.At("data").(map[string]any)
			for _, name := range append(slices.Collect(maps.Keys(files)), one.Name) {
				if names[name] {
					t.Errorf("%s of %s is another stack's, too", name, stack)
				}
				names[name] = true
			}
		}
	}
}
