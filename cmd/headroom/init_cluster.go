package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/agencyos/headroom/capacity/discover"
	"github.com/agencyos/headroom/capacity/draft"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/capacity/workload"
	"github.com/agencyos/headroom/live/cluster"
)

// initCluster is the running cluster that answers for a new stack file.
type initCluster struct {
	// context of the kubeconfig; empty asks no cluster.
	context, kubeconfig string
	adopt               bool
	found               []discover.Found
}

// currentContext is what --from-cluster means without a name.
const currentContext = "current"

func (c *initCluster) bind(flags *pflag.FlagSet) {
	flags.StringVar(&c.context, "from-cluster", "", "take over what runs in --namespace, by this context of the kubeconfig")
	flags.Lookup("from-cluster").NoOptDefVal = currentContext
	flags.StringVar(&c.kubeconfig, "kubeconfig", "", "kubeconfig file of --from-cluster (default: KUBECONFIG, or ~/.kube/config)")
	flags.BoolVar(&c.adopt, "adopt", false, "adopt the Deployments of --from-cluster, instead of leaving them external")
}

// read asks the cluster: which services run there, and what it is.
func (c *initCluster) read(ctx context.Context, messages io.Writer, a draft.Answers) (draft.Answers, error) {
	if c.context == "" {
		if c.adopt || c.kubeconfig != "" {
			return a, invalid("--adopt and --kubeconfig are about a running cluster", "add --from-cluster, or --from-cluster=CONTEXT")
		}
		return a, nil
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	if a.Cluster.Namespace == "" {
		a.Cluster.Namespace = "default"
	}
	from := cluster.Source{Kubeconfig: c.kubeconfig, Context: c.context, Cluster: a.Cluster}
	if c.context == currentContext {
		from.Context = ""
	}
	conn, err := cluster.Open(from)
	if err != nil {
		return a, remote(err)
	}
	set, unread, err := conn.Services(ctx, a.Cluster.Namespace)
	if err != nil {
		return a, remote(err)
	}
	for _, what := range unread {
		fmt.Fprintf(messages, "headroom: not read: %s\n", what)
	}
	version, err := conn.Version(ctx)
	if err != nil {
		return a, remote(err)
	}
	if a.Cluster.Version == "" {
		a.Cluster.Version = version
	}
	a.Cluster = draft.FromARN(a.Cluster, conn.Name())
	if c.discover(messages, set); len(c.found) == 0 {
		return a, invalid(fmt.Sprintf("no service runs in namespace %s of cluster %s", a.Cluster.Namespace, conn.Name()),
			"a service is a Deployment whose containers state a port", "--namespace names another namespace")
	}
	return a, nil
}

// discover tells services from what else runs.
func (c *initCluster) discover(messages io.Writer, set workload.Set) {
	mode := spec.External
	if c.adopt {
		mode = spec.Adopt
	}
	found, skipped := discover.Services(set, mode)
	for _, s := range skipped {
		fmt.Fprintf(messages, "headroom: no service: %s\n", s)
	}
	for _, f := range found {
		fmt.Fprintf(messages, "headroom: found service %s\n", f.Name)
	}
	c.found = found
}

// take completes the services whose peak is stated by what runs.
func (c *initCluster) take(messages io.Writer, stated []draft.Service) ([]draft.Service, error) {
	if c.context == "" {
		return stated, nil
	}
	services, left, err := draft.FromLive(stated, c.found)
	if err != nil {
		return nil, problems("what was stated", err)
	}
	if len(left) > 0 {
		fmt.Fprintf(messages, "headroom: left out, since nobody stated a peak: %s\n", strings.Join(left, ", "))
	}
	for _, s := range services {
		for _, open := range s.Open {
			fmt.Fprintf(messages, "headroom: to check: %s\n", open)
		}
	}
	return services, nil
}
