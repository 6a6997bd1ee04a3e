// Package confirm replays a plan: it builds the simulator's world from a stack,
// its baseline and its plan, and holds the plan's answers against what happens
// there.
package confirm

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/hpa"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/queue"
	"github.com/agencyos/headroom/capacity/sim"
	"github.com/agencyos/headroom/capacity/sim/fleet"
	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/capacity/sim/station"
	"github.com/agencyos/headroom/capacity/spec"
)

// warmup outlasts the scale-down window and the first metrics.
const warmup = 10 * time.Minute

// clientTimeout after which a caller hears nothing more: the idle timeout of an
// AWS load balancer
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html, 2026-11).
const clientTimeout = 60.0

// Scenario is the world of a plan under a load.
func Scenario(stack spec.Stack, base baseline.Baseline, p plan.Plan, curve load.Curve) (sim.Scenario, error) {
	b := builder{stack: stack, base: base, plan: p, start: curve.Start()}
	s := sim.Scenario{
		Load: curve, Warmup: warmup, Kubernetes: hpa.Defaults(b.version()), Fleet: b.fleet(), Database: b.database(),
		MetricsResolution: time.Duration(stack.Monitoring.MetricsResolution), ScrapeInterval: time.Duration(stack.Monitoring.ScrapeInterval),
		FixedUSDPerHour: b.fixed(),
	}
	var errs []error
	for i, name := range b.names() {
		v, err := b.service(name, i)
		if err != nil {
			errs = append(errs, fmt.Errorf("services.%s: %w", name, err))
		}
		s.Services = append(s.Services, v)
	}
	return s, errors.Join(errs...)
}

// builder is what a scenario is made of.
type builder struct {
	stack spec.Stack
	base  baseline.Baseline
	plan  plan.Plan
	// start is the first level of the load.
	start float64
}

// names are the services in a fixed order.
func (b builder) names() []string {
	var names []string
	for name := range b.plan.Services {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// version of the controller: the cluster's, within what the model knows.
func (b builder) version() hpa.Version {
	_, minor, _ := strings.Cut(b.stack.Cluster.Version, ".")
	n, err := strconv.Atoi(minor)
	if err != nil {
		return hpa.V137
	}
	return min(max(hpa.Version(n), hpa.V134), hpa.V137)
}

func (b builder) service(name string, demand int) (sim.Service, error) {
	v, m, p := b.stack.Services[name], b.base.Services[name], b.plan.Services[name]
	out := sim.Service{
		Name: name, PeakRPS: float64(v.PeakRPS), CDNHitRatio: v.CDNHitRatio.Ratio(), MissAmplification: b.stack.Traffic.MissAmplification,
		Demand: demand, TargetRPS: p.TargetRPS, SafeRPS: p.KneeRPS * p.SafePercent / 100,
		CPURequest: float64(v.Resources.Requests.CPU), IdleCPU: m.IdleCPUMilli,
		Start:          seconds(m.StartupSeconds),
		Deregistration: seconds(float64(p.Rollout.DeregistrationSeconds)), PreStop: seconds(float64(p.Rollout.PreStopSeconds)), Drain: time.Duration(v.Rollout.Drain),
		SurgePercent: p.Rollout.MaxSurgePercent, UnavailablePercent: p.Rollout.MaxUnavailablePercent, MinReady: seconds(float64(p.Rollout.MinReadySeconds)),
		DisruptionBudget: p.DisruptionBudget,
		Station:          b.station(name),
	}
	if !(p.TargetRPS > 0) {
		return out, errors.New("no load per pod keeps its promises, so nothing can be replayed")
	}
	need := int(math.Ceil(p.PeakOriginRPS*b.start/p.TargetRPS - 1e-9))
	out.Replicas = min(max(need, p.MinReplicas), p.MaxReplicas)
	out.HPA, out.Signals = autoscaler(p)
	return out, nil
}

// autoscaler is the HPA as the component declares it.
func autoscaler(p plan.Service) (hpa.Spec, []sim.Signal) {
	s := hpa.Spec{MinReplicas: int32(p.MinReplicas), MaxReplicas: int32(p.MaxReplicas),
		Behavior: &hpa.Behavior{ScaleUp: rules(p.Behavior.ScaleUp), ScaleDown: rules(p.Behavior.ScaleDown)}}
	var signals []sim.Signal
	for _, m := range p.Metrics {
		s.Metrics = append(s.Metrics, hpa.Metric{Source: hpa.External, Target: hpa.AverageValue, Value: int64(math.Round(1000 * m.TargetAverageValue))})
		signals = append(signals, sim.Signal{Kind: sim.SignalKind(m.Kind), Window: seconds(m.WindowSeconds)})
	}
	if p.CPUTargetPercent > 0 {
		s.Metrics = append(s.Metrics, hpa.Metric{Source: hpa.Resource, CPU: true, Target: hpa.Utilization, Value: int64(p.CPUTargetPercent)})
		signals = append(signals, sim.Signal{Kind: sim.CPUUse})
	}
	return s, signals
}

func rules(s plan.Scaling) *hpa.Rules {
	window := int32(s.StabilizationSeconds)
	r := &hpa.Rules{WindowSeconds: &window, Select: hpa.SelectMax, Tolerance: s.Tolerance}
	for _, p := range s.Policies {
		r.Policies = append(r.Policies, hpa.Policy{Type: hpa.PolicyType(p.Type), Value: int32(p.Value), PeriodSeconds: int32(p.PeriodSeconds)})
	}
	return r
}

// station is what requests meet: the same queues that the plan solves.
func (b builder) station(name string) station.Config {
	v, m, p := b.stack.Services[name], b.base.Services[name], b.plan.Services[name]
	c := station.Config{
		Balancing: queue.Policy(v.Balancing), Servers: v.Servers(),
		CPU:    station.Work{Mean: m.CPUMillis * v.Stretch() / 1000, CV2: m.ServiceCV2},
		Client: station.Client{Timeout: clientTimeout},
	}
	for _, r := range v.Routes {
		route := m.Route(r.Key())
		k := station.Kind{Share: r.Share.Ratio(), Service: station.Work{Mean: (route.ServiceMillis + route.CPUMillis*(v.Stretch()-1)) / 1000, CV2: route.ServiceCV2}}
		if r.Core {
			k.Promise = b.stack.SLO.P99.Seconds()
			if r.P99 != nil {
				k.Promise = r.P99.Seconds()
			}
		}
		c.Kinds = append(c.Kinds, k)
	}
	if p.Pool != nil {
		c.Pool = &station.Pool{
			PerPod: v.Workers * p.Pool.Engines, Size: p.Pool.Size, Overflow: p.Pool.MaxOverflow, Timeout: p.Pool.TimeoutSeconds,
			Share: 1 - m.CacheHitRatio, Hold: station.Work{Mean: m.Database.HoldMillis / 1000, CV2: m.Database.HoldCV2},
		}
	}
	return c
}

// fleet are the nodes with everything that runs on them.
func (b builder) fleet() fleet.Config {
	timing := b.plan.Nodes.Autoscaler
	c := fleet.Config{Zones: b.stack.PodZones(), Autoscaler: fleet.Autoscaler{Autoscaler: budget.Autoscaler{
		Scan: seconds(timing.ScanSeconds), Unneeded: seconds(timing.UnneededSeconds),
		AfterAdd: seconds(timing.AfterAddSeconds), Threshold: timing.UtilizationThreshold,
	}}}
	sets := plan.PerNode(b.stack)
	for _, g := range b.plan.Nodes.Groups {
		c.Groups = append(c.Groups, fleet.Group{
			Name: g.Name, Priority: g.Priority, Min: g.MinSize, Max: g.MaxSize, Start: g.MinSize, Zones: g.Zones, USDPerHour: g.USDPerHour,
			Free: budget.Amount{MilliCPU: g.FreeMilliCPU, MiB: g.FreeMiB, Pods: g.MaxPods - sets.Pods}, Boot: seconds(b.plan.Nodes.BootSeconds),
		})
	}
	demands := plan.Demands(b.stack, b.plan)
	for _, d := range demands {
		c.Demands = append(c.Demands, fleet.Demand{Name: d.Name, Each: d.Each, Fixed: d.Pods})
	}
	for _, d := range demands {
		if n := b.plan.Services[d.Name].PausePods; n > 0 {
			c.Demands = append(c.Demands, fleet.Demand{Name: "pause pods of " + d.Name, Each: d.Each, Fixed: n, Pause: true})
		}
	}
	return c
}

// database is what the services share; the pooler's client side where there is
// one.
func (b builder) database() *sim.Database {
	db := b.plan.Database
	if db == nil {
		return nil
	}
	out := &sim.Database{Usable: db.UsableConnections - db.OtherConnections, Cores: db.Cores}
	switch pooler := b.stack.Database.ExternalPooler; {
	case db.PgBouncer != nil:
		out.Usable, out.Pooler = db.PgBouncer.Replicas*db.PgBouncer.MaxClientConn, db.PgBouncer.Replicas*db.PgBouncer.PoolSize
	case b.stack.Database.Pooler == spec.OtherPooler && pooler != nil:
		out.Usable, out.Pooler = pooler.MaxClients, pooler.ServerConnections
	}
	for _, name := range b.names() {
		var work station.Work
		if use := b.base.Services[name].Database; use != nil {
			work = station.Work{Mean: use.CPUMillis / 1000, CV2: 1}
		}
		out.CPU = append(out.CPU, work)
	}
	return out
}

// fixed is the cost that does not follow the nodes, per hour.
func (b builder) fixed() float64 {
	usd := b.plan.Cost.FloorUSD / plan.HoursPerMonth
	for _, g := range b.plan.Nodes.Groups {
		usd -= g.USDPerHour * float64(g.MinSize)
	}
	return math.Max(0, usd)
}

func seconds(s float64) time.Duration { return time.Duration(math.Round(s * float64(time.Second))) }
