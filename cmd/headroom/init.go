package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/draft"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/report"
)

type initFlags struct {
	dir       string
	peaks     []string
	stateless []string
	subnets   []string
	// eks and eksSubnets are files with what the AWS CLI answered.
	eks, eksSubnets string
	force, yes      bool
	json            bool
	answers         draft.Answers
	live            initCluster
	// set says whether a flag was given.
	set func(flag string) bool
}

func newInit() *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write the first stack file of a product from a few answers, today's peak first",
		Long: `Write the first stack file of a product from a few answers, today's peak first.

On a terminal it asks for what no flag states; elsewhere the name and the peak are
required. Everything else is derived, or stands in the file as an example that says
so. The plan of what was written is printed with the fix of every violated check.
A baseline that is there already is used; without one an example is written.

With --from-cluster, services are the Deployments that run in a namespace and serve:
their ports, workers, pools, requests, rollout, autoscalers and disruption budgets
are taken over, from ConfigMaps too, and what no object states is named. The peak of
each has to be stated. It only reads, and docs/audit.md has the role that this needs.`,
		Example: `  headroom init
  headroom init --name shop --peak-rps 320
  headroom init --name shop --peak-rps backend=320 --peak-rps frontend=900 --stateless frontend
  headroom init --name shop --from-cluster --namespace shop --peak-rps backend=320
  headroom init --name shop --peak-rps 320 --eks cluster.json --eks-subnets subnets.json --budget 4500`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && f.live.context == currentContext { // the value of a flag that needs none is joined to it
				return invalid(fmt.Sprintf("%q is not expected here", args[0]), fmt.Sprintf("the context is named with an equals sign: --from-cluster=%s", args[0]))
			}
			return cobra.NoArgs(cmd, args)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.set = cmd.Flags().Changed
			return f.run(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f.bind(cmd)
	return cmd
}

func (f *initFlags) bind(cmd *cobra.Command) {
	flags, a := cmd.Flags(), &f.answers
	flags.StringVarP(&f.dir, "dir", "C", ".", "folder to write into")
	flags.StringVar(&a.Stack, "name", "", "name of the stack, such as shop or prod")
	flags.StringArrayVar(&f.peaks, "peak-rps", nil, "requests per second of today's busiest minute: 320, or service=320, repeatable")
	flags.StringArrayVar(&f.stateless, "stateless", nil, "a service that uses neither database nor cache, repeatable")
	flags.Float64Var(&a.Growth, "growth", 0, "multiple of today's peak to be ready for (default 5)")
	flags.StringVar(&a.Cluster.Name, "cluster", "", "EKS cluster")
	flags.StringVar(&a.Cluster.Region, "region", "", "AWS region of the cluster")
	flags.StringVar(&a.Cluster.Account, "account", "", "AWS account that the stack may touch, 12 digits")
	flags.StringVar(&a.Cluster.Version, "kubernetes", "", "Kubernetes minor version, such as 1.35")
	flags.StringVar(&a.Cluster.Namespace, "namespace", "", "namespace of the workloads (default \"default\")")
	flags.StringVar(&a.Cluster.VpcID, "vpc", "", "VPC of the cluster")
	flags.StringVar(&a.Cluster.NodeSecurityGroupID, "node-security-group", "", "security group of the nodes")
	flags.StringArrayVar(&f.subnets, "subnet", nil, "id,zone,cidr[,free addresses] of nodes and pods, repeatable")
	flags.StringVar(&f.eks, "eks", "", "file with the answer of aws eks describe-cluster")
	flags.StringVar(&f.eksSubnets, "eks-subnets", "", "file with the answer of aws ec2 describe-subnets")
	flags.StringVar(&a.Cluster.Context, "context", "", "kubeconfig context of a local cluster, in place of EKS")
	flags.StringVar(&a.Database, "database", "", "RDS class, or none (default: the cheapest that holds)")
	flags.StringVar(&a.Cache, "cache", "", "ElastiCache node type, or none (default: the cheapest that holds)")
	flags.StringVar(&a.Nodes, "nodes", "", "instance type of the nodes (default m7i.xlarge)")
	flags.Float64Var(&a.Monthly, "budget", 0, "USD per month (default: what the draft comes to)")
	f.live.bind(flags)
	flags.BoolVarP(&f.yes, "yes", "y", false, "ask nothing")
	flags.BoolVar(&f.json, "json", false, "print what was written and its plan as JSON")
	flags.BoolVar(&f.force, "force", false, "replace a stack file that is there")
}

func (f initFlags) run(ctx context.Context, in io.Reader, out, messages io.Writer) error {
	a, wrong := f.stated()
	if len(mistakes(wrong, a)) == 0 { // nobody is asked anything before a mistake is told
		var err error
		if a, err = f.asked(ctx, in, messages, a); err != nil {
			return err
		}
	}
	a.Services, wrong = f.marked(a.Services, wrong)
	if err := together(wrong, a.Validate()); err != nil {
		return problems("what was stated", err)
	}
	return f.write(a, out, messages)
}

// asked adds what the cluster and whoever sits at the terminal answer.
func (f initFlags) asked(ctx context.Context, in io.Reader, messages io.Writer, a draft.Answers) (draft.Answers, error) {
	a, err := f.live.read(ctx, messages, a)
	if err != nil {
		return a, err
	}
	if !f.yes && asks(in) {
		if a, err = newInterview(in, messages, f).ask(a); err != nil {
			return a, err
		}
	}
	a.Services, err = f.live.take(messages, a.Services)
	return a, err
}

// write drafts the stack, writes its files and prints what the plan says.
func (f initFlags) write(a draft.Answers, out, messages io.Writer) error {
	s, err := source{stack: a.Stack, dir: f.dir}.resolve()
	if err != nil {
		return err
	}
	facts, err := stored(s.baseline)
	if err != nil {
		return err
	}
	d, err := draft.New(a, facts, time.Now())
	if err != nil {
		return problems("what was stated", err)
	}
	if err := f.save(s, d, messages); err != nil {
		return err
	}
	if err := f.verdict(s, d, out); err != nil {
		return err
	}
	return wayOn(s, d, messages)
}

// stored is the text of a baseline that is there, unless it is an example, which
// a draft replaces.
func stored(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, invalid(err.Error())
	}
	base, err := baseline.Decode(text)
	if err != nil {
		return nil, problems(path, err)
	}
	if base.Example && len(base.Measured) == 0 {
		return nil, nil
	}
	return text, nil
}

func (f initFlags) save(s source, d draft.Draft, messages io.Writer) error {
	if err := os.MkdirAll(filepath.Dir(s.baseline), 0o755); err != nil {
		return invalid(err.Error())
	}
	for _, file := range []struct {
		path string
		text []byte
	}{{s.baseline, d.Baseline}, {s.file, d.File}} {
		if err := writeWhole(file.path, func(w io.Writer) error { _, err := w.Write(file.text); return err }); err != nil {
			return err
		}
		fmt.Fprintf(messages, "headroom: wrote %s\n", file.path)
	}
	return nil
}

// drafted is what --json prints.
type drafted struct {
	File     string `json:"file"`
	Baseline string `json:"baseline"`
	// Examples are the paths whose values nobody stated.
	Examples []string  `json:"examples"`
	Plan     plan.Plan `json:"plan"`
}

// verdict prints how far the draft reaches, and every violated check with its fix.
func (f initFlags) verdict(s source, d draft.Draft, out io.Writer) error {
	if f.json {
		return printJSON(out, drafted{s.file, s.baseline, append([]string{}, d.Examples...), d.Plan})
	}
	text := fmt.Sprintf("%s: %s\n", d.Plan.Stack, report.Headline(d.Plan))
	for _, c := range d.Plan.Violations() {
		text += "\n" + report.Violation(c)
	}
	return show(out, text)
}

// wayOn says what comes next.
func wayOn(s source, d draft.Draft, messages io.Writer) error {
	if d.Plan.Measured.Example {
		fmt.Fprintf(messages, "next: measure one pod and replace the example: headroom loadtest --stack %s --origin, then headroom baseline\n", s.stack)
	}
	if len(d.Examples) > 0 {
		fmt.Fprintf(messages, "next: replace what is marked EXAMPLE before pulumi up: %s\n", strings.Join(d.Examples, ", "))
	}
	if len(d.Plan.Violations()) > 0 {
		fmt.Fprintf(messages, "next: apply a fix: headroom plan --stack %s --set PATH=VALUE --write\n", s.stack)
		return violated
	}
	fmt.Fprintf(messages, "next: headroom plan --stack %s\n", s.stack)
	return nil
}
