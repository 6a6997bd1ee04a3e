package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/agencyos/headroom/capacity/audit"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/capacity/workload"
	"github.com/agencyos/headroom/live/cluster"
	"github.com/agencyos/headroom/policies/rules"
)

// auditCluster is which cluster is read, and how its use is sampled.
type auditCluster struct {
	source    cluster.Source
	namespace string
	all       bool
	samples   int
	interval  time.Duration
	// picked says that a flag names a cluster: beside manifests it is asked for what
	// they use.
	picked bool
}

func (c *auditCluster) bind(flags *pflag.FlagSet) {
	flags.StringVar(&c.source.Kubeconfig, "kubeconfig", "", "kubeconfig file (default: KUBECONFIG, or ~/.kube/config)")
	flags.StringVar(&c.source.Context, "context", "", "context of the kubeconfig (default: its current one)")
	flags.StringVarP(&c.namespace, "namespace", "n", "", "namespace of the workloads, also of manifests that state none (default: the stack's, else default)")
	flags.BoolVarP(&c.all, "all-namespaces", "A", false, "the workloads of all namespaces")
	flags.IntVar(&c.samples, "samples", 3, "samples to take of metrics.k8s.io")
	flags.DurationVar(&c.interval, "interval", 15*time.Second, "time between them; metrics-server makes a new one every 15s")
}

// named says that a flag tells what of a cluster is read.
func (c auditCluster) named() bool { return c.picked || c.namespace != "" || c.all }

// mostSamples and mostInterval: whoever wants more wants a Prometheus.
const (
	mostSamples  = 100
	mostInterval = 10 * time.Minute
)

func (c auditCluster) check(manifests bool) error {
	switch {
	case c.samples < 1 || c.samples > mostSamples:
		return invalid(fmt.Sprintf("--samples = %d: must be from 1 to %d", c.samples, mostSamples))
	case c.interval < 0 || c.interval > mostInterval:
		return invalid(fmt.Sprintf("--interval = %s: must be from 0s to %s", c.interval, mostInterval))
	case manifests && c.all:
		return invalid("--all-namespaces: manifests are in the namespaces that they state", "--namespace names the one of those that state none")
	}
	return nil
}

// of takes what flags leave open from a stack.
func (c *auditCluster) of(stack spec.Stack) {
	if c.source.Context == "" {
		c.source.Context = stack.Cluster.Context
	}
	c.source.Cluster = stack.Cluster
	if c.namespace == "" && !c.all {
		c.namespace = stack.Cluster.Namespace
	}
}

// space is the namespace that is read; empty is all.
func (c auditCluster) space() string {
	if c.namespace == "" && !c.all {
		return "default"
	}
	return c.namespace
}

func (c auditCluster) workloads(ctx context.Context) (workload.Set, error) {
	conn, err := cluster.Open(c.source)
	if err != nil {
		return workload.Set{}, remote(err)
	}
	set, err := conn.Workloads(ctx, c.space())
	switch {
	case err != nil:
		return set, remote(err)
	case len(set.Workloads) == 0:
		return set, invalid(fmt.Sprintf("cluster %s has no workloads there", conn.Name()), "--namespace names another namespace, --all-namespaces reads all")
	}
	return set, nil
}

// use of the cluster at this moment. A cluster that does not tell it is judged
// without.
func (c auditCluster) use(ctx context.Context, messages io.Writer) (audit.Measured, error) {
	conn, err := cluster.Open(c.source)
	if err != nil {
		return audit.Measured{}, remote(err)
	}
	meter, err := conn.Meter()
	if err != nil {
		return audit.Measured{}, remote(err)
	}
	told := newProgress(messages, "sampling metrics.k8s.io")
	defer told.end()
	m, err := meter.Use(ctx, c.space(), cluster.Sampling{Samples: c.samples, Interval: c.interval, Tell: told.tell})
	switch {
	case errors.Is(err, cluster.ErrNoUse):
		fmt.Fprintf(messages, "headroom: %v\n  sizes are not judged; --prometheus URL measures them, too\n", err)
		return audit.Measured{}, nil
	case err != nil:
		return m, remote(err)
	}
	return m, nil
}

// workloads among the resources of manifests, a preview or a state.
func (d declared) workloads() (workload.Set, error) {
	var all workload.Set
	var wrong []error
	for _, r := range d.resources {
		kind := strings.TrimSuffix(r.Type[strings.LastIndexByte(r.Type, ':')+1:], "Patch")
		if !strings.HasPrefix(r.Type, "kubernetes:") || !workload.Reads(kind) {
			continue
		}
		where := r.URN
		if file, ok := d.files[r.URN]; ok {
			where = file + ", " + kind + " " + r.Name
		}
		read, err := decoded(where, kind, r)
		if strings.HasSuffix(r.Type, "Patch") {
			read = stating(read)
		}
		all.Add(read)
		wrong = append(wrong, err)
	}
	return all, errors.Join(wrong...)
}

// stating leaves in a patch the containers that it sizes; what the others request,
// only the patched object says.
func stating(patch workload.Set) workload.Set {
	for i := range patch.Workloads {
		w := &patch.Workloads[i]
		w.Containers = slices.DeleteFunc(w.Containers, func(c workload.Container) bool {
			return c.Request == (workload.Amounts{}) && c.Limit == (workload.Amounts{})
		})
	}
	patch.Workloads = slices.DeleteFunc(patch.Workloads, func(w workload.Workload) bool { return len(w.Containers) == 0 })
	return patch
}

// decoded is one object. A patch is judged as what it patches.
func decoded(where, kind string, r rules.Resource) (workload.Set, error) {
	tree, _ := r.Inputs.Tree().(map[string]any)
	if tree == nil {
		return workload.Set{}, errors.New(where + " is no object")
	}
	tree["kind"] = kind
	object, err := json.Marshal(tree)
	if err != nil {
		return workload.Set{}, fmt.Errorf("%s: %w", where, err)
	}
	return workload.Decode(where, object)
}
