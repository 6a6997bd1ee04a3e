//go:build linux

package cluster

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/tests/cluster/traffic"
)

// Rule serves one external metric in every namespace.
type Rule struct {
	// Metric as the autoscaler asks for it, Series that it is made of, Query with
	// Namespace where the namespace is selected.
	Metric, Series, Query string
}

// Namespace stands in a rule's query for the selection of the namespace that is
// asked for.
const Namespace = "<<.LabelMatchers>>"

// relist is how often the adapter looks for new series.
const relist = 15 * time.Second

// monitoring starts Prometheus and its adapter.
func (c *Cluster) monitoring() error {
	config, err := c.prometheusConfig()
	if err != nil {
		return err
	}
	at := strings.TrimPrefix(c.at("http", "prometheus"), "http://")
	if err := c.start("prometheus", []string{"--config.file=" + config, "--storage.tsdb.path=" + filepath.Join(c.dir, "prometheus"), "--web.listen-address=" + at, "--log.level=warn"},
		answers(http.DefaultClient, "http://"+at+"/-/ready")); err != nil {
		return err
	}
	rules, err := c.adapterConfig()
	if err != nil {
		return err
	}
	args := append(c.extension("prometheus-adapter"), "--config="+rules, "--prometheus-url=http://"+at, "--lister-kubeconfig="+c.Kubeconfig,
		"--tls-cert-file="+c.keys.cert, "--tls-private-key-file="+c.keys.key, "--metrics-relist-interval="+relist.String(), "--metrics-max-age="+(2*c.options.ScrapeInterval).String())
	if err := c.start("prometheus-adapter", args, c.listening("prometheus-adapter")); err != nil {
		return err
	}
	return c.serve("external.metrics.k8s.io", "v1beta1", "prometheus-adapter")
}

// prometheusConfig scrapes every service that the traffic knows, each at a moment
// of its own within the interval, and all containers so often that no sample of a
// kubelet is missed.
func (c *Cluster) prometheusConfig() (string, error) {
	return c.file("prometheus.yaml", map[string]any{
		"global": map[string]any{"scrape_interval": c.options.ScrapeInterval.String()},
		"scrape_configs": []any{map[string]any{
			"job_name": "services", "honor_labels": true,
			"http_sd_configs": []any{map[string]any{"url": c.Traffic.Targets(), "refresh_interval": "3s"}},
		}, map[string]any{
			"job_name": "containers", "honor_labels": true, "metrics_path": traffic.ContainersPath, "scrape_interval": "10s",
			"static_configs": []any{map[string]any{"targets": []any{c.Traffic.Exporter()}}},
		}},
	})
}

func (c *Cluster) adapterConfig() (string, error) {
	var rules []any
	for _, r := range c.options.Prometheus {
		rules = append(rules, map[string]any{
			"seriesQuery": r.Series, "metricsQuery": r.Query, "name": map[string]any{"as": r.Metric},
			"resources": map[string]any{"overrides": map[string]any{"namespace": map[string]any{"resource": "namespace"}}},
		})
	}
	return c.file("adapter.yaml", map[string]any{"externalRules": rules})
}

// file writes a configuration.
func (c *Cluster) file(name string, value any) (string, error) {
	text, err := yaml.Marshal(value)
	if err != nil {
		return "", err
	}
	path := filepath.Join(c.dir, name)
	return path, os.WriteFile(path, text, 0o600)
}

// serve registers a server for an API group: by a name that leads back to this
// machine.
func (c *Cluster) serve(group, version, name string) error {
	service := map[string]any{"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": name, "namespace": "kube-system"},
		"spec": map[string]any{"type": "ExternalName", "externalName": "localhost", "ports": []any{map[string]any{"name": "https", "port": c.ports[name]}}}}
	api := map[string]any{"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": map[string]any{"name": version + "." + group},
		"spec": map[string]any{"group": group, "version": version, "groupPriorityMinimum": 100, "versionPriority": 100, "insecureSkipTLSVerify": true,
			"service": map[string]any{"name": name, "namespace": "kube-system", "port": c.ports[name]}}}
	for _, o := range []map[string]any{service, api} {
		if err := c.Apply(c.Context(), &unstructured.Unstructured{Object: o}); err != nil {
			return fmt.Errorf("serving %s: %w", group, err)
		}
	}
	return nil
}
