//go:build linux

package cluster

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/agencyos/headroom/tests/cluster/traffic"
	"github.com/agencyos/headroom/tests/servers"
)

// Options of a cluster.
type Options struct {
	// MetricsResolution of metrics-server. Default: 15 s, as its chart sets.
	MetricsResolution time.Duration
	// Prometheus, where there are any, are the rules by which prometheus-adapter
	// serves external metrics: then Prometheus and the adapter run as well.
	Prometheus []Rule
	// ScrapeInterval of Prometheus. Default: 15 s.
	ScrapeInterval time.Duration
}

// Cluster is a running control plane.
type Cluster struct {
	// Kubeconfig is the path of a file that any client reads; its user may do
	// everything.
	Kubeconfig string
	// Config is the same for clients of this process.
	Config *rest.Config
	Client kubernetes.Interface
	// Traffic is what the pods go through.
	Traffic *traffic.Traffic

	t       testing.TB
	options Options
	root    string
	dir     string
	keys    keys
	ports   map[string]int
	dynamic dynamic.Interface
	mapper  meta.ResettableRESTMapper
	watch   *watch
}

// Start runs a control plane until the test ends: within seconds, once its
// programs are built. The first metrics come a minute later. An interrupt ends it
// too, and when the test is killed, the kernel ends what it started.
func Start(t testing.TB, o Options) *Cluster {
	t.Helper()
	if !servers.All() {
		t.Skip("needs a control plane: make cluster builds and starts one")
	}
	if o.MetricsResolution == 0 {
		o.MetricsResolution = 15 * time.Second
	}
	if o.ScrapeInterval == 0 {
		o.ScrapeInterval = 15 * time.Second
	}
	c := &Cluster{t: t, options: o, root: root(t), dir: servers.Dir(t), ports: map[string]int{}, Traffic: traffic.New()}
	c.interruptible()
	c.must("writing certificates", c.prepare())
	c.must("starting", c.run())
	c.must("watching", c.observe())
	return c
}

// Context ends with the test, or with an interrupt.
func (c *Cluster) Context() context.Context { return c.t.Context() }

// interruptible removes the folder on an interrupt, before the test is gone: the
// kernel ends the programs with it.
func (c *Cluster) interruptible() {
	interrupts := make(chan os.Signal, 1)
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		if !signal.Ignored(s) { // as in the background of a shell
			signal.Notify(interrupts, s)
		}
	}
	done := make(chan struct{})
	c.t.Cleanup(func() {
		signal.Stop(interrupts)
		close(done)
	})
	go func() {
		select {
		case <-done:
		case s := <-interrupts:
			_ = os.RemoveAll(c.dir) // the next test sweeps what is left
			signal.Reset(s)
			_ = syscall.Kill(os.Getpid(), s.(syscall.Signal)) // as if nobody had listened
		}
	}()
}

func (c *Cluster) must(what string, err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
}

// prepare makes everything that can be made before a program runs.
func (c *Cluster) prepare() error {
	var err error
	if c.keys, err = newKeys(c.dir); err != nil {
		return err
	}
	// The traffic listens first, so that no program is promised its ports.
	if err := c.Traffic.Serve(c.t, c.keys.cert, c.keys.key); err != nil {
		return err
	}
	for _, name := range []string{"etcd", "peers", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "metrics-server", "prometheus", "prometheus-adapter"} {
		c.ports[name] = servers.Port(c.t)
	}
	c.Kubeconfig = filepath.Join(c.dir, "kubeconfig")
	if err := c.keys.kubeconfig(c.Kubeconfig, c.at("https", "kube-apiserver")); err != nil {
		return err
	}
	if c.Config, err = clientcmd.BuildConfigFromFlags("", c.Kubeconfig); err != nil {
		return err
	}
	if err := rest.LoadTLSFiles(c.Config); err != nil {
		return err
	}
	c.Config.CertFile, c.Config.KeyFile = "", "" // read, so that no client looks for them after the test
	c.Config.QPS, c.Config.Burst = 500, 1000
	typed := rest.CopyConfig(c.Config)
	typed.ContentType = "application/vnd.kubernetes.protobuf" // less work for the API server than JSON
	if c.Client, err = kubernetes.NewForConfig(typed); err != nil {
		return err
	}
	if c.dynamic, err = dynamic.NewForConfig(c.Config); err != nil {
		return err
	}
	c.mapper = restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(c.Client.Discovery()))
	return nil
}

// Prometheus is the address of the one that runs where there are rules.
func (c *Cluster) Prometheus() string { return c.at("http", "prometheus") }

// at is the URL of one of the programs.
func (c *Cluster) at(scheme, name string) string {
	return fmt.Sprintf("%s://%s", scheme, net.JoinHostPort("127.0.0.1", fmt.Sprint(c.ports[name])))
}
