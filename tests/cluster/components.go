//go:build linux

package cluster

import (
	"bytes"
	_ "embed"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/rest"

	"github.com/agencyos/headroom/tests/servers"
)

// stages are how kwok plays nodes and pods.
//
//go:embed stages.yaml
var stages []byte

// run starts the programs in the order in which they need one another.
func (c *Cluster) run() error {
	if err := c.start("etcd", c.etcd(), c.listening("etcd")); err != nil {
		return err
	}
	client, err := rest.HTTPClientFor(c.Config)
	if err != nil {
		return err
	}
	if err := c.start("kube-apiserver", c.apiServer(), answers(client, c.at("https", "kube-apiserver")+"/readyz")); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.dir, "stages.yaml"), stages, 0o600); err != nil {
		return err
	}
	for _, p := range []struct {
		name string
		args []string
	}{
		{"kube-controller-manager", c.controllers()},
		{"kube-scheduler", c.scheduler()},
		{"kwok", c.kwok()},
		{"metrics-server", c.metricsServer()},
	} {
		if err := c.start(p.name, p.args, c.listening(p.name)); err != nil {
			return err
		}
	}
	if err := c.serve("metrics.k8s.io", "v1beta1", "metrics-server"); err != nil {
		return err
	}
	if len(c.options.Prometheus) == 0 {
		return nil
	}
	return c.monitoring()
}

// spacious spends memory to spare processors, of which two run a whole control
// plane: Go collects garbage a quarter as often.
var spacious = []string{"GOGC=400"}

// start runs a program until the test ends.
func (c *Cluster) start(name string, args []string, ready func() error) error {
	p, err := servers.Start(c.t, servers.Program{Name: name, Path: c.path(name), Args: args, Dir: c.dir, Env: spacious, Ready: ready, Within: 3 * time.Minute})
	if err != nil {
		return err
	}
	c.t.Cleanup(func() {
		if c.t.Failed() {
			c.t.Logf("%s wrote at the end:\n%s", name, tail(p.Output()))
		}
	})
	return nil
}

// path of a program: a built one, or one of the machine.
func (c *Cluster) path(name string) string {
	c.t.Helper()
	if _, ours := programs[name]; ours {
		return c.binary(name)
	}
	return servers.Find(c.t, name)
}

// tail is the end of what a program wrote.
func tail(output string) string {
	const most = 3000
	return output[max(0, len(output)-most):]
}

func (c *Cluster) port(name string) string { return fmt.Sprint(c.ports[name]) }

// listening says whether a program takes connections.
func (c *Cluster) listening(name string) func() error { return servers.Listening(c.ports[name]) }

func answers(client *http.Client, url string) func() error {
	return func() error {
		r, err := client.Get(url)
		if err != nil {
			return err
		}
		defer func() { _ = r.Body.Close() }()
		if r.StatusCode != http.StatusOK {
			var body bytes.Buffer
			_, _ = body.ReadFrom(r.Body) // only for the message
			return fmt.Errorf("%s: %s", r.Status, body.String())
		}
		return nil
	}
}

// etcd keeps nothing that has to outlive the test, so it need not wait for disks.
func (c *Cluster) etcd() []string {
	client, peers := c.at("http", "etcd"), c.at("http", "peers")
	return []string{"--data-dir=" + filepath.Join(c.dir, "etcd"), "--listen-client-urls=" + client, "--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peers, "--initial-advertise-peer-urls=" + peers, "--initial-cluster=default=" + peers, "--unsafe-no-fsync", "--log-level=error"}
}

// apiServer runs with the admission that a cluster has by default, and with the
// plugin that keeps the pods of a namespace on nodes of their own.
func (c *Cluster) apiServer() []string {
	return []string{"--etcd-servers=" + c.at("http", "etcd"), "--bind-address=127.0.0.1", "--advertise-address=192.0.2.1", "--endpoint-reconciler-type=none", "--secure-port=" + c.port("kube-apiserver"),
		"--tls-cert-file=" + c.keys.cert, "--tls-private-key-file=" + c.keys.key, "--client-ca-file=" + c.keys.ca,
		"--proxy-client-cert-file=" + c.keys.cert, "--proxy-client-key-file=" + c.keys.key, "--authorization-mode=RBAC",
		"--service-account-key-file=" + c.keys.key, "--service-account-signing-key-file=" + c.keys.key, "--service-account-issuer=https://kubernetes.default.svc", "--service-cluster-ip-range=10.96.0.0/12",
		"--enable-admission-plugins=PodNodeSelector", "--max-requests-inflight=0", "--max-mutating-requests-inflight=0", "--enable-priority-and-fairness=false"}
}

// controllers run with the settings of a managed control plane, except for the
// client's own rate limit and the autoscalers that are computed at once: a real
// cluster has a few, of which five workers keep each to its period, and this one has
// hundreds, which would wait for one another.
func (c *Cluster) controllers() []string {
	return []string{"--kubeconfig=" + c.Kubeconfig, "--bind-address=127.0.0.1", "--secure-port=" + c.port("kube-controller-manager"), "--leader-elect=false",
		"--root-ca-file=" + c.keys.ca, "--service-account-private-key-file=" + c.keys.key, "--kube-api-qps=1000", "--kube-api-burst=2000", "--concurrent-horizontal-pod-autoscaler-syncs=50"}
}

func (c *Cluster) scheduler() []string {
	return []string{"--kubeconfig=" + c.Kubeconfig, "--bind-address=127.0.0.1", "--secure-port=" + c.port("kube-scheduler"), "--leader-elect=false", "--kube-api-qps=1000", "--kube-api-burst=2000"}
}

// kwok tells metrics-server where the kubelets are: at the traffic.
func (c *Cluster) kwok() []string {
	return []string{"--kubeconfig=" + c.Kubeconfig, "--config=" + filepath.Join(c.dir, "stages.yaml"), "--manage-all-nodes=true", "--node-ip=127.0.0.1", fmt.Sprintf("--node-port=%d", c.Traffic.KubeletPort()),
		"--server-address=127.0.0.1:" + c.port("kwok"), "--node-lease-duration-seconds=40"}
}

func (c *Cluster) metricsServer() []string {
	return append(c.extension("metrics-server"), "--kubeconfig="+c.Kubeconfig, "--tls-cert-file="+c.keys.cert, "--tls-private-key-file="+c.keys.key,
		"--kubelet-preferred-address-types=InternalIP", "--kubelet-use-node-status-port", "--kubelet-insecure-tls", "--metric-resolution="+c.options.MetricsResolution.String())
}

// extension are the flags of every server behind the API server.
func (c *Cluster) extension(name string) []string {
	return []string{"--bind-address=127.0.0.1", "--secure-port=" + c.port(name), "--authentication-kubeconfig=" + c.Kubeconfig, "--authorization-kubeconfig=" + c.Kubeconfig}
}
