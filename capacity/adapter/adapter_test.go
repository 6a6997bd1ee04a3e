package adapter

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

func stack() (spec.Stack, plan.Plan) {
	metrics := spec.MetricNames{Requests: "requests_total", InProgress: "in_flight"}
	return spec.Stack{Cluster: spec.Cluster{Namespace: "shop"}, Services: map[string]spec.Service{"web": {Metrics: metrics}, "api": {Metrics: metrics}, "jobs": {Metrics: metrics}}},
		plan.Plan{Services: map[string]plan.Service{
			"web":  {Metrics: []plan.Metric{{Name: "headroom_web_request_rate", Kind: spec.RequestRate, Query: `sum(rate(requests_total{namespace="shop",service="web"}[60s]))`}}},
			"api":  {Metrics: []plan.Metric{{Name: "headroom_api_in_flight", Kind: spec.InFlight, Query: `sum(in_flight{namespace="shop",service="api"})`}}},
			"jobs": {},
		}}
}

func TestOneRulePerMetric(t *testing.T) {
	want := Config{ExternalRules: []Rule{
		{SeriesQuery: `in_flight{namespace="shop",service="api"}`, Name: Name{"headroom_api_in_flight"}, MetricsQuery: `sum(in_flight{namespace="shop",service="api"})`},
		{SeriesQuery: `requests_total{namespace="shop",service="web"}`, Name: Name{"headroom_web_request_rate"}, MetricsQuery: `sum(rate(requests_total{namespace="shop",service="web"}[60s]))`},
	}}
	if diff := cmp.Diff(want, Of(stack())); diff != "" {
		t.Errorf("rules, in the order of the services (-want +got):\n%s", diff)
	}
}

func TestMaxAgeOutlivesAMissedScrape(t *testing.T) {
	for scrape, want := range map[time.Duration]time.Duration{15 * time.Second: time.Minute, time.Minute: 2 * time.Minute} {
		s := spec.Stack{Monitoring: spec.Monitoring{ScrapeInterval: spec.Duration(scrape)}}
		if got := MaxAge(s); got != want || got < Relist || got < 2*scrape {
			t.Errorf("MaxAge at a scrape of %s = %s, want %s", scrape, got, want)
		}
	}
}
