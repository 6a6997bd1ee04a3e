package charts

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/agencyos/headroom/capacity/adapter"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// Adapter are values of prometheus-adapter
// (github.com/prometheus-community/helm-charts charts/prometheus-adapter/values.yaml, 2026-11).
type Adapter struct {
	Prometheus            PrometheusAddress `json:"prometheus"`
	MetricsRelistInterval string            `json:"metricsRelistInterval"`
	ExtraArguments        []string          `json:"extraArguments"`
	LogLevel              int               `json:"logLevel"`
	Replicas              int               `json:"replicas"`
	PodDisruptionBudget   Disruption        `json:"podDisruptionBudget"`
	Rules                 Rules             `json:"rules"`
	Resources             Resources         `json:"resources"`
}

// PrometheusAddress in the parts that the chart puts together.
type PrometheusAddress struct {
	URL  string `json:"url"`
	Port int    `json:"port"`
	Path string `json:"path"`
}

// Disruption keeps one of the pods: without an adapter the autoscalers are blind.
type Disruption struct {
	Enabled        bool `json:"enabled"`
	MaxUnavailable int  `json:"maxUnavailable"`
}

// Rules of the adapter. The chart's default ones would list every series of the
// cluster twice a minute.
type Rules struct {
	Default  bool           `json:"default"`
	External []adapter.Rule `json:"external"`
}

// NewAdapter are the values of a stack.
func NewAdapter(s spec.Stack, p plan.Plan) (Adapter, error) {
	address, err := prometheusAddress(s.Monitoring.PrometheusURL)
	if err != nil {
		return Adapter{}, err
	}
	workload, _ := p.Watcher(plan.PrometheusAdapter)
	return Adapter{
		Prometheus: address, MetricsRelistInterval: adapter.Relist.String(), ExtraArguments: []string{maxAge(s)}, LogLevel: 2,
		Replicas: workload.Pods, PodDisruptionBudget: Disruption{Enabled: true, MaxUnavailable: 1},
		Rules: Rules{External: adapter.Of(s, p).ExternalRules}, Resources: resources(p, plan.PrometheusAdapter),
	}, nil
}

// prometheusAddress takes a URL apart; the chart leaves a port of 0 out.
func prometheusAddress(text string) (PrometheusAddress, error) {
	u, err := url.Parse(text)
	if err != nil {
		return PrometheusAddress{}, fmt.Errorf("monitoring.prometheusUrl: %w", err)
	}
	out := PrometheusAddress{URL: u.Scheme + "://" + u.Hostname(), Path: u.Path}
	if u.Port() != "" {
		out.Port, err = strconv.Atoi(u.Port())
	}
	return out, err
}
