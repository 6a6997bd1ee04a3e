package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/agencyos/headroom/capacity/audit"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/workload"
	"github.com/agencyos/headroom/live/prometheus"
)

type auditFlags struct {
	stack      source
	cluster    auditCluster
	prometheus string
	days       int
	json       bool
	// set says whether a flag was given.
	set func(flag string) bool
}

func newAudit() *cobra.Command {
	var f auditFlags
	cmd := &cobra.Command{
		Use:   "audit [PATH...]",
		Short: "Judge requests and limits, of manifests or a live cluster, against measured use",
		Long: `Judge requests and limits of containers against what they were measured to use:
what is missing, too small or paid for in vain, what breaks an autoscaler, what is
throttled or killed, the values that would do, and what they save.

PATH is a file of Kubernetes objects, a folder of them, the output of
pulumi preview --json or of pulumi stack export, or - for standard input. Without
one the workloads of a cluster are read; nothing is changed there, and
docs/audit.md has the ClusterRole that this needs.

The use comes from Prometheus (--prometheus), else from metrics.k8s.io of the
cluster, which shows a moment: enough to raise a request, not to lower one.
Without either, what the objects alone show is judged. With --stack, savings are
priced by the nodes of its plan, and its cluster and namespace are the ones read.

Exit codes: 0 nothing breaks, 1 an autoscaler cannot work or pods are killed for
memory, 2 usage, invalid input, or a cluster that does not answer.`,
		Example: `  headroom audit manifests/
  helm template chart | headroom audit - --namespace shop --prometheus http://localhost:9090 --days 14
  headroom audit --namespace shop
  headroom audit --stack prod --prometheus http://localhost:9090 --json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.set = cmd.Flags().Changed
			f.cluster.picked = f.set("context") || f.set("kubeconfig")
			return f.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), cmd.InOrStdin(), args)
		},
	}
	f.stack.bind(cmd)
	flags := cmd.Flags()
	f.cluster.bind(flags)
	flags.StringVar(&f.prometheus, "prometheus", "", "address of a Prometheus that scrapes cAdvisor; a token comes from "+prometheus.TokenVariable)
	flags.IntVar(&f.days, "days", 14, "days of history to judge by, with --prometheus")
	flags.BoolVar(&f.json, "json", false, "print the report as JSON")
	cmd.MarkFlagsMutuallyExclusive("namespace", "all-namespaces")
	return cmd
}

func (f auditFlags) check(paths []string) error {
	switch {
	case len(paths) == 0 && !f.stack.named() && !f.cluster.named():
		return invalid("name what to audit", "headroom audit PATH..., or - for standard input", "a live cluster: --namespace NAME, --all-namespaces, --context NAME or --stack NAME")
	case f.set("days") && f.prometheus == "":
		return invalid("--days: only Prometheus has a history", "add --prometheus URL")
	case f.days < 1 || f.days > mostDays:
		return invalid(fmt.Sprintf("--days = %d: must be from 1 to %d", f.days, mostDays))
	}
	return f.cluster.check(len(paths) > 0)
}

func (f auditFlags) run(ctx context.Context, out, messages io.Writer, in io.Reader, paths []string) error {
	if err := f.check(paths); err != nil {
		return err
	}
	price, err := f.priced()
	if err != nil {
		return err
	}
	read, err := declaredBy(messages, in, paths)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	set, err := f.workloads(ctx, read)
	if err != nil {
		return err
	}
	measured, err := f.measured(ctx, messages, set, len(paths) == 0)
	if err != nil {
		return err
	}
	return f.print(out, audit.New(set, measured, price))
}

// priced reads the stack: the price of its nodes, and which cluster is meant.
func (f *auditFlags) priced() (*audit.Price, error) {
	if !f.stack.named() {
		return nil, nil
	}
	stack, base, err := f.stack.load()
	if err != nil {
		return nil, err
	}
	p, err := plan.New(stack, base, plan.Options{Today: time.Now(), Lean: true})
	if err != nil {
		return nil, problems("the plan", err)
	}
	f.cluster.of(stack)
	return audit.PriceOf(p.Nodes), nil
}

// declaredBy is what the paths hold; nil where there are none.
func declaredBy(messages io.Writer, in io.Reader, paths []string) (*declared, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	read, err := readAll("audit", messages, in, paths)
	if err != nil {
		return nil, err
	}
	return &read, nil
}

// workloads of what was declared, or else of the cluster.
func (f *auditFlags) workloads(ctx context.Context, read *declared) (workload.Set, error) {
	if read == nil {
		return f.cluster.workloads(ctx)
	}
	set, err := read.workloads()
	switch {
	case err != nil:
		return set, problems("audit", err)
	case len(set.Workloads) == 0:
		return set, invalid("no workload is in it: neither a Deployment nor another object that runs pods", "autoscalers alone state no requests")
	case f.prometheus != "" || f.cluster.picked:
		return set.In(f.cluster.space()), nil
	}
	return set, nil
}

// measured use, from the best source that was named.
func (f *auditFlags) measured(ctx context.Context, messages io.Writer, set workload.Set, live bool) (audit.Measured, error) {
	switch {
	case f.prometheus != "":
		return f.history(ctx, messages, set)
	case live || f.cluster.picked:
		return f.cluster.use(ctx, messages)
	}
	return audit.Measured{}, nil
}

func (f *auditFlags) history(ctx context.Context, messages io.Writer, set workload.Set) (audit.Measured, error) {
	client, err := prometheus.New(f.prometheus, os.Getenv(prometheus.TokenVariable), nil)
	if err != nil {
		return audit.Measured{}, remote(err)
	}
	told := newProgress(messages, "asking Prometheus, workloads")
	defer told.end()
	m, err := client.Containers(ctx, set.Workloads, f.days, time.Now(), told.tell)
	if err != nil {
		return m, remote(err)
	}
	return m, nil
}

func (f auditFlags) print(out io.Writer, r audit.Report) error {
	var err error
	if f.json {
		err = printJSON(out, r)
	} else {
		err = show(out, r.Text())
	}
	if err == nil && !r.OK {
		return violated
	}
	return err
}
