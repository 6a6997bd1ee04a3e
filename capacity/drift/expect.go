package drift

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// Expect is every setting of a running system that the proof of a plan rests on.
func Expect(stack spec.Stack, p plan.Plan) []Expectation {
	var all []Expectation
	for _, name := range slices.Sorted(maps.Keys(p.Services)) {
		w := workload{name, stack.Cluster.Namespace, stack.Services[name], p.Services[name]}
		all = append(all, w.autoscaler()...)
		all = append(all, w.deployment()...)
		all = append(all, w.env()...)
	}
	all = append(all, nodes(stack, p.Nodes)...)
	if stack.Addons.MetricsServer != "" {
		s := settings{source: Cluster, object: MetricsServer}
		s.add(Resolution, stack.Monitoring.MetricsResolution.String(), atMost, "monitoring.metricsResolution", "trigger-time")
		all = append(all, s.all...)
	}
	if p.Database != nil {
		all = append(all, database(*p.Database)...)
	}
	if p.Cache != nil {
		all = append(all, cache(*p.Cache)...)
	}
	return all
}

// workload is one service with its plan.
type workload struct {
	name, namespace string
	spec            spec.Service
	plan            plan.Service
}

func (w workload) path(rest string) string { return "services." + w.name + "." + rest }

// settings of one object.
type settings struct {
	source Source
	object string
	all    []Expectation
}

// add takes the unit that a value has in the stack file from behind its path, as
// in "rollout.grace s".
func (s *settings) add(name, want string, rule rule, path string, checks ...string) {
	path, unit, _ := strings.Cut(path, " ")
	s.all = append(s.all, Expectation{Setting{s.source, s.object, name}, want, rule, checks, path, unit})
}

func (w workload) autoscaler() []Expectation {
	s := settings{source: Cluster, object: Autoscaler(w.namespace, w.spec.Adopt.Autoscaler.Name(w.name))}
	s.add(ScalingActive, "True", nil, "", "trigger-time", "capacity-time")
	s.add(ScaleTarget, "Deployment "+w.spec.Target(w.name), nil, "", "trigger-time", "capacity-time")
	s.add(MinReplicas, strconv.Itoa(w.plan.MinReplicas), nil, w.path("autoscaling.minReplicas"), "capacity-time", "cost-floor")
	s.add(MaxReplicas, strconv.Itoa(w.plan.MaxReplicas), nil, w.path("autoscaling.maxReplicas"), "db-connections", "node-capacity", "latency-peak", "cost-ceiling")
	for _, m := range w.plan.Metrics {
		s.add(External(m.Name), Value(m.TargetAverageValue), nil, "", "trigger-time", "hpa-reachable", "latency-peak")
	}
	cpu := ""
	if w.plan.CPUTargetPercent > 0 {
		cpu = strconv.Itoa(w.plan.CPUTargetPercent)
	}
	s.add(CPUUtilization, cpu, nil, "", "trigger-time", "hpa-reachable")
	up, down := w.plan.Behavior.ScaleUp, w.plan.Behavior.ScaleDown
	s.add(UpWindow, strconv.Itoa(up.StabilizationSeconds), atMost, "", "trigger-time")
	s.add(UpPolicies, Policies(up.Policies), nil, "", "capacity-time")
	s.add(UpTolerance, tolerance(up), nil, "", "trigger-time", "hpa-reachable")
	s.add(DownWindow, strconv.Itoa(down.StabilizationSeconds), atLeast, "", "simulation-agrees")
	s.add(DownPolicies, Policies(down.Policies), nil, "", "simulation-agrees")

	budget := settings{source: Cluster, object: DisruptionBudget(w.namespace, w.spec.Adopt.DisruptionBudget.Name(w.name))}
	budget.add(Unavailable, strconv.Itoa(w.plan.DisruptionBudget), nil, "", "rollout-availability")
	return append(s.all, budget.all...)
}

func tolerance(s plan.Scaling) string {
	if s.Tolerance == nil {
		return ""
	}
	return Value(*s.Tolerance)
}

// Value spells a number of the plan, which objects of Kubernetes hold in
// thousandths.
func Value(x float64) string {
	return strconv.FormatFloat(float64(int64(x*1000+0.5))/1000, 'f', -1, 64)
}

func (w workload) deployment() []Expectation {
	s := settings{source: Cluster, object: Deployment(w.namespace, w.spec.Target(w.name))}
	r := w.plan.Rollout
	s.add(RollSurge, percent(r.MaxSurgePercent), atMost, w.path("rollout.maxSurge"), "db-connections", "node-capacity")
	s.add(RollUnavailable, percent(r.MaxUnavailablePercent), atMost, w.path("rollout.maxUnavailable"), "rollout-availability", "db-connections")
	s.add(MinReady, strconv.Itoa(r.MinReadySeconds), atLeast, "", "db-connections", "rollout-availability")
	s.add(Grace, strconv.Itoa(r.GraceSeconds), nil, w.path("rollout.grace s"), "rollout-availability", "db-connections")
	s.add(PreStop, strconv.Itoa(r.PreStopSeconds), atLeast, w.path("rollout.preStop s"), "rollout-availability")
	requests, limits := w.spec.Resources.Requests, w.spec.Resources.Limits
	s.add(CPURequest, amount(int64(requests.CPU)), nil, w.path("resources.requests.cpu m"), "node-capacity", "hpa-reachable")
	s.add(MemoryRequest, amount(int64(requests.Memory)), nil, w.path("resources.requests.memory Mi"), "node-capacity")
	s.add(CPULimit, amount(int64(limits.CPU)), nil, w.path("resources.limits.cpu m"), "hpa-reachable", "latency-peak")
	s.add(MemoryLimit, amount(int64(limits.Memory)), nil, w.path("resources.limits.memory Mi"), "node-capacity")
	return s.all
}

// amount that is not set is not there.
func amount(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func percent(p float64) string { return fmt.Sprintf("%.0f%%", p) }

// proves are the checks that rest on a variable.
var proves = map[string]struct {
	path   string
	checks []string
}{
	plan.EnvWorkers:             {"workers", []string{"db-connections", "cache-connections", "latency-peak"}},
	plan.EnvPoolSize:            {"pool.size", []string{"db-connections", "db-pool-wait"}},
	plan.EnvMaxOverflow:         {"pool.maxOverflow", []string{"db-connections", "db-pool-wait"}},
	plan.EnvPoolTimeout:         {"pool.timeout s", []string{"db-pool-wait"}},
	plan.EnvPoolRecycle:         {"pool.recycle s", []string{"db-connections"}},
	plan.EnvCacheConnections:    {"", []string{"cache-connections"}},
	plan.EnvCachePoolTimeout:    {"", []string{"latency-peak"}},
	plan.EnvCacheSocketTimeout:  {"", []string{"latency-peak"}},
	plan.EnvCacheConnectTimeout: {"", []string{"latency-peak"}},
	plan.EnvCacheTTL:            {"", []string{"db-load", "cache-memory"}},
	plan.EnvCacheJitter:         {"", []string{"db-load"}},
	plan.EnvCacheStale:          {"", []string{"db-load"}},
}

// env is what the processes are told.
func (w workload) env() []Expectation {
	s := settings{source: Cluster, object: Deployment(w.namespace, w.spec.Target(w.name))}
	for _, name := range slices.Sorted(maps.Keys(w.plan.Env)) {
		rests := proves[name]
		path := ""
		if rests.path != "" {
			path = w.path(rests.path)
		}
		s.add(Env(name), w.plan.Env[name], nil, path, rests.checks...)
	}
	return s.all
}

func nodes(stack spec.Stack, n plan.Nodes) []Expectation {
	var all []Expectation
	for _, pool := range Pools(stack, n) {
		s := settings{source: Cluster, object: Pool(pool.Name)}
		s.add(MinSize, strconv.Itoa(pool.MinSize), nil, "", "capacity-time", "cost-floor")
		s.add(MaxSize, strconv.Itoa(pool.MaxSize), nil, "", "node-capacity", "subnet-ips", "cost-ceiling")
		all = append(all, s.all...)
	}
	return all
}
