//go:build linux

package exporters

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/internal/process"
)

// objects are lists of a cluster with one object of each kind, as an API server
// answers them.
var objects = map[string]string{
	"/api/v1/nodes": `{"kind": "NodeList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": [{"metadata": {"name": "n", "uid": "1",
		"labels": {"eks.amazonaws.com/nodegroup": "web"}}, "status": {"allocatable": {"cpu": "3920m", "memory": "14Gi", "pods": "58"}, "conditions": [{"type": "Ready", "status": "True"}]}}]}`,
	"/api/v1/pods": `{"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": [{"metadata": {"name": "backend-6d4cf56db6-x7zqk", "namespace": "agencyos", "uid": "2",
		"creationTimestamp": "2026-11-23T00:00:00Z"}, "spec": {"nodeName": "n", "containers": [{"name": "backend", "image": "a", "resources": {"requests": {"cpu": "1500m", "memory": "1Gi"}}}]},
		"status": {"phase": "Running", "reason": "Evicted", "startTime": "2026-11-23T00:00:01Z", "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-23T00:00:09Z"}],
		"containerStatuses": [{"name": "backend", "image": "a", "imageID": "a", "restartCount": 1, "state": {"running": {}}}]}}]}`,
	"/apis/apps/v1/deployments": `{"kind": "DeploymentList", "apiVersion": "apps/v1", "metadata": {"resourceVersion": "1"}, "items": [{"metadata": {"name": "backend", "namespace": "agencyos", "uid": "3"},
		"spec": {"replicas": 5, "selector": {}, "template": {}}, "status": {"replicas": 5, "availableReplicas": 5}}]}`,
	"/apis/autoscaling/v2/horizontalpodautoscalers": `{"kind": "HorizontalPodAutoscalerList", "apiVersion": "autoscaling/v2", "metadata": {"resourceVersion": "1"}, "items": [{"metadata":
		{"name": "backend", "namespace": "agencyos", "uid": "4"}, "spec": {"minReplicas": 5, "maxReplicas": 17, "scaleTargetRef": {"kind": "Deployment", "name": "backend"}},
		"status": {"currentReplicas": 5, "desiredReplicas": 5, "conditions": [{"type": "ScalingActive", "status": "True"}]}}]}`,
}

// both services have the objects that the lists show of one.
func both(list string) string {
	head, one, _ := strings.Cut(strings.TrimSuffix(list, "]}"), `"items": [`)
	other := strings.NewReplacer("backend", "frontend", `"uid": "`, `"uid": "1`, `"name": "n"`, `"name": "m"`, `"nodeName": "n"`, `"nodeName": "m"`).Replace(one)
	return head + `"items": [` + one + "," + other + "]}"
}

// cluster answers lists and holds watches open: as much of an API server as
// kube-state-metrics and the adapter ask for.
func cluster(t *testing.T) string {
	t.Helper()
	ended := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		list, ok := objects[r.URL.Path]
		switch {
		case r.Method == http.MethodPost:
			// Who may ask is not what is tested.
			w.WriteHeader(http.StatusCreated)
			_, _ = fmt.Fprint(w, `{"kind": "SubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "spec": {}, "status": {"allowed": true}}`)
		case !ok:
			_, _ = fmt.Fprint(w, index(r.URL.Path))
		case r.URL.Query().Get("watch") != "" && r.URL.Query().Get("sendInitialEvents") != "":
			// An API server without streaming lists; clients list instead.
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprint(w, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "BadRequest", "code": 400}`)
		case r.URL.Query().Get("watch") != "":
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-ended:
			}
		default:
			_, _ = fmt.Fprint(w, both(list))
		}
	}))
	t.Cleanup(func() { close(ended); s.Close() })
	return s.URL
}

// index is what discovery finds.
func index(path string) string {
	switch {
	case path == "/version":
		return `{"major": "1", "minor": "35", "gitVersion": "v1.35.0"}`
	case path == "/api":
		return `{"kind": "APIVersions", "versions": ["v1"]}`
	case path == "/apis":
		return `{"kind": "APIGroupList", "apiVersion": "v1", "groups": []}`
	default:
		return fmt.Sprintf(`{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": %q, "resources": []}`, strings.TrimPrefix(path, "/api/"))
	}
}

// kubeconfig leads to a cluster.
func kubeconfig(t *testing.T, at string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	servers.Keep(t, path, fmt.Appendf(nil, "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: %q}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\n", at))
	return path
}

// state is the real kube-state-metrics with the flag that the chart is told.
func state(t *testing.T, at string) string {
	t.Helper()
	config := kubeconfig(t, at)
	return exporter(t, "kube-state-metrics", "k8s.io/kube-state-metrics/v2", "/metrics", nil, func(port int, _ string) []string {
		return []string{"--kubeconfig", config, "--host=127.0.0.1", fmt.Sprintf("--port=%d", port), "--telemetry-host=127.0.0.1", fmt.Sprintf("--telemetry-port=%d", process.Port(t)),
			"--resources=nodes,pods,deployments,horizontalpodautoscalers", "--metric-labels-allowlist=" + plan.NodeLabels}
	})
}
