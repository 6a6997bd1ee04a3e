package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCPUTargets: a target that is overlooked is one that nobody checked.
func TestCPUTargets(t *testing.T) {
	metric := func(typ, field string, of node) []any { return []any{node{"type": typ, field: of}} }
	cpu := func(target node) []any { return metric("Resource", "resource", node{"name": "cpu", "target": target}) }
	utilization := node{"type": "Utilization", "averageUtilization": 60}
	for name, c := range map[string]struct {
		reason string
		typ    string
		spec   node
		want   string
	}{
		"Old":         {"autoscaling/v1 names it in a field of its own", typeHPAv1, node{"targetCPUUtilizationPercentage": 70}, "70"},
		"OldDefault":  {"and fills it in", typeHPAv1, node{}, "80"},
		"None":        {"so does v2 without any metric", typeHPA, node{}, "80"},
		"Empty":       {"also where the list is there", typeHPA, node{"metrics": []any{}}, "80"},
		"Hidden":      {"a list that is an output may name another", typeHPA, node{"metrics": Unknown()}, " waits for spec.metrics of HorizontalPodAutoscaler api, not known yet"},
		"Secret":      {"or a secret", typeHPA, node{"metrics": Secret()}, " waits for spec.metrics of HorizontalPodAutoscaler api, a secret"},
		"Resource":    {"of the whole pod", typeHPA, node{"metrics": cpu(utilization)}, "60"},
		"Container":   {"of one container", typeHPA, node{"metrics": metric("ContainerResource", "containerResource", node{"name": "cpu", "container": "api", "target": utilization})}, "60 api"},
		"Untyped":     {"a number says what it is", typeHPA, node{"metrics": cpu(node{"averageUtilization": 60})}, "60"},
		"Unset":       {"a utilization that nobody stated", typeHPA, node{"metrics": cpu(node{"type": "Utilization"})}, "1 waits for spec.metrics[0].resource.target.averageUtilization of HorizontalPodAutoscaler api to be set"},
		"Value":       {"cores are compared with no request", typeHPA, node{"metrics": cpu(node{"type": "AverageValue", "averageValue": "500m"})}, ""},
		"Memory":      {"memory is another rule's", typeHPA, node{"metrics": metric("Resource", "resource", node{"name": "memory", "target": utilization})}, ""},
		"External":    {"what is measured elsewhere needs no request", typeHPA, node{"metrics": metric("External", "external", node{"target": utilization})}, ""},
		"NameUnknown": {"an output may be cpu", typeHPA, node{"metrics": metric("Resource", "resource", node{"name": Unknown(), "target": utilization})}, " waits for spec.metrics[0].resource.name of HorizontalPodAutoscaler api, not known yet"},
	} {
		f := &facts{}
		var told []string
		for _, target := range f.cpuTargets(declared(c.typ, "api", node{"spec": c.spec})) {
			told = append(told, strings.TrimSpace(fmt.Sprintf("%d %s", target.percent, target.scope)))
		}
		got := strings.Join(told, ", ")
		if !f.complete() {
			got += " waits for " + strings.Join(f.waits, "; ")
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s\ntargets (-want +got):\n%s", name, c.reason, diff)
		}
	}
}
