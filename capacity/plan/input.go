package plan

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/spec"
)

// input is everything that a plan is derived from.
type input struct {
	stack spec.Stack
	base  baseline.Baseline
}

// validate reports where stack file and baseline do not belong together.
func (in input) validate() spec.Problems {
	var ps spec.Problems
	if in.base.Stack != in.stack.Name {
		ps = append(ps, spec.Problem{Path: "baseline.stack", Value: in.base.Stack,
			Rule: fmt.Sprintf("is not this stack (%s)", in.stack.Name), Fix: "measure this stack, or correct the field"})
	}
	for _, name := range in.names() {
		ps = append(ps, in.validateService(name)...)
	}
	return ps
}

func (in input) validateService(name string) spec.Problems {
	base, ok := in.base.Services[name]
	if !ok {
		return spec.Problems{{Path: "baseline.services." + name, Rule: "is missing",
			Fix: fmt.Sprintf("measure the service and add it to baselines/%s.json", in.stack.Name)}}
	}
	var ps spec.Problems
	if base.Database != nil && in.stack.Database.Mode == "" {
		ps = append(ps, spec.Problem{Path: "database.mode", Rule: "must be set: the baseline says that " + name + " uses a database",
			Fix: "describe the database, or remove it from the baseline"})
	}
	if base.CacheOpsPerRequest > 0 && in.stack.Cache.Mode == "" {
		ps = append(ps, spec.Problem{Path: "cache.mode", Rule: "must be set: the baseline says that " + name + " uses a cache",
			Fix: "describe the cache, or remove it from the baseline"})
	}
	v := in.stack.Services[name]
	if v.Pool != nil && base.Database == nil {
		ps = append(ps, spec.Problem{Path: "services." + name + ".pool", Rule: "is set, but the baseline has no database use for " + name,
			Fix: "measure holdMillis and cpuMillis, or remove the pool"})
	}
	if limit := v.Resources.Limits.Memory; limit > 0 && base.MemoryMiB > float64(limit) {
		ps = append(ps, spec.Problem{Path: "services." + name + ".resources.limits.memory", Value: limit.String(),
			Rule: fmt.Sprintf("is below the %.0fMi that a pod was measured to hold", base.MemoryMiB), Fix: "raise the limit"})
	}
	ps = append(ps, unknownRoutes(name, v, base)...)
	return ps
}

// unknownRoutes reports measured routes that the stack file does not have: a
// renamed route would silently fall back to the service's figures.
func unknownRoutes(name string, v spec.Service, base baseline.Service) spec.Problems {
	var keys []string
	for _, r := range v.Routes {
		keys = append(keys, r.Key())
	}
	var ps spec.Problems
	for _, key := range slices.Sorted(maps.Keys(base.Routes)) {
		if !slices.Contains(keys, key) {
			ps = append(ps, spec.Problem{Path: fmt.Sprintf("baseline.services.%s.routes[%q]", name, key),
				Rule: "is not a route of the stack file", Fix: "known: " + strings.Join(keys, ", ")})
		}
	}
	return ps
}

// names are the services in a fixed order.
func (in input) names() []string {
	names := make([]string, 0, len(in.stack.Services))
	for name := range in.stack.Services {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// originShare is what one user request becomes at the pods: the CDN takes its
// hits away and repeats some of its misses.
func (in input) originShare(v spec.Service) float64 {
	return (1 - v.CDNHitRatio.Ratio()) * in.stack.Traffic.MissAmplification
}

// peak are the requests per second that reach the pods at today's peak.
func (in input) peak(name string) float64 {
	v := in.stack.Services[name]
	return float64(v.PeakRPS) * in.originShare(v)
}

// connectionLimit is max_connections as the budget counts on it.
func (in input) connectionLimit() (limit int, explicit bool, why string) {
	d := in.stack.Database
	if d.MaxConnections != nil {
		return *d.MaxConnections, true, fmt.Sprintf("%d is set by database.maxConnections", *d.MaxConnections)
	}
	limit, why = catalog.EstimatedMaxConnections(d.InstanceClass)
	return limit, false, why
}

// rds says whether the database is an RDS instance, which keeps slots of its own.
func (in input) rds() bool { return in.stack.Database.InstanceClass != "" }

// usableConnections are what applications may take of the limit.
func (in input) usableConnections() int {
	limit, _, _ := in.connectionLimit()
	return budget.UsableConnections(limit, in.rds())
}

// otherConnections of clients besides the services: those that the stack file
// states, and the exporter that Headroom declares.
func (in input) otherConnections() int {
	sum := 0
	if e := in.stack.Watching().Postgres; e != nil && e.Mode == spec.Managed {
		sum += postgresExporterConnections
	}
	for _, c := range in.stack.Database.OtherClients {
		sum += c.Connections
	}
	return sum
}

// databaseCores that are there for good: the vCPUs, or the credit baseline of a
// burstable class. Zero when the baseline has no source.
func (in input) databaseCores() (cores float64, why string) {
	d := in.stack.Database
	if d.InstanceClass == "" {
		return float64(*d.VCPUs), fmt.Sprintf("%d vCPUs stated by database.vcpus", *d.VCPUs)
	}
	class, _ := catalog.Database(d.InstanceClass)
	if !class.Burstable() {
		return float64(class.VCPU), fmt.Sprintf("%s has %d vCPUs", class.Class, class.VCPU)
	}
	node, ok := catalog.Node(strings.TrimPrefix(d.InstanceClass, "db."))
	if !ok || node.BaselinePercent == nil {
		return 0, class.Class + " is burstable and its credit baseline has no source; choose a class that is not"
	}
	share := *node.BaselinePercent / 100
	return float64(class.VCPU) * share, fmt.Sprintf("%s is burstable: %d vCPUs × %.0f%% credit baseline (that of the EC2 type of the same name)",
		class.Class, class.VCPU, share*100)
}
