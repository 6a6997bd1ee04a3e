package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/spec"
)

func waiverProblems(waivers []spec.Waiver) spec.Problems {
	var ps spec.Problems
	for i, w := range waivers {
		known := append(CheckIDs(), SimulationAgrees)
		if !slices.Contains(known, w.Check) {
			ps = append(ps, spec.Problem{Path: fmt.Sprintf("waivers[%d].check", i), Value: w.Check,
				Rule: "is not a check", Fix: "known: " + strings.Join(known, ", ")})
		}
	}
	return ps
}

// waive marks the violated checks that a waiver accepts today. The last day
// still counts.
func waive(p *Plan, waivers []spec.Waiver, today time.Time) {
	p.Waivers = nil
	for _, w := range waivers {
		out := Waiver{Check: w.Check, Reason: w.Reason, Until: w.Until}
		until, _ := time.Parse(spec.DateForm, w.Until)
		i := slices.IndexFunc(p.Checks, func(c Check) bool { return c.ID == w.Check })
		switch {
		case today.After(until.AddDate(0, 0, 1).Add(-time.Nanosecond)):
			out.Note = "expired: the check counts again"
		case i < 0:
			out.Note = "not needed: the check was not made"
		case p.Checks[i].OK:
			out.Note = "not needed: the check holds; remove the waiver"
		default:
			out.Active = true
			p.Checks[i].Waived = true
		}
		p.Waivers = append(p.Waivers, out)
	}
}

// With is the plan with a check that was made outside of it, such as
// SimulationAgrees; the waivers of the stack count for it too.
func (p Plan) With(check Check, waivers []spec.Waiver, today time.Time) Plan {
	p.Checks = append(slices.Clone(p.Checks), check)
	waive(&p, waivers, today)
	return p
}

// Violations are the checks that refuse the plan.
func (p Plan) Violations() []Check {
	var out []Check
	for _, c := range p.Checks {
		if !c.Passes() {
			out = append(out, c)
		}
	}
	return out
}
