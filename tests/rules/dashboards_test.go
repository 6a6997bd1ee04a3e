package rules

import (
	"testing"

	"github.com/agencyos/headroom/capacity/dashboards"
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
		s, p := planned(t, name)
		add(name, dashboards.New(s, p))
	}
	s, p := everything(t)
	add("everything", dashboards.New(s, p))
	s, p = planned(t, "prod", set{"services.backend.autoscaling", "{metric: cpu}"}, set{"services.frontend.autoscaling", "{metric: requestRate}"})
	add("other metrics", dashboards.New(s, p))
}
