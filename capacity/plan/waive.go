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
		if !slices.Contains(CheckIDs(), w.Check) {
			ps = append(ps, spec.Problem{Path: fmt.Sprintf("waivers[%d].check", i), Value: w.Check,
				Rule: "is not a check", Fix: "known: " + strings.Join(CheckIDs(), ", ")})
		}
	}
	return ps
}

// waive marks the violated checks that a waiver accepts today. The last day
// still counts.
func (d *draft) waive(today time.Time) {
	for _, w := range d.stack.Waivers {
		out := Waiver{Check: w.Check, Reason: w.Reason, Until: w.Until}
		until, _ := time.Parse(spec.DateForm, w.Until)
		i := slices.IndexFunc(d.plan.Checks, func(c Check) bool { return c.ID == w.Check })
		switch {
		case today.After(until.AddDate(0, 0, 1).Add(-time.Nanosecond)):
			out.Note = "expired: the check counts again"
		case i >= 0 && d.plan.Checks[i].OK:
			out.Note = "not needed: the check holds; remove the waiver"
		default:
			out.Active = true
			d.plan.Checks[i].Waived = true
		}
		d.plan.Waivers = append(d.plan.Waivers, out)
	}
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
