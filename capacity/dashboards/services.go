package dashboards

import (
	"fmt"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

func (w world) services() []Row {
	var rows []Row
	for _, name := range plan.Names(w.plan) {
		s := service{world: w, name: name, spec: w.stack.Services[name], plan: w.plan.Services[name]}
		rows = append(rows, Row{name, []Panel{s.requests(), s.errors(), s.latency(), s.inFlight(), s.burning(plan.CeilingSlowRequests), s.burning(plan.CeilingFailedRequests)}},
			Row{name + " pods", []Panel{s.cpu(), s.memory(), s.scraped(), s.restarts()}})
	}
	return rows
}

// service is one of the stack.
type service struct {
	world
	name string
	spec spec.Service
	plan plan.Service
}

func (s service) of(metric string, more ...string) string {
	return s.series.Service(metric, s.name, more...)
}

func (s service) requests() Panel {
	m := s.spec.Metrics
	return Panel{Title: "Requests", Unit: perSecond, Limit: limit(s.plan.OriginRPS),
		About:   fmt.Sprintf("What reaches the pods, by status. The line is %g times today's peak.", s.stack.Traffic.Growth),
		Queries: one(series.Sum(rate(s.of(m.Requests)), m.Status), "{{"+m.Status+"}}")}
}

func (s service) errors() Panel {
	m := s.spec.Metrics
	return Panel{Title: "Failed requests", Unit: share, Limit: limit(plan.CeilingFailedRequests.ErrorBudget(s.stack.SLO)),
		About:   fmt.Sprintf("Share of answers 5xx per route. The line is what %s%% availability allows.", series.Number(float64(s.stack.SLO.Availability))),
		Queries: one(fmt.Sprintf("(%s or 0 * %s) / %s", s.by(m.Requests, series.Matches(m.Status, "5..")), s.by(m.Requests), s.by(m.Requests)), s.route())}
}

// by is the rate of a counter per route.
func (s service) by(metric string, more ...string) string {
	return series.Sum(rate(s.of(metric, more...)), s.spec.Metrics.Method, s.spec.Metrics.Route)
}

// route is the legend of a route.
func (s service) route() string {
	return "{{" + s.spec.Metrics.Method + "}} {{" + s.spec.Metrics.Route + "}}"
}

func (s service) latency() Panel {
	m := s.spec.Metrics
	quantile := func(q float64) string {
		return fmt.Sprintf("histogram_quantile(%g, %s)", q, series.Sum(rate(s.of(m.Duration+"_bucket")), "le", m.Method, m.Route))
	}
	return Panel{Title: "Response time", Unit: seconds, Limit: limit(s.stack.SLO.P99.Seconds()),
		About:   fmt.Sprintf("p50 and p99 per route, as well as the buckets tell. The line is the promised p99; the plan predicts %g ms at %g× today's peak.", s.plan.P99Ms, s.stack.Traffic.Growth),
		Queries: []Query{{quantile(0.99), "p99 " + s.route()}, {quantile(0.5), "p50 " + s.route()}}}
}

func (s service) inFlight() Panel {
	pods := fmt.Sprintf("count(%s == 1)", s.of("up"))
	p := Panel{Title: "Requests in progress per pod", Unit: number, About: "Work in progress, divided by the pods that are scraped.",
		Queries: one(series.Sum(s.of(s.spec.Metrics.InProgress))+" / "+pods, "per pod")}
	for _, m := range s.plan.Metrics {
		if m.Kind == spec.InFlight {
			p.Limit, p.About = limit(m.TargetAverageValue), p.About+" The line is the target that the autoscaler steers to."
		}
	}
	return p
}

// burning is how many times faster than allowed the budgets are spent.
func (s service) burning(kind plan.Ceiling) Panel {
	title := map[plan.Ceiling]string{plan.CeilingSlowRequests: "Slow requests", plan.CeilingFailedRequests: "Failed requests"}[kind] + ", times the budget"
	p := Panel{Title: title, Unit: number, Limit: limit(plan.Burns()[0].Factor),
		About: "At 1 a month's budget lasts a month. The line is the fastest burn that alerts."}
	for _, b := range plan.Burns() {
		recorded := series.Select(kind.Recorded(b.Long), series.Is("stack", s.world.plan.Stack), series.Is("service", s.name))
		p.Queries = append(p.Queries, Query{fmt.Sprintf("max by (method,route) (%s) / %s", recorded, series.Number(kind.ErrorBudget(s.stack.SLO))), "{{method}} {{route}} over " + series.Window(b.Long)})
	}
	return p
}

func (s service) pods(metric string, more ...string) string {
	return s.series.Pods(metric, s.name, more...)
}

func (s service) cpu() Panel {
	request := s.spec.Resources.Requests.CPU
	return Panel{Title: "CPU per pod", Unit: cores, Limit: limit(request.Cores()), About: fmt.Sprintf("The line is the request of %s.", request),
		Queries: one(series.Sum(series.Rate(s.series.Containers("container_cpu_usage_seconds_total", s.name), 2*time.Minute), "pod"), "{{pod}}")}
}

func (s service) memory() Panel {
	p := Panel{Title: "Memory per pod", Unit: bytes, About: "Working set.",
		Queries: one("max by (pod) ("+s.series.Containers("container_memory_working_set_bytes", s.name)+")", "{{pod}}")}
	if most := s.spec.Resources.Limits.Memory; most > 0 {
		p.Limit, p.About = limit(float64(most)*(1<<20)), fmt.Sprintf("Working set. The line is the limit of %s, at which the container is killed.", most)
	}
	return p
}

func (s service) scraped() Panel {
	return Panel{Title: "Pods", Unit: number, Limit: s.ceiling(plan.CeilingReplicas, s.name), About: "Pods that can serve, and those that Prometheus reaches. The line is the maximum.",
		Queries: []Query{{s.available(), "available"},
			{fmt.Sprintf("count(%s == 1)", s.of("up")), "scraped"}}}
}

func (s service) restarts() Panel {
	return Panel{Title: "Restarts and evictions in an hour", Unit: number, About: "Each takes capacity that the plan counts on.",
		Queries: []Query{{series.Sum(series.Increase(s.pods("kube_pod_container_status_restarts_total"), time.Hour)), "restarts"},
			{series.Sum(s.pods("kube_pod_status_reason", series.Is("reason", "Evicted"))), "evicted"}}}
}

// round6 keeps what floating point adds out of numbers.
func round6(x float64) float64 {
	text := strings.TrimRight(fmt.Sprintf("%.6f", x), "0")
	var out float64
	fmt.Sscan(text, &out) //nolint:errcheck // It was printed just before.
	return out
}
