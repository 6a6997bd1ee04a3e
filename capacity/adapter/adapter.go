// Package adapter makes the configuration of prometheus-adapter from a plan: it
// serves every custom metric of the plan to the autoscalers, each by the plan's
// own query.
package adapter

import (
	"time"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

// Config is the file that the adapter reads
// (sigs.k8s.io/prometheus-adapter pkg/config/config.go, v0.12.0).
type Config struct {
	ExternalRules []Rule `json:"externalRules"`
}

// Rule serves one metric.
type Rule struct {
	// SeriesQuery finds the series; the metric exists while there is one.
	SeriesQuery string `json:"seriesQuery"`
	// Resources says that the query is used as it stands: it names its namespace
	// itself.
	Resources Resources `json:"resources"`
	Name      Name      `json:"name"`
	// MetricsQuery is a template without variables.
	MetricsQuery string `json:"metricsQuery"`
}

// Resources maps labels to objects.
type Resources struct {
	Namespaced bool `json:"namespaced"`
}

// Name of the metric in the API.
type Name struct {
	As string `json:"as"`
}

// Of a stack.
func Of(stack spec.Stack, p plan.Plan) Config {
	set := series.Of(stack)
	c := Config{ExternalRules: []Rule{}}
	for _, name := range plan.Names(p) {
		v := stack.Services[name]
		for _, m := range p.Services[name].Metrics {
			c.ExternalRules = append(c.ExternalRules, Rule{
				SeriesQuery: set.Service(v.Metrics.Of(m.Kind), name), Name: Name{As: m.Name}, MetricsQuery: m.Query,
			})
		}
	}
	return c
}

// Relist is how often the adapter looks for new series. Its own ten minutes would
// hide a new metric, and a new stack, for so long.
const Relist = 30 * time.Second

// MaxAge of a series that the adapter still serves: two scrapes, so that one that
// is missed hides nothing, and not less than Relist, which the adapter refuses
// (sigs.k8s.io/prometheus-adapter cmd/adapter/adapter.go, makeProvider, v0.12.0).
func MaxAge(stack spec.Stack) time.Duration {
	return max(2*time.Duration(stack.Monitoring.ScrapeInterval), 2*Relist)
}
