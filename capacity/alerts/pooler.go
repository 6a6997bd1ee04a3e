package alerts

import (
	"fmt"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

// pooler watches PgBouncer, every replica on its own: each keeps its own pools.
func (w world) pooler() []Alert {
	e := w.stack.Watching().PgBouncer
	if e == nil {
		return nil
	}
	b := bouncer{world: w, exporter: e}
	return append([]Alert{b.waiting(), b.down()}, b.limits()...)
}

// bouncer is PgBouncer as its exporter shows it.
type bouncer struct {
	world
	exporter *spec.Exporter
}

func (b bouncer) of(metric string) string { return b.series.From(b.exporter, "pgbouncer_"+metric) }

// bouncerPods finds the pods of PgBouncer.
func (w world) bouncerPods() string {
	b := w.stack.Database.PgBouncer
	return w.selector(b.Target(), b.Labels())
}

// pools is the command that shows the pools of every replica.
func (b bouncer) pools() string {
	return b.kubectl("logs %s -c pgbouncer --tail=20 --prefix", b.bouncerPods())
}

func (b bouncer) waiting() Alert {
	waiting := b.of("pools_client_waiting_connections")
	return Alert{
		Name: "HeadroomPoolerClientsWaiting", Severity: spec.Critical, For: 2 * time.Minute,
		Expr:    fmt.Sprintf("sum(%s) > 0", waiting),
		Summary: "{{ $value | humanize }} clients wait for a connection to the database",
		Runbook: Runbook{Command: b.pools(),
			Means: "All server connections of a pool are taken. " + b.sized(),
			Do: []string{"Slow statements or transactions that wait hold them: dashboard database; `headroom slow-queries`.",
				fmt.Sprintf("See whether a larger pool fits the database: `%s`.", b.whatIf("database.pgbouncer.poolSize=N"))}},
		Needs: []string{waiting},
	}
}

// sized says what the plan made of the pools.
func (b bouncer) sized() string {
	if p := b.plan.Database.PgBouncer; p != nil {
		return fmt.Sprintf("The plan has %d replicas with %d server connections each.", p.Replicas, p.PoolSize)
	}
	return "The pooler is external: its owner knows the size of the pools."
}

func (b bouncer) down() Alert {
	up := b.of("up")
	return Alert{
		Name: "HeadroomPoolerDown", Severity: spec.Critical, For: time.Minute,
		Expr:    up + " == 0",
		Summary: "PgBouncer of {{ $labels.pod }} does not answer its exporter",
		Runbook: Runbook{Command: b.kubectl("get pods %s -o wide", b.bouncerPods()),
			Means: "Its clients reconnect to the other replicas, which must carry them.",
			Do:    []string{"`" + b.pools() + "` shows why: a wrong password of the statistics user looks the same as a dead process."}},
		Needs: []string{up},
	}
}

func (b bouncer) limits() []Alert {
	clients, ok := b.plan.Limit(plan.CeilingPoolerClients, "")
	wait, _ := b.plan.Limit(plan.CeilingPoolerWait, "")
	if !ok {
		return nil
	}
	active, waiting, longest := b.of("pools_client_active_connections"), b.of("pools_client_waiting_connections"), b.of("pools_client_maxwait_seconds")
	perPod := func(s string) string { return series.Sum(s, "pod") }
	return []Alert{{
		Name: "HeadroomPoolerClientsNearLimit", Severity: spec.Critical, For: 2 * time.Minute, Ceiling: plan.CeilingPoolerClients,
		Expr:    fmt.Sprintf("%s + %s >= %s", perPod(active), perPod(waiting), series.Number(clients.Threshold)),
		Summary: fmt.Sprintf("{{ $labels.pod }} has {{ $value | humanize }} of %s clients", series.Number(clients.Ceiling)),
		Runbook: Runbook{Command: b.pools(),
			Means: fmt.Sprintf("At max_client_conn = %s this replica refuses connections. A Service spreads connections unevenly.", series.Number(clients.Ceiling)),
			Do: []string{"Are the other replicas up? Restarted clients spread again: roll the service with the most pods.",
				fmt.Sprintf("See what more gives: `%s`.", b.whatIf("database.pgbouncer.maxClientConn=%.0f", 1.5*clients.Ceiling))}},
		Needs: []string{active, waiting},
	}, {
		Name: "HeadroomPoolerWaitNearTimeout", Severity: spec.Critical, For: time.Minute, Ceiling: plan.CeilingPoolerWait,
		Expr:    fmt.Sprintf("max(%s) >= %s", longest, series.Number(wait.Threshold)),
		Summary: fmt.Sprintf("a client has waited {{ $value | humanizeDuration }} for a connection; at %s s PgBouncer gives up", series.Number(wait.Ceiling)),
		Runbook: Runbook{Command: b.pools(),
			Means: fmt.Sprintf("query_wait_timeout is %s s: the requests behind these clients fail next.", series.Number(wait.Ceiling)),
			Do: []string{"Does the database answer at all? `psql \"$DATABASE_URL\" -c \"select 1\"`.",
				"Which transactions hold the connections? Dashboard database, idle in transaction and locks."}},
		Needs: []string{longest},
	}}
}
