package report

import (
	_ "embed" // the template
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/compare"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/text"
)

//go:embed plan.html
var planHTML string

var planPage = styled("plan", planHTML)

// bill is what the template of a plan shows.
type bill struct {
	Stack, Question, Verdict, First string
	Holds, Example                  bool
	// From is the name of the side before; empty shows one plan alone.
	From     string
	Gauge    gauge
	Waivers  []string
	Violated []refused
	Cards    []card
	Rows     []beside
	Items    []plan.Item
	Cost     plan.Cost
	Checks   []judged
	Relies   []string
	Source   string
}

// gauge places today's peak, what is asked for and what holds on one scale, in
// percent. Apart says that the first two have room for a label each.
type gauge struct {
	Today, Asked, Holds float64
	AskedAt, HoldsAt    string
	Apart               bool
}

// refused is a violated check in words.
type refused struct{ Statement, Figures, Fix string }

// beside is one row of the comparison; Moved says that the sides differ.
type beside struct {
	What, Before, After string
	Moved               bool
}

// judged is a check in words.
type judged struct{ ID, Statement, Have, Limit, Unit, State string }

// PlanHTML writes a plan as one page for the person who pays: how far it holds,
// what breaks first, what it costs and what the price leaves out. With a
// comparison, what was before stands beside it. The page needs nothing else: no
// script, no network.
func PlanHTML(w io.Writer, p plan.Plan, c *compare.Comparison) error {
	return planPage.Execute(w, newBill(p, c))
}

func newBill(p plan.Plan, c *compare.Comparison) bill {
	b := bill{
		Stack: p.Stack, Question: fmt.Sprintf("Does %s survive %s× today's peak?", p.Stack, number(p.Growth)), Verdict: verdictOn(p), First: firstLimit(p),
		Holds: len(p.Violations()) == 0, Example: p.Measured.Example, Gauge: gaugeOf(p), Cost: p.Cost, Items: p.Cost.Items, Relies: p.Relies,
		Source: p.Measured.Source + ", " + p.Measured.Date,
	}
	for _, w := range p.Waivers {
		b.Waivers = append(b.Waivers, fmt.Sprintf("%s until %s: %s", w.Check, w.Until, w.Reason))
	}
	for _, v := range p.Violations() {
		b.Violated = append(b.Violated, refused{plan.Statement(v.ID), fmt.Sprintf("%s of at most %s %s (%s)", v.Have, v.Limit, v.Unit, v.Subject), v.Fix})
	}
	for _, v := range p.Checks {
		if len(v.Parts) > 0 {
			b.Checks = append(b.Checks, judged{v.ID, plan.Statement(v.ID), v.Have.String(), v.Limit.String(), v.Unit, state(v.OK)})
		}
	}
	b.Cards = costCards(p, c)
	before := (*plan.Plan)(nil)
	if c != nil {
		b.From, before = c.From, &c.Plans.From
	}
	b.Rows = sides(p, before)
	return b
}

func verdictOn(p plan.Plan) string {
	if n := len(p.Violations()); n > 0 {
		return "No: " + text.Count(n, "check is violated", "checks are violated")
	}
	if p.Headroom.FirstLimit == "" {
		return "Yes: it holds " + holding(p.Headroom) + " today's peak"
	}
	return "Yes: it holds up to " + holding(p.Headroom) + " today's peak"
}

// firstLimit is what gives way first, in words.
func firstLimit(p plan.Plan) string {
	h := p.Headroom
	if h.FirstLimit == "" {
		return fmt.Sprintf("No limit was found up to %.0f× today's peak.", h.Factor)
	}
	when := fmt.Sprintf("Beyond %.2f× today's peak", h.Factor)
	if h.Factor == 0 {
		when = "At any load"
	}
	on := ""
	if h.Subject != "" {
		on = ": " + h.Subject
	}
	return fmt.Sprintf("%s it is no longer true that %s (%s%s).", when, plan.Statement(h.FirstLimit), h.FirstLimit, on)
}

func gaugeOf(p plan.Plan) gauge {
	most := math.Max(1.5, 1.15*math.Max(p.Growth, p.Headroom.Factor))
	if p.Headroom.Factor > 4*p.Growth { // far beyond what is asked for: the bar ends
		most = 4 * p.Growth
	}
	share := func(x float64) float64 { return math.Round(1000*math.Min(1, x/most)) / 10 }
	return gauge{
		Today: share(1), Asked: share(p.Growth), Holds: share(p.Headroom.Factor),
		AskedAt: number(p.Growth) + "×", HoldsAt: holding(p.Headroom),
		Apart: share(p.Growth)-share(1) >= 25, // so much of a bar of 400 px has room for both labels
	}
}

// costCards are the bill at three loads, each against the budget.
func costCards(p plan.Plan, c *compare.Comparison) []card {
	var out []card
	add := func(name string, have float64, before func(compare.Costs) compare.Pair[float64]) {
		note := "budget " + dollars(p.Cost.BudgetUSD)
		if c != nil {
			note = difference(have, before(c.Cost).From)
		}
		s := plain
		if p.Cost.BudgetUSD > 0 {
			s = state(have <= p.Cost.BudgetUSD)
		}
		out = append(out, card{name, dollars(have), note, s})
	}
	add("when little happens", p.Cost.FloorUSD, func(c compare.Costs) compare.Pair[float64] { return c.FloorUSD })
	add("at today's peak all month", p.Cost.ExpectedUSD, func(c compare.Costs) compare.Pair[float64] { return c.ExpectedUSD })
	add("scaled out all month", p.Cost.CeilingUSD, func(c compare.Costs) compare.Pair[float64] { return c.CeilingUSD })
	return append(out, card{"budget", dollars(p.Cost.BudgetUSD), "per month", plain})
}

// difference of an amount from the one before.
func difference(now, before float64) string {
	switch d := now - before; {
	case math.Abs(d) < 0.5:
		return "as before"
	case d < 0:
		return dollars(-d) + " less than " + dollars(before)
	default:
		return dollars(d) + " more than " + dollars(before)
	}
}

// sides are the figures of both plans; before may be nil.
func sides(after plan.Plan, before *plan.Plan) []beside {
	var order []string
	collect := func(p plan.Plan) map[string]string {
		out := map[string]string{}
		for _, f := range shape(p) {
			if _, seen := out[f.Name]; !seen && !slices.Contains(order, f.Name) {
				order = append(order, f.Name)
			}
			out[f.Name] = f.Text
		}
		return out
	}
	now := collect(after)
	was := map[string]string{}
	if before != nil {
		was = collect(*before)
	}
	var out []beside
	for _, name := range order {
		out = append(out, beside{name, dash(was[name]), dash(now[name]), before != nil && was[name] != now[name]})
	}
	return out
}

// shape is what a plan runs, in words.
func shape(p plan.Plan) []Fact {
	holds := holding(p.Headroom)
	if n := len(p.Violations()); n > 0 {
		holds += ", " + text.Count(n, "check violated", "checks violated")
	}
	out := []Fact{{"times today's peak that hold", holds}, {"breaks first", strings.TrimSpace(p.Headroom.FirstLimit + " " + p.Headroom.Subject)}}
	for _, name := range names(p) {
		v := p.Services[name]
		out = append(out,
			Fact{"pods of " + name, fmt.Sprintf("%d to %d", v.MinReplicas, v.MaxReplicas)},
			Fact{fmt.Sprintf("99 of 100 answers of %s within", name), fmt.Sprintf("%s at %s×", millis(v.P99Ms), number(p.Growth))})
	}
	for _, g := range p.Nodes.Groups {
		out = append(out, Fact{"nodes " + g.Name, fmt.Sprintf("%d to %d × %s", g.MinSize, g.MaxSize, machine(g))})
	}
	if d := p.Database; d != nil {
		out = append(out, Fact{"database", d.InstanceClass}, Fact{"connections in a rollout", fmt.Sprintf("%d of %d", d.RolloutConnections, d.UsableConnections)})
	}
	if c := p.Cache; c != nil {
		out = append(out, Fact{"cache", c.NodeType})
	}
	return out
}
