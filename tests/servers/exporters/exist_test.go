//go:build linux

package exporters

import (
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/alerts"
	"github.com/agencyos/headroom/capacity/dashboards"
	"github.com/agencyos/headroom/capacity/exporters"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/tests/servers"

	"github.com/agencyos/headroom/capacity/plan/plantest"
)

// elsewhere are series of programs that need a cluster or an account, by the
// beginning of their names and where these were read.
var elsewhere = map[string]string{
	"aggregator_unavailable_apiservice": "kubernetes/kube-aggregator pkg/controllers/status/metrics, v0.36",
	"alertmanager_notifications_":       "prometheus/alertmanager notify/notify.go, v0.33",
	"aws_":                              "yet-another-cloudwatch-exporter pkg/promutil/migrate.go BuildMetricName, v0.67.0",
	"cloudflare_zone_":                  "lablabs/cloudflare-exporter prometheus.go, 2026-11",
	"container_":                        "google/cadvisor metrics/prometheus.go, v0.53",
}

// beyond says that nothing on this machine tells a series.
func beyond(metric string) bool {
	for prefix := range elsewhere {
		if strings.HasPrefix(metric, prefix) {
			return true
		}
	}
	return false
}

// The exporter of CloudWatch reads its file, with every metric there is to ask for.
func TestCloudWatchFileIsRead(t *testing.T) {
	text, err := yaml.Marshal(exporters.NewCloudWatchFile("eu-west-1", "db-1", true, "E1"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cloudwatch.yml")
	servers.Keep(t, path, text)
	program := servers.Build(t, root, "yace", "github.com/prometheus-community/yet-another-cloudwatch-exporter/cmd/yace")
	args := []string{"verify-config", exporters.CloudWatchArgs(path)[0]}
	if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
		t.Errorf("%v: %v\n%s", args, err, out)
	}
}

func TestEverySeriesExists(t *testing.T) {
	servers.Long(t)
	s, p := plantest.Everything(t)
	at := watching(t, s, p)
	settle(t, at, `headroom:failed_requests:ratio_rate3d`)
	settle(t, at, `rate(pg_stat_statements_calls_total[1m])`)
	settle(t, at, `kube_horizontalpodautoscaler_status_current_replicas`)
	settle(t, at, `probe_success == 1`)
	t.Run("what alerts need", func(t *testing.T) { needed(t, at, alerts.New(s, p)) })
	t.Run("what alerts and panels read", func(t *testing.T) { metricsExist(t, at, s, p) })
	t.Run("rules evaluate", func(t *testing.T) { evaluate(t, at) })
	t.Run("the adapter serves the plan's metrics", func(t *testing.T) { served(t, at, s, p) })
	t.Run("docs", func(t *testing.T) { documented(t, at, s, p) })
}

// needed: an alert that a selector with its labels keeps silent for ever.
func needed(t *testing.T, at string, groups []alerts.Group) {
	for _, g := range groups {
		for _, a := range g.Alerts {
			for _, need := range a.Needs {
				if !slices.ContainsFunc(metricsOf(t, need), beyond) && !answered(t, at, need) {
					t.Errorf("%s needs %s, and nothing real has it", a.Title(), need)
				}
			}
		}
	}
}

// metricsExist: every name that is read anywhere is told by something real.
func metricsExist(t *testing.T, at string, s spec.Stack, p plan.Plan) {
	readers := map[string][]string{}
	add := func(reader, expr string) {
		for _, metric := range metricsOf(t, expr) {
			readers[metric] = append(readers[metric], reader)
		}
	}
	for _, g := range alerts.New(s, p) {
		for _, r := range g.Records {
			add(r.Name, r.Expr)
		}
		for _, a := range g.Alerts {
			add(a.Title(), a.Expr)
		}
	}
	for _, d := range dashboards.New(s, p) {
		for _, r := range d.Rows {
			for _, panel := range r.Panels {
				for _, q := range panel.Queries {
					add(d.Name+": "+panel.Title, q.Expr)
					ask(t, at, q.Expr) // an expression that Prometheus refuses is an error
				}
			}
		}
	}
	real := 0
	for metric, by := range readers {
		if beyond(metric) {
			continue
		}
		real++
		if !answered(t, at, metric) {
			t.Errorf("%s is told by nothing real, and read by %s", metric, strings.Join(by, ", "))
		}
	}
	if real < 60 {
		t.Errorf("only %d names were looked for", real)
	}
	for prefix := range elsewhere {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(readers)), func(metric string) bool { return strings.HasPrefix(metric, prefix) }) {
			t.Errorf("nothing reads %s any more: take it off the list", prefix)
		}
	}
}

// evaluate: no rule fails on real series, such as by matching one twice.
func evaluate(t *testing.T, at string) {
	for _, one := range ask(t, at, "prometheus_rule_evaluation_failures_total > 0") {
		t.Errorf("rules fail: %v", one)
	}
}
