package rules

import (
	"fmt"
	"strings"

	"github.com/agencyos/headroom/capacity/budget"
)

// dbConnections prevents the outage in which a scale-out or a deploy opens more
// connections than the database has: every pod beyond that fails its first
// query, and the autoscaler answers the errors with more pods.
//
// It counts what the resources allow, not what is open today: every autoscaler
// at maxReplicas with its surge, whatever else names a pool, and the pods that
// still terminate while a rollout goes on. A PgBouncer that is scaled itself
// admits clients at its floor and opens connections at its ceiling.
func dbConnections() Rule {
	return Rule{
		ID: "db-connections", Severity: Critical, Level: Mandatory,
		What:    "every autoscaler at its ceiling and every other pool, during a rollout, fit the database's connections",
		Why:     "pods beyond max_connections fail every query, and the autoscaler answers with more pods",
		Fix:     "lower headroom:services.<name>.pool.size, pool.maxOverflow or autoscaling.maxReplicas, or DB_POOL_SIZE of another workload, raise headroom:database.maxConnections or instanceClass, or set headroom:database.pooler: pgbouncer",
		Anchors: []string{"S1"},
		Types:   []string{typeHPA, typeHPAv1, typeDeployment, typeDeploymentPatch, typeConfigMap, typeStatefulSet, typeDaemonSet, typeJob, typeCronJob, typeRDSInstance, typeParameterGroup, typeDatabase},
		Eval:    evalDBConnections,
	}
}

func evalDBConnections(m Input) []Finding {
	claim := newClaim(m.consumers())
	if claim.empty() {
		return nil
	}
	databases := m.databases()
	poolers, doubts := m.poolers()
	switch {
	case !doubts.complete():
		return []Finding{unattached(doubts, "whether connections fit")}
	case len(poolers) == 0:
		return judgeDatabases(databases, claim)
	}
	p := poolers[0]
	return append([]Finding{p.judgeClients(claim)}, judgeDatabases(databases, p.claim())...)
}

// unattached is a doubt about the stack as a whole.
func unattached(f facts, question string) Finding {
	finding := cannotKnow(Resource{}, &f, question)
	finding.Resource = stackLabel
	return finding
}

// claim is what may be opened.
type claim struct {
	workloads []budget.Workload
	// certain is a lower bound, whatever is not known.
	certain int
	// steady and rolling hold what keeps the totals from being known.
	steady, rolling facts
	// pooled replaces the workloads by a pooler's own connections.
	pooled *budget.Pooler
}

func newClaim(consumers []consumer) claim {
	c := claim{}
	for _, one := range consumers {
		c.workloads = append(c.workloads, one.workloads...)
		c.certain += one.atLeast()
		for _, wait := range append(one.base.waits, one.steady.waits...) {
			c.steady.wait("%s", wait)
		}
		for _, wait := range one.rolling.waits {
			c.rolling.wait("%s", wait)
		}
	}
	return c
}

func (c claim) empty() bool { return len(c.workloads) == 0 && c.steady.complete() }

// claim is what the pooler opens to the database.
func (p pooler) claim() claim {
	c := claim{pooled: &p.Pooler, steady: p.server}
	if p.server.complete() {
		c.certain = p.ServerConnections()
	}
	return c
}

// connections are the totals with other clients.
func (c claim) connections(others int) budget.Connections {
	if c.pooled != nil {
		n := c.pooled.ServerConnections() + others
		return budget.Connections{Steady: n, Rollout: n}
	}
	return budget.SumConnections(c.workloads, others)
}

// verdict compares a claim with a limit. A lower bound above the limit is a
// violation whatever is missing.
func (c claim) verdict(r Resource, limit int, why string, others int, side string) Finding {
	sum := c.connections(others)
	switch {
	case c.steady.complete() && sum.Steady > limit:
		return violation(r, "%s: %d connections with every replica running%s > %s", side, sum.Steady, c.detail(others, false), why)
	case c.certain+others > limit:
		return violation(r, "%s: at least %d connections > %s", side, c.certain+others, why)
	case !c.steady.complete():
		return cannotKnow(r, &c.steady, "whether connections fit "+why)
	case c.rolling.complete() && sum.Rollout > limit:
		return violation(r, "%s: %d connections during a rollout%s > %s", side, sum.Rollout, c.detail(others, true), why)
	case !c.rolling.complete():
		return cannotKnow(r, &c.rolling, fmt.Sprintf("whether a rollout fits; %d connections with every replica running do, of %s", sum.Steady, why))
	}
	return pass(r, "%s: %d connections with every replica running, %d during a rollout ≤ %s", side, sum.Steady, sum.Rollout, why)
}

// detail is the arithmetic behind a total.
func (c claim) detail(others int, rolling bool) string {
	var parts []string
	if p := c.pooled; p != nil {
		parts = append(parts, fmt.Sprintf("pgbouncer (%d + %d surge + %d terminating) × (%d + %d reserve)", p.Replicas, p.Surge, p.Terminating, p.PoolSize, p.ReservePool))
	}
	for _, w := range c.workloads {
		parts = append(parts, explain(w, rolling))
	}
	if others > 0 {
		parts = append(parts, fmt.Sprintf("other clients %d", others))
	}
	return " [" + strings.Join(parts, "; ") + "]"
}

func (p pooler) judgeClients(c claim) Finding {
	if !p.clients.complete() {
		return cannotKnow(p.Resource, &p.clients, "whether clients fit PgBouncer")
	}
	least := p.Pooler
	least.Replicas = p.floor
	why := fmt.Sprintf("%d client slots = (%d replicas − 1 lost) × max_client_conn %d", least.ClientSlots(), least.Replicas, least.MaxClientConn)
	f := c.verdict(p.Resource, least.ClientSlots(), why, 0, "client side of PgBouncer")
	f.Fix = "raise headroom:database.pgbouncer.maxClientConn or replicas, or lower headroom:services.<name>.pool.size or autoscaling.maxReplicas"
	return f
}

// judgeDatabases judges each database against the whole claim. With several of
// them a claim that is too much for one may still be spread over all.
func judgeDatabases(databases []database, c claim) []Finding {
	if len(databases) == 0 {
		f := facts{}
		f.wait("an aws:rds instance or parameter group in this stack, or a StatefulSet that is started with max_connections; the limit of an external database is not among the resources")
		return []Finding{unattached(f, fmt.Sprintf("whether at least %d connections fit the database", c.certain))}
	}
	var all []Finding
	for _, d := range databases {
		all = append(all, d.judge(c, len(databases)))
	}
	return all
}

func (d database) judge(c claim, many int) Finding {
	if !d.facts.complete() {
		return cannotKnow(d.Resource, &d.facts, fmt.Sprintf("whether at least %d connections fit", c.certain))
	}
	f := c.verdict(d.Resource, d.usable, d.why, d.others, "database")
	if c.pooled != nil {
		f.Fix = "lower headroom:database.pgbouncer.poolSize or replicas, or raise headroom:database.maxConnections or instanceClass"
	}
	if f.State == Violation && many > 1 {
		doubt := &facts{}
		doubt.wait("knowing which service uses which of %d databases", many)
		return cannotKnow(d.Resource, doubt, "whether connections fit; all together: "+f.Message)
	}
	return f
}
