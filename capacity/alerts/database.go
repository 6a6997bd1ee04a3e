package alerts

import (
	"fmt"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

// database watches PostgreSQL through its exporter.
func (w world) database() []Alert {
	e := w.stack.Watching().Postgres
	if e == nil {
		return nil
	}
	d := postgres{world: w, exporter: e}
	out := append(d.connections(), d.limit(), d.down(), d.idle(), d.deadlocks(), d.hits(), d.wraparound(), d.regression())
	return append(out, d.storage()...)
}

// postgres is the database as its exporter shows it.
type postgres struct {
	world
	exporter *spec.Exporter
}

func (d postgres) of(metric string, more ...string) string {
	return d.series.From(d.exporter, metric, more...)
}

// psql is the command that asks the database.
func (d postgres) psql(query string) string {
	return fmt.Sprintf(`psql "$DATABASE_URL" -c "%s"`, query)
}

// clients are all sessions of clients, whatever they do.
func (d postgres) clients() string {
	return series.Sum(d.of("pg_stat_activity_count", series.Is("backend_type", "client backend")))
}

// connections near what the server accepts, and beyond what the plan knows of.
func (d postgres) connections() []Alert {
	limit, _ := d.plan.Limit(plan.CeilingDatabaseConnections, "")
	db := d.plan.Database
	who := d.psql("select usename, application_name, client_addr, state, count(*) from pg_stat_activity where backend_type = 'client backend' group by 1,2,3,4 order by 5 desc limit 20")
	needs := []string{d.of("pg_stat_activity_count", series.Is("backend_type", "client backend"))}
	return []Alert{{
		Name: "HeadroomDatabaseConnectionsNearLimit", Severity: spec.Critical, For: 2 * time.Minute, Ceiling: plan.CeilingDatabaseConnections,
		Expr:    fmt.Sprintf("%s >= %s", d.clients(), series.Number(limit.Threshold)),
		Summary: fmt.Sprintf("the database has {{ $value | humanize }} of %d connections that clients may take", db.UsableConnections),
		Runbook: Runbook{Command: who,
			Means: fmt.Sprintf("At %d the database refuses everybody but superusers. The plan proved at most %d.", db.UsableConnections, db.PlannedConnections),
			Do: []string{"The first lines name who holds them. A client that is not in the stack file is stopped first.",
				"Sessions that are idle in transaction: `" + d.psql("select pid, usename, now()-xact_start from pg_stat_activity where state = 'idle in transaction' order by 3 desc") + "`.",
				fmt.Sprintf("See what a smaller pool or fewer pods would give: `%s`.", d.whatIf("services.<service>.pool.size=N"))}},
		Needs: needs,
	}, {
		Name: "HeadroomDatabaseConnectionsUnplanned", Severity: spec.Warning, For: 10 * time.Minute,
		Expr:    fmt.Sprintf("%s > %d", d.clients(), db.PlannedConnections),
		Summary: fmt.Sprintf("the database has {{ $value | humanize }} connections; the plan knows of %d", db.PlannedConnections),
		Runbook: Runbook{Command: who,
			Means: fmt.Sprintf("Every pod of every service in the middle of a rollout, and %d of other clients, hold %d. Somebody else is connected, or pods run with other pools than planned.", db.OtherConnections, db.PlannedConnections),
			Do: []string{"State the client in database.otherClients, so that the proof counts it.",
				"Or compare DB_POOL_SIZE, DB_MAX_OVERFLOW and WEB_CONCURRENCY of the pods with their ConfigMap."}},
		Needs: needs,
	}}
}

// limit is max_connections that is not what the plan counted on. An estimate may
// be exceeded.
func (d postgres) limit() Alert {
	db := d.plan.Database
	setting := d.of("pg_settings_max_connections")
	compare := map[bool]string{true: "!=", false: "<"}[db.Explicit]
	return Alert{
		Name: "HeadroomDatabaseLimitDrift", Severity: spec.Critical, For: 15 * time.Minute,
		Expr:    fmt.Sprintf("%s %s %d", setting, compare, db.MaxConnections),
		Summary: fmt.Sprintf("max_connections is {{ $value | humanize }}; the plan counts on %d", db.MaxConnections),
		Runbook: Runbook{Command: d.psql("show max_connections"),
			Means: fmt.Sprintf("The connection budget was proven against %d. A parameter that waits for a restart shows the old value.", db.MaxConnections),
			Do: []string{"`" + d.psql("select name, setting, pending_restart from pg_settings where name = 'max_connections'") + "`; restart in the maintenance window if one is pending.",
				"Or state the real value in database.maxConnections and see whether the checks still hold."}},
		Needs: []string{setting},
	}
}

func (d postgres) down() Alert {
	up := d.of("pg_up")
	return Alert{
		Name: "HeadroomDatabaseDown", Severity: spec.Critical, For: time.Minute,
		Expr:    up + " == 0",
		Summary: "the exporter cannot connect to the database",
		Runbook: Runbook{Command: d.psql("select now(), pg_is_in_recovery()"),
			Means: "Either the database is away, or it refuses the exporter: too many connections, a changed password, a changed security group.",
			Do: []string{"If you can connect, look at the exporter's log: `kubectl -n " + d.stack.Cluster.Namespace + " logs deployment/postgres-exporter --tail=50`.",
				"If not, `aws rds describe-events --source-type db-instance --duration 60` shows failovers and restarts."}},
		Needs: []string{up},
	}
}

func (d postgres) idle() Alert {
	ends := plan.IdleInTransaction.Seconds()
	age := d.of("pg_stat_activity_max_tx_duration", series.Matches("state", "idle in transaction.*"))
	return Alert{
		Name: "HeadroomDatabaseIdleInTransaction", Severity: spec.Warning, For: time.Minute,
		Expr:    fmt.Sprintf("max(%s) > %g", age, ends),
		Summary: "a session has been idle in a transaction for {{ $value | humanizeDuration }}",
		Runbook: Runbook{Command: d.psql("select pid, usename, application_name, now()-xact_start as age, left(query,80) from pg_stat_activity where state like 'idle in transaction%' order by 4 desc"),
			Means: fmt.Sprintf("It holds a connection and its locks, and keeps vacuum from cleaning up. idle_in_transaction_session_timeout should end it after %g s.", ends),
			Do: []string{"The query column is the last statement; the code after it waits for something else, such as another service, inside the transaction.",
				"`" + d.psql("select pg_terminate_backend(<pid>)") + "` ends it."}},
		Needs: []string{age},
	}
}

func (d postgres) deadlocks() Alert {
	counter := d.of("pg_stat_database_deadlocks", series.Is("datname", d.stack.Database.Name))
	return Alert{
		Name: "HeadroomDatabaseDeadlocks", Severity: spec.Warning,
		Expr:    series.Sum(series.Increase(counter, 10*time.Minute)) + " > 0",
		Summary: "{{ $value | humanize }} transactions were ended by a deadlock in 10 minutes",
		Runbook: Runbook{Command: d.psql("select pid, wait_event, pg_blocking_pids(pid), left(query,80) from pg_stat_activity where wait_event_type = 'Lock'"),
			Means: "Two transactions took the same locks in different orders; one of each pair failed.",
			Do:    []string{"The server's log has both statements (log_lock_waits is on).", "Take locks in one order everywhere, such as by primary key."}},
		Needs: []string{counter},
	}
}

func (d postgres) hits() Alert {
	database := series.Is("datname", d.stack.Database.Name)
	hit, read := d.of("pg_stat_database_blks_hit", database), d.of("pg_stat_database_blks_read", database)
	rate := func(s string) string { return series.Sum(series.Rate(s, 15*time.Minute)) }
	return Alert{
		Name: "HeadroomDatabaseReadsDisk", Severity: spec.Warning, For: 30 * time.Minute,
		Expr:    fmt.Sprintf("%s / (%s + %s) < %s", rate(hit), rate(hit), rate(read), series.Number(plan.BufferHits)),
		Summary: "only {{ $value | humanizePercentage }} of the database's reads are served from memory",
		Runbook: Runbook{Command: d.psql("select relname, heap_blks_read, heap_blks_hit from pg_statio_user_tables order by 2 desc limit 10"),
			Means: fmt.Sprintf("Below %s%% the working set no longer fits the memory of %s.", series.Number(100*plan.BufferHits), d.class()),
			Do: []string{"A sequential scan reads whole tables: `headroom slow-queries` names it, and the index that ends it.",
				fmt.Sprintf("See what a larger class costs: `%s`.", d.whatIf("database.instanceClass=<class>"))}},
		Needs: []string{hit, read},
	}
}

func (d postgres) class() string {
	if c := d.stack.Database.InstanceClass; c != "" {
		return c
	}
	return "the server"
}

// wraparoundAge is half way to the point at which the server stops accepting
// writes, 2^31 transactions
// (https://www.postgresql.org/docs/17/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND, 2026-11).
const wraparoundAge = 1_000_000_000

func (d postgres) wraparound() Alert {
	age := d.of("pg_database_wraparound_age_datfrozenxid_seconds")
	return Alert{
		Name: "HeadroomDatabaseWraparound", Severity: spec.Warning,
		Expr:    fmt.Sprintf("max(%s) > %d", age, wraparoundAge),
		Summary: "the oldest transaction of the database is {{ $value | humanize }} transactions old",
		Runbook: Runbook{Command: d.psql("select datname, age(datfrozenxid) from pg_database order by 2 desc"),
			Means: "At two billion the database stops accepting writes. Vacuum does not keep up.",
			Do: []string{"What holds it back? Long transactions, replication slots and prepared transactions: `" + d.psql("select slot_name, xmin, catalog_xmin from pg_replication_slots") + "`.",
				"`" + d.psql("vacuum (freeze, verbose) <table>") + "` for the tables with the highest age(relfrozenxid)."}},
		Needs: []string{age},
	}
}

// regression is a statement that became much slower than a day ago.
func (d postgres) regression() Alert {
	const factor, leastCalls = 3, 100
	window := 15 * time.Minute
	database := series.Is("datname", d.stack.Database.Name)
	seconds, calls := d.of("pg_stat_statements_seconds_total", database), d.of("pg_stat_statements_calls_total", database)
	sum := func(s, offset string) string {
		return fmt.Sprintf("sum by (queryid) (increase(%s[%s]%s))", s, series.Window(window), offset)
	}
	mean := func(offset string) string {
		return fmt.Sprintf("%s / (%s > 0)", sum(seconds, offset), sum(calls, offset))
	}
	return Alert{
		Name: "HeadroomStatementSlower", Severity: spec.Warning, For: 15 * time.Minute,
		Expr:    fmt.Sprintf("%s > %d * (%s) and on (queryid) %s > %d", mean(""), factor, mean(" offset 1d"), sum(calls, ""), leastCalls),
		Summary: fmt.Sprintf("statement {{ $labels.queryid }} takes {{ $value | humanizeDuration }}, %d times as long as a day ago", factor),
		Runbook: Runbook{Command: `headroom slow-queries --dsn "$DATABASE_URL"`,
			Means: "The same statement, called often, became slower: a new plan, a table that grew, an index that is gone.",
			Do: []string{"`" + d.psql("select query from pg_stat_statements where queryid = <queryid>") + "` shows its text.",
				"Compare its plan with EXPLAIN; ANALYZE the tables if the estimates are far off."}},
		Needs: []string{d.of("pg_stat_statements_seconds_total"), d.of("pg_stat_statements_calls_total")},
	}
}

// storage that cannot grow further.
func (d postgres) storage() []Alert {
	limit, ok := d.plan.Limit(plan.CeilingDatabaseStorage, "")
	if !ok {
		return nil
	}
	const gib = 1 << 30
	size := d.of("pg_database_size_bytes")
	return []Alert{{
		Name: "HeadroomDatabaseStorageNearLimit", Severity: spec.Warning, For: 15 * time.Minute, Ceiling: plan.CeilingDatabaseStorage,
		Expr:    fmt.Sprintf("%s >= %s", series.Sum(size), series.Number(limit.Threshold*gib)),
		Summary: fmt.Sprintf("the databases hold {{ $value | humanize1024 }}B of the %s GiB to which the volume may grow", series.Number(limit.Ceiling)),
		Runbook: Runbook{Command: d.psql("select relname, pg_size_pretty(pg_total_relation_size(oid)) from pg_class where relkind = 'r' order by pg_total_relation_size(oid) desc limit 10"),
			Means: "When the volume is full, the database stops. Logs and temporary files come on top of the tables.",
			Do: []string{"Old data that may go is the cheapest storage.",
				fmt.Sprintf("See what more costs: `%s`.", d.whatIf("database.storage.maxGib=%.0f", 2*limit.Ceiling))}},
		Needs: []string{size},
	}}
}
