package plan

import (
	"fmt"
	"math"
	"strings"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/spec"
)

// metrics chooses what the autoscaler follows. A custom metric leads because it
// is not capped at the CPU request and not damped by pods that start; CPU stays
// behind it as the backstop.
func (d *draft) metrics(s subject, v *Service) {
	scrape := d.stack.Monitoring.ScrapeInterval.Seconds()
	lead := s.spec.Autoscaling.Metric
	if lead == spec.CPU {
		v.Timeline.DecisionSeconds = d.cpuDecision(s, false)
		v.Timeline.TriggerSeconds = v.Timeline.DecisionSeconds
		return
	}
	m := Metric{Kind: lead, ScrapeSeconds: scrape}
	selector := fmt.Sprintf(`{namespace=%q,service=%q}`, d.stack.Cluster.Namespace, s.name)
	prefix := "headroom_" + strings.ReplaceAll(s.name, "-", "_")
	switch lead {
	case spec.RequestRate:
		m.Name, m.WindowSeconds = prefix+"_request_rate", rateWindowSeconds
		m.Query = fmt.Sprintf("sum(rate(%s%s[%ds]))", s.spec.Metrics.Of(lead), selector, rateWindowSeconds)
	default:
		m.Name = prefix + "_in_flight"
		m.Query = fmt.Sprintf("sum(%s%s)", s.spec.Metrics.Of(lead), selector)
	}
	signal := budget.Signal{ScrapeSeconds: scrape, WindowSeconds: m.WindowSeconds, AdapterSeconds: budget.AdapterSeconds,
		StabilizationSeconds: s.spec.Autoscaling.ScaleUpWindow.Seconds(), Threshold: 1 + s.tolerance()}
	m.DecisionSeconds = signal.Decision()
	signal.Reads = reads(lead)
	m.TriggerSeconds = signal.Decision()
	v.Metrics = []Metric{m}
	v.Timeline.DecisionSeconds, v.Timeline.TriggerSeconds = m.DecisionSeconds, m.TriggerSeconds
}

// reads are the scrapes until a metric shows a load: a rate averages over its
// window, and a gauge may be read at a low moment.
func reads(kind spec.Metric) int {
	if kind == spec.InFlight {
		return budget.GaugeReads
	}
	return 1
}

// cpuDecision is the worst case of the CPU metric. As a backstop its target lies
// a tolerance above the lead's.
func (in input) cpuDecision(v subject, backstop bool) float64 {
	resolution := in.stack.Monitoring.MetricsResolution.Seconds()
	s := budget.Signal{SampleSeconds: budget.KubeletSampleSeconds, ScrapeSeconds: resolution, WindowSeconds: resolution,
		StabilizationSeconds: v.spec.Autoscaling.ScaleUpWindow.Seconds(), Threshold: 1 + v.tolerance()}
	if backstop {
		s.Threshold *= 1 + v.tolerance()
	}
	return s.Decision()
}

// metricTargets turns the target share of the knee into values per replica.
func (d *draft) metricTargets(s subject, v *Service) {
	at := "services." + s.name
	for i := range v.Metrics {
		m := &v.Metrics[i]
		m.TargetAverageValue = s.metricAt(m.Kind, v.TargetRPS)
		why := fmt.Sprintf("%s of the %g rps knee", percent(v.TargetPercent/100), s.base.KneeRPS)
		if m.Kind == spec.InFlight {
			why += fmt.Sprintf(" × %.1f ms mean response (Little)", amount(1000*s.responseMean(v.TargetRPS)))
		}
		m.TargetAverageValue = math.Max(0.001, round(math.Min(float64(amount(m.TargetAverageValue)), unboundedAbove), 3))
		d.note(fmt.Sprintf("%s.metrics[%d].targetAverageValue", at, i), m.TargetAverageValue, "%s", why)
	}
	v.CPUTargetPercent = d.cpuTarget(s, *v)
	v.Behavior = d.behavior(s)
}

// metricAt is what one pod contributes to a metric at a load.
func (s subject) metricAt(kind spec.Metric, rps float64) float64 {
	if kind == spec.InFlight {
		return rps * s.responseMean(rps)
	}
	return rps
}

// responseMean is the mean time in the service, in seconds.
func (s subject) responseMean(rps float64) float64 {
	return s.station(rps, 1).MeanWait() + (s.base.ServiceMillis+s.base.CPUMillis*(s.spec.Stretch()-1))/1000
}

// cpuAt is the CPU utilization of the request, in percent, at a load per pod.
func (s subject) cpuAt(rps float64) float64 {
	milli := rps*s.base.CPUMillis + s.base.IdleCPUMilli
	return 100 * milli / float64(s.spec.Resources.Requests.CPU)
}

// cpuTarget is the backstop: where CPU leads it is the target itself, otherwise
// it lies at the lead metric's tolerance, so that CPU decides only when the lead
// fails. A backstop that the pod cannot reach would never fire and is left out.
func (d *draft) cpuTarget(s subject, v Service) int {
	at := "services." + s.name + ".cpuTargetPercent"
	rps, role := v.TargetRPS, "the target"
	if len(v.Metrics) > 0 {
		rps, role = v.TargetRPS*(1+s.tolerance()), "the target plus tolerance, as a backstop"
	}
	target := int(math.Min(math.MaxInt32, math.Max(1, math.Floor(s.cpuAt(rps)))))
	if len(v.Metrics) > 0 && !s.cpuReachable(target) {
		d.note(at, 0, "left out: at the knee a pod uses %.0f%% of its CPU request, too little to reach %d%% plus tolerance", s.cpuAt(s.base.KneeRPS), target)
		return 0
	}
	d.note(at, target, "(%.1f rps × %g ms + %gm idle) ÷ %s request, at %s", rps, s.base.CPUMillis, s.base.IdleCPUMilli, s.spec.Resources.Requests.CPU, role)
	return target
}

// cpuReachable says whether a pod can use enough CPU for the autoscaler to act.
func (s subject) cpuReachable(target int) bool {
	return s.cpuCeiling() >= float64(target)*(1+s.tolerance())
}

// cpuCeiling is the CPU utilization at the knee, capped by the limit.
func (s subject) cpuCeiling() float64 {
	ceiling := s.cpuAt(s.base.KneeRPS)
	if limit := s.spec.Resources.Limits.CPU; limit > 0 {
		ceiling = math.Min(ceiling, 100*float64(limit)/float64(s.spec.Resources.Requests.CPU))
	}
	return ceiling
}

// behavior reaches growth times the replicas in one step, and gives them back
// slowly, never before a leaving pod has drained.
func (d *draft) behavior(s subject) Behavior {
	a := s.spec.Autoscaling
	growth := int(math.Ceil(100 * (d.stack.Traffic.Growth - 1)))
	up := orElse(a.ScaleUpPercent, max(100, growth))
	down := max(scaleDownWindowSeconds, ceilSeconds(s.spec.Rollout.PreStop+s.spec.Rollout.Drain))
	if a.ScaleDownWindow != nil {
		down = ceilSeconds(*a.ScaleDownWindow)
	}
	b := Behavior{
		ScaleUp: Scaling{StabilizationSeconds: ceilSeconds(a.ScaleUpWindow), Policies: []Policy{
			{Type: "Percent", Value: up, PeriodSeconds: policyPeriodSeconds},
			{Type: "Pods", Value: 4, PeriodSeconds: policyPeriodSeconds},
		}},
		ScaleDown: Scaling{
			StabilizationSeconds: down,
			Policies:             []Policy{{Type: "Percent", Value: orElse(a.ScaleDownPercent, scaleDownPercent), PeriodSeconds: 60}},
		},
	}
	if a.Tolerance != nil {
		tolerance := a.Tolerance.Ratio()
		b.ScaleUp.Tolerance = &tolerance
	}
	return b
}

func orElse(n *int, derived int) int {
	if n == nil {
		return derived
	}
	return *n
}
