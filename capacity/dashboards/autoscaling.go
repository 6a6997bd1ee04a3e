package dashboards

import (
	"fmt"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

// counted is for how many seconds of a window an expression, one or zero, was one:
// looked at as often as the service is scraped.
func (s service) counted(expr string, window time.Duration) string {
	every := time.Duration(s.stack.Monitoring.ScrapeInterval)
	return fmt.Sprintf("sum_over_time((%s)[%s:%s]) * %g", expr, series.Window(window), series.Window(every), every.Seconds())
}

func (w world) autoscaling() []Row {
	var rows []Row
	for _, name := range plan.Names(w.plan) {
		s := service{world: w, name: name, spec: w.stack.Services[name], plan: w.plan.Services[name]}
		rows = append(rows, Row{name, append([]Panel{s.replicas()}, append(s.metrics(), s.timeToScale(), s.timeToReady(), s.shortOfPods(), s.conditions())...)})
	}
	return rows
}

func (s service) hpa(metric string, more ...string) string {
	return s.series.Autoscaler(metric, s.name, more...)
}

func (s service) available() string {
	return s.series.Deployment("kube_deployment_status_replicas_available", s.name)
}

func (s service) replicas() Panel {
	return Panel{Title: "Replicas", Unit: number, Limit: limit(float64(s.plan.MaxReplicas)),
		About: fmt.Sprintf("The floor of %d carries today's peak, %d carry %g× that, the line at %d is the ceiling.", s.plan.MinReplicas, s.plan.GrowthReplicas, s.stack.Traffic.Growth, s.plan.MaxReplicas),
		Queries: []Query{{s.hpa("status_desired_replicas"), "desired"}, {s.hpa("status_current_replicas"), "current"}, {s.available(), "available"},
			{s.hpa("spec_min_replicas"), "minimum"}, {s.hpa("spec_max_replicas"), "maximum"}}}
}

// metrics of the plan, per replica, against their target.
func (s service) metrics() []Panel {
	var out []Panel
	for _, m := range s.plan.Metrics {
		unit, what := number, "requests in progress"
		if m.Kind == spec.RequestRate {
			unit, what = perSecond, "requests per second"
		}
		out = append(out, Panel{Title: "Metric " + m.Name, Unit: unit, Limit: limit(m.TargetAverageValue),
			About:   fmt.Sprintf("%s per replica, as the autoscaler sees it; the line is the target.", what),
			Queries: one(fmt.Sprintf("%s / scalar(%s)", m.Query, s.hpa("status_current_replicas")), "per replica")})
	}
	return out
}

// timeToScale is how long the metric has stood above what the replicas carry, the
// tolerance included: the time to the decision, which the plan bounds.
func (s service) timeToScale() Panel {
	p := Panel{Title: "Time to scale: seconds above the target, in 15 minutes", Unit: seconds, Limit: limit(s.plan.Timeline.TriggerSeconds),
		About: fmt.Sprintf("Seconds that the load stood above target and tolerance while the autoscaler asked for no more pods. The line is the plan's worst case of %g s; %s is promised.",
			s.plan.Timeline.TriggerSeconds, s.stack.SLO.Trigger)}
	current, desired := s.hpa("status_current_replicas"), s.hpa("status_desired_replicas")
	most := round6(1 + plan.Tolerance(s.spec))
	for _, m := range s.plan.Metrics {
		// One while above and undecided, counted at every scrape.
		undecided := fmt.Sprintf("(%s > bool %s * %s * scalar(%s)) * scalar(%s <= bool %s)", m.Query, series.Number(m.TargetAverageValue), series.Number(most), current, desired, current)
		p.Queries = append(p.Queries, Query{s.counted(undecided, 15*time.Minute), m.Name})
	}
	if len(p.Queries) == 0 {
		usage := series.Sum(series.Rate(s.series.Containers("container_cpu_usage_seconds_total", s.name), time.Minute))
		above := fmt.Sprintf("(%s > bool %s * scalar(%s)) * scalar(%s <= bool %s)", usage, series.Number(round6(most*s.spec.Resources.Requests.CPU.Cores()*float64(s.plan.CPUTargetPercent)/100)), current, desired, current)
		p.Queries = one(s.counted(above, 15*time.Minute), "CPU")
	}
	return p
}

// timeToReady is the start of a pod on a node that is there, or its wait for one.
func (s service) timeToReady() Panel {
	age := fmt.Sprintf("%s - on (pod) %s", "max by (pod) ("+s.pods("kube_pod_status_ready_time")+")", "max by (pod) ("+s.pods("kube_pod_created")+")")
	return Panel{Title: "Time to ready: from created to Ready", Unit: seconds, Limit: limit(round6(s.plan.Timeline.LagSeconds - s.plan.Timeline.DecisionSeconds)),
		About:   fmt.Sprintf("Of the pods that run now. The line is the plan's time on a warm node; a new node takes %g s more.", s.world.plan.Nodes.BootSeconds),
		Queries: []Query{{fmt.Sprintf("quantile(0.95, %s)", age), "p95"}, {fmt.Sprintf("max(%s)", age), "slowest"}}}
}

// shortOfPods is the time that the service ran with fewer pods than it should.
func (s service) shortOfPods() Panel {
	return Panel{Title: "Seconds short of pods, in an hour", Unit: seconds, Limit: limit(round6(s.plan.Timeline.CapacitySeconds)),
		About:   fmt.Sprintf("While fewer pods could serve than the autoscaler asked for. The line is the plan's time to capacity on a ramp to %g×.", s.stack.Traffic.Growth),
		Queries: one(s.counted(fmt.Sprintf("scalar(%s) > bool %s", s.hpa("status_desired_replicas"), s.available()), time.Hour), "short of pods")}
}

func (s service) conditions() Panel {
	return Panel{Title: "Conditions and pending pods", Unit: number, About: "ScalingActive at 0: the autoscaler is blind. ScalingLimited at 1: it stands at a bound.",
		Queries: []Query{{s.hpa("status_condition", series.Is("status", "true")), "{{condition}}"},
			{series.Sum(s.pods("kube_pod_status_phase", series.Is("phase", "Pending"))), "pending pods"}}}
}
