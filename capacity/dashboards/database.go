package dashboards

import (
	"fmt"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

func (w world) database() []Row {
	var rows []Row
	e := w.stack.Watching()
	if e.Postgres != nil {
		d := server{w, e.Postgres}
		rows = append(rows, Row{"connections", []Panel{d.connections(), d.holders(), d.idle()}},
			Row{"statements", []Panel{d.statements(), d.slowest(), d.mostCalled()}},
			Row{"server", []Panel{d.transactions(), d.hits(), d.locks(), d.size()}})
	}
	if e.CloudWatch != nil && w.stack.Database.InstanceClass != "" {
		rows = append(rows, Row{"machine", w.machine(e.CloudWatch)})
	}
	if e.PgBouncer != nil {
		rows = append(rows, Row{"pooler", w.pooler(e.PgBouncer)})
	}
	return rows
}

// server is PostgreSQL as its exporter shows it.
type server struct {
	world
	exporter *spec.Exporter
}

func (d server) of(metric string, more ...string) string {
	return d.series.From(d.exporter, metric, more...)
}

// own selects what belongs to the stack's database.
func (d server) own(metric string) string {
	return d.of(metric, series.Is("datname", d.stack.Database.Name))
}

func (d server) connections() Panel {
	clients := d.of("pg_stat_activity_count", series.Is("backend_type", "client backend"))
	return Panel{Title: "Connections against their budget", Unit: number, Limit: d.ceiling(plan.CeilingDatabaseConnections, ""),
		About: fmt.Sprintf("By state. The line at %d is what clients may take; the plan proves at most %d.", d.plan.Database.UsableConnections, d.plan.Database.PlannedConnections),
		Queries: []Query{{series.Sum(clients), "all"}, {series.Sum(clients, "state"), "{{state}}"},
			{d.of("pg_settings_max_connections"), "max_connections"}}}
}

func (d server) holders() Panel {
	return Panel{Title: "Who holds connections", Unit: number, Table: true, About: "Roles and programs with the most sessions.",
		Queries: one("topk(10, "+series.Sum(d.of("pg_stat_activity_count", series.Is("backend_type", "client backend")), "usename", "application_name")+")", "")}
}

func (d server) idle() Panel {
	return Panel{Title: "Oldest transaction", Unit: seconds, Limit: limit(plan.IdleInTransaction.Seconds()), About: "By state. Idle in transaction, the server ends it at the line.",
		Queries: one("max by (state) ("+d.of("pg_stat_activity_max_tx_duration")+")", "{{state}}")}
}

// statements are ranked by their share of all time: two milliseconds five thousand
// times a second outweigh a report of three seconds.
func (d server) statements() Panel {
	return Panel{Title: "Top statements by total time", Unit: seconds, Table: true, About: "Seconds of the last 15 minutes; the text stands in pg_stat_statements under its queryid.",
		Queries: one(d.top("pg_stat_statements_seconds_total"), "")}
}

func (d server) top(metric string) string {
	return fmt.Sprintf("topk(10, sum by (queryid,usename) (increase(%s[15m])))", d.own(metric))
}

func (d server) slowest() Panel {
	mean := fmt.Sprintf("sum by (queryid) (increase(%s[15m])) / (sum by (queryid) (increase(%s[15m])) > 0)", d.own("pg_stat_statements_seconds_total"), d.own("pg_stat_statements_calls_total"))
	return Panel{Title: "Slowest statements", Unit: seconds, Table: true, About: "Mean time per call in the last 15 minutes.", Queries: one("topk(10, "+mean+")", "")}
}

func (d server) mostCalled() Panel {
	return Panel{Title: "Most called statements", Unit: number, Table: true, About: "Calls in the last 15 minutes: the first to cache.",
		Queries: one(d.top("pg_stat_statements_calls_total"), "")}
}

func (d server) transactions() Panel {
	return Panel{Title: "Transactions per second", Unit: perSecond, About: "Commits and rollbacks.",
		Queries: []Query{{series.Sum(rate(d.own("pg_stat_database_xact_commit"))), "commit"}, {series.Sum(rate(d.own("pg_stat_database_xact_rollback"))), "rollback"}}}
}

func (d server) hits() Panel {
	hit, read := series.Sum(rate(d.own("pg_stat_database_blks_hit"))), series.Sum(rate(d.own("pg_stat_database_blks_read")))
	return Panel{Title: "Reads from memory", Unit: share, Limit: limit(plan.BufferHits), About: "Below the line the working set no longer fits.",
		Queries: one(fmt.Sprintf("%s / (%s + %s)", hit, hit, read), "from memory")}
}

func (d server) locks() Panel {
	return Panel{Title: "Deadlocks in an hour, and locks", Unit: number, About: "Locks by mode.",
		Queries: []Query{{series.Sum(series.Increase(d.own("pg_stat_database_deadlocks"), time.Hour)), "deadlocks"},
			{"sum by (mode) (" + d.own("pg_locks_count") + ")", "{{mode}}"}}}
}

func (d server) size() Panel {
	p := Panel{Title: "Size", Unit: bytes, About: "Of each database.", Queries: one(d.of("pg_database_size_bytes"), "{{datname}}")}
	if most := d.ceiling(plan.CeilingDatabaseStorage, ""); most != nil {
		p.Limit, p.About = limit(*most*(1<<30)), "Of each database. The line is how far the volume may grow."
	}
	return p
}

// machine is what only AWS knows.
func (w world) machine(e *spec.Exporter) []Panel {
	of := func(metric string) string { return w.series.From(e, "aws_rds_"+metric) }
	out := []Panel{
		{Title: "CPU", Unit: percent, Limit: w.ceiling(plan.CeilingDatabaseCPU, ""), About: "The line is what the class has for good: all of it, or the credit baseline.",
			Queries: one(of("cpuutilization_average"), "CPU")},
		{Title: "I/O operations per second", Unit: number, Limit: w.ceiling(plan.CeilingDatabaseIOPS, ""), About: "The line is what the volume has.",
			Queries: []Query{{of("read_iops_average"), "read"}, {of("write_iops_average"), "write"}}},
		{Title: "Free storage", Unit: bytes, About: "RDS adds some when less than a tenth is left.", Queries: one(of("free_storage_space_average"), "free")},
		{Title: "Freeable memory", Unit: bytes, About: "Falling to nothing means swapping.", Queries: one(of("freeable_memory_average"), "freeable")},
	}
	if most := w.ceiling(plan.CeilingDatabaseCredits, ""); most != nil {
		out = append(out, Panel{Title: "CPU credits", Unit: number, Limit: most, About: "The line is a full balance. At 0 the CPU falls to its baseline.", Queries: one(of("cpucredit_balance_average"), "balance")})
	}
	return out
}

func (w world) pooler(e *spec.Exporter) []Panel {
	of := func(metric string) string { return w.series.From(e, "pgbouncer_pools_"+metric) }
	perPod := func(metric string) string { return series.Sum(of(metric), "pod") }
	return []Panel{
		{Title: "Clients per replica", Unit: number, Limit: w.ceiling(plan.CeilingPoolerClients, ""), About: "The line is max_client_conn.",
			Queries: []Query{{perPod("client_active_connections"), "{{pod}} active"}, {perPod("client_waiting_connections"), "{{pod}} waiting"}}},
		{Title: "Longest wait", Unit: seconds, Limit: w.ceiling(plan.CeilingPoolerWait, ""), About: "Of a client for a connection. At the line PgBouncer gives up.",
			Queries: one("max by (pod) ("+of("client_maxwait_seconds")+")", "{{pod}}")},
		{Title: "Server connections per replica", Unit: number, Limit: w.poolSize(), About: "The line is the size of the pool.",
			Queries: []Query{{perPod("server_active_connections"), "{{pod}} active"}, {perPod("server_idle_connections"), "{{pod}} idle"}}},
	}
}

func (w world) poolSize() *float64 {
	if b := w.plan.Database.PgBouncer; b != nil {
		return limit(float64(b.PoolSize + b.ReservePool))
	}
	return nil
}
