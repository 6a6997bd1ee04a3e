package monitors

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"

	"github.com/agencyos/headroom/capacity/plan/plantest"
)

func of(t *testing.T, kind string, sets ...string) []Object {
	t.Helper()
	var out []Object
	for _, o := range Of(plantest.Committed(t, "prod", sets...)) {
		if o.Kind == kind {
			out = append(out, o)
		}
	}
	return out
}

// Every object there is; one that is lost is missing here by its name.
func TestEveryObjectIsThere(t *testing.T) {
	got := map[string][]string{}
	for _, o := range Of(plantest.Everything(t)) {
		got[o.Kind] = append(got[o.Kind], strings.TrimPrefix(o.Name, "headroom-"))
	}
	want := map[string][]string{
		PodMonitor:         {"backend", "frontend", "postgres-exporter", "pgbouncer-exporter", "redis-exporter", "cloudwatch-exporter", "cloudflare-exporter"},
		Probe:              {"backend", "frontend"},
		PrometheusRule:     {"prod-scaling", "prod-pods", "prod-slo", "prod-nodes", "prod-database", "prod-rds", "prod-pooler", "prod-cache", "prod-edge", "prod-watch", "prod-missing"},
		AlertmanagerConfig: {"prod"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

// An object without the label that Prometheus selects by is ignored in silence.
func TestEveryObjectIsSelected(t *testing.T) {
	for name, c := range map[string]struct {
		sets []string
		want map[string]string
	}{
		"the release": {nil, map[string]string{"release": "kube-prometheus-stack"}},
		"another":     {[]string{"monitoring.releaseLabel=obs"}, map[string]string{"release": "obs"}},
		"own labels":  {[]string{"addons={prometheus: external}", "monitoring.labels={prometheus: main, team: web}"}, map[string]string{"prometheus": "main", "team": "web"}},
	} {
		for _, o := range Of(plantest.Committed(t, "prod", c.sets...)) {
			if diff := cmp.Diff(c.want, o.Labels); diff != "" {
				t.Errorf("%s: labels of %s %s (-want +got):\n%s", name, o.Kind, o.Name, diff)
			}
			if o.Namespace != "agencyos" || o.APIVersion == "" || o.Spec == nil {
				t.Errorf("%s: %+v", name, o)
			}
		}
	}
}

// The monitor gives the label by which the plan's queries select, scrapes as often
// as the plan counts on, and gives up before the next scrape.
func TestServicesAreScrapedAsPlanned(t *testing.T) {
	got := of(t, PodMonitor, "services.backend.metrics={port: 9000, path: /prom}", "monitoring.scrapeInterval=10s")[0]
	want := PodMonitorSpec{Selector: Selector{map[string]string{"app.kubernetes.io/name": "backend"}},
		PodMetricsEndpoints: []Endpoint{{PortNumber: 9000, Path: "/prom", Interval: "10s", ScrapeTimeout: "6s", Relabelings: []Relabeling{label("service", "backend")}}}}
	if diff := cmp.Diff(want, got.Spec); diff != "" {
		t.Errorf("PodMonitor (-want +got):\n%s", diff)
	}
}

// Pods of a running product are found by its own labels, and those of an adopted
// Deployment, whose labels no stack file states, by its name.
func TestLivePodsAreFound(t *testing.T) {
	byName := func(deployment string) []Relabeling {
		return []Relabeling{{Action: "keep", SourceLabels: []string{"__meta_kubernetes_pod_name"}, Regex: series.PodNames(deployment)}}
	}
	for name, c := range map[string]struct {
		sets   []string
		object string
		want   map[string]string
		keeps  []Relabeling
	}{
		"external": {nil, "headroom-backend", map[string]string{"app": "backend-api"}, nil},
		"adopted":  {[]string{"services.backend.mode=adopt", "services.backend.id=shop/backend-api", "services.backend.deployment=''", "services.backend.selector={}"}, "headroom-backend", nil, byName("backend-api")},
		"pooler": {[]string{"database.pooler=pgbouncer", "database.pgbouncer={image: p:1.26.1, userList: {name: a, key: b}, adopt: {deployment: shop/pool}}",
			"monitoring.exporters.pgbouncer={secretRef: {name: a, key: b}}"}, "headroom-pgbouncer-exporter", nil, byName("pool")},
	} {
		for _, o := range Of(plantest.Adopted(t, c.sets...)) {
			if o.Name != c.object || o.Kind != PodMonitor {
				continue
			}
			got := o.Spec.(PodMonitorSpec)
			relabelings := got.PodMetricsEndpoints[0].Relabelings
			if diff := cmp.Diff(c.want, got.Selector.MatchLabels) + cmp.Diff(c.keeps, relabelings[:len(relabelings)-1], cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			c.object = ""
		}
		if c.object != "" {
			t.Errorf("%s: %s is not there", name, c.object)
		}
	}
}

// Exporters get the job by which the alerts select.
func TestExportersAreScrapedUnderTheirJob(t *testing.T) {
	s, p := plantest.Everything(t)
	e := s.Monitoring.Exporters
	jobs := map[string]*spec.Exporter{"postgres-exporter": e.Postgres, "pgbouncer-exporter": e.PgBouncer, "redis-exporter": e.Redis, "cloudwatch-exporter": e.CloudWatch, "cloudflare-exporter": e.Cloudflare}
	for _, o := range Of(s, p) {
		monitor, ok := o.Spec.(PodMonitorSpec)
		exporter := jobs[strings.TrimPrefix(o.Name, "headroom-")]
		if !ok || exporter == nil {
			continue
		}
		at := monitor.PodMetricsEndpoints[0]
		if diff := cmp.Diff([]Relabeling{label("job", exporter.Labels["job"])}, at.Relabelings); diff != "" || at.Port != MetricsPort {
			t.Errorf("%s at port %q (-want +got):\n%s", o.Name, at.Port, diff)
		}
	}
}

// External exporters are scraped by whoever runs them.
func TestExternalExportersAreNotScraped(t *testing.T) {
	for _, o := range of(t, PodMonitor, "monitoring.exporters={postgres: {mode: external, labels: {job: a}}}") {
		if o.Name != "headroom-backend" && o.Name != "headroom-frontend" {
			t.Errorf("%s is scraped", o.Name)
		}
	}
	if n := len(of(t, Probe, "monitoring.exporters={}")); n != 0 {
		t.Errorf("%d probes without a blackbox exporter", n)
	}
}

func TestProbes(t *testing.T) {
	got := of(t, Probe, "services.backend.ingress={host: api.agencyos.example, probePath: /up}")[0]
	want := ProbeSpec{JobName: "blackbox", Interval: "30s", Module: "http_2xx", Prober: Prober{"blackbox-exporter.agencyos.svc:9115"},
		Targets: Targets{StaticConfig{Static: []string{"https://api.agencyos.example/up"}, Labels: map[string]string{"service": "backend"}}}}
	if diff := cmp.Diff(want, got.Spec); diff != "" {
		t.Errorf("Probe (-want +got):\n%s", diff)
	}
}

// Every severity has a route to each who hears it, the watchdog to the switch
// alone, and secrets are references.
func TestReceivers(t *testing.T) {
	got := of(t, AlertmanagerConfig, "monitoring.receivers=[{name: a, kind: slack, secretRef: {name: s, key: k}}, {name: b, kind: pagerduty, secretRef: {name: s, key: l}, severities: [critical]}, {name: c, kind: webhook, secretRef: {name: s, key: m}, severities: [warning]}]")[0].Spec.(ReceiverSpec)
	missing := func(receiver string) []Route {
		return []Route{{Receiver: receiver, GroupBy: []string{"alertname"}, Matchers: []Matcher{{"alertname", "HeadroomSeriesMissing", "="}}}}
	}
	wantRoutes := []Route{
		{Receiver: "dead-mans-switch", Matchers: []Matcher{{"alertname", "HeadroomWatchdog", "="}}, GroupWait: "1s", GroupInterval: "1m", RepeatInterval: "1m"},
		{Receiver: "a", Continue: true, Matchers: []Matcher{{"severity", "critical|warning", "=~"}}, Routes: missing("a")},
		{Receiver: "b", Continue: true, Matchers: []Matcher{{"severity", "critical", "=~"}}, Routes: missing("b")},
		{Receiver: "c", Continue: true, Matchers: []Matcher{{"severity", "warning", "=~"}}, Routes: missing("c")},
	}
	if diff := cmp.Diff(wantRoutes, got.Route.Routes); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Matcher{{"stack", "prod", "="}}, got.Route.Matchers); diff != "" || got.Route.Receiver != "nobody" {
		t.Errorf("root to %s (-want +got):\n%s", got.Route.Receiver, diff)
	}
	secrets := map[string]SecretKey{}
	for _, r := range got.Receivers {
		for _, c := range r.SlackConfigs {
			secrets[r.Name] = c.APIURL
		}
		for _, c := range r.PagerdutyConfigs {
			secrets[r.Name] = c.RoutingKey
		}
		for _, c := range r.WebhookConfigs {
			secrets[r.Name] = c.URLSecret
		}
	}
	want := map[string]SecretKey{"dead-mans-switch": {"alerting", "heartbeat"}, "a": {"s", "k"}, "b": {"s", "l"}, "c": {"s", "m"}}
	if diff := cmp.Diff(want, secrets); diff != "" {
		t.Errorf("secrets of the receivers (-want +got):\n%s", diff)
	}
}

func TestNobodyToTell(t *testing.T) {
	if n := len(of(t, AlertmanagerConfig, "monitoring={grafanaAdmin: g}")); n != 0 {
		t.Errorf("%d configurations of receivers without one", n)
	}
}

// Rules of one object fit what kubectl keeps in an annotation, with room for a
// stack several times the size.
func TestRuleObjectsAreSmall(t *testing.T) {
	for _, o := range Of(plantest.Everything(t)) {
		if o.Kind != PrometheusRule {
			continue
		}
		text, err := json.Marshal(o.Spec)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > 256<<10/3 {
			t.Errorf("%s has %d bytes", o.Name, len(text))
		}
	}
}
