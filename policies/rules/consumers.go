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

// consumers are the autoscaled services at their ceilings, and the workloads of
// fixed size that name a pool.
func (m Model) consumers() []consumer {
	var all []consumer
	scaled := map[string]bool{}
	for _, s := range m.services() {
		if s.workload != nil {
			scaled[s.workload.URN] = true
			if !patched(*s.workload) && isPgBouncer(*s.workload) == yes {
				continue
			}
		}
		all = append(all, m.consumer(s, func(f *facts) int { return f.required(s.hpa.at("spec.maxReplicas"), 0) }))
	}
	for _, w := range m.of(wholeTypes...) {
		if scaled[w.URN] || isPgBouncer(w) == yes {
			continue
		}
		s := service{name: nameOf(w), namespace: namespaceOf(w), workload: &w}
		s.settings = m.settingsOf(s.name, s.namespace)
		if m.namesPool(s) {
			all = append(all, m.consumer(s, func(f *facts) int { return f.copies(w) }))
		}
	}
	return all
}

// copies are the pods that a workload which nothing scales runs at once, without
// those of a rollout; where that is not known, the least.
func (f *facts) copies(w Resource) int {
	switch w.Type {
	case typeDaemonSet:
		f.wait("how many nodes run %s, which has a pod on each", w.label())
		return 0
	case typeJob:
		return f.parallel(w.at("spec"))
	case typeCronJob:
		policy := w.at("spec.concurrencyPolicy")
		if f.textOr(policy, "Allow") != "Forbid" {
			f.wait("%s to be Forbid, so that no run meets the one before", policy)
		}
		return f.parallel(w.at("spec.jobTemplate.spec"))
	}
	return f.orOne(w.at("spec.replicas"))
}

// parallel are the pods that a Job runs at once.
func (f *facts) parallel(job leaf) int {
	pods := f.orOne(job.at("parallelism"))
	if completions := job.at("completions"); !completions.Absent() {
		return min(pods, f.required(completions, 0))
	}
	return pods
}

// orOne is a number of pods, which is one where it is absent.
func (f *facts) orOne(l leaf) int {
	if l.Absent() {
		return 1
	}
	return f.required(l, 0)
}

// namesPool says that a workload of fixed size sets a pool, or that what is not
// known yet may set one. One that does not is a tool, not a service, and its
// Secrets are of no concern.
func (m Model) namesPool(s service) bool {
	for _, e := range m.environments(&s) {
		if value, _ := e.lookup(&facts{}, envPoolSize); !value.Absent() || e.late() {
			return true
		}
	}
	return !s.facts.complete()
}

func (m Model) consumer(s service, size func(*facts) int) consumer {
	c := consumer{name: s.subject()}
	pools := m.pools(&s)
	c.base = s.facts
	if len(pools) == 0 {
		return c
	}
	r := rolloutOf(s)
	c.steady, c.rolling = r.more, r.rolling()
	count := size(&c.base)
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
