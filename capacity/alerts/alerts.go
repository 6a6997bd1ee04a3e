// Package alerts makes the alerting rules of a stack from its plan: below every
// ceiling one that fires in time, and some that watch the watching itself. The
// rows stand in tables, one file per concern; every number in them is the plan's.
package alerts

import (
	"slices"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

// Alert is one alerting rule.
type Alert struct {
	// Name of the rule. Alerts of one name differ in their Subject.
	Name string
	// Subject is the service, node group, route or server that it is about; empty
	// for the stack as a whole.
	Subject string
	// Expr is PromQL that has a result while there is reason to alert.
	Expr string
	// For is how long there must be.
	For time.Duration
	// Severity says how fast somebody must act.
	Severity spec.Severity
	// Summary in one line; it may use the template variables of Prometheus.
	Summary string
	// Ceiling of the plan that the alert stands below, if it does.
	Ceiling plan.Ceiling
	// Runbook is what to do.
	Runbook Runbook
	// Needs are selectors of series that are always there in a healthy stack.
	// Without them the alert would be silent for ever.
	Needs []string
}

// Record is one recording rule.
type Record struct {
	Name, Expr string
	Labels     map[string]string
}

// Group of rules that Prometheus evaluates together.
type Group struct {
	Name    string
	Records []Record
	Alerts  []Alert
}

// New makes the rules of a stack from its plan, in a fixed order.
func New(stack spec.Stack, p plan.Plan) []Group {
	w := world{stack: stack, plan: p, series: series.Of(stack)}
	groups := []Group{
		{Name: "scaling", Alerts: w.scaling()},
		{Name: "pods", Alerts: w.pods()},
		{Name: "slo", Records: w.ratios(), Alerts: w.burns()},
		{Name: "nodes", Alerts: w.nodes()},
		{Name: "database", Alerts: w.database()},
		{Name: "rds", Alerts: w.rds()},
		{Name: "pooler", Alerts: w.pooler()},
		{Name: "cache", Alerts: w.cache()},
		{Name: "edge", Alerts: w.edge()},
		{Name: "watch", Alerts: w.watch()},
	}
	groups = append(groups, Group{Name: "missing", Alerts: w.missing(groups)})
	return slices.DeleteFunc(groups, func(g Group) bool { return len(g.Records)+len(g.Alerts) == 0 })
}

// world is what every table reads.
type world struct {
	stack  spec.Stack
	plan   plan.Plan
	series series.Set
}
