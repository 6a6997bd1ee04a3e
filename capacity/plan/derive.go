package plan

import (
	"fmt"
	"math"

	"github.com/agencyos/headroom/capacity/queue"
	"github.com/agencyos/headroom/capacity/spec"
)

// draft is a plan while it is made.
type draft struct {
	input
	plan Plan
}

// note records how a number came about.
func (d *draft) note(path string, value any, why string, args ...any) {
	d.plan.Numbers = append(d.plan.Numbers, Number{Path: path, Value: fmt.Sprint(value), Why: fmt.Sprintf(why, args...)})
}

// services derives every service: first the load and target, then the replicas,
// then what hangs on them.
func (d *draft) services() {
	d.plan.Services = map[string]Service{}
	client := d.cacheClient()
	for _, name := range d.names() {
		s := d.subject(name)
		service := d.load(s)
		d.metrics(s, &service)
		d.scale(s, &service)
		d.pool(s, &service)
		d.cacheConnections(s, &service)
		d.rollout(s, &service)
		service.Timeline = d.timeline(s, service)
		service.Env = env(s, service, client)
		d.plan.Services[name] = service
	}
}

// load is what the service must carry and what one pod carries safely.
func (d *draft) load(s subject) Service {
	at := "services." + s.name
	growth := d.stack.Traffic.Growth
	v := Service{KneeRPS: s.base.KneeRPS, PeakOriginRPS: s.peak, OriginRPS: s.peak * growth}
	d.note(at+".originRps", round(v.OriginRPS, 1), "%g user rps × (1 − %s CDN hits) × %g requests per miss × growth %g",
		float64(s.spec.PeakRPS), s.spec.CDNHitRatio, d.stack.Traffic.MissAmplification, growth)
	safe := s.safe(max(leastReplicas, ceil(s.peak/s.base.KneeRPS)))
	v.SafePercent = round(100*safe, 1)
	d.note(at+".safePercent", percent(safe), "largest share of the %g rps knee at which every core route keeps its p99 and first byte (%d servers per pod, %g ms CPU, cv² %g, %s)",
		s.base.KneeRPS, s.spec.Servers(), s.base.CPUMillis, s.base.ServiceCV2, s.spec.Balancing)
	return v
}

// scale chooses target, floor and ceiling.
func (d *draft) scale(s subject, v *Service) {
	at := "services." + s.name
	safe := v.SafePercent / 100
	slope := d.slope(s, d.stack.Traffic.Growth)
	lag := d.lag(s, *v)
	target, why := d.target(s, safe, slope, lag)
	d.replicas(s, v, target, slope, lag)
	if s.spec.Autoscaling.TargetUtilization == nil {
		for u := int(math.Round(100 * target)); u > int(100*targetFloor) && d.degrades(s, *v); u-- {
			d.replicas(s, v, float64(u-1)/100, slope, lag)
		}
		if d.degrades(s, *v) {
			d.replicas(s, v, target, slope, lag)
		} else if v.TargetPercent < round(100*target, 1) {
			why += fmt.Sprintf("; lowered from %s so that the p99 stays within %g× of today's peak", percent(target), degradation)
		}
	}
	d.note(at+".targetPercent", percent(v.TargetPercent/100), "%s", why)
	d.noteReplicas(s, *v, slope, lag)
	d.metricTargets(s, v)
}

// replicas follow from the target.
func (d *draft) replicas(s subject, v *Service, target, slope, lag float64) {
	v.TargetPercent, v.TargetRPS = round(100*target, 1), target*s.base.KneeRPS
	v.MaxReplicas, _ = d.ceiling(s, *v)
	v.MinReplicas, _ = d.floor(s, *v, slope, lag)
	if n := s.spec.Autoscaling.PausePods; n != nil {
		v.PausePods = *n
	}
	v.PeakReplicas = replicas(s.peak, v.TargetRPS, v.MinReplicas, v.MaxReplicas)
	v.GrowthReplicas = replicas(v.OriginRPS, v.TargetRPS, v.MinReplicas, v.MaxReplicas)
}

func (d *draft) noteReplicas(s subject, v Service, slope, lag float64) {
	at := "services." + s.name
	highest, why := d.ceiling(s, v)
	d.note(at+".maxReplicas", highest, "%s", why)
	lowest, why := d.floor(s, v, slope, lag)
	d.note(at+".minReplicas", lowest, "%s", why)
}

// degrades says whether a core route would be much slower at growth times
// today's peak than it is today.
func (d *draft) degrades(s subject, v Service) bool {
	w := world{input: d.input, plan: &d.plan}
	for _, route := range s.spec.Routes {
		if !route.Core {
			continue
		}
		p99, _ := w.predict(s, v, route, d.stack.Traffic.Growth)
		if p99 > degradation*w.today(s, v, route) {
			return true
		}
	}
	return false
}

// slope is how many requests per second the load gains every second of the ramp
// to m times today's peak.
func (in input) slope(s subject, m float64) float64 {
	return math.Max(0, m-1) * s.peak / in.stack.Traffic.Ramp.Seconds()
}

// lag is the time from load to Ready pods for it, on warm nodes.
func (in input) lag(s subject, v Service) float64 {
	return v.Timeline.DecisionSeconds + schedulingSeconds + s.base.StartupSeconds
}

// target is the share of the knee to steer to. Between the target and the safe
// share lie the autoscaler's tolerance and the load that the ramp adds before new
// pods are Ready.
func (d *draft) target(s subject, safe, slope, lag float64) (float64, string) {
	if u := s.spec.Autoscaling.TargetUtilization; u != nil {
		return u.Ratio(), "set by autoscaling.targetUtilization"
	}
	rise := 0.0
	if s.peak > 0 {
		rise = slope * lag / s.peak
	}
	raw := safe / (1 + s.tolerance() + rise)
	target := math.Floor(100*math.Min(targetCeiling, math.Max(targetFloor, raw))) / 100
	why := fmt.Sprintf("safe %s ÷ (1 + tolerance %g + %.2f of today's peak added by the ramp in %.0f s until new pods are Ready), between %s and %s",
		percent(safe), s.tolerance(), rise, lag, percent(targetFloor), percent(targetCeiling))
	return target, why
}

// ceiling is maxReplicas: the pods at growth times peak and a margin.
func (d *draft) ceiling(s subject, v Service) (int, string) {
	if n := s.spec.Autoscaling.MaxReplicas; n != nil {
		return *n, "set by autoscaling.maxReplicas"
	}
	need := ceil(v.OriginRPS / v.TargetRPS)
	margin := s.spec.Autoscaling.Margin.Ratio()
	n := max(leastReplicas, ceil(float64(need)*(1+margin)))
	if low := s.spec.Autoscaling.MinReplicas; low != nil {
		n = max(n, *low)
	}
	return n, fmt.Sprintf("⌈⌈%.0f rps ÷ %.1f rps per pod at target⌉ = %d × (1 + %s margin)⌉", v.OriginRPS, v.TargetRPS, need, s.spec.Autoscaling.Margin)
}

// floor is minReplicas: it survives the loss of a zone at today's peak, it absorbs
// the ramp until the first new pods are Ready, and it can miss a drained pod when
// it carries as much as it may before it grows.
func (d *draft) floor(s subject, v Service, slope, lag float64) (int, string) {
	if n := s.spec.Autoscaling.MinReplicas; n != nil {
		return *n, "set by autoscaling.minReplicas"
	}
	zones := len(d.stack.PodZones())
	safe := v.SafePercent / 100
	carry := s.peak / (safe * s.base.KneeRPS)
	spare := s.base.KneeRPS * (safe - v.TargetPercent/100*(1+s.tolerance()))
	warm := slope * lag / spare
	least := max(leastReplicas, min(zones, 3))
	drained := math.Min(s.base.KneeRPS*safe/spare, v.OriginRPS/(safe*s.base.KneeRPS)+1)
	if safe <= 0 || spare <= 0 {
		carry, warm, drained = float64(amount(carry)), 0, 0
	}
	survive := surviving(ceil(carry), zones)
	n := min(v.MaxReplicas, max(least, survive, ceil(warm), ceil(drained)))
	return n, fmt.Sprintf("largest of %d (one per zone, at least %d), %d (of which %d carry today's peak of %.0f rps at the safe share when the fullest of %d zones is lost), %.1f (ramp of %.2f rps per second × %.0f s ÷ %.1f rps spare per pod), %.1f (one pod drained, and the others keep to the safe share); at most maxReplicas",
		least, leastReplicas, survive, ceil(carry), s.peak, zones, warm, slope, lag, spare, drained)
}

// surviving are the fewest pods of which so many are left without the fullest of
// some zones. Pods are whole and spread as evenly as that allows, so it has a
// share of them rounded up.
func surviving(left, zones int) int {
	if zones < 2 {
		return left
	}
	return left + int(math.Ceil(float64(left)/float64(zones-1)))
}

// ceil rounds up to whole pods and forgives what floating point adds.
func ceil(x float64) int { return int(math.Ceil(math.Min(x, math.MaxInt32) - 1e-9)) }

// pool sizes the connections of one engine in one worker process.
func (d *draft) pool(s subject, v *Service) {
	if s.base.Database == nil {
		return
	}
	pool := spec.DefaultPool()
	if s.spec.Pool != nil {
		pool = *s.spec.Pool
	}
	at := "services." + s.name + ".pool"
	arrivals := s.poolStation(v.TargetRPS*(1+s.tolerance()), 1, pool.Engines).Arrival
	use := s.base.Database
	limit := s.poolWaitLimit() / 1000
	need := queue.SmallestServers(arrivals, use.HoldMillis/1000, use.HoldCV2, quantile, limit)
	need = max(1, need)
	size, overflow := need, int(math.Ceil(overflowShare*float64(need)))
	if pool.Size != nil {
		size = *pool.Size
		d.note(at+".size", size, "set by pool.size")
	} else {
		d.note(at+".size", size, "smallest pool whose p99 wait is at most %.0f ms: %.1f checkouts/s of %g ms each per engine and worker",
			limit*1000, arrivals, use.HoldMillis)
	}
	if pool.MaxOverflow != nil {
		overflow = *pool.MaxOverflow
		d.note(at+".maxOverflow", overflow, "set by pool.maxOverflow")
	} else {
		overflow = max(1, min(overflow, size))
		d.note(at+".maxOverflow", overflow, "%s of the size, for bursts", percent(overflowShare))
	}
	v.Pool = &Pool{Size: size, MaxOverflow: overflow, Engines: pool.Engines,
		TimeoutSeconds: pool.Timeout.Seconds(), RecycleSeconds: pool.Recycle.Seconds()}
}

// cacheConnections bound the cache client of one worker process.
func (d *draft) cacheConnections(s subject, v *Service) {
	if s.base.CacheOpsPerRequest == 0 {
		return
	}
	at := "services." + s.name + ".cacheConnections"
	if n := d.stack.Cache.MaxConnections; n != nil {
		v.CacheConnections = *n
		d.note(at, *n, "set by cache.maxConnections")
		return
	}
	ops := v.TargetRPS * (1 + s.tolerance()) * s.base.CacheOpsPerRequest / float64(s.spec.Workers)
	n := queue.SmallestServers(ops, cacheHoldMillis/1000, 1, quantile, cacheHoldMillis/1000)
	v.CacheConnections = max(cacheMinConnections, n)
	d.note(at, v.CacheConnections, "smallest pool whose p99 wait is at most %g ms: %.0f operations/s of %g ms per worker, at least %d",
		cacheHoldMillis, ops, cacheHoldMillis, cacheMinConnections)
}

// rollout carries the stack's rollout over and adds minReadySeconds.
func (d *draft) rollout(s subject, v *Service) {
	at := "services." + s.name
	r := s.spec.Rollout
	v.Rollout = Rollout{
		MaxSurgePercent: float64(*r.MaxSurge), MaxUnavailablePercent: float64(r.MaxUnavailable),
		GraceSeconds: ceilSeconds(r.Grace), PreStopSeconds: ceilSeconds(r.PreStop), MinReadySeconds: ceilSeconds(r.Grace),
	}
	if s.spec.Ingress != nil {
		v.Rollout.DeregistrationSeconds = *s.spec.Ingress.DeregistrationSeconds
	}
	d.note(at+".minReadySeconds", v.Rollout.MinReadySeconds, "the grace period of %d s, so that at most two steps of a rollout are terminating at once", v.Rollout.GraceSeconds)
	busy := s.perPod(v.OriginRPS, v.TargetRPS, v.MinReplicas, v.MaxReplicas) / (v.KneeRPS * math.Max(v.SafePercent, v.TargetPercent) / 100)
	spare := int(math.Max(0, float64(v.MinReplicas)*(1-busy)+1e-9))
	v.DisruptionBudget = max(1, min(v.MinReplicas/4, spare))
	d.note(at+".disruptionBudget", v.DisruptionBudget, "a quarter of the %d replicas of the floor, or the %d that the others can replace within the safe share, at least 1 so that nodes can drain",
		v.MinReplicas, spare)
}

func ceilSeconds(d spec.Duration) int { return int(math.Ceil(d.Seconds())) }

func percent(share float64) string { return fmt.Sprintf("%g%%", round(100*share, 1)) }

// round keeps printed numbers short; digits after the point.
func round(x float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(x*scale) / scale
}
