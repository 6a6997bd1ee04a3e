//go:build linux

package exporters

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/alerts"
	"github.com/agencyos/headroom/capacity/monitors"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/internal/process"
)

// job of a scrape configuration.
func job(name string, targets []string, labels map[string]string) map[string]any {
	return map[string]any{"job_name": name, "static_configs": []any{map[string]any{"targets": targets, "labels": labels}}}
}

// configuration scrapes everything under the labels that monitors give. The first
// job is for Prometheus itself, which has no address yet.
func configuration(t *testing.T, s spec.Stack, rules string) map[string]any {
	t.Helper()
	e, at, namespace := s.Monitoring.Exporters, scraped(t), s.Cluster.Namespace
	jobs := []any{
		nil, job("node-exporter", []string{at[plan.NodeExporter]}, nil), job("kube-state-metrics", []string{state(t, cluster(t))}, nil),
	}
	// Labels of the objects that kube-state-metrics tells about win, as in the chart.
	jobs[2].(map[string]any)["honor_labels"] = true
	for name, exporter := range map[string]*spec.Exporter{plan.PostgresExporter: e.Postgres, plan.PgBouncerExporter: e.PgBouncer, plan.RedisExporter: e.Redis} {
		jobs = append(jobs, job(name, []string{at[name]}, exporter.Labels))
	}
	for name, service := range s.Services {
		jobs = append(jobs, job(name, []string{app(t, service.Routes)}, map[string]string{"namespace": namespace, "service": name, "pod": name + "-6d4cf56db6-x7zqk"}))
		prober, target := prober(t)
		probe := job("probe "+name, []string{prober}, map[string]string{"namespace": namespace, "service": name, "job": e.Blackbox.Labels["job"]})
		probe["metrics_path"], probe["params"] = "/probe", map[string][]string{"module": {monitors.ProbeModule}, "target": {target}}
		jobs = append(jobs, probe)
	}
	return map[string]any{"global": map[string]string{"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}, "rule_files": []string{rules}, "scrape_configs": jobs}
}

// watching is a Prometheus with the stack's rules that scrapes all of it.
func watching(t *testing.T, s spec.Stack, p plan.Plan) string {
	t.Helper()
	dir, program := t.TempDir(), servers.Find(t, "prometheus")
	rules, config := filepath.Join(dir, "rules.yml"), filepath.Join(dir, "prometheus.yml")
	written(t, rules, map[string]any{"groups": alerts.RuleFile(p.Stack, s.Cluster.Namespace, "", alerts.New(s, p))})
	scrapes := configuration(t, s, rules)
	return "http://" + start(t, func(_ int, at string) process.Spec {
		scrapes["scrape_configs"].([]any)[0] = job("prometheus", []string{at}, nil)
		written(t, config, scrapes)
		return process.Spec{Name: "Prometheus", Path: program, Dir: dir, Ready: func() error { return answers("http://" + at + "/-/ready") },
			Args: []string{"--config.file=" + config, "--storage.tsdb.path=" + filepath.Join(dir, "data"), listens(at), "--log.level=warn"}}
	})
}

// written is a file of YAML.
func written(t *testing.T, path string, content any) {
	t.Helper()
	text, err := yaml.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	servers.Keep(t, path, text)
}

// sample of an answer.
type sample struct {
	Metric map[string]string `json:"metric"`
	Value  [2]any            `json:"value"`
}

// ask evaluates a query now.
func ask(t *testing.T, at, query string) []sample {
	t.Helper()
	r, err := http.Get(at + "/api/v1/query?query=" + url.QueryEscape(query))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Status, Error string
		Data          struct{ Result []sample }
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Status != "success" {
		t.Errorf("%s: %v %s", query, err, answer.Error)
		return nil
	}
	return answer.Data.Result
}

// settle waits until a query has an answer.
func settle(t *testing.T, at, query string) {
	t.Helper()
	if !answered(t, at, query) {
		t.Fatalf("after a minute %s has no answer", query)
	}
}

// answered tells whether a query has an answer within a minute: a busy machine misses
// a scrape now and then, and its series are stale until the next.
func answered(t *testing.T, at, query string) bool {
	t.Helper()
	return servers.Eventually(func() bool { return len(ask(t, at, query)) > 0 })
}
