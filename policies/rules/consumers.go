package rules

import (
	"fmt"

	"github.com/agencyos/headroom/capacity/budget"
)

const (
	// sqlalchemyOverflow is max_overflow where an app does not set it
	// (https://docs.sqlalchemy.org/en/20/core/pooling.html, 2026-11).
	sqlalchemyOverflow = 10
	// maxPool bounds what a pool setting may say before it counts as a mistake.
	maxPool = 10_000
)

// consumer is a workload that may open database connections.
type consumer struct {
	name string
	// workloads has one entry per container with a pool.
	workloads []budget.Workload
	// base keeps pool and replicas, steady the surge, and rolling the pods that
	// terminate from being known.
	base, steady, rolling facts
}

// atLeast are the connections that are certain whatever is not known.
func (c consumer) atLeast() int {
	n := 0
	for _, w := range c.workloads {
		n += w.MaxReplicas * w.PerPod()
	}
	return n
}

// consumers are the autoscaled services at their ceilings, and the Deployments
// of fixed size that name a pool.
func (m Model) consumers() []consumer {
	var all []consumer
	scaled := map[string]bool{}
	for _, s := range m.services() {
		if s.workload != nil {
			scaled[s.workload.URN] = true
		}
		all = append(all, m.consumer(s, s.hpa.at("spec.maxReplicas")))
	}
	for _, d := range m.of(typeDeployment) {
		if scaled[d.URN] || isPgBouncer(d) == yes {
			continue
		}
		s := service{name: nameOf(d), namespace: namespaceOf(d), workload: &d}
		s.settings = m.settingsOf(s.name, s.namespace)
		replicas := d.at("spec.replicas")
		if replicas.Absent() {
			replicas.Value = Number(1)
		}
		if m.namesPool(s) {
			all = append(all, m.consumer(s, replicas))
		}
	}
	return all
}

// namesPool says that a workload of fixed size sets a pool. One that does not
// is a tool, not a service, and its Secrets are of no concern.
func (m Model) namesPool(s service) bool {
	for _, e := range m.environments(&s) {
		if value, _ := e.lookup(&facts{}, envPoolSize); !value.Absent() {
			return true
		}
	}
	return false
}

func (m Model) consumer(s service, replicas leaf) consumer {
	c := consumer{name: s.subject()}
	pools := m.pools(&s)
	c.base = s.facts
	if len(pools) == 0 {
		return c
	}
	r := rolloutOf(s)
	c.steady, c.rolling = r.more, r.rolling()
	count := c.base.required(replicas, 0)
	for _, p := range pools {
		w := budget.Workload{Name: c.name, MaxReplicas: count, Workers: p.workers, PerWorker: p.engines * (p.size + p.overflow)}
		w.SurgePercent, w.UnavailablePercent = r.surge.of(count), r.unavailable.of(count)
		w.GraceSeconds, w.MinReadySeconds, w.Recreate = r.grace, r.minReady, r.recreate
		c.workloads = append(c.workloads, w)
	}
	return c
}

// pool is what one process of a container may open.
type pool struct {
	workers, engines, size, overflow int
}

// pools are those of a service, one per container that has one.
func (m Model) pools(s *service) []pool {
	var all []pool
	for _, e := range m.environments(s) {
		size, from := e.lookup(&s.facts, envPoolSize)
		if size.Absent() {
			continue
		}
		p := pool{engines: 1}
		p.size = s.facts.bounded(size)
		overflow, _ := e.lookup(&s.facts, envMaxOverflow)
		if overflow.Absent() {
			overflow.Value = Number(sqlalchemyOverflow)
		}
		p.overflow = s.facts.bounded(overflow)
		if p.size == 0 && s.facts.complete() {
			s.facts.wait("%s of %s to bound the pool", envPoolSize, s.subject())
		}
		workers, _ := e.lookup(&s.facts, envWorkers)
		p.workers = max(1, s.facts.count(workers, 1, 1))
		if from == nil {
			from = s.settings
		}
		if from != nil {
			p.engines = s.facts.count(from.annotation(noteEngines), 1, 1)
		}
		all = append(all, p)
	}
	return all
}

// bounded reads a part of a pool; none at all is not a bound.
func (f *facts) bounded(l leaf) int {
	n := f.count(l, 0, 0)
	if n > maxPool {
		f.wait("%s = %d to be at most %d", l, n, maxPool)
		return 0
	}
	return n
}

// explain is the arithmetic of one workload.
func explain(w budget.Workload, rolling bool) string {
	text := fmt.Sprintf("%s (%d + %d surge) × %d × %d", w.Name, w.MaxReplicas, w.Surge(), w.Workers, w.PerWorker)
	if !rolling {
		return fmt.Sprintf("%s = %d", text, w.Steady())
	}
	return fmt.Sprintf("%s (%d + %d surge + %d terminating) × %d × %d = %d", w.Name,
		w.MaxReplicas, w.Surge(), w.Terminating(), w.Workers, w.PerWorker, w.Rollout())
}
