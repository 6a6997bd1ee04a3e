package plan

import (
	"fmt"
	"math"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/spec"
)

// each makes parts for every service.
func (w world) each(parts func(s subject, v Service) []Part) []Part {
	var out []Part
	for _, name := range w.names() {
		out = append(out, parts(w.subject(name), w.plan.Services[name])...)
	}
	return out
}

// triggerTime proves the time from high load to the decision.
func (w world) triggerTime(float64) []Part {
	limit := w.stack.SLO.Trigger.Seconds()
	return w.each(func(s subject, v Service) []Part {
		why := fmt.Sprintf("CPU: kubelet %d s + resolution %g s + window + sync %d s",
			budget.KubeletSampleSeconds, w.stack.Monitoring.MetricsResolution.Seconds(), budget.SyncSeconds)
		if len(v.Metrics) > 0 && v.Timeline.TriggerSeconds == v.Metrics[0].TriggerSeconds {
			why = s.customPath(v)
		}
		return []Part{AtMost(s.name, v.Timeline.TriggerSeconds, limit, "s", "worst case at %g× the target, every stage just missed; %s", budget.Overload, why)}
	})
}

// customPath spells out how long a custom metric takes.
func (s subject) customPath(v Service) string {
	m := v.Metrics[0]
	scrapes, window := fmt.Sprintf("scrape %g s", m.ScrapeSeconds), ""
	if n := reads(m.Kind); n > 1 {
		scrapes = fmt.Sprintf("%d scrapes of %g s (one may read a low moment)", n, m.ScrapeSeconds)
	}
	if m.WindowSeconds > 0 {
		window = fmt.Sprintf(" + %.0f s of the %g s window", m.WindowSeconds*math.Min(1, (1+s.tolerance())/budget.Overload), m.WindowSeconds)
	}
	return fmt.Sprintf("%s: %s%s + adapter %d s + sync %d s", m.Name, scrapes, window, budget.AdapterSeconds, budget.SyncSeconds)
}

// capacityTime proves that new pods are Ready before the ramp has used up what
// the running ones can still take, and that from then on as many may come as it
// asks for.
func (w world) capacityTime(m float64) []Part {
	warm := w.warm(m)
	return w.each(func(s subject, v Service) []Part {
		lag, boot := v.Timeline.LagSeconds, ""
		if !warm && w.warmPods(s, v, m) > 0 {
			lag += w.base.Nodes.BootSeconds
			boot = fmt.Sprintf(" + node boot %.0f s, as the nodes of the floor have no room for the ramp's first pods", w.base.Nodes.BootSeconds)
		}
		return []Part{AtMost(s.name, lag, w.cover(s, v, m), "s",
			"decision %.0f s + scheduling %d s + start %.0f s%s; a ramp to %g× in %s uses up the %d running pods' room between target and safe share in the limit",
			v.Timeline.LagSeconds-schedulingSeconds-s.base.StartupSeconds, schedulingSeconds, s.base.StartupSeconds, boot, round(m, 2), w.stack.Traffic.Ramp, v.PeakReplicas),
			w.pacePart(s, v, m)}
	})
}

// paceSubject is what the part of capacity-time about the policies ends with.
const paceSubject = "scale-up"

// pacePart compares the pods that the ramp asks for in a period of the policies
// with those that they let through from the fewest on: with no more the autoscaler
// falls behind for good.
func (w world) pacePart(s subject, v Service, m float64) Part {
	percent, pods := v.Behavior.ScaleUp.pace()
	slope := w.slope(s, m)
	all := max(0, replicas(s.peak*m, v.TargetRPS, v.MinReplicas, v.MaxReplicas)-v.PeakReplicas)
	return AtMost(under(s.name, paceSubject), math.Min(slope*policyPeriodSeconds/v.TargetRPS, float64(all)), float64(budget.Step(v.PeakReplicas, percent, pods)), fmt.Sprintf("pods per %d s", policyPeriodSeconds),
		"ramp of %.2f rps per second ÷ %.1f rps per pod at target, at most all %d pods that come; the policies add %g%% of %d pods or %d, whichever is more",
		slope, v.TargetRPS, all, percent, v.PeakReplicas, pods)
}

// hpaReachable proves that the metrics can reach their trigger before the pod
// saturates.
func (w world) hpaReachable(float64) []Part {
	return w.each(func(s subject, v Service) []Part {
		var parts []Part
		for _, m := range v.Metrics {
			trigger := m.TargetAverageValue * (1 + s.tolerance())
			parts = append(parts, AtMost(under(s.name, string(m.Kind)), trigger, s.metricAt(m.Kind, s.base.KneeRPS), unitOf(m.Kind),
				"target %g plus tolerance, against what a pod reaches at its %g rps knee", m.TargetAverageValue, s.base.KneeRPS))
		}
		if v.CPUTargetPercent > 0 {
			parts = append(parts, AtMost(under(s.name, "cpu"), float64(v.CPUTargetPercent)*(1+s.tolerance()), s.cpuCeiling(), "% of request",
				"target %d%% plus tolerance, against what a pod uses at its %g rps knee within its limit", v.CPUTargetPercent, s.base.KneeRPS))
		}
		return parts
	})
}

func unitOf(kind spec.Metric) string {
	if kind == spec.InFlight {
		return "requests in flight per pod"
	}
	return "rps per pod"
}

// latencyPeak proves the promises of every core route, and that they are not
// much worse than today.
func (w world) latencyPeak(m float64) []Part {
	return w.each(func(s subject, v Service) []Part {
		var parts []Part
		for _, route := range s.spec.Routes {
			if route.Core {
				parts = append(parts, w.routeParts(s, v, route, m)...)
			}
		}
		return parts
	})
}

func (w world) routeParts(s subject, v Service, route spec.Route, m float64) []Part {
	p99, ttfb := w.predict(s, v, route, m)
	limit, first := s.promises(route)
	today := w.today(s, v, route)
	at := under(s.name, route.Key())
	why := fmt.Sprintf("waiting for %d workers (%s) and service, p99, plus p99 wait for a connection, at %.1f rps per pod and %g× peak",
		s.spec.Servers(), s.spec.Balancing, w.loadPerPod(s, v, m), round(m, 2))
	return []Part{
		AtMost(under(at, "p99"), p99, limit, "ms", "%s", why),
		AtMost(under(at, "first byte"), ttfb, first, "ms", "%s", why),
		AtMost(under(at, "degradation"), p99, today*degradation, "ms", "%.1f ms p99 at today's peak × %g; %s", amount(today), degradation, why),
	}
}

// predict are the quantiles of one route in the worst steady state on the way to
// a multiple of today's peak, when the floor's pods carry what starts new ones.
// What a ramp adds until those are Ready is capacity-time's to bound.
func (w world) predict(s subject, v Service, route spec.Route, m float64) (p99, ttfb float64) {
	p99, ttfb = s.latency(s.station(w.loadPerPod(s, v, m), v.MinReplicas), route)
	wait := w.poolWait(s, v, m)
	return p99 + wait, ttfb + wait
}

// today is the p99 at today's peak: the measured one of the service, for its
// only route, or else the predicted one of the route.
func (w world) today(s subject, v Service, route spec.Route) float64 {
	if s.base.P99Millis != nil && len(s.spec.Routes) == 1 {
		return *s.base.P99Millis
	}
	p99, _ := w.predict(s, v, route, 1)
	return p99
}

// originLoad proves that the ceiling carries what the CDN lets through.
func (w world) originLoad(m float64) []Part {
	return w.each(func(s subject, v Service) []Part {
		return []Part{AtMost(s.name, s.peak*m, float64(v.MaxReplicas)*v.TargetRPS, "rps",
			"%.0f user rps × (1 − %s CDN hits) × %g per miss × %g; %d pods at maximum × %.1f rps at target",
			float64(s.spec.PeakRPS), s.spec.CDNHitRatio, w.stack.Traffic.MissAmplification, round(m, 2), v.MaxReplicas, v.TargetRPS)}
	})
}

// rolloutAvailability proves that replacing pods drops nothing.
func (w world) rolloutAvailability(m float64) []Part {
	return w.each(func(s subject, v Service) []Part {
		r := v.Rollout
		drain := s.spec.Rollout.Drain.Seconds()
		n, left := w.fewestLeft(s, v, m)
		return []Part{
			AtMost(under(s.name, "deregistration"), float64(r.DeregistrationSeconds), float64(r.PreStopSeconds), "s",
				"the load balancer may still send to a leaving pod for the first, the pod serves for the second"),
			AtMost(under(s.name, "grace"), float64(r.PreStopSeconds)+drain+1, float64(r.GraceSeconds), "s",
				"preStop %d s + %g s for requests in progress, with a second to spare before the pod is killed", r.PreStopSeconds, drain),
			AtMost(under(s.name, "drain"), float64(v.DisruptionBudget), float64(v.MinReplicas-1), "pods",
				"pods that an eviction may take at the floor of %d, leaving at least one", v.MinReplicas),
			AtMost(under(s.name, "capacity"), float64(n)*w.loadPerPod(s, v, m), float64(left)*v.KneeRPS*math.Max(v.SafePercent, v.TargetPercent)/100, "rps",
				"%d pods × %.1f rps on the way to %g× peak; %d of them left during a rollout or drain × the safe %g%% of the knee",
				n, w.loadPerPod(s, v, m), round(m, 2), left, v.SafePercent),
		}
	})
}

// fewestLeft is the replica count, on the way to a multiple of today's peak, of
// which a rollout or drain leaves the smallest share, and how many it leaves.
func (w world) fewestLeft(s subject, v Service, m float64) (pods, left int) {
	most := replicas(s.peak*m, v.TargetRPS, v.MinReplicas, v.MaxReplicas)
	for n := v.MinReplicas; n <= most; n++ {
		_, rolled := budget.Fenceposts(n, v.Rollout.MaxSurgePercent, v.Rollout.MaxUnavailablePercent)
		now := n - max(rolled, min(v.DisruptionBudget, n))
		if pods == 0 || now*pods < left*n {
			pods, left = n, now
		}
		if v.Rollout.MaxUnavailablePercent == 0 {
			break // the budget is a fixed number of pods, which weighs most at the floor
		}
	}
	return pods, left
}
