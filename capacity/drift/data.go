package drift

import (
	"strconv"

	"github.com/agencyos/headroom/capacity/plan"
)

// Settings of servers, as they call them.
const (
	MaxConnections = "max_connections"
	// PendingRestart is what a server says of a value that it will only take at its
	// next start, such as a static parameter of RDS.
	PendingRestart = "max_connections, pending restart"
	// Reserved are the connections that ordinary roles cannot have.
	Reserved = "reserved connections"

	PoolMode        = "pool_mode"
	MaxClientConn   = "max_client_conn"
	PoolSize        = "default_pool_size"
	ReservePool     = "reserve_pool_size"
	MaxDBConn       = "max_db_connections"
	QueryWait       = "query_wait_timeout"
	MaxMemory       = "maxmemory, MiB"
	MaxMemoryPolicy = "maxmemory_policy"
	MaxClients      = "maxclients"
)

// No is the value of a setting that must not be.
const No = "no"

// PgBouncerNames are the settings of a pooler that a proof rests on.
func PgBouncerNames() []string {
	return []string{PoolMode, MaxClientConn, PoolSize, ReservePool, MaxDBConn, QueryWait}
}

func database(d plan.Database) []Expectation {
	s := settings{source: Postgres}
	s.add(MaxConnections, strconv.Itoa(d.MaxConnections), atLeast, "database.maxConnections", "db-connections")
	s.add(PendingRestart, No, nil, "", "db-connections")
	s.add(Reserved, strconv.Itoa(d.MaxConnections-d.UsableConnections), atMost, "", "db-connections")
	g := d.PgBouncer
	if g == nil {
		return s.all
	}
	b := settings{source: PgBouncer}
	b.add(PoolMode, "transaction", nil, "", "db-connections")
	b.add(MaxClientConn, strconv.Itoa(g.MaxClientConn), atLeast, "database.pgbouncer.maxClientConn", "db-connections")
	b.add(PoolSize, strconv.Itoa(g.PoolSize), nil, "database.pgbouncer.poolSize", "db-connections", "db-pool-wait")
	b.add(ReservePool, strconv.Itoa(g.ReservePool), nil, "database.pgbouncer.reservePool", "db-connections")
	b.add(MaxDBConn, strconv.Itoa(g.PoolSize+g.ReservePool), nil, "", "db-connections")
	b.add(QueryWait, strconv.Itoa(g.QueryWaitSeconds), atMost, "", "db-pool-wait")
	return append(s.all, b.all...)
}

func cache(c plan.Cache) []Expectation {
	s := settings{source: Redis}
	s.add(MaxMemoryPolicy, c.Policy, nil, "cache.policy", "cache-memory", "db-load")
	s.add(MaxMemory, strconv.Itoa(int(c.UsableMiB)), atLeast, "", "cache-memory")
	s.add(MaxClients, strconv.Itoa(c.MaxClients), atLeast, "", "cache-connections")
	return s.all
}
