package alerts

import (
	"fmt"
	"slices"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

// promise is what one core route is promised: that so few of its requests are bad.
type promise struct {
	world
	service string
	route   spec.Route
	kind    plan.Ceiling
}

// promises of every core route: fast enough, and without a server error.
func (w world) promises() []promise {
	var out []promise
	for _, name := range plan.Names(w.plan) {
		for _, r := range w.stack.Services[name].Routes {
			if r.Core {
				out = append(out, promise{w, name, r, plan.CeilingSlowRequests}, promise{w, name, r, plan.CeilingFailedRequests})
			}
		}
	}
	return out
}

// budget is the share of bad requests that keeps the promise.
func (r promise) budget() float64 { return r.kind.ErrorBudget(r.stack.SLO) }

// p99 that the route is promised.
func (r promise) p99() time.Duration {
	p99, _ := r.stack.SLO.Promises(r.route)
	return time.Duration(p99)
}

// of selects the route's series.
func (r promise) of(metric string, more ...string) string {
	m := r.stack.Services[r.service].Metrics
	return r.series.Service(metric, r.service, append([]string{series.Is(m.Method, r.route.Method), series.Is(m.Route, r.route.Path)}, more...)...)
}

// bad is the share of requests over a window that break the promise. The status
// may be a code or its class: 503, 5xx.
func (r promise) bad(window time.Duration) string {
	m := r.stack.Services[r.service].Metrics
	rate := func(selector string) string { return series.Sum(series.Rate(selector, window)) }
	if r.kind == plan.CeilingSlowRequests {
		return fmt.Sprintf("1 - %s / %s", rate(r.of(m.Duration+"_bucket", series.Ends(r.p99()))), rate(r.of(m.Duration+"_count")))
	}
	return fmt.Sprintf("(%s or vector(0)) / %s", rate(r.of(m.Requests, series.Matches(m.Status, "5.."))), rate(r.of(m.Requests)))
}

func (r promise) labels() map[string]string {
	return map[string]string{LabelStack: r.plan.Stack, "namespace": r.stack.Cluster.Namespace, "service": r.service, "method": r.route.Method, "route": r.route.Path}
}

// keeps selects what was recorded of this promise.
func (r promise) keeps(window time.Duration) string {
	l := r.labels()
	var matchers []string
	for _, key := range []string{LabelStack, "service", "method", "route"} {
		matchers = append(matchers, series.Is(key, l[key]))
	}
	return series.Select(r.kind.Recorded(window), matchers...)
}

// ratios records the share of bad requests over every window of the burn rates:
// three days of buckets are too much to add up every few seconds for each of them.
func (w world) ratios() []Record {
	var out []Record
	for _, r := range w.promises() {
		for _, window := range windows() {
			out = append(out, Record{Name: r.kind.Recorded(window), Expr: r.bad(window), Labels: r.labels()})
		}
	}
	return out
}

// windows of all burn rates, from the shortest.
func windows() []time.Duration {
	var out []time.Duration
	for _, b := range plan.Burns() {
		out = append(out, b.Short, b.Long)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// burns alerts on every speed at which an error budget is spent.
func (w world) burns() []Alert {
	var out []Alert
	for _, r := range w.promises() {
		for _, b := range plan.Burns() {
			out = append(out, r.burn(b))
		}
	}
	return out
}

func (r promise) burn(b plan.Burn) Alert {
	threshold := series.Number(round6(b.Factor * r.budget()))
	name, what := "HeadroomSlowRequests", fmt.Sprintf("slower than %s", spec.Duration(r.p99()))
	if r.kind == plan.CeilingFailedRequests {
		name, what = "HeadroomFailedRequests", "failed"
	}
	return Alert{
		Name: name, Subject: fmt.Sprintf("%s %s over %s", r.service, r.route.Key(), series.Window(b.Long)), Severity: b.Severity, Ceiling: r.kind,
		Expr:    fmt.Sprintf("%s > %s and %s > %s", r.keeps(b.Long), threshold, r.keeps(b.Short), threshold),
		Summary: fmt.Sprintf("{{ $value | humanizePercentage }} of %s on %s were %s in the last %s", r.route.Key(), r.service, what, series.Window(b.Long)),
		Runbook: Runbook{
			Command: r.autoscaler(r.service).both(),
			Means: fmt.Sprintf("The promise allows %s%%. At this speed, %g times the budget, %g%% of a month's was gone when the alert began.",
				series.Number(round(100*r.budget())), b.Factor, b.SpentPercent()),
			Do: r.steps(),
		},
		Needs: r.needs(),
	}
}

// steps to find the cause.
func (r promise) steps() []string {
	s := r.autoscaler(r.service)
	if r.kind == plan.CeilingFailedRequests {
		return []string{"`" + s.kubectl("logs %s --since=10m --tail=200", s.podSelector()) + "` shows the errors; dashboard services shows whether one pod makes them or all.",
			"Did it begin with a rollout? `" + s.kubectl("rollout history deployment/%s", s.deployment()) + "`; undo it by `" + s.kubectl("rollout undo deployment/%s", s.deployment()) + "`.",
			"Does the database refuse? Dashboard database, connections against their budget."}
	}
	return []string{fmt.Sprintf("Is there more load than planned? %s reach the pods at %g× peak; dashboard services shows now.", rps(s.plan.OriginRPS), r.stack.Traffic.Growth),
		"Are there enough pods? `" + s.look() + "`; pending pods and a maximum that is reached have alerts of their own.",
		"Is the database slow? Dashboard database, top statements; `headroom slow-queries` names the index that is missing."}
}

func (r promise) needs() []string {
	m := r.stack.Services[r.service].Metrics
	if r.kind == plan.CeilingSlowRequests {
		return []string{r.of(m.Duration+"_bucket", series.Ends(r.p99())), r.of(m.Duration + "_count")}
	}
	return []string{r.of(m.Requests)}
}

// round6 keeps what floating point adds out of expressions.
func round6(x float64) float64 { return round(x*1000) / 1000 }
