// Package report writes a plan for people: text for terminals and logs.
package report

import (
	"fmt"
	"io"
	"sort"
	"strings"
	"text/tabwriter"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/text"
)

// Text is the whole plan: headroom first, then waivers, numbers, checks and cost.
func Text(p plan.Plan) string {
	var b strings.Builder
	headline(&b, p)
	waivers(&b, p)
	services(&b, p)
	shared(&b, p)
	checks(&b, p)
	violations(&b, p)
	cost(&b, p)
	relies(&b, p)
	return b.String()
}

// Headline is the product's one number, in one line.
func Headline(p plan.Plan) string {
	h := p.Headroom
	line := fmt.Sprintf("headroom %s today's peak (asked for %g×)", holding(h), p.Growth)
	switch {
	case h.FirstLimit == "":
		return line + ", no limit found"
	case h.Factor == 0:
		return line + ": " + h.FirstLimit + " is violated at any load"
	}
	for _, c := range p.Checks {
		if c.Waived {
			return line + " with checks waived, then " + strings.TrimSpace(h.FirstLimit+" "+h.Subject) + " breaks"
		}
	}
	return line + ", then " + strings.TrimSpace(h.FirstLimit+" "+h.Subject) + " breaks"
}

// holding is how far a plan holds; where no limit was found the search ended.
func holding(h plan.Headroom) string {
	if h.FirstLimit == "" {
		return fmt.Sprintf("more than %.0f×", h.Factor)
	}
	return fmt.Sprintf("%.2f×", h.Factor)
}

func headline(b *strings.Builder, p plan.Plan) {
	fmt.Fprintf(b, "%s: %s\n", p.Stack, Headline(p))
	if n := len(p.Violations()); n > 0 {
		fmt.Fprintf(b, "REFUSED: %s\n", text.Count(n, "check is violated", "checks are violated"))
	}
	if m := p.Measured; m.MeasuredFigures > 0 {
		fmt.Fprintf(b, "EXAMPLE VALUES: %d of %d figures of this baseline are measured (%s), the others by nobody; the proof is as good as the values\n", m.MeasuredFigures, m.Figures, m.Source)
	} else if m.Example {
		fmt.Fprintf(b, "EXAMPLE VALUES: nobody measured this baseline (%s); the proof is as good as the values\n", p.Measured.Date)
	} else {
		fmt.Fprintf(b, "measured %s: %s\n", p.Measured.Date, p.Measured.Source)
	}
	if p.Measured.Ahead {
		fmt.Fprintf(b, "DATE AHEAD: the baseline is of %s, which has not come; correct its date, or this clock\n", p.Measured.Date)
	}
}

func waivers(b *strings.Builder, p plan.Plan) {
	for _, w := range p.Waivers {
		state := "WAIVED"
		if !w.Active {
			state = "waiver without effect, " + w.Note
		}
		fmt.Fprintf(b, "%s: %s until %s: %s\n", state, w.Check, w.Until, w.Reason)
	}
}

// table writes aligned columns.
func table(b io.Writer, rows func(w io.Writer)) {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	rows(w)
	_ = w.Flush() // writing to a strings.Builder cannot fail
}

func names(p plan.Plan) []string {
	out := make([]string, 0, len(p.Services))
	for name := range p.Services {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

func services(b *strings.Builder, p plan.Plan) {
	b.WriteString("\n")
	table(b, func(w io.Writer) {
		fmt.Fprintf(w, "SERVICE\tRPS NOW\tRPS %g×\tPODS min/peak/%g×/max\tTARGET/POD\tPOOL\tDECISION\tREADY\tP99 %g×\n", p.Growth, p.Growth, p.Growth)
		for _, name := range names(p) {
			v := p.Services[name]
			pool := "-"
			if v.Pool != nil {
				pool = fmt.Sprintf("%d+%d", v.Pool.Size, v.Pool.MaxOverflow)
			}
			fmt.Fprintf(w, "%s\t%.0f\t%.0f\t%d/%d/%d/%d\t%.0f rps (%g%%)\t%s\t%.0f s\t%.0f s\t%s\n", name, v.PeakOriginRPS, v.OriginRPS,
				v.MinReplicas, v.PeakReplicas, v.GrowthReplicas, v.MaxReplicas, v.TargetRPS, v.TargetPercent, pool,
				v.Timeline.DecisionSeconds, v.Timeline.LagSeconds, millis(v.P99Ms))
		}
	})
}

// machine is what the nodes of a group are counted as.
func machine(g plan.NodeGroup) string {
	if g.DearestType == "" || g.DearestType == g.InstanceType {
		return g.InstanceType
	}
	return fmt.Sprintf("%s (billed as %s)", g.InstanceType, g.DearestType)
}

// millis is a time in whole milliseconds.
func millis(a plan.Amount) string {
	if !a.Bounded() {
		return a.String()
	}
	return fmt.Sprintf("%.0f ms", a)
}

func shared(b *strings.Builder, p plan.Plan) {
	b.WriteString("\n")
	for _, g := range p.Nodes.Groups {
		fmt.Fprintf(b, "nodes %s: %d to %d × %s\n", g.Name, g.MinSize, g.MaxSize, machine(g))
	}
	if d := p.Database; d != nil {
		fmt.Fprintf(b, "database %s: %d connections steady, %d in a rollout, %d usable\n", d.InstanceClass, d.SteadyConnections, d.RolloutConnections, d.UsableConnections)
		if g := d.PgBouncer; g != nil {
			fmt.Fprintf(b, "pgbouncer: %d replicas × %d clients, %d server connections each\n", g.Replicas, g.MaxClientConn, g.PoolSize+g.ReservePool)
		}
	}
	if c := p.Cache; c != nil {
		fmt.Fprintf(b, "cache %s: %.0f of %.0f MiB, %d of %d connections\n", c.NodeType, c.WorkingSetMiB, c.UsableMiB, c.Connections, c.MaxClients)
	}
}

func checks(b *strings.Builder, p plan.Plan) {
	b.WriteString("\n")
	table(b, func(w io.Writer) {
		fmt.Fprint(w, "CHECK\t\tHAVE\tLIMIT\tUNIT\tSLACK\tTIGHTEST\n")
		for _, c := range p.Checks {
			if len(c.Parts) == 0 {
				fmt.Fprintf(w, "%s\tok\t-\t-\t\t\t%s\n", c.ID, c.Why)
				continue
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.ID, Verdict(c), c.Have, c.Limit, c.Unit, slack(c), c.Subject)
		}
	})
}

// Verdict is one word about a check.
func Verdict(c plan.Check) string {
	switch {
	case c.OK:
		return "ok"
	case c.Waived:
		return "WAIVED"
	}
	return "VIOLATED"
}

func slack(c plan.Check) string {
	switch {
	case c.Limit == 0 || !c.Have.Bounded():
		return "-"
	case !c.Limit.Bounded():
		return "any"
	}
	return fmt.Sprintf("%.0f%%", 100*c.Slack())
}

func violations(b *strings.Builder, p plan.Plan) {
	for _, c := range p.Violations() {
		fmt.Fprintf(b, "\n%s", Violation(c))
	}
}

// Violation is one violated check with its arithmetic and its fix.
func Violation(c plan.Check) string {
	return fmt.Sprintf("VIOLATED %s (%s): %s > %s %s\n  because %s\n  fix: %s\n", c.ID, c.Subject, c.Have, c.Limit, c.Unit, c.Why, c.Fix)
}

func cost(b *strings.Builder, p plan.Plan) {
	c := p.Cost
	fmt.Fprintf(b, "\ncost per month: $%.0f floor, $%.0f at today's peak, $%.0f ceiling; budget $%.0f\n", c.FloorUSD, c.ExpectedUSD, c.CeilingUSD, c.BudgetUSD)
	fmt.Fprintf(b, "  %s\n", c.Prices)
	if len(c.Unknown) > 0 {
		fmt.Fprintf(b, "  price unknown: set budget.prices.<type> for %s\n", strings.Join(c.Unknown, ", "))
	}
	if len(c.Excludes) > 0 {
		fmt.Fprintf(b, "  left out: %s\n", strings.Join(c.Excludes, "; "))
	}
}

func relies(b *strings.Builder, p plan.Plan) {
	if len(p.Relies) == 0 {
		return
	}
	b.WriteString("\nthe proof relies on:\n")
	for _, line := range p.Relies {
		fmt.Fprintf(b, "  - %s\n", line)
	}
}
