package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"

	"github.com/agencyos/headroom/capacity/report/chart"
	"github.com/agencyos/headroom/capacity/sim"
)

//go:embed simulation.html
var simulationHTML string

var simulationPage = template.Must(template.New("simulation").Parse(simulationHTML))

// page is what the template shows.
type page struct {
	Stack, Title, Verdict string
	Kept, Example         bool
	Story                 string
	Broken                []string
	Cards                 []card
	Charts                []drawn
	Time                  []chart.Label
	Events                []mark
	MoreEvents            int
	Columns               []string
	Rows                  [][]string
	Verdicts              []verdict
	World                 []Fact
	Replays               string
	Leaves                string
	Seed                  uint64
	Several               bool
}

// card is one figure and the promise about it.
type card struct{ Name, Figure, Limit, State string }

// verdict is one row of the table of promises.
type verdict struct {
	Subject, What, Have, Limit, State string
}

// mark is an episode at its place on the time axis.
type mark struct {
	Number int
	At     float64
	X      float64
	Text   string
}

// States of a promise, also the classes of their elements.
const (
	kept   = "kept"
	broken = "broken"
	plain  = ""
)

// SimulationHTML writes a simulation as one page that needs nothing else: no
// script, no network. Charts show the run with the most broken promises.
func SimulationHTML(w io.Writer, s sim.Summary) error {
	return simulationPage.Execute(w, newPage(s))
}

func newPage(s sim.Summary) page {
	p := page{
		Stack: s.Stack, Example: s.Example, Kept: len(s.Broken()) == 0,
		Title:   fmt.Sprintf("%s, %s to %s× today's peak", s.Stack, s.Shape, number(s.Growth)),
		Verdict: SimulationVerdict(s),
	}
	if len(s.Runs) == 0 {
		p.Kept, p.Verdict = false, "nothing was simulated"
		return p
	}
	run := s.Runs[s.Worst()]
	p.Story, p.Replays = strings.Join(Story(s), ", "), Replays(s)
	p.Leaves = strings.Join(run.Fidelity.Leaves(), "; ")
	p.Seed, p.Several = run.Seed, len(s.Runs) > 1
	for _, v := range s.Broken() {
		p.Broken = append(p.Broken, v.String())
	}
	p.Cards, p.World = cards(s), World(s)
	p.Charts = charts(s, run)
	p.Time = chart.TimeTicks(run.Duration, 6)
	p.Events, p.MoreEvents = marks(run)
	for _, c := range columns {
		p.Columns = append(p.Columns, c.name+c.unit)
	}
	for i := range s.Limits.Services {
		var row []string
		for _, c := range columns {
			row = append(row, c.cell(s, i))
		}
		p.Rows = append(p.Rows, row)
	}
	for _, v := range s.Verdicts() {
		p.Verdicts = append(p.Verdicts, verdictRow(v))
	}
	return p
}

// marks are the episodes of a run, placed.
func marks(run sim.Result) ([]mark, int) {
	episodes, more := Notable(run.Events, mostEvents)
	var out []mark
	for i, e := range episodes {
		share := math.Min(1, float64(e.From)/math.Max(1, float64(run.Duration)))
		out = append(out, mark{i + 1, 100 * share, chart.Width * share, e.String()})
	}
	return out, more
}

// meanings of the promises, for people who have never seen them.
var meanings = map[sim.Promise]string{
	sim.P99:         "99 of 100 requests are answered within",
	sim.Late:        "seconds in which more than 1 of 100 promised requests was late",
	sim.Failed:      "requests that failed",
	sim.Trigger:     "from high load to the decision to scale up",
	sim.Connections: "connections that the pods could open",
	sim.Cost:        "cost of the most expensive moment",
}

func verdictRow(v sim.Verdict) verdict {
	return verdict{v.Subject, meanings[v.Promise], v.Amount(v.Have), v.Amount(v.Limit), state(v.Kept)}
}

func state(ok bool) string {
	if ok {
		return kept
	}
	return broken
}

// cards are the figures that a reader looks for, each of its worst service.
func cards(s sim.Summary) []card {
	out := promised(s)
	first, capacity := 0.0, 0.0
	for i := range s.Limits.Services {
		first = math.Max(first, orInf(s.OverService(i, firstScale).Mean))
		capacity = math.Max(capacity, orInf(s.OverService(i, capacityTime).Mean))
	}
	nodes := s.Over(func(r sim.Result) float64 { return float64(r.PeakNodes) })
	return append(out,
		card{"first scale-up", seconds(first), "after the load rises", plain},
		card{"full capacity", seconds(capacity), "after the load rises", plain},
		card{"nodes at most", estimate(nodes, number), fmt.Sprintf("of %d", s.Limits.MaxNodes), plain})
}

// promised are the worst verdict of every kind.
func promised(s sim.Summary) []card {
	var out []card
	names := map[sim.Promise]string{sim.P99: "p99", sim.Failed: "failed", sim.Trigger: "trigger", sim.Connections: "connections", sim.Cost: "cost at most"}
	for _, p := range []sim.Promise{sim.P99, sim.Failed, sim.Trigger, sim.Connections, sim.Cost} {
		var worst *sim.Verdict
		for _, v := range s.Verdicts() {
			if v.Promise == p && (worst == nil || orInf(v.Have)/v.Limit > orInf(worst.Have)/worst.Limit) {
				worst = &v
			}
		}
		if worst != nil {
			out = append(out, card{names[p] + of(*worst), worst.Amount(worst.Have), "promised " + worst.Amount(worst.Limit), state(worst.Kept)})
		}
	}
	return out
}

// of names the service of a verdict.
func of(v sim.Verdict) string {
	if v.Subject == "stack" || v.Subject == "database" {
		return ""
	}
	return ", " + v.Subject
}

func seconds(x float64) string {
	switch {
	case math.IsInf(x, 1):
		return "never"
	case x == 0:
		return "at once"
	}
	return number(x) + " s"
}
