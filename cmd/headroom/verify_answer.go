package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/drift"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/report"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/capacity/text"
)

// answer is the report and what the plan says to what runs. Its JSON is an
// interface: fields are only added.
type answer struct {
	drift.Report
	// Violated are the checks that do not hold with what runs.
	Violated []plan.Check `json:"violated"`
	// Unplanned are what runs and no stack file can state.
	Unplanned string `json:"unplanned,omitempty"`
}

// again makes the plan with what runs in place of what was proven, as far as a
// stack file can state it.
func (f verifyFlags) again(a *answer, before plan.Plan, base baseline.Baseline, today time.Time) {
	var stack spec.Stack
	with := f.source
	for _, d := range a.Differences {
		if d.State != "" {
			with.sets = append(with.sets, d.State)
		}
	}
	if len(with.sets) == len(f.source.sets) {
		return
	}
	with, err := with.resolve()
	if err == nil {
		stack, err = with.loadStack()
	}
	if err != nil {
		a.Unplanned = strings.Join(asFailure(err).hints, "; ")
		return
	}
	p, err := plan.New(stack, base, plan.Options{Today: today})
	if err != nil {
		a.Unplanned = err.Error()
		return
	}
	known := map[string]bool{}
	for _, c := range before.Violations() {
		known[c.ID] = true
	}
	for _, c := range p.Violations() {
		if !known[c.ID] {
			a.Violated = append(a.Violated, c)
		}
	}
}

func (a answer) print(out io.Writer, asJSON bool, from source) error {
	if asJSON {
		return printJSON(out, a)
	}
	return show(out, report.Drift(a.Report)+a.consequence(from))
}

// consequence is what the plan says to what runs.
func (a answer) consequence(from source) string {
	var b strings.Builder
	switch {
	case a.Unplanned != "":
		fmt.Fprintf(&b, "\nno plan can be made with what runs: %s\n", a.Unplanned)
	case len(a.Violated) > 0:
		b.WriteString("\nwith what runs:\n")
		for _, c := range a.Violated {
			b.WriteString(report.Violation(c))
		}
	}
	var state []string
	for _, d := range a.Differences {
		if d.State != "" {
			state = append(state, text.Word(text.Printable(d.State)))
		}
	}
	if len(state) > 0 {
		fmt.Fprintf(&b, "\nmend what runs (pulumi up, or its owner), or state it and see: headroom plan %s --set %s\n", from.flag(), strings.Join(state, " --set "))
	}
	return b.String()
}
