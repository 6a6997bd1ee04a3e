package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/baseline/fit"
	"github.com/agencyos/headroom/capacity/baseline/loadtest"
	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/report"
	"github.com/agencyos/headroom/capacity/spec"
)

type baselineFlags struct {
	source  source
	service string
	input   input
	facts   []string
	write   bool
	compare bool
	json    bool
}

func newBaseline() *cobra.Command {
	var f baselineFlags
	cmd := &cobra.Command{
		Use:   "baseline",
		Short: "Measure a service: load-test results or production history to the facts of a baseline",
		Long: `Measure a service: load-test results or production history to the facts of a baseline.

Test one pod with the autoscaler off, at six or more rates, each held for 60 s or
more: k6 with ramping-arrival-rate and --out json=FILE, vegeta, or any tool whose
results you write as CSV with one line per rate. CPU comes from --cpu, from a column
cpu, or from the Prometheus that scraped the pod.

The facts come from the lighter rates; the two highest that are not saturated are
predicted, and the error is printed and stored. Without --write nothing is written.

CSV of steps has a header with offered_rps, p99 and mean or p50, and any others of
` + strings.Join(loadtest.Columns(), ", ") + `.
CSV of --cpu has time or seconds, and cores, millicores or cpu_seconds, a counter;
memory_mib is optional. Latencies are in milliseconds, cpu and cores in cores, failed
is a share. Files may be compressed with gzip. What no test shows is stated by --fact.`,
		Example: `  k6 run --out json=run.ndjson.gz script.js
  headroom baseline --stack prod --service backend --k6 run.ndjson.gz --cpu pod.csv
  headroom baseline --stack prod --service backend --k6 run.ndjson.gz --prometheus http://localhost:9090 --write
  headroom baseline --stack prod --service backend --csv steps.csv --fact memoryMiB=310 --fact startupSeconds=9 --write
  headroom baseline --stack prod --service backend --k6 run.ndjson.gz --cpu pod.csv --compare
  headroom baseline --stack prod --service backend --prometheus http://localhost:9090 --days 14`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.input.set = cmd.Flags().Changed
			return f.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f.source.bind(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.service, "service", "", "service that was measured (default: the only one of the stack)")
	f.input.flags(flags)
	flags.StringArrayVar(&f.facts, "fact", nil, "a figure measured by other means: path=value, repeatable, such as memoryMiB=310, database.holdMillis=8 or nodes.bootSeconds=70")
	flags.BoolVar(&f.write, "write", false, "write the baseline file")
	flags.BoolVar(&f.compare, "compare", false, "compare with the baseline file; exit 1 where something is worse beyond noise")
	flags.BoolVar(&f.json, "json", false, "print the measurement as JSON")
	cmd.MarkFlagsMutuallyExclusive("k6", "vegeta", "csv")
	cmd.MarkFlagsMutuallyExclusive("write", "compare")
	return cmd
}

func (f baselineFlags) run(ctx context.Context, out, messages io.Writer) error {
	if err := f.input.check(); err != nil {
		return err
	}
	s, err := f.source.resolve()
	if err != nil {
		return err
	}
	f.source = s
	stack, err := f.source.loadStack()
	if err != nil {
		return err
	}
	if f.service, err = f.chosen(stack); err != nil {
		return err
	}
	stored, err := f.stored(stack)
	if err != nil {
		return err
	}
	facts, err := f.stated(stored)
	if err != nil {
		return err
	}
	test, past, err := f.input.read(ctx, messages, stack, f.service)
	if err != nil {
		return err
	}
	result, err := fit.Of(test, fit.SubjectOf(stack, f.service, stored.Services[f.service]))
	if err != nil {
		return problems("the measurement of "+f.service, err)
	}
	m := measurement{flags: f, stack: stack, stored: stored, result: result, past: past, facts: facts}
	return m.finish(out, messages)
}

// chosen is the service that was measured.
func (f baselineFlags) chosen(stack spec.Stack) (string, error) {
	var names []string
	for name := range stack.Services {
		names = append(names, name)
	}
	slices.Sort(names)
	switch {
	case f.service == "" && len(names) == 1:
		return names[0], nil
	case f.service == "":
		return "", invalid("name the service that was measured", "--service NAME; services of "+stack.Name+": "+strings.Join(names, ", "))
	case !slices.Contains(names, f.service):
		return "", invalid(fmt.Sprintf("--service = %s: no such service", f.service), catalog.Meant(f.service, names), "services of "+stack.Name+": "+strings.Join(names, ", "))
	}
	return f.service, nil
}

// print writes the report, as text or JSON.
func (f baselineFlags) print(out io.Writer, m report.Measurement) error {
	if !f.json {
		return show(out, report.MeasurementText(m))
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(m)
}

// today is when a measurement without a time counts as made.
func today() time.Time { return time.Now() }

// empty is the baseline of a stack that has none.
func empty(stack string) baseline.Baseline {
	return baseline.Baseline{Stack: stack, Services: map[string]baseline.Service{}}
}
