package spec

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

var (
	metricName = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)
	labelName  = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
	labelKey   = regexp.MustCompile(`^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$`)
	labelText  = regexp.MustCompile(`^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$`)
)

// shortestRetention of a Prometheus that evaluates burn rates: the longest
// window is three days.
const shortestRetention = 4

func (s Stack) validateMonitoring(ps *Problems) {
	m := s.Monitoring
	m.validateTimes(ps)
	ps.require(dnsLabel.MatchString(m.Namespace), "monitoring.namespace", m.Namespace, "must be a Kubernetes namespace name", "")
	// The longest name of a release (https://helm.sh/docs/chart_template_guide/getting_started/, 2026-11).
	ps.require(dnsLabel.MatchString(m.ReleaseLabel) && len(m.ReleaseLabel) <= 53, "monitoring.releaseLabel", m.ReleaseLabel,
		"must be the name of a Helm release, at most 53 long", "")
	ps.labels("monitoring.labels", m.Labels)
	ps.labels("monitoring.dashboardLabels", m.DashboardLabels)
	ps.require(isURL(m.PrometheusURL), "monitoring.prometheusUrl", m.PrometheusURL, "must be an http or https URL", "")
	ps.require(m.RunbooksURL == "" || isURL(m.RunbooksURL), "monitoring.runbooksUrl", m.RunbooksURL, "must be an http or https URL", "")
	ps.between("monitoring.storageGib", float64(m.StorageGiB), 1, 16384, "")
	managed := s.Addons.Prometheus == Managed
	ps.require(!managed || m.GrafanaAdmin != "", "monitoring.grafanaAdmin", nil,
		"must name the Secret of Grafana's administrator when addons.prometheus is managed", "the chart's own password is known to everyone")
	ps.require(!managed || m.Labels["release"] == m.ReleaseLabel, "monitoring.labels", nil,
		"must hold release: "+m.ReleaseLabel+" when addons.prometheus is managed", "remove monitoring.labels")
	m.validateReceivers(ps)
	s.validateExporters(ps)
}

func (m Monitoring) validateTimes(ps *Problems) {
	ps.require(m.ScrapeInterval > 0, "monitoring.scrapeInterval", m.ScrapeInterval, "must be longer than 0s", "")
	ps.require(m.ScrapeInterval == Duration(time.Duration(m.ScrapeInterval).Truncate(time.Second)), "monitoring.scrapeInterval", m.ScrapeInterval,
		"must be whole seconds", "")
	ps.require(m.MetricsResolution.Seconds() >= 10, "monitoring.metricsResolution", m.MetricsResolution,
		"must be at least 10s, the floor of metrics-server", "")
	ps.between("monitoring.retentionDays", float64(m.RetentionDays), shortestRetention, 3650, "")
}

func (m Monitoring) validateReceivers(ps *Problems) {
	seen := map[string]bool{}
	for i, r := range m.Receivers {
		at := fmt.Sprintf("monitoring.receivers[%d]", i)
		ps.require(dnsLabel.MatchString(r.Name), at+".name", r.Name, "must be a lower-case name", "")
		ps.require(!seen[r.Name], at+".name", r.Name, "stands twice", "")
		ps.require(r.Name != NobodyReceiver && r.Name != SwitchReceiver, at+".name", r.Name, "is the name of a receiver of Headroom's own", "call it otherwise")
		seen[r.Name] = true
		oneOf(ps, at+".kind", r.Kind)
		ps.secretRef(at+".secretRef", r.SecretRef)
		for j, severity := range r.Severities {
			oneOf(ps, fmt.Sprintf("%s.severities[%d]", at, j), severity)
		}
	}
	if m.DeadMansSwitch != nil {
		ps.secretRef("monitoring.deadMansSwitch", *m.DeadMansSwitch)
	}
}

// validateExporters: one of something that the stack does not have is ignored, so
// that a what-if may take the thing away.
func (s Stack) validateExporters(ps *Problems) {
	e := s.Monitoring.Exporters
	for _, one := range []struct {
		name     string
		exporter *Exporter
		// secret says that a managed one cannot do without.
		secret bool
	}{
		{ByPostgres, e.Postgres, true}, {ByPgBouncer, e.PgBouncer, true}, {ByRedis, e.Redis, false},
		{ByCloudWatch, e.CloudWatch, false}, {ByCloudflare, e.Cloudflare, true}, {ByBlackbox, e.Blackbox, false},
	} {
		if one.exporter != nil {
			one.exporter.validate(ps, "monitoring.exporters."+one.name, one.secret)
		}
	}
	s.validateReach(ps)
}

// validateReach refuses exporters that could not find what they are to read.
func (s Stack) validateReach(ps *Problems) {
	e := s.Monitoring.Exporters
	managed := func(x *Exporter) bool { return x != nil && x.Mode == Managed }
	const asks, ofOthers = "monitoring.exporters.cloudwatch.mode", "cannot be managed: an external %s has no id here to ask CloudWatch by"
	ps.require(!managed(e.CloudWatch) || s.Database.InstanceClass == "" || s.Database.Mode != External, asks, string(Managed),
		fmt.Sprintf(ofOthers, "database"), "set it to external, or adopt the database")
	ps.require(!managed(e.CloudWatch) || s.Edge.CloudFront == nil || s.Edge.CloudFront.Mode != External, asks, string(Managed),
		fmt.Sprintf(ofOthers, "distribution"), "set it to external, or adopt the distribution")
	ps.require(!managed(e.Cloudflare) || s.Edge.Cloudflare == nil || s.Edge.Cloudflare.ZoneID != "", "edge.cloudflare.zoneId", nil,
		"must be set for the Cloudflare exporter", "")
	ps.require(!managed(e.Redis) || s.Cache.Mode != Managed || e.Redis.Secret != nil, "monitoring.exporters.redis.secretRef", nil,
		"must name the Secret with the password of cache.user", "nobody else may log in: the default user is off")
}

func (e Exporter) validate(ps *Problems, at string, secret bool) {
	ps.require(e.Mode == Managed || e.Mode == External, at+".mode", string(e.Mode), "must be managed or external", "")
	if e.Mode == External {
		ps.require(len(e.Labels) > 0, at+".labels", nil, "must say by which labels Prometheus knows an external exporter", "such as job")
		for _, key := range sortedKeys(e.Labels) {
			ps.require(labelName.MatchString(key), at+".labels."+key, e.Labels[key], "must be the name of a Prometheus label", "")
		}
		return
	}
	ps.require(e.Mode != Managed || imageTag.MatchString(e.Image) && !strings.HasSuffix(e.Image, ":latest"), at+".image", e.Image,
		"must be an image with a tag or digest other than latest", "")
	ps.require(!secret || e.Secret != nil, at+".secretRef", nil, "must name the Secret that the exporter authenticates by", "")
	if e.Secret != nil {
		ps.secretRef(at+".secretRef", *e.Secret)
	}
}

func (ps *Problems) labels(at string, labels map[string]string) {
	for _, key := range sortedKeys(labels) {
		ps.require(labelKey.MatchString(key) && labelText.MatchString(labels[key]), at+"."+key, labels[key], "must be a Kubernetes label", "")
	}
}

func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// validate refuses names that would make every query of the service a syntax error.
func (m MetricNames) validate(ps *Problems, at string) {
	for _, name := range []struct{ key, value string }{{"requests", m.Requests}, {"inProgress", m.InProgress}, {"duration", m.Duration}} {
		ps.require(metricName.MatchString(name.value), at+"."+name.key, name.value, "must be the name of a Prometheus metric", "")
	}
	ps.require(m.PoolTimeouts == "" || metricName.MatchString(m.PoolTimeouts), at+".poolTimeouts", m.PoolTimeouts, "must be the name of a Prometheus metric", "")
	for _, name := range []struct{ key, value string }{{"method", m.Method}, {"route", m.Route}, {"status", m.Status}} {
		ps.require(labelName.MatchString(name.value), at+"."+name.key, name.value, "must be the name of a Prometheus label", "")
	}
	ps.between(at+".port", float64(m.Port), 1, 65535, "")
	ps.require(strings.HasPrefix(m.Path, "/"), at+".path", m.Path, "must start with /", "")
}
