package report

import (
	"fmt"
	"strings"

	"github.com/agencyos/headroom/capacity/compare"
	"github.com/agencyos/headroom/capacity/plan"
)

// PlanMarkdown is a plan for a pull request: headroom first, what is accepted and
// what is violated with its fix, and with a comparison what moves, why, and what
// that costs. The whole table of checks is folded.
func PlanMarkdown(p plan.Plan, c *compare.Comparison) string {
	var b strings.Builder
	mark := "✅"
	if len(p.Violations()) > 0 {
		mark = "❌"
	}
	fmt.Fprintf(&b, "### %s %s: %s\n\n", mark, p.Stack, cell(Headline(p)))
	if p.Measured.Example {
		b.WriteString("> Example values: not everything in this baseline was measured; the proof is as good as the values.\n\n")
	}
	for _, w := range p.Waivers {
		state := "Waived"
		if !w.Active {
			state = "Waiver without effect (" + w.Note + ")"
		}
		fmt.Fprintf(&b, "> %s: `%s` until %s: %s\n\n", state, w.Check, w.Until, cell(w.Reason))
	}
	for _, v := range p.Violations() {
		fmt.Fprintf(&b, "**Violated: %s** (%s): %s > %s %s\n- because %s\n- fix: %s\n\n", v.ID, cell(v.Subject), v.Have, v.Limit, v.Unit, cell(v.Why), cell(v.Fix))
	}
	if c != nil {
		moves(&b, *c)
	}
	folded(&b, p)
	return b.String()
}

// moves is what differs from the side before.
func moves(b *strings.Builder, c compare.Comparison) {
	fmt.Fprintf(b, "Compared with %s:\n\n", cell(c.From))
	if len(c.Inputs) == 0 {
		b.WriteString("no input differs.\n\n")
		return
	}
	b.WriteString("| | before | after | |\n|---|---:|---:|---|\n")
	fmt.Fprintf(b, "| headroom | %s | %s | |\n", factor(c.Headroom.From), factor(c.Headroom.To))
	for _, line := range []struct {
		name string
		cost compare.Pair[float64]
	}{{"cost floor per month", c.Cost.FloorUSD}, {"cost at today's peak", c.Cost.ExpectedUSD}, {"cost ceiling per month", c.Cost.CeilingUSD}} {
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", line.name, dollars(line.cost.From), dollars(line.cost.To), difference(line.cost.To, line.cost.From))
	}
	if len(c.Cost.Unknown.To) > 0 {
		fmt.Fprintf(b, "\nThe price of %s is unknown and in no sum.\n", strings.Join(c.Cost.Unknown.To, ", "))
	}
	b.WriteString("\n| input | before | after |\n|---|---|---|\n")
	for _, in := range c.Inputs {
		fmt.Fprintf(b, "| %s | %s | %s |\n", code(in.Path), cell(clipped(in.From)), cell(clipped(in.To)))
	}
	if len(c.Numbers) > 0 {
		b.WriteString("\n| number | before | after | because of | why |\n|---|---|---|---|---|\n")
	}
	for _, n := range c.Numbers {
		because := strings.Join(n.Because, ", ")
		if because == "" {
			because = "several inputs together"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", code(n.Path), cell(dash(n.From)), cell(dash(n.To)), cell(because), cell(n.Why))
	}
	b.WriteString("\n")
}

// folded is the table of all checks.
func folded(b *strings.Builder, p plan.Plan) {
	b.WriteString("<details><summary>All checks</summary>\n\n| check | | have | limit | unit | tightest |\n|---|---|---:|---:|---|---|\n")
	for _, c := range p.Checks {
		if len(c.Parts) == 0 {
			fmt.Fprintf(b, "| `%s` | ok | | | | %s |\n", c.ID, cell(c.Why))
			continue
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s | %s |\n", c.ID, Verdict(c), c.Have, c.Limit, cell(c.Unit), cell(c.Subject))
	}
	b.WriteString("\n</details>\n")
}

// cell keeps a text in its cell and without effect on what surrounds it: names in a
// stack file come from whoever opened the pull request.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "\r", " ", "<", "&lt;", "`", "'", "@", "@\u200b", "[", `\[`, "](", `]\(`).Replace(text)
}

// code is a name as it is spelled.
func code(text string) string {
	return "`" + strings.NewReplacer("`", "'", "|", `\|`, "\n", " ", "\r", " ").Replace(text) + "`"
}
