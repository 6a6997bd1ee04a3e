package dashboards

import (
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

func (w world) edge() []Row {
	e := w.stack.Watching()
	var rows []Row
	if e.Cloudflare != nil {
		rows = append(rows, Row{"Cloudflare", w.cloudflare(e.Cloudflare)})
	}
	if e.CloudWatch != nil && w.stack.Edge.CloudFront != nil {
		of := func(metric string) string { return w.series.From(e.CloudWatch, "aws_cloudfront_"+metric) }
		rows = append(rows, Row{"CloudFront", []Panel{
			{Title: "Answers 5xx of CloudFront", Unit: percent, About: "Share of all answers.", Queries: one(of("5xx_error_rate_average"), "5xx")},
			{Title: "Requests to CloudFront", Unit: number, About: "In five minutes.", Queries: one(of("requests_sum"), "requests")},
		}})
	}
	if e.Blackbox != nil {
		rows = append(rows, Row{"as a user sees it", w.probes(e.Blackbox)})
	}
	return rows
}

func (w world) cloudflare(e *spec.Exporter) []Panel {
	zone := series.Is("zone", w.stack.Edge.Cloudflare.Zone)
	of := func(metric string) string { return w.series.From(e, "cloudflare_zone_"+metric, zone) }
	// Every value is what one minute counted.
	sum := func(metric string, by ...string) string { return series.Sum(series.Total(of(metric), window), by...) }
	rateOf := func(metric string) string { return series.Sum(series.Mean(of(metric), window)) + " / 60" }
	hits := Panel{Title: "Answered by the CDN", Unit: share, About: "Share of requests that do not reach the services.",
		Queries: one(sum("requests_cached")+" / "+sum("requests_total"), "hits")}
	if planned := w.plan.Edge.HitRatio; planned > 0 {
		hits.Limit, hits.About = limit(planned), hits.About+" The line is what they were planned with."
	}
	return []Panel{
		{Title: "Requests to the zone", Unit: perSecond, About: "As users send them.", Queries: one(rateOf("requests_total"), "requests")},
		hits,
		{Title: "Answers by status", Unit: share, About: "Share of all answers. 520 to 526 lie between the CDN and the load balancer.",
			Queries: one(sum("requests_status", "status")+" / scalar("+sum("requests_total")+")", "{{status}}")},
		{Title: "Bandwidth", Unit: "Bps", About: "To users, and of that from the cache.",
			Queries: []Query{{rateOf("bandwidth_total"), "all"}, {rateOf("bandwidth_cached"), "cached"}}},
	}
}

func (w world) probes(e *spec.Exporter) []Panel {
	of := func(metric string, more ...string) string { return w.series.From(e, metric, more...) }
	return []Panel{
		{Title: "First byte", Unit: seconds, Limit: limit(w.stack.SLO.TTFB.Seconds()), About: "Through the CDN, without the transfer. The line is what is promised.",
			Queries: one("sum by (service) ("+of("probe_http_duration_seconds", `phase!="transfer"`)+")", "{{service}}")},
		{Title: "First byte by phase", Unit: seconds, About: "resolve and connect are the network, tls the CDN, processing the service.",
			Queries: one("sum by (service,phase) ("+of("probe_http_duration_seconds")+")", "{{service}} {{phase}}")},
		{Title: "Reachable", Unit: share, Limit: limit(float64(w.stack.SLO.Availability) / 100), About: "Share of the probes of an hour that succeeded. The line is the promised availability.",
			Queries: one("avg_over_time("+of("probe_success")+"[1h])", "{{service}}")},
		{Title: "Certificate", Unit: seconds, About: "Until it ends.", Queries: one(of("probe_ssl_earliest_cert_expiry")+" - time()", "{{service}}")},
	}
}
