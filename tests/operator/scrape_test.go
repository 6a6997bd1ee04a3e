package operator

import (
	"bytes"
	"log/slog"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus-operator/prometheus-operator/pkg/assets"
	"github.com/prometheus-operator/prometheus-operator/pkg/prometheus"
	"github.com/prometheus/prometheus/config"
	_ "github.com/prometheus/prometheus/discovery/kubernetes" // A configuration of pods is refused without it.
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/agencyos/headroom/capacity/plan/plantest"
)

// scrapes has the operator make a configuration of the monitors and Prometheus
// load it.
func scrapes(t *testing.T, o objects) map[string]*config.ScrapeConfig {
	t.Helper()
	server := &monitoringv1.Prometheus{ObjectMeta: metav1.ObjectMeta{Name: "main", Namespace: "monitoring"},
		Spec: monitoringv1.PrometheusSpec{EvaluationInterval: "30s", CommonPrometheusFields: monitoringv1.CommonPrometheusFields{ScrapeInterval: "30s", PodMonitorSelector: &metav1.LabelSelector{}, ProbeSelector: &metav1.LabelSelector{}}}}
	generator, err := prometheus.NewConfigGenerator(slog.New(slog.DiscardHandler), server)
	if err != nil {
		t.Fatal(err)
	}
	text, err := generator.GenerateServerConfiguration(server, nil, o.podMonitors, o.probes, nil, assets.NewTestStoreBuilder(), nil, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	// As the reloader beside Prometheus does for the first of its shards.
	text = bytes.ReplaceAll(text, []byte("$(SHARD)"), []byte("0"))
	loaded, err := config.Load(string(text), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("Prometheus refuses what the operator makes: %v\n%s", err, text)
	}
	out := map[string]*config.ScrapeConfig{}
	for _, s := range loaded.ScrapeConfigs {
		out[s.JobName] = s
	}
	return out
}

// pod is what service discovery says of a pod's port.
func pod(app, name, container, port, portName string) map[string]string {
	return map[string]string{
		"__address__": "10.0.0.1:" + port, "__meta_kubernetes_namespace": "agencyos", "__meta_kubernetes_pod_name": name, "__meta_kubernetes_pod_ready": "true",
		"__meta_kubernetes_pod_phase": "Running", "__meta_kubernetes_pod_container_name": container, "__meta_kubernetes_pod_container_port_number": port,
		"__meta_kubernetes_pod_container_port_name": portName, "__meta_kubernetes_pod_label_app_kubernetes_io_name": app, "__meta_kubernetes_pod_labelpresent_app_kubernetes_io_name": "true",
	}
}

// target is what Prometheus makes of a discovered pod; false when it drops it.
func target(s *config.ScrapeConfig, discovered map[string]string) (map[string]string, bool) {
	in := maps.Clone(discovered)
	in["job"] = s.JobName
	b := labels.NewBuilder(labels.FromMap(in))
	if !relabel.ProcessBuilder(b, s.RelabelConfigs...) {
		return nil, false
	}
	out := map[string]string{}
	for _, name := range []string{"namespace", "service", "pod", "container", "job"} {
		if v := b.Get(name); v != "" {
			out[name] = v
		}
	}
	return out, true
}

// What the operator makes of the monitors gives targets the labels that the
// plan's queries and the alerts select by, and takes no other pod's port.
func TestTargetsGetTheLabelsOfTheQueries(t *testing.T) {
	s, p := plantest.Everything(t)
	jobs := scrapes(t, decoded(t, s, p))
	for name, c := range map[string]struct {
		job  string
		pod  map[string]string
		want map[string]string // nil: dropped
	}{
		"a pod of the service": {"podMonitor/agencyos/headroom-backend/0", pod("backend", "backend-x", "backend", "8000", "http"),
			map[string]string{"namespace": "agencyos", "service": "backend", "pod": "backend-x", "container": "backend", "job": "agencyos/headroom-backend"}},
		"another port of it":    {"podMonitor/agencyos/headroom-backend/0", pod("backend", "backend-x", "sidecar", "9000", "other"), nil},
		"a pod of another":      {"podMonitor/agencyos/headroom-backend/0", pod("frontend", "frontend-x", "frontend", "8000", "http"), nil},
		"the exporter":          {"podMonitor/agencyos/headroom-postgres-exporter/0", pod("postgres-exporter", "postgres-exporter-x", "exporter", "9187", "metrics"), map[string]string{"namespace": "agencyos", "pod": "postgres-exporter-x", "container": "exporter", "job": "postgres-exporter"}},
		"beside every pooler":   {"podMonitor/agencyos/headroom-pgbouncer-exporter/0", pod("pgbouncer", "pgbouncer-x", "exporter", "9127", "metrics"), map[string]string{"namespace": "agencyos", "pod": "pgbouncer-x", "container": "exporter", "job": "pgbouncer"}},
		"not the pooler itself": {"podMonitor/agencyos/headroom-pgbouncer-exporter/0", pod("pgbouncer", "pgbouncer-x", "pgbouncer", "6432", "postgres"), nil},
	} {
		job, ok := jobs[c.job]
		if !ok {
			t.Errorf("%s: there is no job %s", name, c.job)
			continue
		}
		got, kept := target(job, c.pod)
		if kept != (c.want != nil) {
			t.Errorf("%s: scraped is %v", name, kept)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: labels (-want +got):\n%s", name, diff)
		}
	}
}

// A running product's pods are found as well: by labels of its own, or, where the
// Deployment is adopted, by its name.
func TestLivePodsAreTargets(t *testing.T) {
	taken := []string{"services.backend.mode=adopt", "services.backend.id=shop/backend-api", "services.backend.deployment=''", "services.backend.selector={}"}
	for name, sets := range map[string][]string{"external": nil, "adopted": taken} {
		s, p := plantest.Adopted(t, sets...)
		job := scrapes(t, decoded(t, s, p))["podMonitor/shop/headroom-backend/0"]
		for app, want := range map[string]bool{"backend-api": true, "backend-worker": false} {
			found := pod("", app+"-7d9f8c6b5d-x2x9k", "app", "8000", "http")
			found["__meta_kubernetes_pod_label_app"], found["__meta_kubernetes_pod_labelpresent_app"] = app, "true"
			got, kept := target(job, found)
			if kept != want || kept && got["service"] != "backend" {
				t.Errorf("%s: a pod of %s is scraped: %v, as %v", name, app, kept, got)
			}
		}
	}
}

// Services are scraped as often as the plan counts on.
func TestScrapesAreAsOftenAsPlanned(t *testing.T) {
	s, p := plantest.Committed(t, "prod", "monitoring.scrapeInterval=10s")
	job := scrapes(t, decoded(t, s, p))["podMonitor/agencyos/headroom-backend/0"]
	if got, want := job.ScrapeInterval.String(), "10s"; got != want || job.ScrapeTimeout >= job.ScrapeInterval || job.MetricsPath != "/metrics" {
		t.Errorf("scraped every %s for at most %s at %s, want every %s", got, job.ScrapeTimeout, job.MetricsPath, want)
	}
}

// Probes ask the host through the blackbox exporter and name the service.
func TestProbesNameTheService(t *testing.T) {
	s, p := plantest.Committed(t, "prod")
	job, ok := scrapes(t, decoded(t, s, p))["probe/agencyos/headroom-backend"]
	if !ok {
		t.Fatal("there is no probe of backend")
	}
	if got := job.Params["module"]; len(got) != 1 || got[0] != "http_2xx" || job.MetricsPath != "/probe" {
		t.Errorf("asks %s for module %v", job.MetricsPath, got)
	}
	b := labels.NewBuilder(labels.FromMap(staticTarget(t, job)))
	if !relabel.ProcessBuilder(b, job.RelabelConfigs...) {
		t.Fatal("the probe's target is dropped")
	}
	for name, want := range map[string]string{"job": "blackbox", "namespace": "agencyos", "service": "backend", "instance": "https://api.agencyos.example/health/ready",
		"__param_target": "https://api.agencyos.example/health/ready", "__address__": "blackbox-exporter.agencyos.svc:9115"} {
		if got := b.Get(name); got != want {
			t.Errorf("label %s of the probe = %q, want %q", name, got, want)
		}
	}
}
