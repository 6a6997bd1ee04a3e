//go:build linux

package backend

import (
	"fmt"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/budget"
)

// Every worker at its ceiling, as the plan counts them: the database takes all of
// them, the plan's figures are what is really held, and one pod more is refused as
// the check says.
func TestConnectionBudget(t *testing.T) {
	p := open(t, options{sets: []string{patient}, afresh: true})
	p.migrated(t)
	w := p.workload()
	p.others(t, 1)
	db := p.plan.Database
	steady := p.saturated(t, w.MaxReplicas+w.Surge(), nearly(db.SteadyConnections))
	rollout := p.saturated(t, w.Terminating(), nearly(db.RolloutConnections))
	refusedBefore := p.refused()
	beyond := p.saturated(t, 1, func(int) bool { return p.refused() > refusedBefore })
	predicted := db.RolloutConnections + w.PerPod()
	refused := p.refused() - refusedBefore
	table(t, "connections at saturation, direct",
		[]any{"", "pods", "plan", "measured", "limit", "refused", "failed"},
		[]any{"steady", w.MaxReplicas + w.Surge(), db.SteadyConnections, steady.peak, db.UsableConnections, 0, steady.Failed},
		[]any{"rollout", w.MaxReplicas + w.Surge() + w.Terminating(), db.RolloutConnections, rollout.peak, db.UsableConnections, refusedBefore, rollout.Failed},
		[]any{"one pod more", w.MaxReplicas + w.Surge() + w.Terminating() + 1, predicted, beyond.peak, db.UsableConnections, refused, beyond.Failed})

	for name, m := range map[string]struct {
		saturation
		plan int
	}{"steady": {steady, db.SteadyConnections}, "rollout": {rollout, db.RolloutConnections}} {
		if m.peak > m.plan {
			t.Errorf("%s: %d connections, the plan says at most %d", name, m.peak, m.plan)
		}
		if !nearly(m.plan)(m.peak) {
			t.Errorf("%s: the plan says %d, which is more than 10%% above the %d that there were", name, m.plan, m.peak)
		}
		if m.Failed > 0 {
			t.Errorf("%s: %.0f of %.0f requests failed", name, m.Failed, m.Requests)
		}
	}
	if refusedBefore > 0 {
		t.Errorf("the database refused %d connections within the plan", refusedBefore)
	}
	if predicted <= db.UsableConnections {
		t.Fatalf("one pod more needs %d of %d connections, so the stack is no example of a maximum", predicted, db.UsableConnections)
	}
	if refused == 0 || beyond.Failed == 0 {
		t.Errorf("one pod more than proven: %d connections refused and %.0f requests failed, want some of both", refused, beyond.Failed)
	}
	_, next := stack(t, fmt.Sprintf("services.backend.autoscaling.maxReplicas=%d", w.MaxReplicas+1))
	if part(t, next, "db-connections", "rollout").OK || !part(t, p.plan, "db-connections", "rollout").OK {
		t.Errorf("the check does not tell %d replicas, which fit, from %d, which do not", w.MaxReplicas, w.MaxReplicas+1)
	}
}

// slack of the plan's figures: they are at most so much more than there really are.
const slack = 1.1

// nearly tells whether a peak is within the slack of a figure of the plan.
func nearly(planned int) func(peak int) bool {
	return func(peak int) bool { return float64(planned) <= slack*float64(peak) }
}

// patient lets users wait for a connection as long as it takes: here they are more
// than the machine can serve, and it is the database that must not refuse them.
const patient = "services.backend.pool.timeout=60s"

// pooled puts PgBouncer in front of the database.
var pooled = []string{patient, "database.pooler=pgbouncer",
	"database.pgbouncer={image: 'pgbouncer:1.26.1', replicas: 2, poolSize: 8, userList: {name: pgbouncer, key: userlist.txt}}"}

// The same behind PgBouncer in transaction mode, while one of its pods is replaced:
// what clients open ends at the pooler, and the database sees the pools alone.
func TestConnectionBudgetBehindPgBouncer(t *testing.T) {
	p := open(t, options{sets: pooled, afresh: true})
	p.migrated(t)
	w, b := p.workload(), p.plan.Database.PgBouncer
	p.others(t, 1)
	var poolers []string
	for range b.Replicas + b.Terminating {
		poolers = append(poolers, p.bouncer(t))
	}
	for i := range w.MaxReplicas + w.Surge() + w.Terminating() {
		p.databaseURL = poolers[i%len(poolers)]
		p.registered = append(p.registered, p.pod(t, "PGBOUNCER_BEFORE_1_21=1"))
	}
	clients := watchClients(t, poolers)
	servers, asked := part(t, p.plan, "db-connections", "pgbouncer servers"), part(t, p.plan, "db-connections", "pgbouncer clients")
	got := p.saturated(t, 0, nearly(int(servers.Have)))
	opened := clients.end(t)
	table(t, "connections at saturation, through PgBouncer",
		[]any{"", "plan", "measured", "limit", "refused", "failed"},
		[]any{"clients of the poolers", asked.Have, opened, asked.Limit, 0, got.Failed},
		[]any{"sessions of the database", servers.Have, got.peak, servers.Limit, p.refused(), got.Failed})
	if got.Failed > 0 || p.refused() > 0 {
		t.Errorf("%.0f of %.0f requests failed and %d connections were refused\n%s", got.Failed, got.Requests, p.refused(), p.registered[0].process.Output())
	}
	if float64(got.peak) > float64(servers.Have) || !nearly(int(servers.Have))(got.peak) {
		t.Errorf("%d sessions of the database, the plan says %.0f, want at most 10%% less", got.peak, servers.Have)
	}
	if float64(opened) > float64(asked.Have) {
		t.Errorf("%d clients of the poolers, the plan says at most %.0f", opened, asked.Have)
	}
	if opened <= got.peak {
		t.Errorf("%d clients share %d sessions, want fewer sessions than clients", opened, got.peak)
	}
}

// workload of the service in the connection budget.
func (p *product) workload() budget.Workload {
	v := p.service()
	return budget.Workload{MaxReplicas: v.MaxReplicas, SurgePercent: v.Rollout.MaxSurgePercent, UnavailablePercent: v.Rollout.MaxUnavailablePercent,
		GraceSeconds: float64(v.Rollout.GraceSeconds), MinReadySeconds: float64(v.Rollout.MinReadySeconds),
		Workers: p.stack.Services[service].Workers, PerWorker: v.Pool.Engines * (v.Pool.Size + v.Pool.MaxOverflow)}
}

// saturation is what happened with every pool in use.
type saturation struct {
	outcome
	peak int
}

// saturated adds pods and asks so much that every worker could use more connections
// than it may have: for 8 s, and then until the peak or what else is looked at is
// enough, but for no longer than 40 s.
func (p *product) saturated(t *testing.T, more int, enough func(peak int) bool) saturation {
	t.Helper()
	p.register(t, append(p.registered, p.pods(t, more)...)...)
	w := p.workload()
	watch := p.watch(t, sessions)
	// Three users for each connection: which of a pod's workers gets a request is the
	// kernel's choice, and an uneven one.
	load := begin(t, load{URL: p.balancer.URL(), Users: 3 * len(p.registered) * w.PerPod(), Seconds: 40, Route: "best"})
	p.busy(t)
	for began := time.Now(); time.Since(began) < 8*time.Second || !enough(watch.most()) && time.Since(began) < 40*time.Second; {
		time.Sleep(100 * time.Millisecond)
	}
	return saturation{load.stop(t), watch.end(t)}
}
