package cluster

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/agencyos/headroom/capacity/workload"
)

// serving is a Deployment with what surrounds it, and budgets of others.
func serving(t *testing.T) []runtime.Object {
	t.Helper()
	all := []runtime.Object{
		decode[appsv1.Deployment](t, `
metadata: {name: api, namespace: prod}
spec:
  template:
    metadata: {labels: {app: api, tier: web}}
    spec:
      containers:
      - {name: sidecar, envFrom: [{configMapRef: {name: defaults}}]}
      - name: api
        ports: [{containerPort: 8000}]
        envFrom: [{secretRef: {name: early}}, {configMapRef: {name: defaults}}]
        env:
        - {name: DB_POOL_SIZE, valueFrom: {configMapKeyRef: {name: defaults, key: pool}}}
        - {name: DB_URL, valueFrom: {secretKeyRef: {name: passwords, key: url}}}
`),
		decode[appsv1.Deployment](t, `{metadata: {name: worker, namespace: prod}, spec: {template: {metadata: {labels: {app: worker}}, spec: {containers: [{name: worker}]}}}}`),
		decode[corev1.ConfigMap](t, `{metadata: {name: defaults, namespace: prod}, data: {WEB_CONCURRENCY: "2", pool: "3"}}`),
	}
	for name, spec := range map[string]string{
		"api":       `{metadata: {name: api, namespace: prod}, spec: {selector: {matchLabels: {app: api}}}}`,
		"web":       `{metadata: {name: web, namespace: prod}, spec: {selector: {matchExpressions: [{key: tier, operator: In, values: [web]}]}}}`,
		"elsewhere": `{metadata: {name: elsewhere, namespace: staging}, spec: {selector: {matchLabels: {app: api}}}}`,
		"none":      `{metadata: {name: none, namespace: prod}, spec: {}}`,
	} {
		b := decode[policyv1.PodDisruptionBudget](t, spec)
		if b.Name != name {
			t.Fatal(name)
		}
		all = append(all, b)
	}
	return all
}

func apiOf(set workload.Set) workload.Workload {
	for _, w := range set.Workloads {
		if w.Name == "api" {
			return w
		}
	}
	return workload.Workload{}
}

func TestServices(t *testing.T) {
	set, unread, err := New(fake.NewClientset(serving(t)...), "prod").Services(t.Context(), "")
	if err != nil || len(unread) > 0 {
		t.Fatal(unread, err)
	}
	w := apiOf(set)
	if diff := cmp.Diff([]string{"api", "web"}, w.Budgets); diff != "" {
		t.Errorf("budgets (-want +got):\n%s", diff)
	}
	c := w.Main()
	want := workload.Container{Env: map[string]string{"WEB_CONCURRENCY": "2", "pool": "3", "DB_POOL_SIZE": "3"}, EnvElsewhere: []string{"DB_URL"}, EnvFrom: []string{"Secret early"}}
	if diff := cmp.Diff(want, workload.Container{Env: c.Env, EnvElsewhere: c.EnvElsewhere, EnvFrom: c.EnvFrom}); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if sidecar := w.Containers[0]; len(sidecar.Env) > 0 {
		t.Errorf("a container that does not serve states %v", sidecar.Env)
	}
}

// What may not be read is left open and said; a cluster that fails is an error.
func TestServicesUnread(t *testing.T) {
	client := fake.NewClientset(serving(t)...)
	refuse := func(verb, resource string, err error) {
		client.PrependReactor(verb, resource, func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, err })
	}
	forbidden := apierrors.NewForbidden(schema.GroupResource{Resource: "any"}, "", errors.New("no"))
	refuse("list", "poddisruptionbudgets", forbidden)
	refuse("get", "configmaps", forbidden)
	set, unread, err := New(client, "prod").Services(t.Context(), "prod")
	if err != nil || len(unread) != 1 || !strings.HasPrefix(unread[0], "PodDisruptionBudgets in namespace prod (any is forbidden: no)") {
		t.Fatal(unread, err)
	}
	c := apiOf(set).Main()
	want := workload.Container{Env: map[string]string{}, EnvElsewhere: []string{"DB_POOL_SIZE", "DB_URL"}, EnvFrom: []string{"Secret early", "ConfigMap defaults"}}
	if diff := cmp.Diff(want, workload.Container{Env: c.Env, EnvElsewhere: c.EnvElsewhere, EnvFrom: c.EnvFrom}); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	refuse("list", "poddisruptionbudgets", apierrors.NewInternalError(errors.New("etcd is gone")))
	if _, _, err := New(client, "prod").Services(t.Context(), "prod"); err == nil || !strings.Contains(err.Error(), "listing poddisruptionbudgets in namespace prod failed at cluster prod") {
		t.Errorf("error %v", err)
	}
}

// A rollout between two questions adds a container, which is left out.
func TestServicesChange(t *testing.T) {
	client, asked := fake.NewClientset(serving(t)...), 0
	client.PrependReactor("list", "deployments", func(clienttesting.Action) (bool, runtime.Object, error) {
		if asked++; asked == 1 {
			return false, nil, nil
		}
		return true, &appsv1.DeploymentList{Items: []appsv1.Deployment{*decode[appsv1.Deployment](t, `
metadata: {name: api, namespace: prod}
spec: {template: {spec: {containers: [{name: a}, {name: b}, {name: new, ports: [{containerPort: 1}]}, {name: api, ports: [{containerPort: 8000}], env: [{name: WEB_CONCURRENCY, value: "5"}]}]}}}
`)}}, nil
	})
	set, _, err := New(client, "prod").Services(t.Context(), "prod")
	if w := apiOf(set); err != nil || len(w.Containers) != 2 || w.Main().Env["WEB_CONCURRENCY"] != "5" {
		t.Errorf("%+v: %v", w, err)
	}
}
