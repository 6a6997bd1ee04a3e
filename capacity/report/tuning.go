package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/agencyos/headroom/capacity/text"
	"github.com/agencyos/headroom/capacity/tune"
)

// Bounds of the text of a search.
const (
	mostMatters    = 5
	mostInfeasible = 4
	mostRefused    = 3
)

// TuneText is what a search found, for a terminal: the verdict, the changes with
// their reasons, before and after, the trade-offs, and what the search saw.
func TuneText(r tune.Result, example bool) string {
	var b strings.Builder
	fmt.Fprintln(&b, TuneHeadline(r))
	if example {
		fmt.Fprintln(&b, "EXAMPLE VALUES: nobody measured this baseline; the answer is as good as the values")
	}
	tuneChanges(&b, r)
	tuneOutcomes(&b, r)
	tuneTradeOffs(&b, r)
	tuneMatters(&b, r)
	tuneRefusals(&b, r)
	fmt.Fprintf(&b, "\n%s\n", tuneEffort(r))
	return b.String()
}

// TuneHeadline is the verdict in one line.
func TuneHeadline(r tune.Result) string {
	switch r.Verdict {
	case tune.Improved:
		was, is := r.Current, r.Best
		if !was.Holds {
			return fmt.Sprintf("%s: the settings as they stand BREAK a promise; with %s every promise holds, at %s a month", r.Stack, text.Count(len(r.Changes), "change", "changes"), dollars(is.USDPerMonth))
		}
		return fmt.Sprintf("%s: %s a month instead of %s (%+.0f%%) with %s, and every promise holds", r.Stack, dollars(is.USDPerMonth), dollars(was.USDPerMonth),
			100*(is.USDPerMonth/was.USDPerMonth-1), text.Count(len(r.Changes), "change", "changes"))
	case tune.Kept:
		return fmt.Sprintf("%s: nothing that was tried beats the settings as they stand: %s a month, and every promise holds", r.Stack, dollars(r.Current.USDPerMonth))
	}
	return fmt.Sprintf("%s: NOTHING that was tried holds every promise; closest: %s", r.Stack, r.Breaks)
}

func dollars(x float64) string { return fmt.Sprintf("$%.0f", x) }

func tuneChanges(b *strings.Builder, r tune.Result) {
	if len(r.Changes) == 0 {
		return
	}
	b.WriteString("\n")
	external := false
	table(b, func(w io.Writer) {
		fmt.Fprintln(w, "CHANGE\tFROM\tTO\tWITHOUT IT")
		for _, c := range r.Changes {
			mark := ""
			if c.External {
				mark, external = " (external)", true
			}
			fmt.Fprintf(w, "%s%s\t%s\t%s\t%s\n", c.Path, mark, c.From, c.To, strings.TrimPrefix(strings.TrimPrefix(c.Reason, "without it: "), "without it "))
		}
	})
	if external {
		fmt.Fprintln(b, "external: the stack file only states it; change it at its owner first")
	}
}

func tuneOutcomes(b *strings.Builder, r tune.Result) {
	b.WriteString("\n")
	table(b, func(w io.Writer) {
		fmt.Fprintln(w, "\t$/MONTH\tBROKEN\tP99 ms\tNODES\tPROMISES")
		tuneOutcome(w, "now", r.Current)
		if r.Verdict == tune.Improved {
			tuneOutcome(w, "best", *r.Best)
		}
	})
	fmt.Fprintf(b, "broken: the larger share of time with late answers or of failed requests, of the worst service; %s may be\n", percent(100*r.Current.Budget))
}

func tuneOutcome(w io.Writer, name string, o tune.Outcome) {
	if !o.Feasible() {
		fmt.Fprintf(w, "%s\t-\t-\t-\t-\tthe plan is refused: %s\n", name, o.Violated[0].ID)
		return
	}
	broken, p99 := o.BrokenShare, o.P99Ms()
	verdict := "BROKEN"
	if c := o.Confirmation; c != nil {
		broken, p99 = c.BrokenShare, c.P99Ms()
		if o.Holds {
			verdict = fmt.Sprintf("hold, in %d replays request by request", c.Seeds)
		}
	}
	fmt.Fprintf(w, "%s\t%.0f\t%s\t%s\t%d\t%s\n", name, o.USDPerMonth, percent(100*broken), milliseconds(p99), o.PeakNodes, verdict)
}

func tuneTradeOffs(b *strings.Builder, r tune.Result) {
	if len(r.TradeOffs) < 2 {
		return
	}
	b.WriteString("\ntrade-offs, as a fluid:\n")
	table(b, func(w io.Writer) {
		fmt.Fprintln(w, "$/MONTH\tBROKEN\tP99 ms\tNODES\tPROMISES\tCHANGES")
		for _, t := range r.TradeOffs {
			fmt.Fprintf(w, "%.0f\t%s\t%s\t%d\t%s\t%s\n", t.USDPerMonth, percent(100*t.BrokenShare), milliseconds(t.P99Ms), t.PeakNodes, holds(t.Holds), short(t.Changes))
		}
	})
}

func holds(all bool) string {
	if all {
		return "hold"
	}
	return "BROKEN"
}

// short are changes in a few words.
func short(changes []tune.Change) string {
	const most = 3
	var out []string
	for _, c := range changes[:min(most, len(changes))] {
		out = append(out, lastSteps(c.Path)+" "+c.To)
	}
	text := strings.Join(out, ", ")
	if more := len(changes) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if text == "" {
		return "none"
	}
	return text
}

// lastSteps is a path without what every path has: "backend minReplicas".
func lastSteps(path string) string {
	steps := strings.Split(path, ".")
	last := steps[len(steps)-1]
	if len(steps) < 2 || steps[0] != "services" {
		return last
	}
	return steps[1] + " " + last
}

func tuneMatters(b *strings.Builder, r tune.Result) {
	rows := r.Matters(mostMatters)
	if len(rows) == 0 {
		return
	}
	b.WriteString("\nwhat matters on its own:\n")
	table(b, func(w io.Writer) {
		fmt.Fprintln(w, "SETTING\tNOW\tMOVES $/MONTH BY UP TO\tMOVES BROKEN BY UP TO")
		for _, k := range rows {
			fmt.Fprintf(w, "%s\t%s\t%.0f\t%s\n", k.Path, k.From, k.USDPerMonth, percent(100*k.BrokenShare))
		}
	})
}

func tuneRefusals(b *strings.Builder, r tune.Result) {
	for i, c := range r.Infeasible[:min(mostInfeasible, len(r.Infeasible))] {
		if i == 0 {
			b.WriteString("\nrefused by the plan:\n")
		}
		fmt.Fprintf(b, "  %s: %s, such as %s\n", c.Check, text.Count(c.Times, "time", "times"), c.Example)
	}
	for i, t := range r.Refused[:min(mostRefused, len(r.Refused))] {
		if i == 0 {
			b.WriteString("\ncheaper, but broken when replayed request by request:\n")
		}
		fmt.Fprintf(b, "  $%.0f a month: %s broken: %s\n", t.USDPerMonth, percent(100*t.BrokenShare), short(t.Changes))
	}
}

// tuneEffort is what was searched, on what.
func tuneEffort(r tune.Result) string {
	var traces []string
	for _, t := range r.Traces {
		traces = append(traces, fmt.Sprintf("%s (%s h to %s×)", t.Name, number(t.Hours), number(t.Peak)))
	}
	return fmt.Sprintf("%d configurations tried, %d of them on whole traces: %s; seed %d", r.Tried, r.Replayed, strings.Join(traces, ", "), r.Seed)
}
