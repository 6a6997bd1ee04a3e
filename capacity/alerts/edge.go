package alerts

import (
	"cmp"
	"fmt"
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

// edge watches what answers before the cluster does, and the way in itself.
func (w world) edge() []Alert {
	e := w.stack.Watching()
	var out []Alert
	if e.Cloudflare != nil {
		out = append(out, w.cloudflare(e.Cloudflare)...)
	}
	if e.CloudWatch != nil && w.stack.Edge.CloudFront != nil {
		out = append(out, w.cloudfront(e.CloudWatch)...)
	}
	if e.Blackbox == nil {
		return out
	}
	hosts := w.stack.Hosts()
	for _, name := range plan.Names(w.plan) {
		if host, ok := hosts[name]; ok {
			out = append(out, w.probe(e.Blackbox, name, host)...)
		}
	}
	return out
}

// cloudflare: the exporter reads its analytics, which lag by five minutes. Its
// series are called counters and hold what the last minute alone counted: they
// are added up, and a status that no answer had has none
// (https://github.com/lablabs/cloudflare-exporter/issues/182, 2026-11).
func (w world) cloudflare(e *spec.Exporter) []Alert {
	zone := w.stack.Edge.Cloudflare.Zone
	of := func(metric string, more ...string) string {
		return w.series.From(e, "cloudflare_zone_"+metric, append([]string{series.Is("zone", zone)}, more...)...)
	}
	sum := func(s string) string { return series.Sum(series.Total(s, 10*time.Minute)) }
	total := of("requests_total")
	errors, _ := w.plan.Limit(plan.CeilingEdgeErrors, "cloudflare")
	out := []Alert{{
		Name: "HeadroomEdgeErrors", Subject: "cloudflare", Severity: spec.Critical, For: 5 * time.Minute, Ceiling: plan.CeilingEdgeErrors,
		Expr:    fmt.Sprintf("100 * %s / %s > %s", sum(of("requests_status", series.Matches("status", "5.."))), sum(total), series.Number(errors.Threshold)),
		Summary: fmt.Sprintf("{{ $value | humanize }}%% of all answers of %s are server errors", zone),
		Runbook: Runbook{Command: fmt.Sprintf("curl -sSI https://%s/ | head -20", zone),
			Means: fmt.Sprintf("Users see them. At %s%% the month's error budget is gone in two days.", series.Number(errors.Threshold)),
			Do: []string{"Status 520 to 526 is between the CDN and the load balancer: certificate, timeout, refused connection. 500 to 504 comes from the services: their alerts say which.",
				"Is it one place? Cloudflare's status page, and the analytics by colocation."}},
		Needs: []string{total},
	}}
	misses, ok := w.plan.Limit(plan.CeilingEdgeMisses, "")
	if !ok {
		return out
	}
	cached := of("requests_cached")
	return append(out, Alert{
		Name: "HeadroomEdgeHitsBelowPlan", Subject: "cloudflare", Severity: spec.Warning, For: 30 * time.Minute, Ceiling: plan.CeilingEdgeMisses,
		Expr:    fmt.Sprintf("100 * (1 - %s / %s) > %s", sum(cached), sum(total), series.Number(misses.Threshold)),
		Summary: fmt.Sprintf("{{ $value | humanize }}%% of requests pass through %s; the services were planned for %s%%", zone, series.Number(misses.Ceiling)),
		Runbook: Runbook{Command: fmt.Sprintf("curl -sSI https://%s/ | grep -iE 'cf-cache-status|cache-control|age'", zone),
			Means: "Every miss is a request more for the pods than planned.",
			Do: []string{"BYPASS or DYNAMIC where HIT is expected: a Set-Cookie, a no-store, or a rule that matches last. EXPIRED: a TTL that is too short.",
				fmt.Sprintf("See what it costs: `%s`.", w.whatIf("traffic.cdnHitRatio=N%%"))}},
		Needs: []string{cached, total},
	})
}

func (w world) cloudfront(e *spec.Exporter) []Alert {
	limit, ok := w.plan.Limit(plan.CeilingEdgeErrors, "cloudfront")
	if !ok {
		return nil
	}
	rate := w.series.From(e, "aws_cloudfront_5xx_error_rate_average")
	return []Alert{{
		Name: "HeadroomEdgeErrors", Subject: "cloudfront", Severity: spec.Critical, For: 10 * time.Minute, Ceiling: plan.CeilingEdgeErrors,
		Expr:    fmt.Sprintf("%s > %s", rate, series.Number(limit.Threshold)),
		Summary: "{{ $value | humanize }}% of all answers of CloudFront are server errors",
		Runbook: Runbook{Command: fmt.Sprintf("curl -sSI https://%s/ | head -20", w.media()),
			Means: "Static media do not load for these users.",
			Do: []string{"x-cache: Error from cloudfront with 502 or 504 is the origin; 503 is capacity at the edge.",
				"A bucket that refuses shows as 403 of the origin: its policy must allow the distribution (origin access control)."}},
		Needs: []string{rate},
	}}
}

// media is a host of the distribution.
func (w world) media() string {
	if aliases := w.stack.Edge.CloudFront.Aliases; len(aliases) > 0 {
		return aliases[0]
	}
	return "<distribution>.cloudfront.net"
}

// warnDays before a certificate ends: renewal is due at a third of 90 days, and
// has then failed for two weeks.
const warnDays = 14

// probe asks the host as a user would, through the CDN.
func (w world) probe(e *spec.Exporter, service, host string) []Alert {
	of := func(metric string, more ...string) string {
		return w.series.From(e, metric, append([]string{series.Is("service", service)}, more...)...)
	}
	success, expiry := of("probe_success"), of("probe_ssl_earliest_cert_expiry")
	phases := of("probe_http_duration_seconds", `phase!="transfer"`)
	ttfb := time.Duration(w.firstByte(service))
	look := fmt.Sprintf("curl -sS -o /dev/null -w '%%{http_code} %%{time_starttransfer}s\\n' https://%s/", host)
	return []Alert{{
		Name: "HeadroomUnreachable", Subject: service, Severity: spec.Critical, For: 2 * time.Minute,
		Expr:    success + " == 0",
		Summary: fmt.Sprintf("https://%s does not answer", host),
		Runbook: Runbook{Command: look, Means: "Asked through the CDN, as a user would. The services behind it may be well: then it is DNS, certificate, CDN or load balancer.",
			Do: []string{fmt.Sprintf("`dig +short %s`, then the same request to the load balancer directly.", host),
				fmt.Sprintf("Are there ready pods? `%s`.", w.kubectl("get deployment %s", w.autoscaler(service).deployment()))}},
		Needs: []string{success},
	}, {
		Name: "HeadroomFirstByteSlow", Subject: service, Severity: spec.Warning, For: 10 * time.Minute,
		Expr:    fmt.Sprintf("sum by (service) (%s) > %s", phases, series.Number(ttfb.Seconds())),
		Summary: fmt.Sprintf("the first byte of https://%s takes {{ $value | humanizeDuration }}; promised are %s", host, spec.Duration(ttfb)),
		Runbook: Runbook{Command: look, Means: "Name, connection, TLS and the wait for the answer together, from inside the cluster's network.",
			Do: []string{"Which part? Dashboard edge shows the phases: resolve and connect are the network, tls the CDN, processing the service.",
				"If it is processing, the alerts of the service say more."}},
		Needs: []string{phases},
	}, {
		Name: "HeadroomCertificateExpiring", Subject: service, Severity: spec.Warning,
		Expr:    fmt.Sprintf("%s - time() < %d", expiry, warnDays*24*3600),
		Summary: fmt.Sprintf("the certificate of https://%s ends in {{ $value | humanizeDuration }}", host),
		Runbook: Runbook{Command: fmt.Sprintf("openssl s_client -connect %s:443 -servername %s </dev/null 2>/dev/null | openssl x509 -noout -dates -issuer", host, host),
			Means: fmt.Sprintf("Automatic renewal should have happened. Less than %d days are left.", warnDays),
			Do:    []string{"The issuer tells who renews it: ACM and Cloudflare need their DNS record to stay; cert-manager says why in `kubectl describe certificate -A`."}},
		Needs: []string{expiry},
	}}
}

// firstByte that the service promises: the longest of its core routes.
func (w world) firstByte(service string) spec.Duration {
	var longest spec.Duration
	for _, r := range w.stack.Services[service].Routes {
		if _, ttfb := w.stack.SLO.Promises(r); r.Core {
			longest = max(longest, ttfb)
		}
	}
	return cmp.Or(longest, w.stack.SLO.TTFB)
}
