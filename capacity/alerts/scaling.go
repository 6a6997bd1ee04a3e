package alerts

import (
	"fmt"
	"math"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

// scaling watches the autoscaler of every service, as kube-state-metrics shows it.
func (w world) scaling() []Alert {
	var out []Alert
	for _, name := range plan.Names(w.plan) {
		s := w.autoscaler(name)
		out = append(out, s.replicas()...)
		out = append(out, s.beyond()...)
		out = append(out, s.blind()...)
		out = append(out, s.drift()...)
	}
	return out
}

// autoscaler is one of them, with the service that it scales.
type autoscaler struct {
	world
	name string
	spec spec.Service
	plan plan.Service
}

func (w world) autoscaler(name string) autoscaler {
	return autoscaler{world: w, name: name, spec: w.stack.Services[name], plan: w.plan.Services[name]}
}

// object is the name of the HorizontalPodAutoscaler, deployment that of what it scales.
func (s autoscaler) object() string     { return s.spec.Adopt.Autoscaler.Name(s.name) }
func (s autoscaler) deployment() string { return s.spec.Target(s.name) }

// shown selects what kube-state-metrics shows of the autoscaler.
func (s autoscaler) shown(metric string, more ...string) string {
	return s.series.Autoscaler(metric, s.name, more...)
}

// look is the command that shows the autoscaler.
func (s autoscaler) look() string { return s.kubectl("describe hpa %s", s.object()) }

// both is the command that shows the autoscaler and what it scales.
func (s autoscaler) both() string {
	return s.kubectl("get hpa/%s deployment/%s", s.object(), s.deployment())
}

// whatIf is the command that tries a setting on the plan.
func (w world) whatIf(format string, args ...any) string {
	return fmt.Sprintf("headroom plan --stack %s --set ", w.plan.Stack) + fmt.Sprintf(format, args...)
}

// replicas near and at their maximum. A fixed number of replicas is always there;
// then only the load tells.
func (s autoscaler) replicas() []Alert {
	least, most := s.plan.MinReplicas, s.plan.MaxReplicas
	limit, ok := s.world.plan.Limit(plan.CeilingReplicas, s.name)
	if !ok || least >= most {
		return nil
	}
	near := min(most, max(least+1, int(math.Ceil(limit.Threshold))))
	current := s.shown("status_current_replicas")
	return []Alert{{
		Name: "HeadroomReplicasNearMaximum", Subject: s.name, Severity: spec.Warning, For: 5 * time.Minute, Ceiling: plan.CeilingReplicas,
		Expr:    fmt.Sprintf("%s >= %d", current, near),
		Summary: fmt.Sprintf("%s runs {{ $value | humanize }} of at most %d pods", s.name, most),
		Runbook: Runbook{Command: s.look(),
			Means: fmt.Sprintf("The plan needs %d pods at %g× today's peak and allows %d. Load is near what the stack was proven for.", s.plan.GrowthReplicas, s.stack.Traffic.Growth, most),
			Do: []string{"Is the load real? Compare the request rate with the plan's " + rps(s.plan.OriginRPS) + " on dashboard services.",
				fmt.Sprintf("See what a higher maximum would break: `%s`.", s.raise())}},
		Needs: []string{current},
	}, {
		Name: "HeadroomReplicasAtMaximum", Subject: s.name, Severity: spec.Critical, For: 2 * time.Minute, Ceiling: plan.CeilingReplicas,
		Expr:    fmt.Sprintf("%s >= %d", current, most),
		Summary: fmt.Sprintf("%s runs its maximum of %d pods: more load only makes it slower", s.name, most),
		Runbook: Runbook{Command: s.look(),
			Means: fmt.Sprintf("All %d pods run, which carry %s at their target and %s at the knee. Beyond that, requests queue.", most, rps(float64(most)*s.plan.TargetRPS), rps(float64(most)*s.plan.KneeRPS)),
			Do: []string{"If it is an attack or a runaway client, limit it at the CDN.",
				fmt.Sprintf("If it is real, find a maximum that database and nodes still carry: `%s`. Set it in Pulumi.%s.yaml and run pulumi up; a maximum set by hand is proven by nobody.", s.raise(), s.world.plan.Stack)}},
		Needs: []string{current},
	}}
}

// beyond is load above what all replicas carry at their target.
func (s autoscaler) beyond() []Alert {
	var out []Alert
	for _, m := range s.plan.Metrics {
		most := round(float64(s.plan.MaxReplicas) * m.TargetAverageValue)
		out = append(out, s.overload(m.Query, most, unit(m.Kind), fmt.Sprintf("%d pods × %s %s per pod is all that the autoscaler may provide.",
			s.plan.MaxReplicas, series.Number(m.TargetAverageValue), unit(m.Kind))))
	}
	if len(out) > 0 {
		return out
	}
	request := s.spec.Resources.Requests.CPU.Cores()
	most := round(float64(s.plan.MaxReplicas) * request * float64(s.plan.CPUTargetPercent) / 100)
	burned := series.Sum(series.Rate(s.series.Containers("container_cpu_usage_seconds_total", s.name), 2*time.Minute))
	return []Alert{s.overload(burned, most, "cores", fmt.Sprintf("%d pods × %d%% of %s cores is all that the autoscaler may provide.", s.plan.MaxReplicas, s.plan.CPUTargetPercent, series.Number(request)))}
}

func (s autoscaler) overload(query string, most float64, unit, means string) Alert {
	return Alert{
		Name: "HeadroomLoadAboveMaximum", Subject: s.name, Severity: spec.Critical, For: 2 * time.Minute, Ceiling: plan.CeilingReplicas,
		Expr:    fmt.Sprintf("%s > %s", query, series.Number(most)),
		Summary: fmt.Sprintf("%s has {{ $value | humanize }} %s, more than %d pods carry at their target", s.name, unit, s.plan.MaxReplicas),
		Runbook: Runbook{Command: s.look(), Means: means,
			Do: []string{"Look whether requests became slower rather than more: work in progress grows with both. Dashboard services shows which.",
				fmt.Sprintf("If they are more, see what a higher maximum would break: `%s`.", s.raise())}},
	}
}

// raise is the command that tries half as many pods again.
func (s autoscaler) raise() string {
	return s.whatIf("services.%s.autoscaling.maxReplicas=%d", s.name, s.plan.MaxReplicas+max(1, s.plan.MaxReplicas/2))
}

// blind is an autoscaler that cannot see. It goes on with the metrics that it
// still has and calls itself active as long as there is one, so the metric that
// leads is watched on its own.
func (s autoscaler) blind() []Alert {
	active := s.shown("status_condition", series.Is("condition", "ScalingActive"), series.Is("status", "true"))
	out := []Alert{{
		Name: "HeadroomAutoscalerBlind", Subject: s.name, Severity: spec.Critical, For: 2 * time.Minute,
		Expr:    active + " == 0",
		Summary: fmt.Sprintf("the autoscaler of %s cannot read any metric and does nothing", s.name),
		Runbook: Runbook{Command: s.look(),
			Means: "Its condition ScalingActive is not true. The number of pods stays as it is, whatever the load.",
			Do: []string{"Read the reason in the output: FailedGetExternalMetric points at prometheus-adapter, FailedGetResourceMetric at metrics-server.",
				"`kubectl get apiservice v1beta1.external.metrics.k8s.io v1beta1.metrics.k8s.io` shows which of them does not answer.",
				fmt.Sprintf("Until it works, scale by hand: the plan holds at %d pods. The autoscaler takes over again by itself.", s.plan.GrowthReplicas)}},
		Needs: []string{active},
	}}
	for _, m := range s.plan.Metrics {
		out = append(out, Alert{
			Name: "HeadroomMetricUnavailable", Subject: s.name, Severity: spec.Critical, For: 2 * time.Minute,
			Expr:    fmt.Sprintf("absent(%s)", m.Query),
			Summary: fmt.Sprintf("Prometheus has no value for %s, which the autoscaler of %s follows", m.Name, s.name),
			Runbook: Runbook{
				Command: fmt.Sprintf("kubectl get --raw /apis/external.metrics.k8s.io/v1beta1/namespaces/%s/%s", s.stack.Cluster.Namespace, m.Name),
				Means:   fmt.Sprintf("`%s` has no result. %s", m.Query, s.backstop()),
				Do: []string{fmt.Sprintf("Are the pods scraped? `up` of service %s on dashboard services; the PodMonitor is headroom-%s.", s.name, s.name),
					fmt.Sprintf("Does the application still serve %s under this name at :%d%s?", s.spec.Metrics.Of(m.Kind), s.spec.Metrics.Port, s.spec.Metrics.Path)}},
		})
	}
	return out
}

// backstop says what the autoscaler does without its metric.
func (s autoscaler) backstop() string {
	if s.plan.CPUTargetPercent == 0 {
		return "There is no CPU target behind it: the autoscaler does nothing."
	}
	return fmt.Sprintf("Only CPU scales the service now, at %d%% of the request, later and slower than planned.", s.plan.CPUTargetPercent)
}

// drift is an autoscaler that is not the one that was proven.
func (s autoscaler) drift() []Alert {
	least, most := s.shown("spec_min_replicas"), s.shown("spec_max_replicas")
	return []Alert{{
		Name: "HeadroomAutoscalerDrift", Subject: s.name, Severity: spec.Warning, For: 15 * time.Minute,
		Expr:    fmt.Sprintf("%s != %d or %s != %d", least, s.plan.MinReplicas, most, s.plan.MaxReplicas),
		Summary: fmt.Sprintf("somebody changed the bounds of the autoscaler of %s; what was proven no longer holds", s.name),
		Runbook: Runbook{Command: s.kubectl("get hpa %s --show-managed-fields -o yaml", s.object()),
			Means: fmt.Sprintf("The plan was proven with %d to %d replicas. Connections, nodes and cost were counted for these.", s.plan.MinReplicas, s.plan.MaxReplicas),
			Do: []string{"The managed fields name who changed it.",
				fmt.Sprintf("Does the change hold? `%s`. Keep it in Pulumi.%s.yaml, or undo it with pulumi up.", s.whatIf("services.%s.autoscaling.maxReplicas=N", s.name), s.world.plan.Stack)}},
		Needs: []string{least, most},
	}}
}

func unit(kind spec.Metric) string {
	if kind == spec.RequestRate {
		return "requests per second"
	}
	return "requests in progress"
}

func rps(x float64) string { return fmt.Sprintf("%.0f requests/s", x) }

func round(x float64) float64 { return math.Round(x*1000) / 1000 }
