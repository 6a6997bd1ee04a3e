package spec

import (
	"fmt"
	"maps"
	"strings"
	"time"
)

// The exporters that Headroom declares, at the versions that its tests run.
const (
	postgresExporterImage   = "quay.io/prometheuscommunity/postgres-exporter:v0.19.1"
	pgbouncerExporterImage  = "quay.io/prometheuscommunity/pgbouncer-exporter:v0.12.1"
	redisExporterImage      = "oliver006/redis_exporter:v1.88.0"
	cloudwatchExporterImage = "quay.io/prometheuscommunity/yet-another-cloudwatch-exporter:v0.67.0"
	blackboxExporterImage   = "quay.io/prometheus/blackbox-exporter:v0.28.0"
)

func (m Monitoring) withDefaults(namespace string) Monitoring {
	m.ScrapeInterval = orElse(m.ScrapeInterval, Duration(15*time.Second))
	m.MetricsResolution = orElse(m.MetricsResolution, Duration(15*time.Second))
	m.Namespace = orElse(m.Namespace, "monitoring")
	m.ReleaseLabel = orElse(m.ReleaseLabel, "kube-prometheus-stack")
	m.Labels = labelsOr(m.Labels, map[string]string{"release": m.ReleaseLabel})
	m.DashboardLabels = labelsOr(m.DashboardLabels, map[string]string{"grafana_dashboard": "1"})
	m.PrometheusURL = orElse(m.PrometheusURL, fmt.Sprintf("http://%s.%s.svc:9090", prometheusService(m.ReleaseLabel), m.Namespace))
	m.RetentionDays = orElse(m.RetentionDays, 15)
	m.StorageGiB = orElse(m.StorageGiB, 50)
	m.Exporters = m.Exporters.withDefaults(namespace)
	return m
}

// prometheusService is the name that the chart gives the Service of Prometheus
// (github.com/prometheus-community/helm-charts charts/kube-prometheus-stack templates/_helpers.tpl, fullname, 2026-11).
func prometheusService(release string) string {
	const chart, longest = "kube-prometheus-stack", 26
	name := release
	if !strings.Contains(release, chart) {
		name += "-" + chart
	}
	return strings.TrimSuffix(name[:min(len(name), longest)], "-") + "-prometheus"
}

func labelsOr(labels, fallback map[string]string) map[string]string {
	if len(labels) == 0 {
		return fallback
	}
	return maps.Clone(labels)
}

func (e Exporters) withDefaults(namespace string) Exporters {
	for _, one := range []struct {
		exporter    **Exporter
		image, user string
		job         string
	}{
		{&e.Postgres, postgresExporterImage, "postgres_exporter", "postgres-exporter"},
		{&e.PgBouncer, pgbouncerExporterImage, "pgbouncer_stats", "pgbouncer"},
		{&e.Redis, redisExporterImage, "", "redis-exporter"},
		{&e.CloudWatch, cloudwatchExporterImage, "", "cloudwatch-exporter"},
		{&e.Cloudflare, "", "", "cloudflare-exporter"},
		{&e.Blackbox, blackboxExporterImage, "", "blackbox"},
	} {
		if *one.exporter == nil {
			continue
		}
		out := **one.exporter
		out.Mode = orElse(out.Mode, Managed)
		if out.Mode == Managed {
			out.Image, out.User = orElse(out.Image, one.image), orElse(out.User, one.user)
			out.Labels = map[string]string{"namespace": namespace, "job": one.job}
		}
		*one.exporter = &out
	}
	return e
}
