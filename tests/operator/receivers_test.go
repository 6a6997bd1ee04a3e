package operator

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/blang/semver/v4"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus-operator/prometheus-operator/pkg/alertmanager"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus-operator/prometheus-operator/pkg/assets"
	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/common/model"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/agencyos/headroom/capacity/alerts"
	"github.com/agencyos/headroom/capacity/spec"

	"github.com/agencyos/headroom/capacity/plan/plantest"
)

// The chart's own configuration, reduced to its route.
const base = `{"route": {"receiver": "null"}, "receivers": [{"name": "null"}]}`

// loaded has the operator merge the receivers into an Alertmanager's configuration
// and Alertmanager load it.
func loaded(t *testing.T, o objects, strategy monitoringv1.AlertmanagerConfigMatcherStrategyType) *amconfig.Config {
	t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "alerting", Namespace: "agencyos"},
		Data: map[string][]byte{"slack": []byte("https://hooks.example/a"), "pagerduty": []byte("key"), "heartbeat": []byte("https://switch.example/b")}}
	b := alertmanager.NewConfigBuilder(slog.New(slog.DiscardHandler), semver.MustParse("0.28.1"), assets.NewTestStoreBuilder(secret),
		&monitoringv1.Alertmanager{ObjectMeta: metav1.ObjectMeta{Namespace: "monitoring"}, Spec: monitoringv1.AlertmanagerSpec{AlertmanagerConfigMatcherStrategy: monitoringv1.AlertmanagerConfigMatcherStrategy{Type: strategy}}})
	if err := b.InitializeFromRawConfiguration([]byte(base)); err != nil {
		t.Fatal(err)
	}
	if err := b.AddAlertmanagerConfigs(t.Context(), o.receivers); err != nil {
		t.Fatal(err)
	}
	text, err := b.MarshalJSON() // of which the name promises more than it does: it is YAML
	if err != nil {
		t.Fatal(err)
	}
	out, err := amconfig.Load(string(text))
	if err != nil {
		t.Fatalf("Alertmanager refuses what the operator makes: %v\n%s", err, text)
	}
	return out
}

// told are the receivers of an alert, as Alertmanager routes it.
func told(c *amconfig.Config, labels map[string]string) []string {
	set := model.LabelSet{}
	for name, value := range labels {
		set[model.LabelName(name)] = model.LabelValue(value)
	}
	var out []string
	for _, route := range dispatch.NewRoute(c.Route, nil).Match(set) {
		if name := route.RouteOpts.Receiver; !strings.HasSuffix(name, "/nobody") && name != "null" {
			out = append(out, name[strings.LastIndex(name, "/")+1:])
		}
	}
	slices.Sort(out)
	return out
}

// Every alert reaches everybody who hears its severity, whether Alertmanager lets
// receivers hear all namespaces or only their own; the watchdog reaches the dead
// man's switch and nobody else.
func TestEveryAlertReachesItsReceivers(t *testing.T) {
	s, p := plantest.Everything(t)
	o := decoded(t, s, p)
	wanted := map[spec.Severity][]string{spec.Critical: {"on-call", "team"}, spec.Warning: {"team"}}
	for _, strategy := range []monitoringv1.AlertmanagerConfigMatcherStrategyType{"", "OnNamespace", "None"} {
		c := loaded(t, o, strategy)
		for _, g := range alerts.RuleFile(s.Name, s.Cluster.Namespace, "", alerts.New(s, p)) {
			for _, r := range g.Rules {
				if r.Alert == "" {
					continue
				}
				want := wanted[spec.Severity(r.Labels["severity"])]
				if r.Alert == alerts.Watchdog {
					want = []string{"dead-mans-switch"}
				}
				labels := map[string]string{"alertname": r.Alert, "pod": "backend-x"}
				for name, value := range r.Labels {
					labels[name] = value
				}
				if diff := cmp.Diff(want, told(c, labels)); diff != "" {
					t.Errorf("strategy %q: receivers of %s %s (-want +got):\n%s", strategy, r.Alert, r.Labels["subject"], diff)
				}
			}
		}
	}
}

// The alerts of another stack in the same cluster are not this one's.
func TestOthersAlertsAreLeftAlone(t *testing.T) {
	s, p := plantest.Committed(t, "prod")
	c := loaded(t, decoded(t, s, p), "None")
	for _, labels := range []map[string]string{{"alertname": "A", "severity": "critical", "stack": "staging", "namespace": "agencyos"}, {"alertname": "Watchdog", "severity": "none"}} {
		if got := told(c, labels); got != nil {
			t.Errorf("%v tells %v", labels, got)
		}
	}
}

// No secret stands in the objects: the operator reads it from its Secret.
func TestSecretsAreReferences(t *testing.T) {
	s, p := plantest.Committed(t, "prod")
	o := decoded(t, s, p)
	text, err := json.Marshal(o.receivers)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "https://") {
		t.Errorf("an address stands in the objects: %s", text)
	}
	found := 0
	for _, r := range loaded(t, o, "None").Receivers {
		for _, c := range r.SlackConfigs {
			found++
			if c.APIURL.String() != "https://hooks.example/a" {
				t.Errorf("slack posts to %s", c.APIURL)
			}
		}
	}
	if found != 1 {
		t.Errorf("%d receivers of slack", found)
	}
}
