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
	"github.com/agencyos/headroom/capacity/text"
)

//go:embed simulation.html
var simulationHTML string

//go:embed base.css
var baseCSS string

var simulationPage = styled("simulation", simulationHTML)

// styled is a page with the looks that all pages share.
func styled(name, html string) *template.Template {
	return template.Must(template.Must(template.New(name).Parse(html)).New("base.css").Parse(baseCSS)).Lookup(name)
}

// page is what the template shows.
type page struct {
	Stack, Question, Verdict string
	Kept, Example            bool
	Story                    string
	Broken, Reasons          []string
	Cards                    []card
	Charts                   []drawn
	Time                     []chart.Label
	Events                   []told
	Marks                    []mark
	MoreEvents               int
	Columns                  []string
	Rows                     [][]string
	Verdicts                 []verdict
	World                    []Fact
	Replays                  string
	Leaves                   string
	Seed                     uint64
	Several                  bool
}

// card is one figure and the promise about it.
type card struct{ Name, Figure, Limit, State string }

// verdict is one row of the table of promises.
type verdict struct {
	Subject, What, Have, Limit, State string
}

// mark is a place on the time axis and the numbers of the episodes there.
type mark struct {
	At     float64
	Number string
}

// told is an episode with its number.
type told struct {
	Number int
	// X in the coordinates of a chart.
	X    float64
	Text string
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
		Question: fmt.Sprintf("Does %s keep its promises under a load of %s× today's peak (%s)?", s.Stack, number(s.Growth), s.Shape),
		Verdict:  "Yes, every promise is kept",
	}
	if n := len(s.Broken()); n > 0 {
		p.Verdict = "No, " + text.Count(n, "promise is broken", "promises are broken")
	}
	if len(s.Runs) == 0 {
		p.Kept, p.Verdict = false, "Nothing was simulated"
		return p
	}
	run := s.Runs[s.Worst()]
	p.Story, p.Replays = strings.Join(Story(s), ", "), Replays(s)
	p.Leaves = strings.Join(run.Fidelity.Leaves(), "; ")
	p.Seed, p.Several = run.Seed, len(s.Runs) > 1
	for _, v := range s.Broken() {
		p.Broken = append(p.Broken, v.String())
	}
	p.Reasons = s.Reasons()
	p.Cards, p.World = cards(s), World(s)
	p.Charts = charts(s, run)
	p.Time = chart.TimeTicks(run.Duration, 6)
	p.Events, p.MoreEvents = tell(run)
	p.Marks = marks(p.Events)
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

// tell numbers the episodes of a run.
func tell(run sim.Result) ([]told, int) {
	episodes, more := Notable(run.Events, mostEvents)
	var out []told
	for i, e := range episodes {
		share := math.Min(1, float64(e.From)/math.Max(1, float64(run.Duration)))
		out = append(out, told{i + 1, chart.Width * share, e.String()})
	}
	return out, more
}

// besides is how close marks are, in percent, to share a place.
const besides = 10

// marks are the places of the episodes; those that would collide share one.
func marks(events []told) []mark {
	var out []mark
	first := 0
	for i, e := range events {
		at := 100 * e.X / chart.Width
		if n := len(out); n > 0 && at-out[n-1].At < besides {
			out[n-1].Number = fmt.Sprintf("%d–%d", events[first].Number, e.Number)
			continue
		}
		first = i
		out = append(out, mark{at, fmt.Sprint(e.Number)})
	}
	return out
}

// meanings of the promises, for people who have never seen them.
var meanings = map[sim.Promise]string{
	sim.P99:         "99 of 100 requests were answered within",
	sim.Late:        "time in which more than 1 of 100 promised requests was late; chance excuses some",
	sim.Failed:      "requests that failed",
	sim.Trigger:     "from high load to the decision to scale up",
	sim.Connections: "connections that the pods could open at once",
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
		first = math.Max(first, orInf(s.MostOfService(i, firstScale)))
		capacity = math.Max(capacity, orInf(s.MostOfService(i, capacityTime)))
	}
	nodes := s.Most(func(r sim.Result) float64 { return float64(r.PeakNodes) })
	return append(out,
		card{"first scale-up", seconds(first), "after the load rises", plain},
		card{"capacity for the top", seconds(capacity), "after the load rises", plain},
		card{"nodes at most", number(nodes), fmt.Sprintf("of %d", s.Limits.MaxNodes), plain})
}

// promised are the worst verdict of every kind.
func promised(s sim.Summary) []card {
	var out []card
	limits := map[sim.Promise]string{sim.P99: "promised ", sim.Failed: "promised at most ", sim.Trigger: "promised ", sim.Connections: "usable ", sim.Cost: "budget "}
	names := map[sim.Promise]string{sim.P99: "p99", sim.Failed: "failed", sim.Trigger: "decision to scale", sim.Connections: "database", sim.Cost: "cost at most"}
	for _, p := range []sim.Promise{sim.P99, sim.Failed, sim.Trigger, sim.Connections, sim.Cost} {
		var worst *sim.Verdict
		for _, v := range s.Verdicts() {
			if v.Promise == p && (worst == nil || orInf(v.Have)/v.Limit > orInf(worst.Have)/worst.Limit) {
				worst = &v
			}
		}
		if worst != nil {
			out = append(out, card{names[p] + of(*worst), worst.Amount(worst.Have), limits[p] + worst.Amount(worst.Limit), state(worst.Kept)})
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
		return "not needed"
	}
	return number(x) + " s"
}
