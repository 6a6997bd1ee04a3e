package stacks

import (
	"fmt"

	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/adapter"
	"github.com/agencyos/headroom/capacity/alerts"
	"github.com/agencyos/headroom/capacity/dashboards"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// monitoringFiles are what somebody needs who runs Prometheus, its adapter and
// Grafana without the operator and its sidecars, and the page that alerts link to.
func monitoringFiles(s spec.Stack, p plan.Plan) (map[string][]byte, error) {
	groups := alerts.New(s, p)
	files := map[string][]byte{"monitoring/runbooks.md": []byte(alerts.Book(p.Stack, groups))}
	for name, content := range map[string]any{
		"monitoring/rules.yaml":   map[string]any{"groups": alerts.RuleFile(p.Stack, s.Cluster.Namespace, s.Monitoring.RunbooksURL, groups)},
		"monitoring/adapter.yaml": adapter.Of(s, p),
	} {
		text, err := yaml.Marshal(content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		files[name] = text
	}
	for _, d := range dashboards.New(s, p) {
		text, err := d.JSON(p.Stack)
		if err != nil {
			return nil, err
		}
		files["monitoring/dashboards/"+d.Name+".json"] = text
	}
	return files, nil
}
