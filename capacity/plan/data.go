package plan

import (
	"math"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/queue"
	"github.com/agencyos/headroom/capacity/spec"
)

// workload is a service as the connection budget sees it.
func (w world) workload(name string) budget.Workload {
	v := w.plan.Services[name]
	out := budget.Workload{Name: name, MaxReplicas: v.MaxReplicas,
		SurgePercent: v.Rollout.MaxSurgePercent, UnavailablePercent: v.Rollout.MaxUnavailablePercent,
		GraceSeconds: float64(v.Rollout.GraceSeconds), MinReadySeconds: float64(v.Rollout.MinReadySeconds),
		Workers: w.stack.Services[name].Workers}
	if v.Pool != nil {
		out.PerWorker = v.Pool.Engines * (v.Pool.Size + v.Pool.MaxOverflow)
	}
	return out
}

// workloads are the services that hold database connections.
func (w world) workloads() []budget.Workload {
	var out []budget.Workload
	for _, name := range w.names() {
		if w.plan.Services[name].Pool != nil {
			out = append(out, w.workload(name))
		}
	}
	return out
}

// database derives limits and the pooler.
func (d *draft) database() {
	if d.stack.Database.Mode == "" {
		return
	}
	limit, explicit, why := d.connectionLimit()
	d.note("database.maxConnections", limit, "%s", why)
	usable := d.usableConnections()
	d.note("database.usableConnections", usable, "%d less %d that the server reserves", limit, limit-usable)
	w := world{input: d.input, plan: &d.plan}
	others := d.otherConnections()
	cores, _ := d.databaseCores()
	sum := budget.SumConnections(w.workloads(), others)
	d.plan.Database = &Database{InstanceClass: d.stack.Database.InstanceClass, MaxConnections: limit, Explicit: explicit,
		UsableConnections: usable, OtherConnections: others, Cores: cores, SteadyConnections: sum.Steady, RolloutConnections: sum.Rollout}
	if d.stack.Database.Pooler == spec.PgBouncerPooler {
		d.plan.Database.PgBouncer = d.pgbouncer(w, sum.Rollout-others, usable-others)
	}
	d.plan.Database.PlannedConnections = w.plannedConnections()
}

// pgbouncer sizes both sides of the pooler, per replica.
func (d *draft) pgbouncer(w world, clients, slots int) *PgBouncer {
	b := d.stack.Database.PgBouncer
	const grace = pgbouncerPreStopSeconds + pgbouncerDrainSeconds
	out := &PgBouncer{Replicas: b.Replicas, ReservePool: b.ReservePool, QueryWaitSeconds: d.queryWait(),
		PreStopSeconds: pgbouncerPreStopSeconds, GraceSeconds: grace, MinReadySeconds: grace,
		Terminating: budget.Terminating(b.Replicas, 1, grace, grace)}
	if b.MaxClientConn != nil {
		out.MaxClientConn = *b.MaxClientConn
		d.note("database.pgbouncer.maxClientConn", out.MaxClientConn, "set by pgbouncer.maxClientConn")
	} else {
		const step = 100
		out.MaxClientConn = step * max(1, ceil(float64(clients)/step))
		d.note("database.pgbouncer.maxClientConn", out.MaxClientConn, "all %d client connections of a rollout, rounded up to %d: a Service spreads them unevenly, and one replica may get them all",
			clients, step)
	}
	if b.PoolSize != nil {
		out.PoolSize = *b.PoolSize
		d.note("database.pgbouncer.poolSize", out.PoolSize, "set by pgbouncer.poolSize")
		return out
	}
	load := w.databaseLoad(d.stack.Traffic.Growth, false)
	need := queue.SmallestServers(load.checkouts, load.hold, 1, quantile, poolWaitShare*d.stack.SLO.P99.Seconds())
	each := int(math.Ceil(float64(need) / float64(max(1, b.Replicas-1))))
	out.PoolSize = max(1, min(each, slots/(b.Replicas+out.Terminating)-b.ReservePool))
	d.note("database.pgbouncer.poolSize", out.PoolSize, "%d server connections keep the p99 wait at most %.0f ms at %.0f transactions/s of %.1f ms, on %d of %d replicas, at most %d slots in all",
		need, poolWaitShare*d.stack.SLO.P99.Millis(), load.checkouts, 1000*load.hold, b.Replicas-1, b.Replicas, slots)
	return out
}

// queryWait lets PgBouncer give up before the application does, so that the
// error names the pooler: the shortest pool timeout, at least a second.
func (d *draft) queryWait() int {
	least := math.Inf(1)
	for _, v := range d.plan.Services {
		if v.Pool != nil {
			least = math.Min(least, v.Pool.TimeoutSeconds)
		}
	}
	if math.IsInf(least, 1) {
		return wholeSeconds(spec.DefaultPool().Timeout.Seconds())
	}
	return max(1, int(least))
}

// cache derives what the cache holds and serves.
func (d *draft) cache() {
	c := d.stack.Cache
	if c.Mode == "" {
		return
	}
	whole := float64(c.MaxMemory)
	if node, ok := catalog.Cache(c.NodeType); ok {
		whole = float64(node.MaxMemoryBytes) / (1 << 20)
	}
	usable := whole * (1 - c.ReservedMemory.Ratio())
	d.note("cache.usableMiB", round(usable, 1), "%.0f MiB of %s × (1 − %s reserved)", whole, cacheName(c), c.ReservedMemory)
	w := world{input: d.input, plan: &d.plan}
	clients := 0
	for _, name := range d.names() {
		clients += w.cacheClients(name)
	}
	d.note("cache.connections", clients, "Σ over services of (maxReplicas + surge + terminating) × workers × cacheConnections")
	d.plan.Cache = &Cache{NodeType: c.NodeType, UsableMiB: round(usable, 1), WorkingSetMiB: d.base.Cache.WorkingSetMiB,
		Connections: clients, MaxClients: c.MaxClients, Policy: string(c.Policy), Client: d.cacheClient(), HitRatio: d.cacheHitRatio()}
	d.note("cache.client.poolTimeoutSeconds", d.plan.Cache.Client.PoolTimeoutSeconds,
		"longest wait for a connection: %s of the p99 promise unless set by cache.client, so that a slow cache alone does not break it", percent(cacheWaitShare))
}

// cacheClient is how every process uses the cache. What the stack file leaves
// open hangs on the promised latency.
func (d *draft) cacheClient() CacheClient {
	c, p99 := d.stack.Cache.Client, d.stack.SLO.P99.Seconds()
	if d.stack.Cache.Mode == "" {
		return CacheClient{}
	}
	or := func(set spec.Duration, derived float64) float64 {
		if set > 0 {
			return set.Seconds()
		}
		return math.Max(0.001, round(derived, 3))
	}
	return CacheClient{
		PoolTimeoutSeconds: or(c.PoolTimeout, cacheWaitShare*p99), SocketTimeoutSeconds: or(c.SocketTimeout, cacheWaitShare*p99),
		ConnectTimeoutSeconds: or(c.ConnectTimeout, p99),
		TTLSeconds:            c.TTL.Seconds(), TTLJitter: c.Jitter.Ratio(), StaleSeconds: c.Stale.Seconds(),
	}
}

func cacheName(c spec.Cache) string {
	switch {
	case c.NodeType != "":
		return c.NodeType
	case c.Mode == spec.Managed:
		return "the cache's pod"
	}
	return "the external cache"
}

// cacheClients are the cache connections of one service during a rollout.
func (w world) cacheClients(name string) int {
	wl := w.workload(name)
	wl.PerWorker = w.plan.Services[name].CacheConnections
	return wl.Rollout()
}

// load of the database at a multiple of today's peak.
type load struct {
	// requests per second that reach the database.
	requests float64
	// checkouts per second of server connections, held so many seconds each.
	checkouts, hold float64
	// cores of database CPU and I/O operations per second.
	cores, iops float64
	// cacheCores of the Redis thread.
	cacheCores float64
}

// databaseLoad adds the services up; with a cold cache every request that could
// be a hit is a miss.
func (w world) databaseLoad(m float64, cold bool) load {
	var sum load
	busy := 0.0
	for _, name := range w.names() {
		base := w.base.Services[name]
		rps := w.peak(name) * m
		sum.cacheCores += rps * base.CacheOpsPerRequest * w.base.Cache.OpMicros / 1e6
		if base.Database == nil {
			continue
		}
		if !cold {
			rps *= 1 - base.CacheHitRatio
		}
		use := base.Database
		sum.requests += rps
		sum.checkouts += rps * use.TransactionsPerRequest
		sum.cores += rps * use.CPUMillis / 1000
		sum.iops += rps * use.IOPerRequest
		busy += rps * use.HoldMillis / 1000
	}
	if sum.checkouts > 0 {
		sum.hold = busy / sum.checkouts
	}
	return sum
}
