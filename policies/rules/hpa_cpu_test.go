package rules

import "testing"

const (
	apiHPA  = "HorizontalPodAutoscaler api"
	sidecar = "spec/template/spec/containers/1/"
)

func TestHPACPURequest(t *testing.T) {
	judgeRows(t, "hpa-cpu-request", map[string]row{
		"All":       {reason: "service and sidecar request CPU", want: Pass},
		"FromLimit": {reason: "Kubernetes takes the limit for a missing request", want: Pass, edits: []edit{{"Deployment api", sidecar + "resources/requests", gone{}}}},
		"PodLevel":  {reason: "a request of the pod stands for its containers", also: []string{"pod-memory"}, want: Pass, edits: []edit{{"Deployment api", sidecar + "resources", gone{}}, {"Deployment api", "spec/template/spec/resources", node{"requests": node{"cpu": "1"}}}}},
		"Sidecar":   {reason: "one container without a request stops the autoscaler", also: []string{"pod-memory"}, want: Violation, says: "container proxy", edits: []edit{{"Deployment api", sidecar + "resources", gone{}}}},
		"NativeSidecar": {reason: "an init container that restarts always counts", also: []string{"pod-hardened"}, want: Violation, says: "container mesh",
			edits: []edit{{"Deployment api", "spec/template/spec/initContainers", []any{node{"name": "mesh", "image": "m:1", "restartPolicy": "Always"}}}}},
		"InitContainer": {reason: "one that ends does not", also: []string{"pod-hardened"}, want: Pass, edits: []edit{{"Deployment api", "spec/template/spec/initContainers", []any{node{"name": "migrate", "image": "m:1"}}}}},
		"DefaultMetric": {reason: "without metrics Kubernetes steers by CPU", also: []string{"pod-memory"}, want: Violation,
			edits: []edit{{apiHPA, "spec/metrics", gone{}}, {"Deployment api", sidecar + "resources", gone{}}}},
		"OwnContainer": {reason: "a container metric looks at its container only", also: []string{"pod-memory"}, want: Pass, edits: []edit{{"Deployment api", sidecar + "resources", gone{}},
			{apiHPA, "spec/metrics/0", node{"type": "ContainerResource", "containerResource": node{"name": "cpu", "container": "api", "target": node{"type": "Utilization", "averageUtilization": 60}}}}}},
		"NoCPU":    {reason: "an external metric needs no request", stack: externalStack(), want: NotApplicable},
		"External": {reason: "the containers are elsewhere", want: CannotKnow, says: "not in this stack", only: []string{apiHPA, "ConfigMap api-headroom"}},
		"Unknown":  {reason: "an output may be empty", want: CannotKnow, edits: []edit{{"Deployment api", sidecar + "resources/requests/cpu", Unknown()}}},
		"Patch":    {reason: "what a patch leaves out may be the owner's", want: CannotKnow, says: "owner", edits: []edit{{"DeploymentPatch web", "spec/template/spec/containers/0/resources", gone{}}}},
	})
}

func TestHPACPULimit(t *testing.T) {
	limits := func(api, proxy string) []edit {
		return []edit{{"Deployment api", "spec/template/spec/containers/0/resources/limits/cpu", api}, {"Deployment api", sidecar + "resources/limits/cpu", proxy}}
	}
	judgeRows(t, "hpa-cpu-limit", map[string]row{
		"Room":      {reason: "2200m is above 60% × 600m × 1.1 = 396m", want: Pass},
		"NoLimit":   {reason: "one container without a limit can reach any target", want: Pass, edits: append(limits("100m", "50m"), edit{"Deployment api", sidecar + "resources/limits", gone{}})},
		"Below":     {reason: "350m can never be 60% of 600m", want: Violation, says: "limits 350m ≤ 396m", edits: limits("300m", "50m")},
		"Tolerance": {reason: "380m is 63%, inside the dead band above 60%", want: Violation, says: "396m", edits: limits("300m", "80m")},
		"NoCPU":     {reason: "an external metric is not throttled", stack: externalStack(), want: NotApplicable},
		"Unknown":   {reason: "an output may be small", want: CannotKnow, edits: []edit{{"Deployment api", sidecar + "resources/limits/cpu", Unknown()}, {"Deployment api", "spec/template/spec/containers/0/resources/limits/cpu", "300m"}}},
		"Form":      {reason: "an amount that is none", want: CannotKnow, says: "amount of CPU", edits: limits("300m", "xm")},
	})
}
