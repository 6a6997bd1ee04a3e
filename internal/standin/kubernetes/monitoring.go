package kubernetes

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Sources of what the Prometheus operator refuses.
const (
	operatorAPI = "prometheus-operator pkg/apis/monitoring/v1 @ v0.93.1 (CRD validation)"
	operatorWeb = "prometheus-operator pkg/operator/rules.go @ v0.93.1 (ValidateRule, in the admission webhook)"
	operatorAM  = "prometheus-operator pkg/alertmanager/validation/v1alpha1 @ v0.93.1 (ValidateAlertmanagerConfig)"
	operatorPod = "prometheus-operator pkg/prometheus/resource_selector.go @ v0.93.1 (validateScrapeIntervalAndTimeout)"
)

// monitoringTypes are the custom resources of the Prometheus operator.
func monitoringTypes() []provider.Type {
	custom := func(kind string, own ...provider.Rule) provider.Type {
		version := "v1"
		if kind == "AlertmanagerConfig" {
			version = "v1alpha1"
		}
		return provider.Known(provider.Type{Token: "kubernetes:monitoring.coreos.com/" + version + ":" + kind,
			Required: []string{"spec"}, Rules: rules(own), Identity: identity, Mint: mint(nil), Sharing: sharing()})
	}
	return []provider.Type{
		custom("PodMonitor", provider.Rule{ID: "operator-endpoints", Source: operatorAPI, Test: endpoints},
			provider.Rule{ID: "operator-scrape-timeout", Source: operatorPod, Test: scrapeTimeouts}),
		custom("Probe", provider.Rule{ID: "operator-prober", Source: operatorAPI + " and pkg/prometheus/resource_selector.go (validateProberURL)", Test: prober}),
		custom("PrometheusRule", provider.Rule{ID: "operator-rules", Source: operatorWeb, Test: ruleGroups}),
		custom("AlertmanagerConfig", provider.Rule{ID: "operator-receivers", Source: operatorAM, Test: receivers}),
	}
}

// endpoints have exactly one way to name a port.
func endpoints(_, in provider.Value) (found []provider.Problem) {
	list := in.At("spec.podMetricsEndpoints")
	if list.Known() && len(list.List()) == 0 {
		return problem("spec.podMetricsEndpoints", "must not be empty")
	}
	for i, e := range list.List() {
		port, named := e.At("portNumber").Number()
		if named && (port < 1 || port > 65535) {
			found = append(found, problem(fmt.Sprintf("spec.podMetricsEndpoints[%d].portNumber", i), "must be between 1 and 65535")...)
		}
		if !named && e.At("port").Text() == "" {
			found = append(found, problem(fmt.Sprintf("spec.podMetricsEndpoints[%d]", i), "must name a port")...)
		}
	}
	return found
}

// scrapeTimeouts above the interval make the operator skip the whole monitor.
func scrapeTimeouts(_, in provider.Value) (found []provider.Problem) {
	for i, e := range in.At("spec.podMetricsEndpoints").List() {
		timeout, err := time.ParseDuration(e.At("scrapeTimeout").Text())
		interval, wrong := time.ParseDuration(e.At("interval").Text())
		if err == nil && wrong == nil && timeout > interval {
			found = append(found, problem(fmt.Sprintf("spec.podMetricsEndpoints[%d].scrapeTimeout", i), "must not exceed the interval of %s", interval)...)
		}
	}
	return found
}

// prober is a host and port, without a scheme.
func prober(_, in provider.Value) []provider.Problem {
	at := in.At("spec.prober.url")
	if !at.IsText() {
		return nil
	}
	if parsed, err := url.Parse("//" + at.Text()); err != nil || parsed.Hostname() == "" || strings.Contains(at.Text(), "/") {
		return problem("spec.prober.url", "must be a host and port")
	}
	return nil
}

var (
	ruleLabel    = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
	ruleDuration = regexp.MustCompile(`^(0|([0-9]+(ms|[smhdwy]))+)$`)
)

// ruleGroups have names of their own, and every rule is of one kind. Whether the
// expressions parse, the tests of the rules tell by Prometheus' own parser.
func ruleGroups(_, in provider.Value) (found []provider.Problem) {
	seen := map[string]bool{}
	for i, g := range in.At("spec.groups").List() {
		at := fmt.Sprintf("spec.groups[%d]", i)
		if name := g.At("name").Text(); name == "" || seen[name] {
			found = append(found, problem(at+".name", "must be set, and no other group's")...)
		}
		seen[g.At("name").Text()] = true
		for j, r := range g.At("rules").List() {
			found = append(found, oneRule(fmt.Sprintf("%s.rules[%d]", at, j), r)...)
		}
	}
	return found
}

func oneRule(at string, r provider.Value) (found []provider.Problem) {
	if r.At("alert").Present() == r.At("record").Present() {
		found = append(found, problem(at, "must have exactly one of alert and record")...)
	}
	if r.At("expr").Text() == "" && !r.At("expr").Unknown() {
		found = append(found, problem(at+".expr", "must not be empty")...)
	}
	if d := r.At("for"); d.IsText() && !ruleDuration.MatchString(d.Text()) {
		found = append(found, problem(at+".for", "must be a duration such as 5m")...)
	}
	for label := range r.At("labels").Map() {
		if !ruleLabel.MatchString(label) {
			found = append(found, problem(at+".labels", "%s is not the name of a label", label)...)
		}
	}
	return found
}

// receivers have names of their own, and every route leads to one of them.
func receivers(_, in provider.Value) (found []provider.Problem) {
	var names []string
	for i, r := range in.At("spec.receivers").List() {
		name := r.At("name").Text()
		if name == "" || slices.Contains(names, name) {
			found = append(found, problem(fmt.Sprintf("spec.receivers[%d].name", i), "must be set, and no other receiver's")...)
		}
		names = append(names, name)
	}
	return append(found, routes("spec.route", in.At("spec.route"), names)...)
}

func routes(at string, route provider.Value, names []string) (found []provider.Problem) {
	if to := route.At("receiver"); to.IsText() && !slices.Contains(names, to.Text()) {
		found = problem(at+".receiver", "is no receiver of the list")
	}
	for i, r := range route.At("routes").List() {
		found = append(found, routes(fmt.Sprintf("%s.routes[%d]", at, i), r, names)...)
	}
	return found
}
