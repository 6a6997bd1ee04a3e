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
	"github.com/agencyos/headroom/capacity/compare"
	"github.com/agencyos/headroom/capacity/confirm"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/report"
	"github.com/agencyos/headroom/capacity/spec"
)

type planFlags struct {
	source  source
	json    bool
	write   bool
	explain string
	// markdown and html are the plan for a pull request and for who pays.
	markdown bool
	html     string
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
  headroom plan --stack prod --diff HEAD~1
  headroom plan --stack prod --diff main --html plan.html`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("seeds") && !f.simulate {
				return invalid(fmt.Sprintf("--seeds = %d: only --simulate replays the plan", f.seeds), "add --simulate")
			}
			return f.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f.source.bind(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.json, "json", false, "print the plan as JSON")
	flags.BoolVar(&f.markdown, "markdown", false, "print the plan as Markdown, for a pull request; with --diff what moves and why")
	flags.StringVar(&f.html, "html", "", "write the plan as one HTML page for the person who pays; with --diff, before and after")
	flags.BoolVar(&f.write, "write", false, "write what --set changes into the stack file, comments kept, such as the fix of a violated check")
	flags.StringVar(&f.explain, "explain", "", "explain one check or number, such as db-connections or services.backend.maxReplicas")
	flags.StringVar(&f.diff, "diff", "", "a stack or git revision to compare with: what moves from there to here, and by which input")
	flags.StringVar(&f.today, "today", "", "date that decides whether waivers have expired, YYYY-MM-DD (default: today)")
	flags.BoolVar(&f.simulate, "simulate", false, "replay the plan's ramp, request by request, and add the check simulation-agrees")
	flags.IntVar(&f.seeds, "seeds", 3, "replays with --simulate, each with a seed of its own")
	completes(cmd, "diff", func() []string { return f.source.stacks() })
	completes(cmd, "explain", f.explainable)
	cmd.MarkFlagsMutuallyExclusive("write", "diff")
	cmd.MarkFlagsMutuallyExclusive("json", "explain", "markdown")
	cmd.MarkFlagsMutuallyExclusive("diff", "explain")
	cmd.MarkFlagsMutuallyExclusive("diff", "simulate")
	return cmd
}

func (f planFlags) run(ctx context.Context, out, messages io.Writer) error {
	today, err := f.date()
	if err != nil {
		return err
	}
	if err := writable("--html", f.html); err != nil {
		return err
	}
	if f.diff != "" {
		return f.compare(ctx, out, messages, today)
	}
	p, err := f.derive(ctx, messages, today)
	if err != nil {
		return err
	}
	if err := f.print(out, p); err != nil {
		return err
	}
	return f.end(messages, p, nil)
}

// derive makes the plan, replays it and writes what --set changes, as far as that
// was asked for.
func (f planFlags) derive(ctx context.Context, messages io.Writer, today time.Time) (plan.Plan, error) {
	if f.write && len(f.source.sets) == 0 {
		return plan.Plan{}, invalid("--write writes what --set changes, and there is no --set", "headroom plan --stack NAME --set PATH=VALUE --write")
	}
	stack, base, err := f.source.load()
	if err != nil {
		return plan.Plan{}, err
	}
	p, err := plan.New(stack, base, plan.Options{Today: today})
	if err != nil {
		return p, problems("stack "+stack.Name, err)
	}
	if f.write {
		if err := f.store(messages); err != nil {
			return p, err
		}
	}
	if f.simulate {
		return f.confirm(ctx, messages, stack, base, p, today)
	}
	return p, nil
}

// end writes the page and answers what the exit code says.
func (f planFlags) end(messages io.Writer, p plan.Plan, c *compare.Comparison) error {
	if f.html != "" {
		if err := writeWhole(f.html, func(w io.Writer) error { return report.PlanHTML(w, p, c) }); err != nil {
			return err
		}
		fmt.Fprintf(messages, "headroom: wrote %s\n", f.html)
	}
	if len(p.Violations()) > 0 {
		return violated
	}
	return nil
}

// explainable are the ids that --explain takes: of the stack that is named, or else
// those of all stacks.
func (f *planFlags) explainable() []string {
	stack, base, err := f.source.load()
	if err != nil {
		return plan.CheckIDs()
	}
	p, err := plan.New(stack, base, plan.Options{Today: time.Now(), Lean: true})
	if err != nil {
		return plan.CheckIDs()
	}
	return report.Explainable(p)
}

// store writes what --set changes.
func (f planFlags) store(messages io.Writer) error {
	changes, err := f.source.changes()
	if err != nil {
		return err
	}
	return f.source.store(changes, messages)
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
	case f.markdown:
		_, err := io.WriteString(out, report.PlanMarkdown(p, nil))
		return err
	case f.explain != "":
		text, ok := report.Explain(p, f.explain)
		if !ok {
			ids := report.Explainable(p)
			return invalid(fmt.Sprintf("--explain = %s: no such check or number", f.explain),
				catalog.Meant(f.explain, ids), "known: "+strings.Join(ids, ", "))
		}
		return show(out, text)
	}
	return show(out, report.Text(p))
}
