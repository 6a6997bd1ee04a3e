// Package dashboards makes the Grafana dashboards of a stack from its plan, one per
// concern. Panels stand in tables; what the plan promises or allows is drawn into
// them as a line.
package dashboards

import (
	"fmt"
	"slices"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

// Dashboard is one page.
type Dashboard struct {
	// Name is the file and the last part of the page's uid.
	Name  string
	Title string
	Rows  []Row
}

// Row is a titled row of panels.
type Row struct {
	Title  string
	Panels []Panel
}

// Panel is one chart or table.
type Panel struct {
	Title string
	// About says what the panel shows and what its limit is.
	About   string
	Unit    string
	Queries []Query
	// Limit of the plan, drawn as a line.
	Limit *float64
	// Table lists the current values instead of drawing them over time.
	Table bool
}

// Query is PromQL with the name of its series.
type Query struct {
	Expr, Legend string
}

// Units as Grafana names them
// (github.com/grafana/grafana-foundation-sdk/go units, v0.0.18).
const (
	number    = "short"
	share     = "percentunit"
	percent   = "percent"
	seconds   = "s"
	bytes     = "bytes"
	perSecond = "reqps"
	cores     = "cores"
)

// window of every rate: long enough for a missed scrape, short enough to see a spike.
const window = 5 * time.Minute

// New makes the dashboards of a stack, in a fixed order. What the stack does not
// have, or nothing tells about, has no panel.
func New(stack spec.Stack, p plan.Plan) []Dashboard {
	w := world{stack: stack, plan: p, series: series.Of(stack)}
	all := []Dashboard{
		{Name: "services", Title: "services and promises", Rows: w.services()},
		{Name: "autoscaling", Title: "autoscaling", Rows: w.autoscaling()},
		{Name: "nodes", Title: "nodes", Rows: w.nodes()},
		{Name: "database", Title: "database", Rows: w.database()},
		{Name: "cache", Title: "cache", Rows: w.cache()},
		{Name: "edge", Title: "edge", Rows: w.edge()},
	}
	for i := range all {
		all[i].Rows = slices.DeleteFunc(all[i].Rows, func(r Row) bool { return len(r.Panels) == 0 })
		all[i].Title = fmt.Sprintf("Headroom %s: %s", p.Stack, all[i].Title)
	}
	return slices.DeleteFunc(all, func(d Dashboard) bool { return len(d.Rows) == 0 })
}

// world is what every table reads.
type world struct {
	stack  spec.Stack
	plan   plan.Plan
	series series.Set
}

// limit draws a line.
func limit(x float64) *float64 { return &x }

// ceiling is the plan's limit of a kind, or none.
func (w world) ceiling(kind plan.Ceiling, subject string) *float64 {
	if a, ok := w.plan.Limit(kind, subject); ok {
		return limit(a.Ceiling)
	}
	return nil
}

func one(expr, legend string) []Query { return []Query{{expr, legend}} }

func rate(selector string) string { return series.Rate(selector, window) }
