package plan

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/spec"
)

// repairs are the settings that may repair each check, the cheapest first. A
// check without any is answered by advice.
var repairs = map[string]func(k knobMaker, c Check, service string) []knob{
	DBConnections: func(k knobMaker, _ Check, v string) []knob {
		return []knob{k.maxReplicasDown(v), k.poolDown(v), k.limitUp(), k.databaseUp(), k.clientConnUp(), k.serverPoolDown()}
	},
	NodeCapacity: func(k knobMaker, c Check, v string) []knob {
		if strings.HasSuffix(c.Subject, " request") {
			return []knob{k.cpuRequestUp(v), k.memoryRequestUp(v), k.maxReplicasUp(v)}
		}
		return append(k.groupMaxUp(), k.maxReplicasDown(v))
	},
	SubnetIPs: func(k knobMaker, _ Check, _ string) []knob { return []knob{k.groupMaxDown()} },
	DBLoad:    func(k knobMaker, _ Check, _ string) []knob { return []knob{k.databaseUp()} },
	DBPoolWait: func(k knobMaker, _ Check, v string) []knob {
		return []knob{k.poolUp(v), k.serverPoolUp(), k.maxReplicasUp(v)}
	},
	LatencyPeak: func(k knobMaker, _ Check, v string) []knob { return []knob{k.targetDown(v), k.maxReplicasUp(v)} },
	OriginLoad:  func(k knobMaker, _ Check, v string) []knob { return []knob{k.maxReplicasUp(v)} },
	CapacityTime: func(k knobMaker, c Check, v string) []knob {
		if strings.HasSuffix(c.Subject, " "+paceSubject) {
			return []knob{k.scaleUpPercentUp(v), k.minReplicasUp(v)}
		}
		return append([]knob{k.minReplicasUp(v), k.targetDown(v)}, append(k.groupMinUp(), k.pausePodsUp(v))...)
	},
	HPAReachable: func(k knobMaker, _ Check, v string) []knob { return []knob{k.targetDown(v)} },
	TriggerTime: func(k knobMaker, _ Check, v string) []knob {
		return []knob{k.metricInFlight(v), k.scrapeDown(), k.resolutionDown()}
	},
	CacheMemory:      func(k knobMaker, _ Check, _ string) []knob { return []knob{k.cacheUp()} },
	CacheConnections: func(k knobMaker, _ Check, v string) []knob { return []knob{k.maxReplicasDown(v)} },
	CostFloor:        costKnobs,
	CostCeiling:      costKnobs,
	RolloutAvailability: func(k knobMaker, _ Check, v string) []knob {
		return []knob{k.preStopUp(v), k.graceUp(v), k.unavailableDown(v), k.minReplicasUp(v), k.maxReplicasUp(v)}
	},
}

func costKnobs(k knobMaker, c Check, v string) []knob {
	return []knob{k.budgetUp(c), k.maxReplicasDown(v), k.groupMaxDown()}
}

// knobs are the settings that may repair a check.
func (in input) knobs(c Check) []knob {
	settings, ok := repairs[c.ID]
	if !ok {
		return nil
	}
	k := knobMaker{input: in, plan: in.derive().plan}
	return settings(k, c, k.service(c))
}

// advice is what remains when no single setting repairs a check.
func (f fixer) advice(c Check, g goal) string {
	switch c.ID {
	case AlertsRouted:
		return routingAdvice(c)
	case EdgeLimits:
		return f.edgeAdvice(c)
	case TriggerTime:
		return "the sync period alone takes 15 s; agree a longer slo.trigger"
	case CapacityTime:
		return "no single setting repairs it: raise minReplicas and the groups' minSize together, lengthen traffic.ramp, or shorten the start of the service"
	case NodeCapacity:
		return f.requestAdvice(c, g)
	case SubnetIPs:
		return "add a subnet in the zone to cluster.subnets, or set cluster.podIpMode to prefix"
	case CostFloor, CostCeiling:
		if strings.HasPrefix(c.Why, "price unknown") {
			return fmt.Sprintf("set budget.prices.%s to its price in USD per hour", c.Subject)
		}
	case DBLoad:
		return "raise the cache hit ratio, lower the database work per request, or move to a class with more vCPUs or IOPS"
	case LatencyPeak:
		return "lower the service time of the route, raise services.<name>.workers or resources.requests.cpu, or relax slo.p99 with its owner"
	}
	return "no single setting repairs it; see the arithmetic"
}

// routingAdvice names everything that is missing.
func routingAdvice(c Check) string {
	var fixes []string
	add := func(fix string) {
		if !slices.Contains(fixes, fix) {
			fixes = append(fixes, fix)
		}
	}
	for _, p := range c.Parts {
		kind, name, _ := strings.Cut(p.Subject, " ")
		switch {
		case p.OK:
		case kind == "exporter":
			add("state the exporter in monitoring.exporters." + name)
		case kind == "receivers":
			add("add a receiver to monitoring.receivers")
		case kind == "dead":
			add("name the URL to call in monitoring.deadMansSwitch")
		case kind == "budget":
			add("name who hears of the bill in budget.emails")
		}
	}
	return strings.Join(fixes, "; and ")
}

// requestAdvice raises every request that is below what was measured, where the
// nodes have room for such pods.
func (f fixer) requestAdvice(c Check, g goal) string {
	s, fixes := f.stack, []string{}
	s.Services = maps.Clone(s.Services)
	for _, p := range c.Parts {
		service, what, _ := strings.Cut(p.Subject, " ")
		switch {
		case p.OK:
		case what == "CPU request":
			milli := math.Ceil(1000 * float64(p.Have))
			onService(service, func(v *spec.Service) { v.Resources.Requests.CPU = spec.MilliCPU(milli) })(&s)
			fixes = append(fixes, fmt.Sprintf("services.%s.resources.requests.cpu to %.0fm", service, milli))
		case what == "memory request":
			mib := math.Ceil(float64(p.Have))
			onService(service, func(v *spec.Service) { v.Resources.Requests.Memory = spec.MiB(mib) })(&s)
			fixes = append(fixes, fmt.Sprintf("services.%s.resources.requests.memory to %.0fMi", service, mib))
		}
	}
	checks := input{stack: s, base: f.base}.assess()
	if len(fixes) == 0 || !hold(checks, g.id) {
		return "no single setting repairs it: run more or smaller pods, or raise the sizes of the node groups or of their instances with it"
	}
	return fmt.Sprintf("set %s (the smallest at which %s)", strings.Join(fixes, " and "), g.outcome(checks))
}

// knobMaker makes knobs from the plan as it is.
type knobMaker struct {
	input
	plan Plan
}

// service is the one that a check is about: the one it names, else the one that
// weighs most.
func (k knobMaker) service(c Check) string {
	first, _, _ := strings.Cut(c.Subject, " ")
	if _, ok := k.stack.Services[first]; ok {
		return first
	}
	heaviest, most := "", -1.0
	w := world{input: k.input, plan: &k.plan}
	for _, name := range k.names() {
		weight := float64(w.workload(name).Rollout())
		if c.ID != DBConnections {
			weight = float64(k.plan.Services[name].MaxReplicas) * float64(k.stack.Services[name].Resources.Requests.CPU)
		}
		if weight > most {
			heaviest, most = name, weight
		}
	}
	return heaviest
}

// count is a knob over whole numbers: the neighbor of from first, to last.
func count(path string, from, to int, superlative string, set func(s *spec.Stack, n int)) knob {
	step := 1
	if to < from {
		step = -1
	}
	number := func(i int) int { return from + step*(i+1) }
	return knob{path: path, options: max(0, (to-from)*step), superlative: superlative,
		value: func(i int) string { return strconv.Itoa(number(i)) },
		apply: func(s *spec.Stack, i int) { set(s, number(i)) }}
}

// in is the knob with a unit behind its numbers.
func (k knob) in(unit string) knob {
	number := k.value
	k.value = func(i int) string { return number(i) + unit }
	return k
}

// onService changes one service of a stack.
func onService(name string, change func(v *spec.Service)) func(s *spec.Stack) {
	return func(s *spec.Stack) {
		v := s.Services[name]
		change(&v)
		s.Services[name] = v
	}
}

func (k knobMaker) replicas(field, name string, from, to int, superlative string, set func(a *spec.Autoscaling, n *int)) knob {
	return count(fmt.Sprintf("services.%s.autoscaling.%s", name, field), from, to, superlative, func(s *spec.Stack, n int) {
		onService(name, func(v *spec.Service) { set(&v.Autoscaling, &n) })(s)
	})
}

func setMax(a *spec.Autoscaling, n *int) { a.MaxReplicas = n }
func setMin(a *spec.Autoscaling, n *int) { a.MinReplicas = n }

func (k knobMaker) maxReplicasDown(name string) knob {
	low := 1
	if n := k.stack.Services[name].Autoscaling.MinReplicas; n != nil {
		low = *n
	}
	return k.replicas("maxReplicas", name, k.plan.Services[name].MaxReplicas, low, "the largest", setMax)
}

func (k knobMaker) maxReplicasUp(name string) knob {
	return k.replicas("maxReplicas", name, k.plan.Services[name].MaxReplicas, 10000, "the smallest", setMax)
}

func (k knobMaker) minReplicasUp(name string) knob {
	v := k.plan.Services[name]
	return k.replicas("minReplicas", name, v.MinReplicas, v.MaxReplicas, "the smallest", setMin)
}

func (k knobMaker) pausePodsUp(name string) knob {
	v := k.plan.Services[name]
	return k.replicas("pausePods", name, v.PausePods, v.MaxReplicas, "the smallest", func(a *spec.Autoscaling, n *int) { a.PausePods = n })
}

func (k knobMaker) scaleUpPercentUp(name string) knob {
	percent, _ := k.plan.Services[name].Behavior.ScaleUp.pace()
	return k.replicas("scaleUpPercent", name, int(percent), 10000, "the smallest", func(a *spec.Autoscaling, n *int) { a.ScaleUpPercent = n })
}

func (k knobMaker) targetDown(name string) knob {
	const least = 10
	from := int(k.plan.Services[name].TargetPercent)
	one := count(fmt.Sprintf("services.%s.autoscaling.targetUtilization", name), from, least, "the highest", func(s *spec.Stack, n int) {
		target := spec.Percent(n)
		onService(name, func(v *spec.Service) { v.Autoscaling.TargetUtilization = &target })(s)
	})
	return one.in("%")
}

func (k knobMaker) pool(name string, to int, superlative string) knob {
	pool := k.plan.Services[name].Pool
	if pool == nil {
		return knob{}
	}
	return count(fmt.Sprintf("services.%s.pool.size", name), pool.Size, to, superlative, func(s *spec.Stack, n int) {
		onService(name, func(v *spec.Service) {
			p := spec.DefaultPool()
			if v.Pool != nil {
				p = *v.Pool
			}
			p.Size = &n
			v.Pool = &p
		})(s)
	})
}

func (k knobMaker) poolDown(name string) knob { return k.pool(name, 1, "the largest") }
func (k knobMaker) poolUp(name string) knob   { return k.pool(name, 1000, "the smallest") }

func (k knobMaker) pgbouncer(field string, from, to int, superlative string, set func(b *spec.PgBouncer, n *int)) knob {
	if k.plan.Database == nil || k.plan.Database.PgBouncer == nil {
		return knob{}
	}
	return count("database.pgbouncer."+field, from, to, superlative, func(s *spec.Stack, n int) { set(&s.Database.PgBouncer, &n) })
}

func (k knobMaker) pooler() PgBouncer {
	if k.plan.Database == nil || k.plan.Database.PgBouncer == nil {
		return PgBouncer{}
	}
	return *k.plan.Database.PgBouncer
}

func (k knobMaker) clientConnUp() knob {
	return k.pgbouncer("maxClientConn", k.pooler().MaxClientConn, 60000, "the smallest", func(b *spec.PgBouncer, n *int) { b.MaxClientConn = n })
}

func (k knobMaker) serverPoolDown() knob {
	return k.pgbouncer("poolSize", k.pooler().PoolSize, 1, "the largest", func(b *spec.PgBouncer, n *int) { b.PoolSize = n })
}

func (k knobMaker) serverPoolUp() knob {
	return k.pgbouncer("poolSize", k.pooler().PoolSize, 2000, "the smallest", func(b *spec.PgBouncer, n *int) { b.PoolSize = n })
}

// names is a knob over names in the order of their size.
func names(path string, options []string, set func(s *spec.Stack, name string)) knob {
	return knob{path: path, options: len(options), superlative: "the smallest",
		value: func(i int) string { return options[i] },
		apply: func(s *spec.Stack, i int) { set(s, options[i]) }}
}

func (k knobMaker) databaseUp() knob {
	var classes []string
	for _, c := range catalog.NextDatabases(k.stack.Database.InstanceClass) {
		classes = append(classes, c.Class)
	}
	return names("database.instanceClass", classes, func(s *spec.Stack, name string) { s.Database.InstanceClass = name })
}

// limitUp raises an explicit max_connections as far as the class is known to
// accept; beyond it the instance may not start.
func (k knobMaker) limitUp() knob {
	stated := k.stack.Database.MaxConnections
	most, _ := catalog.EstimatedMaxConnections(k.stack.Database.InstanceClass)
	if stated == nil || most <= *stated {
		return knob{}
	}
	return count("database.maxConnections", *stated, most, "the smallest", func(s *spec.Stack, n int) { s.Database.MaxConnections = &n })
}

func (k knobMaker) unavailableDown(name string) knob {
	from := int(math.Ceil(float64(k.stack.Services[name].Rollout.MaxUnavailable)))
	one := count(fmt.Sprintf("services.%s.rollout.maxUnavailable", name), from, 0, "the largest", func(s *spec.Stack, n int) {
		onService(name, func(v *spec.Service) { v.Rollout.MaxUnavailable = spec.Percent(n) })(s)
	})
	return one.in("%")
}

// requestStep is the grain of a proposed request in thousandths of a core or MiB.
const requestStep = 50

func (k knobMaker) cpuRequestUp(name string) knob {
	return k.request(name, "cpu", "m", int(k.stack.Services[name].Resources.Requests.CPU), func(a *spec.Amounts, n int) { a.CPU = spec.MilliCPU(n) })
}

func (k knobMaker) memoryRequestUp(name string) knob {
	return k.request(name, "memory", "Mi", int(k.stack.Services[name].Resources.Requests.Memory), func(a *spec.Amounts, n int) { a.Memory = spec.MiB(n) })
}

// request raises a request in round steps.
func (k knobMaker) request(name, field, unit string, from int, set func(a *spec.Amounts, n int)) knob {
	const steps = 400
	number := func(i int) int { return (from/requestStep + i + 1) * requestStep }
	return knob{path: fmt.Sprintf("services.%s.resources.requests.%s", name, field), options: steps, superlative: "the smallest round value",
		value: func(i int) string { return strconv.Itoa(number(i)) + unit },
		apply: func(s *spec.Stack, i int) {
			onService(name, func(v *spec.Service) { set(&v.Resources.Requests, number(i)) })(s)
		}}
}

func (k knobMaker) cacheUp() knob {
	node, ok := catalog.Cache(k.stack.Cache.NodeType)
	if !ok {
		return knob{}
	}
	var larger []string
	for _, name := range catalog.CachesBySize() {
		if c, _ := catalog.Cache(name); c.MaxMemoryBytes > node.MaxMemoryBytes {
			larger = append(larger, name)
		}
	}
	return names("cache.nodeType", larger, func(s *spec.Stack, name string) { s.Cache.NodeType = name })
}

func (k knobMaker) group(i int, field string, from, to int, superlative string, set func(g *spec.NodeGroup, n *int)) knob {
	return count(fmt.Sprintf("nodes.groups[%d].%s", i, field), from, to, superlative, func(s *spec.Stack, n int) { set(&s.Nodes.Groups[i], &n) })
}

func (k knobMaker) groupMaxUp() []knob {
	var out []knob
	for i, g := range k.plan.Nodes.Groups {
		out = append(out, k.group(i, "maxSize", g.MaxSize, largestGroup, "the smallest", func(g *spec.NodeGroup, n *int) { g.MaxSize = n }))
	}
	return out
}

func (k knobMaker) groupMinUp() []knob {
	var out []knob
	for i, g := range k.plan.Nodes.Groups {
		out = append(out, k.group(i, "minSize", g.MinSize, g.MaxSize, "the smallest", func(g *spec.NodeGroup, n *int) { g.MinSize = n }))
	}
	return out
}

// groupMaxDown lowers the largest group.
func (k knobMaker) groupMaxDown() knob {
	largest := 0
	for i, g := range k.plan.Nodes.Groups {
		if g.MaxSize > k.plan.Nodes.Groups[largest].MaxSize {
			largest = i
		}
	}
	g := k.plan.Nodes.Groups[largest]
	return k.group(largest, "maxSize", g.MaxSize, g.MinSize, "the largest", func(g *spec.NodeGroup, n *int) { g.MaxSize = n })
}

func (k knobMaker) metricInFlight(name string) knob {
	if k.stack.Services[name].Autoscaling.Metric == spec.InFlight {
		return knob{}
	}
	return knob{path: fmt.Sprintf("services.%s.autoscaling.metric", name), options: 1, superlative: "the metric that reacts first",
		value: func(int) string { return string(spec.InFlight) },
		apply: func(s *spec.Stack, _ int) {
			onService(name, func(v *spec.Service) { v.Autoscaling.Metric = spec.InFlight })(s)
		}}
}

// interval is a knob over whole seconds downwards.
func interval(path string, from spec.Duration, least int, set func(s *spec.Stack, d spec.Duration)) knob {
	one := count(path, int(math.Ceil(from.Seconds())), least, "the longest", func(s *spec.Stack, n int) {
		set(s, spec.Duration(time.Duration(n)*time.Second))
	})
	return one.in("s")
}

func (k knobMaker) scrapeDown() knob {
	const least = 5 // below it, scraping costs more than deciding sooner saves
	return interval("monitoring.scrapeInterval", k.stack.Monitoring.ScrapeInterval, least,
		func(s *spec.Stack, d spec.Duration) { s.Monitoring.ScrapeInterval = d })
}

func (k knobMaker) resolutionDown() knob {
	const least = 10 // the floor of metrics-server
	return interval("monitoring.metricsResolution", k.stack.Monitoring.MetricsResolution, least,
		func(s *spec.Stack, d spec.Duration) { s.Monitoring.MetricsResolution = d })
}

func (k knobMaker) budgetUp(c Check) knob {
	if strings.HasPrefix(c.Why, "price unknown") {
		return knob{}
	}
	need := int(math.Ceil(float64(c.Have)))
	return knob{path: "budget.monthly", options: 1, superlative: "the smallest", value: func(int) string { return strconv.Itoa(need) },
		apply: func(s *spec.Stack, _ int) { s.Budget.Monthly = spec.USD(need) }}
}

func (k knobMaker) seconds(name, field string, from float64, to int, set func(r *spec.Rollout, d spec.Duration)) knob {
	one := count(fmt.Sprintf("services.%s.rollout.%s", name, field), int(from), to, "the shortest", func(s *spec.Stack, n int) {
		onService(name, func(v *spec.Service) { set(&v.Rollout, spec.Duration(time.Duration(n)*time.Second)) })(s)
	})
	return one.in("s")
}

func (k knobMaker) preStopUp(name string) knob {
	from := k.stack.Services[name].Rollout.PreStop.Seconds()
	return k.seconds(name, "preStop", from, 3600, func(r *spec.Rollout, d spec.Duration) { *r = r.WithPreStop(d) })
}

func (k knobMaker) graceUp(name string) knob {
	return k.seconds(name, "grace", k.stack.Services[name].Rollout.Grace.Seconds(), 3600, func(r *spec.Rollout, d spec.Duration) { r.Grace = d })
}
