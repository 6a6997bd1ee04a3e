package cluster

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/drift"
	"github.com/agencyos/headroom/capacity/plan"
)

func decode[T any](t *testing.T, text string) *T {
	t.Helper()
	var out T
	if err := yaml.UnmarshalStrict([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return &out
}

func objects(t *testing.T) []runtime.Object {
	t.Helper()
	return []runtime.Object{
		decode[autoscalingv2.HorizontalPodAutoscaler](t, `
metadata: {name: backend, namespace: prod}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
  maxReplicas: 40
  metrics:
  - {type: External, external: {metric: {name: backend_rps}, target: {type: AverageValue, averageValue: 133500m}}}
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 74}}}
  - {type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 80}}}
  behavior:
    scaleUp:
      stabilizationWindowSeconds: 0
      selectPolicy: Max
      tolerance: 50m
      policies: [{type: Percent, value: 100, periodSeconds: 15}, {type: Pods, value: 4, periodSeconds: 15}]
    scaleDown: {selectPolicy: Min, policies: [{type: Percent, value: 10, periodSeconds: 60}]}
status:
  conditions:
  - {type: AbleToScale, status: "True"}
  - {type: ScalingActive, status: "False", reason: FailedGetExternalMetric}
`),
		decode[policyv1.PodDisruptionBudget](t, `{metadata: {name: backend, namespace: prod}, spec: {minAvailable: 80%}}`),
		decode[appsv1.Deployment](t, `
metadata: {name: api, namespace: prod}
spec:
  minReadySeconds: 10
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 0}}
  template:
    spec:
      terminationGracePeriodSeconds: 75
      containers:
      - {name: sidecar, env: [{name: WEB_CONCURRENCY, value: "9"}]}
      - name: api
        envFrom:
        - {configMapRef: {name: defaults}}
        - {prefix: APP_, configMapRef: {name: backend-headroom}}
        - {configMapRef: {name: later}}
        - {configMapRef: {name: gone, optional: true}}
        env:
        - {name: WEB_CONCURRENCY, value: "4"}
        - {name: DB_POOL_SIZE, valueFrom: {configMapKeyRef: {name: defaults, key: pool}}}
        - {name: DB_URL, valueFrom: {secretKeyRef: {name: passwords, key: url}}}
        lifecycle: {preStop: {sleep: {seconds: 35}}}
        resources: {requests: {cpu: "1.5", memory: 512Mi}, limits: {memory: 1G}}
`),
		decode[corev1.ConfigMap](t, `{metadata: {name: defaults, namespace: prod}, data: {WEB_CONCURRENCY: "2", DB_MAX_OVERFLOW: "1", pool: "3"}}`),
		decode[corev1.ConfigMap](t, `{metadata: {name: backend-headroom, namespace: prod}, data: {X: "1"}}`),
		decode[corev1.ConfigMap](t, `{metadata: {name: later, namespace: prod}, data: {DB_MAX_OVERFLOW: "5"}}`),
		decode[corev1.ConfigMap](t, `
metadata: {name: cluster-autoscaler-status, namespace: kube-system}
data:
  status: |
    time: 2026-11-26 08:00:00 +0000 UTC
    autoscalerStatus: Running
    nodeGroups:
    - name: eks-prod-web-large-20261126080000000000000001-1ac4dd8e-1111-2222-3333-444444444444
      health: {status: Healthy, cloudProviderTarget: 1, minSize: 1, maxSize: 2}
    - name: eks-prod-web-20261126080000000000000002-0ac4dd8e-1111-2222-3333-444444444444
      health: {status: Healthy, cloudProviderTarget: 3, minSize: 3, maxSize: 12}
`),
		decode[appsv1.Deployment](t, `
metadata: {name: metrics, namespace: monitoring, labels: {app.kubernetes.io/name: metrics-server}}
spec: {template: {spec: {containers: [{name: m, args: [--secure-port=10250, --metric-resolution=30s]}]}}}
`),
	}
}

var target = drift.Target{Namespace: "prod", Deployment: "api", Container: "api", Autoscaler: "backend", DisruptionBudget: "backend"}

func TestSettings(t *testing.T) {
	var seen drift.Seen
	pools := []plan.NodePool{{Name: "prod-web"}, {Name: "prod-other"}}
	if err := New(fake.NewClientset(objects(t)...), "prod").Settings(t.Context(), &seen, []drift.Target{target}, pools); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for s, value := range seen.Values {
		kind, _, _ := strings.Cut(s.Object, " ")
		got[kind+": "+s.Name] = value
	}
	want := map[string]string{
		"HorizontalPodAutoscaler: spec.minReplicas":                   "1",
		"HorizontalPodAutoscaler: spec.maxReplicas":                   "40",
		"HorizontalPodAutoscaler: spec.scaleTargetRef":                "Deployment api",
		"HorizontalPodAutoscaler: metric backend_rps, averageValue":   "133.5",
		"HorizontalPodAutoscaler: metric cpu, averageUtilization":     "74",
		"HorizontalPodAutoscaler: scaleUp.stabilizationWindowSeconds": "0",
		"HorizontalPodAutoscaler: scaleUp.policies":                   "Percent 100 per 15s, Pods 4 per 15s",
		"HorizontalPodAutoscaler: scaleUp.tolerance":                  "0.05",
		"HorizontalPodAutoscaler: scaleDown.policies":                 "Percent 10 per 60s, selectPolicy Min",
		"HorizontalPodAutoscaler: condition ScalingActive":            "False (FailedGetExternalMetric)",
		"PodDisruptionBudget: spec.maxUnavailable":                    "all above minAvailable 80%",
		"Deployment: spec.minReadySeconds":                            "10",
		"Deployment: strategy.maxSurge":                               "25%",
		"Deployment: strategy.maxUnavailable":                         "0",
		"Deployment: terminationGracePeriodSeconds":                   "75",
		"Deployment: preStop sleep, seconds":                          "35",
		"Deployment: requests.cpu, millicores":                        "1500",
		"Deployment: requests.memory, MiB":                            "512",
		"Deployment: limits.memory, MiB":                              "954",
		"Deployment: env WEB_CONCURRENCY":                             "4",
		"Deployment: env DB_POOL_SIZE":                                "3",
		"Deployment: env DB_MAX_OVERFLOW":                             "5",
		"Deployment: env DB_URL":                                      "set from elsewhere",
		"Deployment: env pool":                                        "3",
		"Deployment: env APP_X":                                       "1",
		"node: minSize":                                               "3",
		"node: maxSize":                                               "12",
		"metrics-server: --metric-resolution":                         "30s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(seen.Absent) > 0 || len(seen.Doubts) != 1 || seen.Doubts[0].Object != drift.Pool("prod-other") {
		t.Errorf("absent %v, doubts %v; want one about the group that the autoscaler does not know", seen.Absent, seen.Doubts)
	}
}

func TestNothingThere(t *testing.T) {
	var seen drift.Seen
	if err := New(fake.NewClientset(), "prod").Settings(t.Context(), &seen, []drift.Target{target}, []plan.NodePool{{Name: "web"}}); err != nil {
		t.Fatal(err)
	}
	if len(seen.Absent) != 3 || len(seen.Values) != 0 || len(seen.Doubts) != 2 {
		t.Errorf("absent %v, values %v, doubts %v; want three objects absent, group and metrics-server in doubt", seen.Absent, seen.Values, seen.Doubts)
	}
}

// TestForbidden: what may not be read is in doubt and hides nothing else.
func TestForbidden(t *testing.T) {
	client := fake.NewClientset(objects(t)...)
	client.PrependReactor("get", "configmaps", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, "defaults", errors.New("no"))
	})
	var seen drift.Seen
	if err := New(client, "prod").Settings(t.Context(), &seen, []drift.Target{target}, []plan.NodePool{{Name: "prod-web"}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []drift.Setting{
		{Source: drift.Cluster, Object: drift.Deployment("prod", "api"), Name: drift.Env("")},
		{Source: drift.Cluster, Object: drift.Deployment("prod", "api"), Name: drift.Env("DB_POOL_SIZE")},
		{Source: drift.Cluster, Object: drift.Pool("prod-web")},
	} {
		if !slices.ContainsFunc(seen.Doubts, func(d drift.Doubt) bool { return d.Setting == want && d.Why != "" }) {
			t.Errorf("doubts %v; want one about %v", seen.Doubts, want)
		}
	}
	for s, want := range map[drift.Setting]string{
		{Source: drift.Cluster, Object: drift.Autoscaler("prod", "backend"), Name: drift.MaxReplicas}: "40",
		{Source: drift.Cluster, Object: drift.Deployment("prod", "api"), Name: drift.Grace}:           "75",
		{Source: drift.Cluster, Object: drift.Deployment("prod", "api"), Name: drift.CPURequest}:      "1500",
		// The container's own variable holds whatever the ConfigMaps say.
		{Source: drift.Cluster, Object: drift.Deployment("prod", "api"), Name: drift.Env("WEB_CONCURRENCY")}: "4",
		{Source: drift.Cluster, Object: drift.Deployment("prod", "api"), Name: drift.Env("DB_MAX_OVERFLOW")}: "",
	} {
		if got := seen.Values[s]; got != want {
			t.Errorf("%v = %q, want %q", s, got, want)
		}
	}
}

// TestSecretMaySetAnything: a Secret is not read, so what an earlier ConfigMap set is
// not known any more, and what stands behind it is.
func TestSecretMaySetAnything(t *testing.T) {
	d := decode[appsv1.Deployment](t, `
metadata: {name: api, namespace: prod}
spec: {template: {spec: {containers: [{name: api, envFrom: [{configMapRef: {name: defaults}}, {secretRef: {name: passwords}}, {configMapRef: {name: later}}]}]}}}
`)
	var seen drift.Seen
	all := append(slices.DeleteFunc(objects(t), func(o runtime.Object) bool {
		other, ok := o.(*appsv1.Deployment)
		return ok && other.Name == d.Name
	}), d)
	if err := New(fake.NewClientset(all...), "prod").Settings(t.Context(), &seen, []drift.Target{target}, nil); err != nil {
		t.Fatal(err)
	}
	of := func(name string) drift.Setting {
		return drift.Setting{Source: drift.Cluster, Object: drift.Deployment("prod", "api"), Name: drift.Env(name)}
	}
	if _, known := seen.Values[of("WEB_CONCURRENCY")]; known || seen.Values[of("DB_MAX_OVERFLOW")] != "5" {
		t.Errorf("values %v; want nothing of before the Secret and all of behind it", seen.Values)
	}
	if !slices.ContainsFunc(seen.Doubts, func(d drift.Doubt) bool { return d.Setting == of("") }) {
		t.Errorf("doubts %v; want one about the environment", seen.Doubts)
	}
}

func TestWrongContainer(t *testing.T) {
	var seen drift.Seen
	other := target
	other.Container = "web"
	if err := New(fake.NewClientset(objects(t)...), "prod").Settings(t.Context(), &seen, []drift.Target{other}, nil); err != nil {
		t.Fatal(err)
	}
	if len(seen.Doubts) != 1 || !strings.Contains(seen.Doubts[0].Why, "no container web; it has sidecar, api") {
		t.Errorf("doubts %v", seen.Doubts)
	}
}
