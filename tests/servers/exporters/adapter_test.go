//go:build linux

package exporters

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/adapter"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/internal/process"
)

// served: the real adapter loads the rules and flags, and answers every metric of
// the plan with what the plan's query says.
func served(t *testing.T, prometheus string, s spec.Stack, p plan.Plan) {
	text, err := yaml.Marshal(adapter.Of(s, p))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yaml")
	servers.Keep(t, config, text)
	access, program := kubeconfig(t, cluster(t)), servers.Build(t, root, "prometheus-adapter", "sigs.k8s.io/prometheus-adapter/cmd/adapter")
	// Its certificate is not what is tested.
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: 10 * time.Second} //nolint:gosec // It is ours, on this machine.
	at := "https://" + start(t, func(port int, at string) process.Spec {
		return process.Spec{Name: "prometheus-adapter", Path: program, Dir: dir,
			Args: []string{"--config=" + config, "--prometheus-url=" + prometheus, "--metrics-relist-interval=" + adapter.Relist.String(), "--metrics-max-age=" + adapter.MaxAge(s).String(),
				"--lister-kubeconfig=" + access, "--authentication-kubeconfig=" + access, "--authorization-kubeconfig=" + access, "--authentication-skip-lookup=true",
				"--cert-dir=" + dir, "--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", port)},
			Ready: func() error { return allServed(client, "https://"+at, s, p) }}
	})
	got, err := external(client, at, s.Cluster.Namespace, p.Services["backend"].Metrics[0].Name)
	// The service reports twelve requests in progress.
	if err != nil || got != "12" {
		t.Errorf("the adapter serves %q, %v; want 12, what the service reports", got, err)
	}
}

// allServed: an autoscaler finds every metric of the plan.
func allServed(client *http.Client, at string, s spec.Stack, p plan.Plan) error {
	for _, name := range plan.Names(p) {
		for _, m := range p.Services[name].Metrics {
			if _, err := external(client, at, s.Cluster.Namespace, m.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// external is the value of a metric as an autoscaler reads it.
func external(client *http.Client, at, namespace, metric string) (string, error) {
	r, err := client.Get(fmt.Sprintf("%s/apis/external.metrics.k8s.io/v1beta1/namespaces/%s/%s", at, namespace, metric))
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Body.Close() }()
	var list struct {
		Message string
		Items   []struct{ Value string }
	}
	if err := json.NewDecoder(r.Body).Decode(&list); err != nil {
		return "", err
	}
	if len(list.Items) != 1 {
		return "", fmt.Errorf("%s: %s, %d values: %s", metric, r.Status, len(list.Items), list.Message)
	}
	return list.Items[0].Value, nil
}
