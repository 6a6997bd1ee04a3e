package plan

import (
	"fmt"
	"math"
	"strings"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/queue"
	"github.com/agencyos/headroom/capacity/spec"
)

// arithmetic spells the connections of one service out.
func arithmetic(w budget.Workload, rollout bool) string {
	pods := fmt.Sprintf("%d max + %d surge", w.MaxReplicas, w.Surge())
	if rollout {
		pods += fmt.Sprintf(" + %d terminating", w.Terminating())
	}
	return fmt.Sprintf("%s (%s) × %d workers × %d per worker", w.Name, pods, w.Workers, w.PerWorker)
}

func (w world) arithmetics(rollout bool) string {
	var terms []string
	for _, wl := range w.workloads() {
		terms = append(terms, arithmetic(wl, rollout))
	}
	return strings.Join(terms, " + ")
}

// dbConnections proves that every process at its ceiling finds a slot.
func (w world) dbConnections(float64) []Part {
	db := w.plan.Database
	if db == nil {
		return nil
	}
	_, _, limitWhy := w.connectionLimit()
	usable := fmt.Sprintf("usable %d = max_connections %d − %d reserved; %s", db.UsableConnections, db.MaxConnections, db.MaxConnections-db.UsableConnections, limitWhy)
	switch w.stack.Database.Pooler {
	case spec.PgBouncerPooler:
		return w.poolerParts(usable)
	case spec.OtherPooler:
		x := w.stack.Database.ExternalPooler
		return []Part{
			AtMost("pooler clients", float64(db.RolloutConnections-db.OtherConnections), float64(x.MaxClients), "connections",
				"%s; the external pooler takes %d", w.arithmetics(true), x.MaxClients),
			AtMost("pooler servers", float64(w.plannedConnections()), float64(db.UsableConnections), "connections",
				"%d of the external pooler + %d of other clients; %s", x.ServerConnections, db.OtherConnections, usable),
		}
	}
	return []Part{
		AtMost("steady", float64(db.SteadyConnections), float64(db.UsableConnections), "connections",
			"%s + %d of other clients = %d; %s", w.arithmetics(false), db.OtherConnections, db.SteadyConnections, usable),
		AtMost("rollout", float64(w.plannedConnections()), float64(db.UsableConnections), "connections",
			"%s + %d of other clients = %d; %s", w.arithmetics(true), db.OtherConnections, db.RolloutConnections, usable),
	}
}

// budget is what the settings mean for connections.
func (b PgBouncer) budget() budget.Pooler {
	return budget.Pooler{Replicas: b.Replicas, Terminating: b.Terminating, MaxClientConn: b.MaxClientConn, PoolSize: b.PoolSize, ReservePool: b.ReservePool}
}

// plannedConnections that the database itself has at most.
func (w world) plannedConnections() int {
	db := w.plan.Database
	switch w.stack.Database.Pooler {
	case spec.PgBouncerPooler:
		return db.PgBouncer.budget().ServerConnections() + db.OtherConnections
	case spec.OtherPooler:
		return w.stack.Database.ExternalPooler.ServerConnections + db.OtherConnections
	}
	return db.RolloutConnections
}

// poolerParts are both sides of PgBouncer.
func (w world) poolerParts(usable string) []Part {
	db, b := w.plan.Database, w.plan.Database.PgBouncer
	return []Part{
		AtMost("pgbouncer clients", float64(db.RolloutConnections-db.OtherConnections), float64(b.budget().ClientSlots()), "connections",
			"%s; %d replicas less one × %d max_client_conn", w.arithmetics(true), b.Replicas, b.MaxClientConn),
		AtMost("pgbouncer servers", float64(w.plannedConnections()), float64(db.UsableConnections), "connections",
			"(%d replicas + %d terminating) × (%d pool + %d reserve) + %d of other clients; %s", b.Replicas, b.Terminating, b.PoolSize, b.ReservePool, db.OtherConnections, usable),
	}
}

// dbLoad proves that database, cache and pooler have the CPU and I/O, and again
// with a cold cache at today's peak.
func (w world) dbLoad(m float64) []Part {
	var parts []Part
	if w.plan.Database != nil {
		parts = append(parts, w.databaseParts("", m, w.databaseLoad(m, false))...)
		parts = append(parts, w.databaseParts("cold cache ", math.Min(m, 1), w.databaseLoad(math.Min(m, 1), true))...)
	}
	if w.plan.Cache != nil {
		parts = append(parts, AtMost("cache CPU", w.databaseLoad(m, false).cacheCores, SingleCoreShare, "cores",
			"Σ rps × operations × %g µs at %g× peak; commands run on one core, of which %s may be busy", w.base.Cache.OpMicros, round(m, 2), percent(SingleCoreShare)))
	}
	return parts
}

func (w world) databaseParts(label string, m float64, l load) []Part {
	cores, why := w.databaseCores()
	iops := w.stack.Database.Storage.IOPS
	parts := []Part{AtMost(label+"database CPU", l.cores, DatabaseCPUShare*cores, "cores",
		"%.0f requests/s reach the database at %g× peak; %s of %s", l.requests, round(m, 2), percent(DatabaseCPUShare), why)}
	if w.stack.Database.InstanceClass != "" { // the disk of any other is unknown
		parts = append(parts, AtMost(label+"database I/O", l.iops, float64(iops), "IOPS",
			"%.0f requests/s at %g× peak; the volume has %d IOPS", l.requests, round(m, 2), iops))
	}
	if processes, ok := w.poolerProcesses(); ok {
		parts = append(parts, AtMost(label+"pooler CPU", l.checkouts*pgbouncerMicros/1e6/float64(processes), SingleCoreShare, "cores",
			"%.0f transactions/s × %g µs over %d processes with one lost, one core each", l.checkouts, pgbouncerMicros, processes))
	}
	return parts
}

// poolerProcesses are the pooler's processes with one lost.
func (w world) poolerProcesses() (int, bool) {
	switch w.stack.Database.Pooler {
	case spec.PgBouncerPooler:
		return max(1, w.plan.Database.PgBouncer.Replicas-1), true
	case spec.OtherPooler:
		return w.stack.Database.ExternalPooler.Processes, true
	}
	return 0, false
}

// dbPoolWait proves that no pool is too small.
func (w world) dbPoolWait(m float64) []Part {
	var parts []Part
	for _, name := range w.names() {
		v := w.plan.Services[name]
		if v.Pool == nil {
			continue
		}
		s := w.subject(name)
		parts = append(parts, AtMost(name, w.poolWait(s, v, m), s.poolWaitLimit(), "ms",
			"p99 wait for one of %d + %d connections of a worker at %.1f rps per pod and %g× peak (Erlang C); %s of slo.p99 may be spent on it",
			v.Pool.Size, v.Pool.MaxOverflow, w.loadPerPod(s, v, m), round(m, 2), percent(poolWaitShare)))
	}
	if w.plan.Database != nil && w.plan.Database.PgBouncer != nil {
		parts = append(parts, w.poolerWait(m))
	}
	return parts
}

// loadPerPod is the most that a pod must take on the way to a multiple of
// today's peak.
func (w world) loadPerPod(s subject, v Service, m float64) float64 {
	return s.perPod(s.peak*m, v.TargetRPS, v.MinReplicas, v.MaxReplicas)
}

// poolWait is the p99 wait for a connection in milliseconds.
func (w world) poolWait(s subject, v Service, m float64) float64 {
	if v.Pool == nil {
		return 0
	}
	station := s.poolStation(w.loadPerPod(s, v, m), v.Pool.Size+v.Pool.MaxOverflow, v.Pool.Engines)
	return station.WaitQuantile(quantile) * 1000
}

// poolerWait is the wait inside PgBouncer for a server connection.
func (w world) poolerWait(m float64) Part {
	b := w.plan.Database.PgBouncer
	l := w.databaseLoad(m, false)
	servers := max(1, b.Replicas-1) * b.PoolSize
	station := queue.Station{Servers: servers, Arrival: l.checkouts, Service: l.hold, ArrivalCV2: 1, ServiceCV2: 1}
	return AtMost("pgbouncer", station.WaitQuantile(quantile)*1000, poolWaitShare*w.stack.SLO.P99.Millis(), "ms",
		"p99 wait for one of %d server connections with a replica lost, at %.0f transactions/s of %.1f ms", servers, l.checkouts, 1000*l.hold)
}

// cacheMemory proves that the working set fits.
func (w world) cacheMemory(float64) []Part {
	c := w.plan.Cache
	if c == nil {
		return nil
	}
	return []Part{AtMost("cache", c.WorkingSetMiB, c.UsableMiB, "MiB", "measured working set; %s of %s is usable after reserved memory",
		fmt.Sprintf("%.0f MiB", c.UsableMiB), cacheName(w.stack.Cache))}
}

// cacheConnectionsFit proves that the cache accepts every client.
func (w world) cacheConnectionsFit(float64) []Part {
	c := w.plan.Cache
	if c == nil {
		return nil
	}
	return []Part{AtMost("cache", float64(c.Connections), float64(c.MaxClients), "connections",
		"Σ over services of (max + surge + terminating) × workers × cacheConnections; a node accepts %d", c.MaxClients)}
}
