package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/confirm"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/report"
	"github.com/agencyos/headroom/capacity/sim"
	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/capacity/spec"
)

type simulateFlags struct {
	source   source
	traffic  traffic
	seed     uint64
	seeds    int
	fidelity string
	disturb  []string
	json     bool
	html     string
}

func newSimulate() *cobra.Command {
	var f simulateFlags
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Replay traffic against the autoscaler, request by request",
		Example: `  headroom simulate --stack prod --html report.html
  headroom simulate --stack prod --growth 8 --ramp 5m
  headroom simulate --stack prod --shape spike
  headroom simulate --stack prod --trace october.csv --disturb rollout:backend@30m
  headroom simulate --stack prod --shape steady --growth 3 --disturb slow-database@5m+2m×3`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.traffic.set = cmd.Flags().Changed
			return f.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f.source.bind(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.traffic.shape, "shape", string(load.RampShape), "form of the load: "+shapeNames())
	flags.StringVar(&f.traffic.trace, "trace", "", "load from a CSV file with a header seconds,rps or time,rps, instead of --shape")
	flags.Float64Var(&f.traffic.tracePeak, "trace-peak", 0, "requests per second in the trace that are today's peak (default: peakRps of all services)")
	flags.Float64Var(&f.traffic.growth, "growth", 0, "top of the load in multiples of today's peak (default: traffic.growth; of a trace, its own top)")
	flags.DurationVar(&f.traffic.ramp, "ramp", 0, "rise of --shape ramp (default: traffic.ramp)")
	flags.DurationVar(&f.traffic.length, "for", 0, "length: the load is cut, or its last level held (default: the load's own)")
	flags.Uint64Var(&f.seed, "seed", 1, "first seed of the random choices; the same seed gives the same result")
	flags.IntVar(&f.seeds, "seeds", 5, "runs, each with a seed of its own")
	flags.StringVar(&f.fidelity, "fidelity", string(sim.Request), "request follows every request; control takes requests as a fluid, which is faster")
	flags.StringArrayVar(&f.disturb, "disturb", nil, "what happens on the way, repeatable: kind[:service]@time[+duration][×factor]; kinds: "+strings.Join(sim.DisturbanceKinds(), ", "))
	flags.BoolVar(&f.json, "json", false, "print summary, verdicts and timelines as JSON")
	flags.StringVar(&f.html, "html", "", "write a report as one HTML file")
	cmd.MarkFlagsMutuallyExclusive("shape", "trace")
	return cmd
}

func (f simulateFlags) run(ctx context.Context, out, messages io.Writer) error {
	disturbances, err := f.check()
	if err != nil {
		return err
	}
	stack, base, err := f.source.load()
	if err != nil {
		return err
	}
	p, err := plan.New(stack, base, plan.Options{Today: time.Now(), Lean: true})
	if err != nil {
		return problems("stack "+stack.Name, err)
	}
	curve, err := f.traffic.curve(stack)
	if err != nil {
		return err
	}
	scenario, err := confirm.Scenario(stack, base, p, curve)
	if err != nil {
		return problems("the simulation of "+stack.Name, err)
	}
	scenario.Fidelity, scenario.Disturbances = sim.Fidelity(f.fidelity), disturbances
	runs, err := f.replay(ctx, messages, scenario)
	if err != nil {
		return problems("the simulation of "+stack.Name, distinct(err))
	}
	return f.tell(out, messages, f.summary(stack, p, scenario, runs))
}

// check refuses what needs no stack to be refused.
func (f simulateFlags) check() ([]sim.Disturbance, error) {
	known := []string{string(sim.Request), string(sim.Control)}
	switch {
	case f.seeds < 1 || f.seeds > mostSeeds:
		return nil, invalid(fmt.Sprintf("--seeds = %d: must be from 1 to %d", f.seeds, mostSeeds))
	case f.fidelity != known[0] && f.fidelity != known[1]:
		return nil, invalid(fmt.Sprintf("--fidelity = %s: must be %s", f.fidelity, strings.Join(known, " or ")), catalog.Meant(f.fidelity, known))
	}
	if err := writable("--html", f.html); err != nil {
		return nil, err
	}
	return disturbances(f.disturb)
}

// replay runs the scenario with every seed and says that it goes on.
func (f simulateFlags) replay(ctx context.Context, messages io.Writer, scenario sim.Scenario) ([]sim.Result, error) {
	var seeds []uint64
	for i := range f.seeds {
		seeds = append(seeds, f.seed+uint64(i))
	}
	told := ticking(newProgress(messages, "simulating"), len(seeds))
	defer told.end()
	return sim.Replicate(ctx, scenario, seeds, runtime.GOMAXPROCS(0), told.tell)
}

// summary is what the runs led to, and what was promised.
func (f simulateFlags) summary(stack spec.Stack, p plan.Plan, scenario sim.Scenario, runs []sim.Result) sim.Summary {
	s := sim.Summary{
		Stack: stack.Name, Example: p.Measured.Example, Shape: f.traffic.name(), Growth: scenario.Load.Max(), Runs: runs,
		Limits: confirm.Limits(stack, p, scenario),
	}
	for _, d := range scenario.Disturbances {
		s.Disturbances = append(s.Disturbances, fmt.Sprintf("%s after %s", d, d.At))
	}
	return s
}

// tell writes the report; broken promises are exit code 1.
func (f simulateFlags) tell(out, messages io.Writer, s sim.Summary) error {
	if f.html != "" {
		if err := writeWhole(f.html, func(w io.Writer) error { return report.SimulationHTML(w, s) }); err != nil {
			return err
		}
		fmt.Fprintf(messages, "headroom: wrote %s\n", f.html)
	}
	if err := f.print(out, s); err != nil {
		return err
	}
	if len(s.Broken()) > 0 {
		return violated
	}
	return nil
}

func (f simulateFlags) print(out io.Writer, s sim.Summary) error {
	if !f.json {
		return show(out, report.SimulationText(s))
	}
	return printJSON(out, struct {
		Kept     bool          `json:"kept"`
		Verdicts []sim.Verdict `json:"verdicts"`
		Reasons  []string      `json:"reasons"`
		sim.Summary
	}{len(s.Broken()) == 0, s.Verdicts(), s.Reasons(), s})
}
