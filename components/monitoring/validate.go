package monitoring

import (
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/check"
)

// validate refuses what the operator would ignore in silence, or an exporter
// could not start with.
func (w watcher) validate() error {
	c := check.Checker{}
	m := w.Spec.Monitoring
	c.Require(w.name != "", "monitoring", "", "must have a name", "")
	c.Require(w.Spec.Cluster.Namespace != "", "cluster.namespace", "", "must be set", "")
	c.Require(m.Namespace != "", "monitoring.namespace", "", "must be set", "")
	c.Require(len(m.Labels) > 0, "monitoring.labels", "", "must not be empty", "Prometheus ignores monitors and rules that it does not select")
	c.Require(len(m.DashboardLabels) > 0, "monitoring.dashboardLabels", "", "must not be empty", "Grafana ignores dashboards that it does not select")
	c.Require(w.Plan.Stack == w.Spec.Name, "plan", w.Plan.Stack, "is of another stack than "+w.Spec.Name, "derive the plan from the same stack file")
	managed := w.Spec.Addons.Prometheus == spec.Managed
	c.Require(!managed || m.GrafanaAdmin != "", "monitoring.grafanaAdmin", "", "must name a Secret", "the chart's own password is known to everyone")
	c.Require(!managed || m.Labels["release"] == m.ReleaseLabel, "monitoring.labels.release", m.Labels["release"], "must be the release "+m.ReleaseLabel, "")
	for _, workload := range w.Plan.Monitoring {
		w.validateExporter(&c, workload.Name)
	}
	return c.Err()
}

func (w watcher) validateExporter(c *check.Checker, name string) {
	e := w.Spec.Monitoring.Exporters
	const at = "monitoring.exporters."
	need := func(exporter *spec.Exporter, secret bool) {
		c.Require(exporter != nil && exporter.Image != "", at+name, "", "must have an image", "")
		c.Require(!secret || exporter != nil && exporter.Secret != nil, at+name+".secretRef", "", "must be set", "")
	}
	switch name {
	case plan.PostgresExporter:
		need(e.Postgres, true)
		c.Require(w.DatabaseHost != nil, "database.host", "", "must be known to the exporter", "")
	case plan.RedisExporter:
		need(e.Redis, w.Spec.Cache.Mode == spec.Managed)
		c.Require(w.CacheHost != nil, "cache.host", "", "must be known to the exporter", "")
	case plan.CloudflareExporter:
		need(e.Cloudflare, true)
	case plan.BlackboxExporter:
		need(e.Blackbox, false)
	case plan.CloudWatchExporter:
		need(e.CloudWatch, false)
		c.Require(w.Spec.Cluster.Name != "", "cluster.name", "", "must be set for the role of the CloudWatch exporter", "")
		c.Require(w.DatabaseID != nil || w.DistributionID != nil, at+"cloudwatch", "", "has nothing to ask for", "")
	}
}
