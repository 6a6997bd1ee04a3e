package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/agencyos/headroom/capacity/report"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/capacity/tune"
)

type tuneFlags struct {
	source source
	// traffic is what all loads share; shapes and traces name them.
	traffic        traffic
	shapes, traces []string
	options        tune.Options
	write, json    bool
}

func newTune() *cobra.Command {
	var f tuneFlags
	cmd := &cobra.Command{
		Use:   "tune",
		Short: "Search the settings that cost least and still hold every promise",
		Long: `Search the settings that cost least and still hold every promise.

Every configuration is derived and proven like any stack, then replayed on the
traces: as a fluid while it searches, and around the peaks request by request
before anything is recommended. Nothing is written without --write.`,
		Example: `  headroom tune --stack prod
  headroom tune --stack prod --trace october.csv --shape spike
  headroom tune --stack prod --only services.backend --only 'nodes.*.instanceTypes'
  headroom tune --stack prod --budget 5000 --write`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.traffic.set = cmd.Flags().Changed
			return f.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f.source.bind(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.shapes, "shape", nil, "load that the settings must hold, repeatable: "+shapeNames()+" (default: diurnal and ramp)")
	flags.StringArrayVar(&f.traces, "trace", nil, "load from a CSV file with a header seconds,rps or time,rps, repeatable")
	flags.Float64Var(&f.traffic.tracePeak, "trace-peak", 0, "requests per second in the traces that are today's peak (default: peakRps of all services)")
	flags.Float64Var(&f.traffic.growth, "growth", 0, "top of the loads in multiples of today's peak (default: traffic.growth; of a trace, its own top)")
	flags.IntVar(&f.options.Budget, "budget", tune.DefaultBudget, "configurations to try")
	flags.IntVar(&f.options.Top, "top", tune.DefaultTop, "trade-offs to tell")
	flags.StringArrayVar(&f.options.Only, "only", nil, "settings that may change, repeatable; * stands for one step: services.*.pool")
	flags.Uint64Var(&f.options.Seed, "seed", 1, "seed of the search; the same seed gives the same answer")
	flags.BoolVar(&f.write, "write", false, "write the changes into the stack file and keep its comments")
	flags.BoolVar(&f.json, "json", false, "print the result as JSON")
	cmd.MarkFlagsMutuallyExclusive("set", "write")
	return cmd
}

func (f tuneFlags) run(ctx context.Context, out, messages io.Writer) error {
	if f.options.Budget < 1 || f.options.Top < 1 {
		return invalid(fmt.Sprintf("--budget = %d and --top = %d: must be at least 1", f.options.Budget, f.options.Top))
	}
	stack, base, err := f.source.load()
	if err != nil {
		return err
	}
	if f.options.Traces, err = f.loads(stack); err != nil {
		return err
	}
	bar := newBar(messages)
	f.options.Workers, f.options.Today, f.options.Progress = runtime.GOMAXPROCS(0), time.Now(), bar.tell
	result, err := tune.Run(ctx, stack, base, f.options)
	bar.end()
	if err != nil {
		return problems("the search of "+stack.Name, err)
	}
	if err := f.print(out, result, base.Example); err != nil {
		return err
	}
	if result.Verdict == tune.Nothing {
		return violated
	}
	if f.write {
		return f.save(messages, result)
	}
	return nil
}

// loads are the traces of the flags; none leaves the choice to the search.
func (f tuneFlags) loads(stack spec.Stack) ([]tune.Trace, error) {
	var out []tune.Trace
	add := func(t traffic) error {
		t.growth, t.tracePeak, t.set = f.traffic.growth, f.traffic.tracePeak, f.traffic.set
		curve, err := t.curve(stack)
		out = append(out, tune.Trace{Name: t.name(), Curve: curve})
		return err
	}
	for _, name := range f.shapes {
		if err := add(traffic{shape: name}); err != nil {
			return nil, err
		}
	}
	for _, path := range f.traces {
		if err := add(traffic{trace: path}); err != nil {
			return nil, err
		}
	}
	if len(out) == 0 && f.traffic.set("growth") {
		return tune.Defaults(stack, f.traffic.growth)
	}
	return out, nil
}

func (f tuneFlags) print(out io.Writer, r tune.Result, example bool) error {
	if f.json {
		return printJSON(out, r)
	}
	return show(out, report.TuneText(r, example))
}

// save writes the changes into the stack file.
func (f tuneFlags) save(messages io.Writer, r tune.Result) error {
	if len(r.Changes) == 0 {
		fmt.Fprintln(messages, "headroom: nothing to write")
		return nil
	}
	return f.source.store(settings(r.Changes), messages)
}

func settings(changes []tune.Change) []spec.Setting {
	var out []spec.Setting
	for _, c := range changes {
		out = append(out, spec.Setting{Path: c.Path, Value: c.To})
	}
	return out
}
