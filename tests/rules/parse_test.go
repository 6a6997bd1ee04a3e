package rules

import (
	"slices"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/agencyos/headroom/capacity/alerts"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"

	"github.com/agencyos/headroom/capacity/plan/plantest"
)

// stacks are the committed ones and one that has everything.
func stacks(t *testing.T) map[string][]alerts.Group {
	out := map[string][]alerts.Group{}
	add := func(name string, s spec.Stack, p plan.Plan) { out[name] = alerts.New(s, p) }
	for _, name := range []string{"prod", "staging", "local"} {
		s, p := plantest.Committed(t, name)
		add(name, s, p)
	}
	s, p := plantest.Everything(t)
	add("everything", s, p)
	s, p = plantest.Committed(t, "prod", "services.backend.autoscaling={metric: cpu}", "services.frontend.autoscaling={metric: requestRate}")
	add("other metrics", s, p)
	return out
}

// sometimes are series that a healthy stack may not have; an alert on their
// absence would be noise.
var sometimes = []string{
	"kube_pod_status_phase", // with phase Pending; the alert needs phase Running
	"cloudflare_zone_requests_status",
	"http_requests_total", // with a status of an error; the alert needs any status
}

// Every expression parses, and every series in it is either needed or may be
// missing for a reason.
func TestExpressionsParse(t *testing.T) {
	for stack, groups := range stacks(t) {
		for _, g := range groups {
			for _, r := range g.Records {
				if _, err := parser.ParseExpr(r.Expr); err != nil {
					t.Errorf("%s: %s: %v", stack, r.Name, err)
				}
			}
			for _, a := range g.Alerts {
				metrics := metricsOf(t, stack+" "+a.Title(), a.Expr)
				var needed []string
				for _, need := range a.Needs {
					needed = append(needed, metricsOf(t, stack+" "+a.Title(), need)...)
				}
				for _, m := range metrics {
					if !slices.Contains(needed, m) && !guarded(a, m) {
						t.Errorf("%s: %s reads %s; nothing says so when it is missing", stack, a.Title(), m)
					}
				}
			}
		}
	}
}

// guarded says that the absence of a series is noticed otherwise.
func guarded(a alerts.Alert, metric string) bool {
	switch a.Name {
	case alerts.SeriesMissing, "HeadroomMetricUnavailable", "HeadroomExporterDown": // these ask for the absence itself
		return true
	case "HeadroomLoadAboveMaximum": // HeadroomMetricUnavailable asks for the same
		return metric == "http_requests_in_progress" || metric == "http_requests_total" || metric == "container_cpu_usage_seconds_total"
	case "HeadroomSlowRequests", "HeadroomFailedRequests": // recorded from what the alert needs
		return true
	}
	return slices.Contains(sometimes, metric)
}

// metricsOf are the names of all series that an expression selects.
func metricsOf(t *testing.T, where, expr string) []string {
	t.Helper()
	parsed, err := parser.ParseExpr(expr)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return nil
	}
	var out []string
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if v, ok := node.(*parser.VectorSelector); ok {
			out = append(out, v.Name)
		}
		return nil
	})
	return out
}
