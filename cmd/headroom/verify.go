package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/agencyos/headroom/capacity/drift"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/live/cluster"
	"github.com/agencyos/headroom/live/edge"
	"github.com/agencyos/headroom/live/postgres"
	"github.com/agencyos/headroom/live/redis"
)

type verifyFlags struct {
	source source
	// cluster is the one to read; database and pooler are the servers.
	cluster          cluster.Source
	database, pooler postgres.Source
	// without leaves the cluster out.
	without bool
	// urls are addresses whose headers to look at.
	urls []string
	json bool
}

func newVerify() *cobra.Command {
	f := verifyFlags{database: postgres.Source{Getenv: os.Getenv}, pooler: postgres.Source{Getenv: os.Getenv, Variable: postgres.PoolerVariable}}
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Compare what runs with what was proven",
		Long: `Compare what runs with what was proven: autoscalers, disruption budgets,
Deployments and their environment, metrics-server and node bounds in the cluster, and
the limits of PostgreSQL, PgBouncer and Redis, the headers of addresses. Each difference names the checks whose
proof does not cover what runs, and the plan is made again with what runs.

It only reads. The cluster is the kubeconfig's current context when that is the stack's
own. The servers are read where their address is known: DATABASE_URL or --dsn-file,
PGBOUNCER_URL (its console), REDIS_URL.

Exit codes: 0 all that was read runs as proven, 1 something differs, 2 nothing could
be told.`,
		Example: `  headroom verify --stack prod
  DATABASE_URL=postgres://headroom@db/shop headroom verify --stack prod --json
  headroom verify --stack prod --url https://www.example.com/assets/app.js
  headroom verify --stack staging --context arn:aws:eks:us-east-1:000000000000:cluster/staging`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			return f.run(ctx, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f.source.bind(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.cluster.Kubeconfig, "kubeconfig", "", "kubeconfig file (default: KUBECONFIG, or the one in the home folder)")
	flags.StringVar(&f.cluster.Context, "context", "", "context of the kubeconfig (default: the current one, if it is the stack's cluster)")
	flags.StringVar(&f.database.File, "dsn-file", "", "file that holds PostgreSQL's address on one line")
	flags.StringArrayVar(&f.urls, "url", nil, "address at the CDN whose Cache-Control to look at, repeatable")
	flags.BoolVar(&f.without, "without-cluster", false, "read the servers alone")
	flags.BoolVar(&f.json, "json", false, "print the report as JSON")
	cmd.MarkFlagsMutuallyExclusive("without-cluster", "context")
	return cmd
}

func (f verifyFlags) run(ctx context.Context, out, messages io.Writer) error {
	stack, base, err := f.source.load()
	if err != nil {
		return err
	}
	today := time.Now()
	p, err := plan.New(stack, base, plan.Options{Today: today})
	if err != nil {
		return problems("stack "+stack.Name, err)
	}
	for _, c := range p.Violations() {
		fmt.Fprintf(messages, "headroom: the plan itself violates %s: nothing was proven there; headroom plan says more\n", c.ID)
	}
	expected, err := drift.Addresses(stack, f.urls)
	if err != nil {
		return problems("verify", err)
	}
	expected = append(drift.Expect(stack, p), expected...)
	idle := f.idle(p)
	for _, line := range idle {
		fmt.Fprintln(messages, "headroom: not read: "+line)
	}
	seen, err := f.read(ctx, messages, stack, p)
	if err != nil {
		return err
	}
	if len(seen.Asked) == 0 {
		what := "nothing to read was named"
		if len(idle) > 0 {
			what = "nothing that was named is of the stack"
		}
		return invalid(what, "without --without-cluster it is the stack's cluster; DATABASE_URL, PGBOUNCER_URL and REDIS_URL name servers")
	}
	a := answer{Report: drift.Compare(stack.Name, expected, seen), Violated: []plan.Check{}}
	f.again(&a, p, base, today)
	if err := a.print(out, f.json, f.source); err != nil {
		return err
	}
	switch {
	case !a.Holds():
		return violated
	case a.Agree == 0:
		return invalid("nothing could be told", "the report lists each setting with why")
	}
	return nil
}

// idle are the addresses of servers that the stack does not have.
func (f verifyFlags) idle(p plan.Plan) []string {
	var out []string
	add := func(named bool, what, lacks string) {
		if named {
			out = append(out, fmt.Sprintf("%s: stack %s has no %s", what, p.Stack, lacks))
		}
	}
	add(p.Database == nil && f.database.Named(), "the address of PostgreSQL", "database")
	add((p.Database == nil || p.Database.PgBouncer == nil) && f.pooler.Named(), postgres.PoolerVariable, "PgBouncer")
	add(p.Cache == nil && os.Getenv(redis.Variable) != "", redis.Variable, "cache")
	return out
}

// read asks every system that there is a way to. One that cannot be read ends the
// command: half an answer looks like a whole one.
func (f verifyFlags) read(ctx context.Context, messages io.Writer, stack spec.Stack, p plan.Plan) (drift.Seen, error) {
	var seen drift.Seen
	told := newProgress(messages, "reading what runs")
	defer told.end()
	var errs []error
	if !f.without {
		errs = append(errs, f.readCluster(ctx, &seen, stack, p))
	}
	if p.Database != nil && f.database.Named() {
		errs = append(errs, postgres.Settings(ctx, f.database, postgres.Limits{Statement: 10 * time.Second, Lock: time.Second}, &seen))
	}
	if p.Database != nil && p.Database.PgBouncer != nil && f.pooler.Named() {
		errs = append(errs, postgres.PoolerSettings(ctx, f.pooler, &seen))
	}
	if address := os.Getenv(redis.Variable); p.Cache != nil && address != "" {
		errs = append(errs, redis.Settings(ctx, address, &seen))
	}
	for _, address := range f.urls {
		edge.Headers(ctx, address, &seen)
	}
	return seen, unread(errors.Join(errs...))
}

func (f verifyFlags) readCluster(ctx context.Context, seen *drift.Seen, stack spec.Stack, p plan.Plan) error {
	at := f.cluster
	at.Cluster = stack.Cluster
	if at.Context == "" {
		at.Context = stack.Cluster.Context
	}
	conn, err := cluster.Open(at)
	if err != nil {
		return err
	}
	return conn.Settings(ctx, seen, drift.Targets(stack), drift.Pools(stack, p.Nodes))
}

// unread is every system that could not be read, with what to do about each.
func unread(err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	all := joined.Unwrap()
	if len(all) == 1 {
		return remote(all[0])
	}
	var lines []string
	for _, one := range all {
		f := asFailure(remote(one))
		lines = append(append(lines, f.message), f.hints...)
	}
	return invalid(fmt.Sprintf("%d systems cannot be read", len(all)), lines...)
}
