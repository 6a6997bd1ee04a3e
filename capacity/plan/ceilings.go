package plan

import (
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/spec"
)

// Ceiling is a kind of limit that someone must hear of in time.
type Ceiling string

// The ceilings.
const (
	// Replicas of an autoscaler, nodes of a group.
	CeilingReplicas Ceiling = "replicas"
	CeilingNodes    Ceiling = "nodes"
	// Slow and failed requests spend the error budget of a month.
	CeilingSlowRequests   Ceiling = "slowRequests"
	CeilingFailedRequests Ceiling = "failedRequests"
	// Connections beyond which clients are refused.
	CeilingDatabaseConnections Ceiling = "databaseConnections"
	CeilingDatabaseCPU         Ceiling = "databaseCpu"
	CeilingDatabaseStorage     Ceiling = "databaseStorage"
	CeilingDatabaseIOPS        Ceiling = "databaseIops"
	// Credits of a burstable class that may be spent.
	CeilingDatabaseCredits Ceiling = "databaseCredits"
	// Clients of one PgBouncer, and their wait until it gives up.
	CeilingPoolerClients Ceiling = "poolerClients"
	CeilingPoolerWait    Ceiling = "poolerWait"
	CeilingCacheMemory   Ceiling = "cacheMemory"
	CeilingCacheClients  Ceiling = "cacheConnections"
	// Misses that what lies behind was planned with.
	CeilingCacheMisses Ceiling = "cacheMisses"
	CeilingEdgeMisses  Ceiling = "edgeMisses"
	// Answers 5xx of a CDN.
	CeilingEdgeErrors Ceiling = "edgeErrors"
	// Spending in a month.
	CeilingSpending Ceiling = "spending"
)

// Limit is the ceiling of a kind, and whether there is one.
func (p Plan) Limit(kind Ceiling, subject string) (Alert, bool) {
	i := slices.IndexFunc(p.Alerts, func(a Alert) bool { return a.Kind == kind && a.Subject == subject })
	if i < 0 {
		return Alert{}, false
	}
	return p.Alerts[i], true
}

// alerts are the ceilings that someone must hear about in time.
func (d *draft) alerts() {
	for _, name := range d.names() {
		d.below(CeilingReplicas, name, float64(d.plan.Services[name].MaxReplicas), "pods", "")
		d.budgetSpent(CeilingSlowRequests, name)
		d.budgetSpent(CeilingFailedRequests, name)
	}
	for _, g := range d.plan.Nodes.Groups {
		d.below(CeilingNodes, g.Name, float64(g.MaxSize), "nodes", "")
	}
	d.databaseCeilings()
	d.cacheCeilings()
	d.edgeCeilings()
	if !d.stack.Local() {
		d.below(CeilingSpending, "", float64(d.stack.Budget.Monthly), "USD per month", "")
	}
}

// below alerts at the usual share of a limit.
func (d *draft) below(kind Ceiling, subject string, limit float64, unit, exporter string) {
	d.alertAt(kind, subject, limit, alertShare*limit, unit, exporter)
}

func (d *draft) alertAt(kind Ceiling, subject string, limit, threshold float64, unit, exporter string) {
	d.plan.Alerts = append(d.plan.Alerts, Alert{Name: strings.TrimSpace(subject + " " + ceilingNames[kind]), Kind: kind, Subject: subject,
		Ceiling: round(limit, 3), Threshold: round(threshold, 3), Unit: unit, Exporter: exporter})
}

// ceilingNames are what people call them.
var ceilingNames = map[Ceiling]string{
	CeilingReplicas: "replicas", CeilingNodes: "nodes", CeilingSlowRequests: "slow requests", CeilingFailedRequests: "failed requests",
	CeilingDatabaseConnections: "database connections", CeilingDatabaseCPU: "database CPU", CeilingDatabaseStorage: "database storage",
	CeilingDatabaseIOPS: "database I/O", CeilingDatabaseCredits: "database CPU credits",
	CeilingPoolerClients: "pooler clients", CeilingPoolerWait: "pooler wait", CeilingCacheMemory: "cache memory", CeilingCacheClients: "cache connections",
	CeilingCacheMisses: "cache misses", CeilingEdgeMisses: "CDN misses", CeilingEdgeErrors: "CDN errors", CeilingSpending: "spending",
}

// budgetSpent alerts at the latest when the slowest burn is noticed.
func (d *draft) budgetSpent(kind Ceiling, service string) {
	burns := Burns()
	d.alertAt(kind, service, 100, burns[len(burns)-1].SpentPercent(), "% of a month's error budget", "")
}

func (d *draft) databaseCeilings() {
	db, stated := d.plan.Database, d.stack.Database
	if db == nil {
		return
	}
	d.below(CeilingDatabaseConnections, "", float64(db.UsableConnections), "connections", spec.ByPostgres)
	if b := db.PgBouncer; b != nil {
		d.below(CeilingPoolerClients, "", float64(b.MaxClientConn), "connections per replica", spec.ByPgBouncer)
		d.below(CeilingPoolerWait, "", float64(b.QueryWaitSeconds), "s", spec.ByPgBouncer)
	}
	if stated.InstanceClass == "" {
		return
	}
	class, _ := catalog.Database(stated.InstanceClass)
	d.below(CeilingDatabaseStorage, "", float64(stated.Storage.MaxGiB), "GiB", spec.ByPostgres)
	d.below(CeilingDatabaseCPU, "", round(100*db.Cores/float64(class.VCPU), 1), "% of the class's vCPUs", spec.ByCloudWatch)
	d.below(CeilingDatabaseIOPS, "", float64(stated.Storage.IOPS), "I/O operations per second", spec.ByCloudWatch)
	if class.Burstable() {
		d.below(CeilingDatabaseCredits, "", round(creditMinutes*db.Cores, 0), "credits spent of a full balance", spec.ByCloudWatch)
	}
}

func (d *draft) cacheCeilings() {
	c := d.plan.Cache
	if c == nil {
		return
	}
	d.below(CeilingCacheMemory, "", c.UsableMiB, "MiB", spec.ByRedis)
	d.below(CeilingCacheClients, "", float64(c.MaxClients), "connections", spec.ByRedis)
	if c.HitRatio > 0 {
		d.planned(CeilingCacheMisses, c.HitRatio, "% of lookups", spec.ByRedis)
	}
}

func (d *draft) edgeCeilings() {
	// Errors count as much as at the services: what burns the budget fastest.
	failing := min(100, Burns()[0].Factor*(100-float64(d.stack.SLO.Availability)))
	if d.stack.Edge.Cloudflare != nil {
		d.alertAt(CeilingEdgeErrors, "cloudflare", 100, failing, "% of answers", spec.ByCloudflare)
		if d.plan.Edge.HitRatio > 0 {
			d.planned(CeilingEdgeMisses, d.plan.Edge.HitRatio, "% of requests", spec.ByCloudflare)
		}
	}
	if d.stack.Edge.CloudFront != nil {
		d.alertAt(CeilingEdgeErrors, "cloudfront", 100, failing, "% of answers", spec.ByCloudWatch)
	}
}

// planned is a ratio that may not fall: what lies behind was sized for it.
func (d *draft) planned(kind Ceiling, hits float64, unit, exporter string) {
	d.alertAt(kind, "", 100*(1-hits), 100*(1-hits), unit, exporter)
}

// zoneHitRatio is the share of the zone's requests that the CDN answers.
func (in input) zoneHitRatio() float64 {
	c := in.stack.Edge.Cloudflare
	if c == nil {
		return 0
	}
	hits, all := 0.0, 0.0
	for _, name := range in.names() {
		v := in.stack.Services[name]
		if v.Ingress == nil || v.Ingress.Host != c.Zone && !strings.HasSuffix(v.Ingress.Host, "."+c.Zone) {
			continue
		}
		hits += float64(v.PeakRPS) * v.CDNHitRatio.Ratio()
		all += float64(v.PeakRPS)
	}
	return ratio(hits, all)
}

// cacheHitRatio is the share of all lookups that find something.
func (in input) cacheHitRatio() float64 {
	hits, all := 0.0, 0.0
	for _, name := range in.names() {
		base := in.base.Services[name]
		lookups := in.peak(name) * base.CacheOpsPerRequest
		hits += lookups * base.CacheHitRatio
		all += lookups
	}
	return ratio(hits, all)
}

func ratio(part, all float64) float64 {
	if all <= 0 {
		return 0
	}
	return round(part/all, 4)
}

// alertsRouted proves that every ceiling has an alert below it, that something
// tells how near it is, and that every alert reaches someone. A local stack
// needs none.
func (w world) alertsRouted(float64) []Part {
	if w.stack.Local() {
		return nil
	}
	var parts []Part
	for _, a := range w.plan.Alerts {
		parts = append(parts, AtMost(a.Name, a.Threshold, a.Ceiling, a.Unit, "alert threshold below its ceiling"))
	}
	parts = append(parts, w.watched()...)
	m := w.stack.Monitoring
	for _, severity := range []spec.Severity{spec.Critical, spec.Warning} {
		n := 0
		for _, r := range m.Receivers {
			if r.Hears(severity) {
				n++
			}
		}
		parts = append(parts, atLeastOne("receivers of "+string(severity), n, "receivers", "monitoring.receivers lists %d, of which %d get %s alerts", len(m.Receivers), n, severity))
	}
	switches := 0
	if m.DeadMansSwitch != nil {
		switches = 1
	}
	return append(parts, atLeastOne("dead man's switch", switches, "switches", "who watches that alerts still arrive: monitoring.deadMansSwitch"),
		atLeastOne("budget recipients", len(w.stack.Budget.Emails), "recipients", "budget.emails lists %d", len(w.stack.Budget.Emails)))
}

// atLeastOne is the part "there is at least one".
func atLeastOne(subject string, have int, unit, why string, args ...any) Part {
	return AtMost(subject, 1, float64(have), unit, why, args...)
}

// watched has one part per exporter that a ceiling needs.
func (w world) watched() []Part {
	seen := map[string][]string{}
	for _, a := range w.plan.Alerts {
		seen[a.Exporter] = append(seen[a.Exporter], a.Name)
	}
	watching := map[string]bool{}
	for name := range w.stack.Watching().Each() {
		watching[name] = true
	}
	var parts []Part
	for _, name := range []string{spec.ByPostgres, spec.ByPgBouncer, spec.ByRedis, spec.ByCloudWatch, spec.ByCloudflare} {
		if len(seen[name]) == 0 {
			continue
		}
		n := 0
		if watching[name] {
			n = 1
		}
		parts = append(parts, atLeastOne("exporter "+name, n, "exporters", "%s: seen by monitoring.exporters.%s", strings.Join(seen[name], ", "), name))
	}
	return parts
}
