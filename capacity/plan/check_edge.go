package plan

import (
	"fmt"
	"time"

	"github.com/agencyos/headroom/capacity/spec"
)

// cloudflareLimits of a plan: cache rules, and the shortest edge TTL
// (github.com/cloudflare/cloudflare-docs src/content/plans/index.json, 2026-11).
var cloudflareLimits = map[spec.CloudflarePlan]struct {
	rules  int
	minTTL time.Duration
}{
	spec.PlanFree:       {10, 2 * time.Hour},
	spec.PlanPro:        {25, time.Hour},
	spec.PlanBusiness:   {50, time.Second},
	spec.PlanEnterprise: {300, time.Second},
}

// vercelRules is the most header rules of one vercel.json
// (github.com/vercel/vercel packages/routing-utils/src/schemas.ts, 2026-11).
const vercelRules = 2048

// edgeLimits proves that rules and TTLs fit the CDN's plan.
func (w world) edgeLimits(float64) []Part {
	var parts []Part
	if c := w.stack.Edge.Cloudflare; c != nil {
		limit := cloudflareLimits[c.Plan]
		parts = append(parts, AtMost("cloudflare rules", float64(len(c.Rules)+c.OtherRules), float64(limit.rules), "rules",
			"%d of this stack + %d others in the zone; the %s plan has %d", len(c.Rules), c.OtherRules, c.Plan, limit.rules))
		for _, r := range c.Rules {
			if r.EdgeTTL != nil && *r.EdgeTTL > 0 {
				parts = append(parts, AtMost(under("cloudflare", r.Name), limit.minTTL.Seconds(), r.EdgeTTL.Seconds(), "s",
					"the %s plan's shortest edge TTL against edgeTtl", c.Plan))
			}
		}
	}
	if w.stack.Edge.Vercel != nil {
		for _, p := range w.stack.Edge.Vercel.Projects {
			parts = append(parts, AtMost(under("vercel", p.Name), float64(len(p.Rules)), vercelRules, "rules", "header rules of one vercel.json"))
		}
	}
	return parts
}

// alertsRouted proves that every ceiling has an alert below it that reaches
// someone. A local stack needs none.
func (w world) alertsRouted(float64) []Part {
	if w.stack.Local() {
		return nil
	}
	var parts []Part
	for _, a := range w.plan.Alerts {
		parts = append(parts, AtMost(a.Name, a.Threshold, a.Ceiling, a.Unit, "alert threshold below its ceiling"))
	}
	receivers := len(w.stack.Monitoring.Receivers)
	return append(parts, AtMost("receivers", 1, float64(receivers), "receivers", "monitoring.receivers lists %d", receivers))
}

// alerts are the ceilings that someone must hear about in time.
func (d *draft) alerts() {
	add := func(name string, ceiling float64, unit string) {
		d.plan.Alerts = append(d.plan.Alerts, Alert{Name: name, Ceiling: ceiling, Threshold: round(alertShare*ceiling, 3), Unit: unit})
	}
	for _, name := range d.names() {
		add(name+" replicas", float64(d.plan.Services[name].MaxReplicas), "pods")
		p99, _ := d.subject(name).promises(spec.Route{})
		add(name+" p99", p99, "ms")
	}
	for _, g := range d.plan.Nodes.Groups {
		add(fmt.Sprintf("%s nodes", g.Name), float64(g.MaxSize), "nodes")
	}
	add("failed requests", 100-float64(d.stack.SLO.Availability), "% of requests")
	if db := d.plan.Database; db != nil {
		cores, _ := d.databaseCores()
		add("database connections", float64(db.UsableConnections), "connections")
		add("database CPU", cores, "cores")
	}
	if c := d.plan.Cache; c != nil {
		add("cache memory", c.UsableMiB, "MiB")
		add("cache connections", float64(c.MaxClients), "connections")
	}
}
