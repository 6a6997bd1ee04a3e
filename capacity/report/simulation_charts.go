package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/agencyos/headroom/capacity/report/chart"
	"github.com/agencyos/headroom/capacity/sim"
)

// Bounds of the charts: more lines than colors cannot be told apart.
const (
	mostLines = 5
	// overPromise is how far above a promise the axis of p99 reaches.
	overPromise = 2.5
)

// drawn is a chart with its words.
type drawn struct {
	ID, Title, Unit, Description string
	Legend                       []chart.Shape
	chart.Drawing
}

// charts are those of one run, on one time axis.
func charts(s sim.Summary, run sim.Result) []drawn {
	t := timeline{s, run, nil, shown(s, run)}
	if len(run.Timeline) == 0 {
		return nil
	}
	for _, p := range run.Timeline {
		t.x = append(t.x, math.Min(1, float64(p.At)/float64(run.Duration)))
	}
	out := []drawn{t.load(), t.latency()}
	for _, i := range t.services {
		out = append(out, t.replicas(i))
	}
	out = append(out, t.nodes())
	if s.Limits.UsableConnections > 0 {
		out = append(out, t.connections())
	}
	out = append(out, t.cost())
	for i := range out {
		out[i].ID = fmt.Sprintf("chart%d", i+1)
	}
	return out
}

// shown are the services with the most requests, in their order.
func shown(s sim.Summary, run sim.Result) []int {
	var all []int
	for i := range s.Limits.Services {
		all = append(all, i)
	}
	slices.SortStableFunc(all, func(a, b int) int {
		return int(math.Copysign(1, run.Services[b].Requests-run.Services[a].Requests))
	})
	all = all[:min(mostLines, len(all))]
	slices.Sort(all)
	return all
}

// timeline is a run while it is drawn.
type timeline struct {
	sim.Summary
	run      sim.Result
	x        []float64
	services []int
}

// of is one figure of every point.
func (t timeline) of(figure func(sim.Point) float64) []float64 {
	out := make([]float64, len(t.run.Timeline))
	for i, p := range t.run.Timeline {
		out[i] = figure(p)
	}
	return out
}

func (t timeline) ofService(i int, figure func(sim.ServicePoint) float64) []float64 {
	return t.of(func(p sim.Point) float64 { return figure(p.Services[i]) })
}

func (t timeline) draw(title, unit, description string, c chart.Chart) drawn {
	c.X = t.x
	d := drawn{Title: title, Unit: unit, Description: description, Drawing: c.Draw()}
	for _, s := range d.Shapes {
		if s.Name != "" && s.Path != "" {
			d.Legend = append(d.Legend, s)
		}
	}
	return d
}

// lines of the services that are shown, in their colors.
func (t timeline) lines(figure func(sim.ServicePoint) float64) []chart.Series {
	var out []chart.Series
	for n, i := range t.services {
		out = append(out, chart.Series{Name: t.Limits.Services[i].Name, Class: fmt.Sprintf("line c%d", n+1), Y: t.ofService(i, figure)})
	}
	return out
}

func (t timeline) load() drawn {
	most := 0.0
	for _, p := range t.run.Timeline {
		for _, s := range p.Services {
			most = math.Max(most, s.RPS)
		}
	}
	return t.draw("Load", "requests per second at the pods", fmt.Sprintf("Load of every service over time, up to %s requests per second.", number(most)),
		chart.Chart{Series: t.lines(func(p sim.ServicePoint) float64 { return p.RPS })})
}

func (t timeline) latency() drawn {
	c := chart.Chart{Alarm: make([]bool, len(t.run.Timeline)), AlarmName: "more than 1% failed", Series: t.lines(func(p sim.ServicePoint) float64 {
		if p.P99Ms < 0 {
			return math.NaN()
		}
		return p.P99Ms
	})}
	for i, p := range t.run.Timeline {
		for _, n := range t.services {
			c.Alarm[i] = c.Alarm[i] || p.Services[n].P99Ms < 0
		}
	}
	loosest := 0.0
	for _, l := range t.Limits.Services {
		if l.PromisedP99Ms > 0 && !slices.ContainsFunc(c.Limits, func(have chart.Limit) bool { return have.Y == l.PromisedP99Ms }) {
			c.Limits = append(c.Limits, chart.Limit{Y: l.PromisedP99Ms, Label: fmt.Sprintf("promised %s ms", number(l.PromisedP99Ms))})
		}
		loosest = math.Max(loosest, l.PromisedP99Ms)
	}
	if loosest > 0 && t.above(overPromise*loosest) {
		c.Top = overPromise * loosest
	}
	return t.draw("Response time", "p99 in milliseconds", "The 99th percentile of the response time of every service over time, against what is promised.", c)
}

// above says whether a p99 lies above the level.
func (t timeline) above(level float64) bool {
	for _, p := range t.run.Timeline {
		for _, i := range t.services {
			if p.Services[i].P99Ms > level {
				return true
			}
		}
	}
	return false
}

func (t timeline) replicas(i int) drawn {
	l := t.Limits.Services[i]
	ready := t.ofService(i, func(p sim.ServicePoint) float64 { return float64(p.Ready) })
	starting := t.ofService(i, func(p sim.ServicePoint) float64 { return float64(p.Ready + p.Starting) })
	pending := t.ofService(i, func(p sim.ServicePoint) float64 { return float64(p.Ready + p.Starting + p.Pending) })
	return t.draw("Replicas of "+l.Name, "pods", fmt.Sprintf("Pods of %s over time: Ready, starting, without a node, wanted by the autoscaler, of at most %d.", l.Name, l.MaxReplicas), chart.Chart{
		Limits: []chart.Limit{{Y: float64(l.MaxReplicas), Label: fmt.Sprintf("maximum %d", l.MaxReplicas)}},
		Series: []chart.Series{
			{Name: "Ready", Class: "area ready", Y: ready, Base: make([]float64, len(ready))},
			{Name: "starting", Class: "area starting", Y: starting, Base: ready},
			{Name: "no node yet", Class: "area pending", Y: pending, Base: starting},
			{Name: "wanted", Class: "line wanted", Y: t.ofService(i, func(p sim.ServicePoint) float64 { return float64(p.Wanted) })},
		},
	})
}

func (t timeline) nodes() drawn {
	ready := t.of(func(p sim.Point) float64 { return float64(p.Nodes) })
	booting := t.of(func(p sim.Point) float64 { return float64(p.Nodes + p.Booting) })
	return t.draw("Nodes", "of all groups", fmt.Sprintf("Nodes over time: Ready and booting, of at most %d.", t.Limits.MaxNodes), chart.Chart{
		Limits: []chart.Limit{{Y: float64(t.Limits.MaxNodes), Label: fmt.Sprintf("maximum %d", t.Limits.MaxNodes)}},
		Series: []chart.Series{
			{Name: "Ready", Class: "area ready", Y: ready, Base: make([]float64, len(ready))},
			{Name: "booting", Class: "area starting", Y: booting, Base: ready},
		},
	})
}

func (t timeline) connections() drawn {
	usable := t.Limits.UsableConnections
	return t.draw("Database connections", "that the pods could open", fmt.Sprintf("Connections that the pods alive could open over time, of %d usable.", usable), chart.Chart{
		Limits: []chart.Limit{{Y: float64(usable), Label: fmt.Sprintf("usable %d", usable)}},
		Series: []chart.Series{{Class: "line c1", Y: t.of(func(p sim.Point) float64 { return float64(p.Connections) })}},
	})
}

func (t timeline) cost() drawn {
	c := chart.Chart{Series: []chart.Series{{Class: "line c1", Y: t.of(func(p sim.Point) float64 { return p.USDPerHour })}}}
	if budget := t.Limits.BudgetUSDPerHour; budget > 0 {
		c.Limits = []chart.Limit{{Y: budget, Label: fmt.Sprintf("budget $%s", money(budget))}}
	}
	return t.draw("Cost", "USD per hour", "Cost per hour over time, against the budget.", c)
}
