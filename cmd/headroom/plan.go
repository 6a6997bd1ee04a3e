package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/confirm"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/report"
	"github.com/agencyos/headroom/capacity/spec"
)

type planFlags struct {
	source  source
	json    bool
	explain string
	// diff is a stack or a git revision to compare with.
	diff  string
	today string
	// simulate replays the plan, with so many seeds.
	simulate bool
	seeds    int
}

func newPlan() *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Derive every number of a stack and prove that they fit together",
		Example: `  headroom plan --stack prod
  headroom plan --stack prod --set services.backend.autoscaling.maxReplicas=400
  headroom plan --stack prod --explain db-connections
  headroom plan --stack prod --diff HEAD~1`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f.source.bind(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.json, "json", false, "print the plan as JSON")
	flags.StringVar(&f.explain, "explain", "", "explain one check or number, such as db-connections or services.backend.maxReplicas")
	flags.StringVar(&f.diff, "diff", "", "a stack or git revision to compare with: what moves from there to here, and by which input")
	flags.StringVar(&f.today, "today", "", "date that decides whether waivers have expired, YYYY-MM-DD (default: today)")
	flags.BoolVar(&f.simulate, "simulate", false, "replay the plan's ramp, request by request, and add the check simulation-agrees")
	flags.IntVar(&f.seeds, "seeds", 3, "replays with --simulate, each with a seed of its own")
	cmd.MarkFlagsMutuallyExclusive("json", "explain")
	cmd.MarkFlagsMutuallyExclusive("diff", "explain")
	cmd.MarkFlagsMutuallyExclusive("diff", "simulate")
	return cmd
}

func (f planFlags) run(ctx context.Context, out, messages io.Writer) error {
	today, err := f.date()
	if err != nil {
		return err
	}
	if f.diff != "" {
		return f.compare(ctx, out, today)
	}
	stack, base, err := f.source.load()
	if err != nil {
		return err
	}
	p, err := plan.New(stack, base, plan.Options{Today: today})
	if err != nil {
		return problems("stack "+stack.Name, err)
	}
	if f.simulate {
		if p, err = f.confirm(ctx, messages, stack, base, p, today); err != nil {
			return err
		}
	}
	if err := f.print(out, p); err != nil {
		return err
	}
	if len(p.Violations()) > 0 {
		return violated
	}
	return nil
}

// mostSeeds of one command: beyond them nothing is learned and hours are lost.
const mostSeeds = 1000

// confirm replays the plan.
func (f planFlags) confirm(ctx context.Context, messages io.Writer, stack spec.Stack, base baseline.Baseline, p plan.Plan, today time.Time) (plan.Plan, error) {
	if f.seeds < 1 || f.seeds > mostSeeds {
		return p, invalid(fmt.Sprintf("--seeds = %d: must be from 1 to %d", f.seeds, mostSeeds))
	}
	progress := newProgress(messages, "replaying")
	defer progress.end()
	options := confirm.Options{Workers: runtime.GOMAXPROCS(0), Progress: progress.tell}
	for seed := range f.seeds {
		options.Seeds = append(options.Seeds, uint64(seed+1))
	}
	check, err := confirm.Confirm(ctx, stack, base, p, options)
	if err != nil {
		return p, problems("the replay of "+stack.Name, err)
	}
	return p.With(check, stack.Waivers, today), nil
}

func (f planFlags) date() (time.Time, error) {
	if f.today == "" {
		return time.Now(), nil
	}
	day, err := time.Parse(spec.DateForm, f.today)
	if err != nil {
		return day, invalid(fmt.Sprintf("--today = %s: must be a date such as 2026-12-31", f.today))
	}
	return day, nil
}

func (f planFlags) print(out io.Writer, p plan.Plan) error {
	switch {
	case f.json:
		return printJSON(out, p)
	case f.explain != "":
		text, ok := report.Explain(p, f.explain)
		if !ok {
			ids := report.Explainable(p)
			return invalid(fmt.Sprintf("--explain = %s: no such check or number", f.explain),
				fmt.Sprintf("did you mean %q?", catalog.Closest(f.explain, ids)), "known: "+strings.Join(ids, ", "))
		}
		_, err := io.WriteString(out, text)
		return err
	}
	_, err := io.WriteString(out, report.Text(p))
	return err
}
