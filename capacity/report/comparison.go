package report

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/agencyos/headroom/capacity/compare"
	"github.com/agencyos/headroom/capacity/plan"
)

// Comparison is what a change moves: headroom and cost first, then the inputs,
// the numbers that they move and the checks.
func Comparison(c compare.Comparison) string {
	var b strings.Builder
	fmt.Fprintf(&b, "from %s\nto   %s\n\n", c.From, c.To)
	if len(c.Inputs) == 0 {
		b.WriteString("no input differs\n")
		return b.String()
	}
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "headroom\t%s\t→\t%s\n", factor(c.Headroom.From), factor(c.Headroom.To))
	for _, line := range []struct {
		name string
		cost compare.Pair[float64]
	}{{"cost floor", c.Cost.FloorUSD}, {"cost at today's peak", c.Cost.ExpectedUSD}, {"cost ceiling", c.Cost.CeilingUSD}} {
		fmt.Fprintf(table, "%s\t$%.0f\t→\t$%.0f\ta month\n", line.name, line.cost.From, line.cost.To)
	}
	flush(table)
	for _, side := range []struct {
		when  string
		types []string
	}{{"before", c.Cost.Unknown.From}, {"afterwards", c.Cost.Unknown.To}} {
		if len(side.types) > 0 {
			fmt.Fprintf(&b, "  %s without the price of %s, which is unknown: set budget.prices\n", side.when, strings.Join(side.types, ", "))
		}
	}
	moved(&b, c)
	return b.String()
}

func factor(h plan.Headroom) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", holding(h), h.FirstLimit, h.Subject))
}

func moved(b *strings.Builder, c compare.Comparison) {
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nINPUT\tFROM\tTO")
	for _, in := range c.Inputs {
		fmt.Fprintf(table, "%s\t%s\t%s\n", in.Path, clipped(in.From), clipped(in.To))
	}
	flush(table)
	if len(c.Numbers) > 0 {
		fmt.Fprintln(table, "\nNUMBER\tFROM\tTO\tBECAUSE OF")
	}
	for _, n := range c.Numbers {
		because := strings.Join(n.Because, ", ")
		if because == "" {
			because = "several inputs together"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", n.Path, dash(n.From), dash(n.To), because)
	}
	flush(table)
	if len(c.Checks) > 0 {
		fmt.Fprintln(table, "\nCHECK\tFROM\t\tTO\t\tUNIT")
	}
	for _, check := range c.Checks {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", check.ID, outcome(check.OK.From), ofLimit(check.Have.From, check.Limit.From),
			outcome(check.OK.To), ofLimit(check.Have.To, check.Limit.To), check.Unit)
	}
	flush(table)
}

func flush(table *tabwriter.Writer) { _ = table.Flush() } // a strings.Builder takes everything

func outcome(ok bool) string {
	if ok {
		return "ok"
	}
	return "VIOLATED"
}

func ofLimit(have, limit plan.Amount) string { return fmt.Sprintf("%s of %s", have, limit) }

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// widest is the longest value of an input in a table, in characters.
const widest = 40

func clipped(v any) string {
	if v == nil {
		return "-"
	}
	text, ok := v.(string)
	if !ok {
		data, err := json.Marshal(v)
		if err != nil {
			return "?"
		}
		text = string(data)
	}
	if r := []rune(text); len(r) > widest {
		return string(r[:widest-1]) + "…"
	}
	return text
}
