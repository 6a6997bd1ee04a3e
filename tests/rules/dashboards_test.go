package rules

import (
	"testing"

	"github.com/agencyos/headroom/capacity/dashboards"

	"github.com/agencyos/headroom/capacity/plan/plantest"
)

// Every query of every panel parses.
func TestDashboardQueriesParse(t *testing.T) {
	add := func(name string, all []dashboards.Dashboard) {
		for _, d := range all {
			for _, r := range d.Rows {
				for _, p := range r.Panels {
					for _, q := range p.Queries {
						if len(metricsOf(t, name+" "+d.Name+" "+p.Title, q.Expr)) == 0 {
							t.Errorf("%s: %s, %s asks for no series: %s", name, d.Name, p.Title, q.Expr)
						}
					}
				}
			}
		}
	}
	for _, name := range []string{"prod", "staging", "local"} {
		s, p := plantest.Committed(t, name)
		add(name, dashboards.New(s, p))
	}
	s, p := plantest.Everything(t)
	add("everything", dashboards.New(s, p))
	s, p = plantest.Committed(t, "prod", "services.backend.autoscaling={metric: cpu}", "services.frontend.autoscaling={metric: requestRate}")
	add("other metrics", dashboards.New(s, p))
}
