package report

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/sim"
	"github.com/agencyos/headroom/capacity/text"
)

// Bounds of the text: it fits a screen.
const (
	mostServices = 12
	mostEvents   = 8
)

// SimulationText is a simulation for a terminal: the verdict first, then services,
// promises, what they share, and what happened.
func SimulationText(s sim.Summary) string {
	var b strings.Builder
	fmt.Fprintln(&b, SimulationHeadline(s))
	if s.Example {
		fmt.Fprintln(&b, "EXAMPLE VALUES: nobody measured this baseline; the answer is as good as the values")
	}
	for _, v := range s.Broken() {
		fmt.Fprintln(&b, v)
	}
	for _, reason := range s.Reasons() {
		fmt.Fprintf(&b, "  because %s\n", reason)
	}
	if len(s.Runs) == 0 {
		return b.String()
	}
	simulatedServices(&b, s)
	simulatedWorld(&b, s)
	simulatedEvents(&b, s)
	fmt.Fprintf(&b, "\n%s\nnot in the model: %s\n", Replays(s), strings.Join(s.Runs[0].Fidelity.Leaves(), "; "))
	return b.String()
}

// SimulationHeadline is the verdict in one line.
func SimulationHeadline(s sim.Summary) string {
	line := fmt.Sprintf("%s: %s to %s×: ", s.Stack, s.Shape, number(s.Growth))
	if len(s.Runs) == 0 {
		return line + "nothing was simulated"
	}
	return line + SimulationVerdict(s) + "; " + strings.Join(Story(s), ", ")
}

// SimulationVerdict is "promises kept", or how many are broken and the first.
func SimulationVerdict(s sim.Summary) string {
	broken := s.Broken()
	if len(broken) == 0 {
		return "promises kept"
	}
	return text.Count(len(broken), "promise BROKEN", "promises BROKEN")
}

// Story is what the worst service went through in the worst run, in a few phrases.
func Story(s sim.Summary) []string {
	worst, ratio := 0, -1.0
	first, capacity, failed := 0.0, 0.0, 0.0
	for i, l := range s.Limits.Services {
		p99 := orInf(s.MostOfService(i, p99Ms))
		if r := p99 / math.Max(l.PromisedP99Ms, 1e-9); l.PromisedP99Ms > 0 && r > ratio {
			worst, ratio = i, r
		}
		first = math.Max(first, orInf(s.MostOfService(i, firstScale)))
		capacity = math.Max(capacity, orInf(s.MostOfService(i, capacityTime)))
		failed = math.Max(failed, s.MostOfService(i, sim.ServiceResult.FailedPercent))
	}
	var out []string
	if ratio >= 0 {
		out = append(out, latency(s.MostOfService(worst, p99Ms), s.Limits.Services[worst].PromisedP99Ms))
	}
	out = append(out, scaling(first, capacity)...)
	if failed == 0 {
		return append(out, "nothing failed")
	}
	return append(out, percent(failed)+" failed")
}

func latency(p99, promised float64) string {
	if p99 < 0 {
		return "no p99, for over 1% failed"
	}
	return fmt.Sprintf("p99 %s of %s ms", number(p99), number(promised))
}

// scaling in words; 0 is that nothing had to happen.
func scaling(first, capacity float64) []string {
	var out []string
	switch {
	case math.IsInf(first, 1):
		out = append(out, "never scaled up")
	case first > 0:
		out = append(out, fmt.Sprintf("first scale after %s s", number(first)))
	}
	switch {
	case math.IsInf(capacity, 1):
		out = append(out, "capacity for the top never")
	case capacity > 0:
		out = append(out, fmt.Sprintf("capacity for the top after %s s", number(capacity)))
	default:
		out = append(out, "capacity for the top all along")
	}
	return out
}

// Figures of a service that several places show.
func p99Ms(r sim.ServiceResult) float64        { return r.P99Ms }
func firstScale(r sim.ServiceResult) float64   { return r.FirstScaleSeconds }
func capacityTime(r sim.ServiceResult) float64 { return r.CapacitySeconds }

func simulatedServices(b *strings.Builder, s sim.Summary) {
	b.WriteString("\n")
	table(b, func(w io.Writer) {
		for _, c := range columns {
			fmt.Fprintf(w, "%s\t", strings.ToUpper(c.name)+c.unit)
		}
		fmt.Fprintln(w)
		for i := range s.Limits.Services[:min(mostServices, len(s.Limits.Services))] {
			for _, c := range columns {
				fmt.Fprintf(w, "%s\t", c.cell(s, i))
			}
			fmt.Fprintln(w)
		}
	})
	if more := len(s.Limits.Services) - mostServices; more > 0 {
		fmt.Fprintf(b, "and %d more\n", more)
	}
}

func simulatedWorld(b *strings.Builder, s sim.Summary) {
	b.WriteString("\n")
	for _, f := range World(s) {
		fmt.Fprintf(b, "%s: %s\n", f.Name, f.Text)
	}
}

func simulatedEvents(b *strings.Builder, s sim.Summary) {
	run := s.Runs[s.Worst()]
	notable, more := Notable(run.Events, mostEvents)
	if len(notable) == 0 {
		return
	}
	fmt.Fprintf(b, "\nevents of seed %d\n", run.Seed)
	for _, e := range notable {
		fmt.Fprintf(b, "  %s\n", e)
	}
	if more > 0 {
		fmt.Fprintf(b, "  and %d more\n", more)
	}
}

// Replays says how the figures came about.
func Replays(s sim.Summary) string {
	run := s.Runs[0]
	text := fmt.Sprintf("%s of load, %s fidelity, seed %d", span(run.Duration), run.Fidelity, run.Seed)
	if n := len(s.Runs); n > 1 {
		text = fmt.Sprintf("%s of load, %s fidelity, %d seeds from %d; ± is the 95%% confidence interval of the mean, verdicts are about the worst seed", span(run.Duration), run.Fidelity, n, run.Seed)
	}
	if len(s.Disturbances) > 0 {
		text += "; with " + strings.Join(s.Disturbances, ", ")
	}
	return text
}

// Fact is a figure that belongs to no single service.
type Fact struct{ Name, Text string }

// World is what the services share: nodes, connections, cost.
func World(s sim.Summary) []Fact {
	nodes := s.Most(func(r sim.Result) float64 { return float64(r.PeakNodes) })
	pending := s.Over(func(r sim.Result) float64 { return r.PendingSeconds })
	text := fmt.Sprintf("%s at most, of %d", number(nodes), s.Limits.MaxNodes)
	if pending.Mean > 0 {
		text += fmt.Sprintf("; pods waited %s s for one, all together", estimate(pending, number))
	}
	out := []Fact{{"nodes", text}}
	if usable := s.Limits.UsableConnections; usable > 0 {
		could := s.Most(func(r sim.Result) float64 { return float64(r.Connections) })
		out = append(out, Fact{"connections", fmt.Sprintf("%s at most that pods could open, of %d", number(could), usable)})
	}
	usd := s.Over(func(r sim.Result) float64 { return r.CostUSD })
	rate := s.Most(func(r sim.Result) float64 { return r.PeakUSDPerHour })
	text = fmt.Sprintf("$%s for %s; $%s an hour at most", estimate(usd, money), span(s.Duration()), money(rate))
	if budget := s.Limits.BudgetUSDPerHour; budget > 0 {
		text += fmt.Sprintf(", budget $%s an hour ($%.0f a month)", money(budget), budget*plan.HoursPerMonth)
	}
	return append(out, Fact{"cost", text})
}
