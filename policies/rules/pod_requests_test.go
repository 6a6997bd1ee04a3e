package rules

import (
	"strings"
	"testing"
)

// TestAsks counts what a pod asks of a node as the scheduler does: what is
// overlooked is a pod that stays Pending.
func TestAsks(t *testing.T) {
	asking := func(requests any) node { return node{"resources": node{"requests": node{"cpu": requests}}} }
	limited := node{"resources": node{"limits": node{"cpu": "300m"}}}
	always := func(c node) node { c["restartPolicy"] = "Always"; return c }
	two := []any{asking("100m"), asking("200m")}
	for name, c := range map[string]struct {
		reason string
		pod    node
		want   float64
		waits  string
	}{
		"Sum":          {"containers run side by side", node{"containers": two}, 300, ""},
		"Limit":        {"a limit stands in for a request", node{"containers": []any{limited, asking("100m")}}, 400, ""},
		"Nothing":      {"what nobody requests takes no room", node{"containers": []any{node{}}}, 0, ""},
		"Sidecar":      {"a sidecar runs beside them", node{"containers": two, "initContainers": []any{always(asking("50m"))}}, 350, ""},
		"Init":         {"one that ends runs before them", node{"containers": two, "initContainers": []any{asking("1")}}, 1000, ""},
		"SmallInit":    {"and may be smaller", node{"containers": two, "initContainers": []any{asking("299m")}}, 300, ""},
		"InitAfter":    {"beside the sidecars that started before it", node{"containers": two, "initContainers": []any{always(asking("50m")), asking("1"), always(asking("70m"))}}, 1050, ""},
		"InitBefore":   {"and not beside those that start later", node{"containers": two, "initContainers": []any{asking("400m"), always(asking("70m")), always(asking("50m"))}}, 420, ""},
		"Pod":          {"a request of the pod stands for all", node{"containers": two, "initContainers": []any{asking("5")}, "resources": node{"requests": node{"cpu": "2"}}}, 2000, ""},
		"PodMemory":    {"one of memory leaves CPU to the containers", node{"containers": two, "resources": node{"requests": node{"memory": "1Gi"}}}, 300, ""},
		"PodLimit":     {"the pod's limit stands in where no container requests", node{"containers": []any{node{}}, "resources": node{"limits": node{"cpu": "2"}}}, 2000, ""},
		"PodLimitOver": {"and not where one does", node{"containers": two, "resources": node{"limits": node{"cpu": "2"}}}, 300, ""},
		"PodLimitInit": {"even one that ends", node{"containers": []any{node{}}, "initContainers": []any{asking("1")}, "resources": node{"limits": node{"cpu": "2"}}}, 1000, ""},
		"Overhead":     {"the runtime asks for its own", node{"containers": two, "overhead": node{"cpu": "20m"}}, 320, ""},
		"PodOverhead":  {"also beside a request of the pod", node{"containers": two, "overhead": node{"cpu": "20m"}, "resources": node{"requests": node{"cpu": "2"}}}, 2020, ""},
		"Hidden":       {"a container that is an output may request", node{"containers": []any{node{"resources": Unknown()}}, "resources": node{"limits": node{"cpu": "2"}}}, 0, "spec.template.spec.containers[0].resources.requests.cpu of Deployment api, not known yet"},
		"HiddenInits":  {"and so may a list", node{"containers": []any{node{}}, "initContainers": Unknown(), "resources": node{"limits": node{"cpu": "2"}}}, 0, "spec.template.spec.initContainers of Deployment api, not known yet"},
		"HiddenPod":    {"and the pod", node{"containers": two, "resources": Unknown()}, 300, "spec.template.spec.resources.requests.cpu of Deployment api, not known yet"},
	} {
		w := declared(typeDeployment, "api", node{"metadata": node{"name": "api"}, "spec": node{"template": node{"spec": c.pod}}})
		f := &facts{}
		if got := f.asks(podOf(w), computeCPU); got != c.want || strings.Join(f.waits, "; ") != c.waits {
			t.Errorf("%s: %s\nasks %gm, waits for %q; want %gm, %q", name, c.reason, got, f.waits, c.want, c.waits)
		}
	}
}

// TestPodLevel: an autoscaler asks the pod where it states anything.
func TestPodLevel(t *testing.T) {
	for name, c := range map[string]struct {
		reason    string
		resources any
		want      bool
	}{
		"Nothing":  {"the containers speak", nil, false},
		"Empty":    {"nothing is stated", node{"requests": node{}, "limits": node{}}, false},
		"Claims":   {"devices are no requests", node{"claims": []any{node{"name": "gpu"}}}, false},
		"Requests": {"a request", node{"requests": node{"memory": "1Gi"}}, true},
		"Limits":   {"a limit, which Kubernetes makes a request of", node{"limits": node{"memory": "1Gi"}}, true},
		"Output":   {"an output may state one", Unknown(), true},
	} {
		w := pod(typeDeployment, node{})
		w.Inputs = set(w.Inputs, strings.Split("spec/template/spec/resources", "/"), c.resources)
		if got := podLevel(podOf(w)); got != c.want {
			t.Errorf("%s: %s\npodLevel = %v, want %v", name, c.reason, got, c.want)
		}
	}
}
