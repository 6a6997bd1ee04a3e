package service

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/componenttest"
	"github.com/agencyos/headroom/components/internal/adopt"
)

// liveDeployment is what a delivery made: other labels, a sidecar first, and
// settings that Headroom knows nothing about.
const liveDeployment = `
spec:
  replicas: 9
  paused: false
  selector: {matchLabels: {app: shop-api}}
  strategy: {type: Recreate}
  template:
    metadata: {labels: {app: shop-api, team: shop}, annotations: {delivery/commit: abc}}
    spec:
      serviceAccountName: shop
      terminationGracePeriodSeconds: 30
      volumes: [{name: cache, emptyDir: {}}]
      containers:
        - {name: mesh, image: mesh:2}
        - name: app
          image: shop/api:1.9.4
          command: [serve]
          env: [{name: LOG_LEVEL, value: debug}, {name: DB_POOL_SIZE, value: "50"}, {name: DB_POOL_TIMEOUT, value: "30"}]
          envFrom: [{secretRef: {name: shop-secrets}}]
          resources: {requests: {cpu: 100m, example.com/gpu: "1"}, limits: {cpu: "1"}}
          lifecycle: {postStart: {exec: {command: [warm]}}}
          volumeMounts: [{name: cache, mountPath: /cache}]
`

func state(t *testing.T, text string) resource.PropertyMap {
	t.Helper()
	var m map[string]any
	if err := yaml.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	return resource.NewPropertyMapFromMap(m)
}

func adopted() Args {
	args := external(false)
	args.Spec.Mode, args.Spec.ID, args.Spec.Container = spec.Adopt, "shop/shop-api", "app"
	args.Spec.Adopt = spec.AdoptService{Autoscaler: "shop/shop-hpa", DisruptionBudget: "shop/shop-pdb", Settings: "shop/shop-env"}
	return args
}

// declareOver declares a service over live objects.
func declareOver(t *testing.T, args Args) (*componenttest.Recorder, error) {
	t.Helper()
	r := &componenttest.Recorder{Outputs: map[string]resource.PropertyMap{
		typeDeployment: state(t, liveDeployment),
		typeConfigMap: state(t, `{metadata: {labels: {team: shop}, annotations: {owner: shop}},
			data: {LOG_FORMAT: json, DB_POOL_SIZE: "50", DB_POOL_TIMEOUT: "30"}}`),
	}}
	return r, r.Run("test", func(ctx *pulumi.Context) error {
		_, err := New(ctx, "api", args)
		return err
	})
}

func TestAdoptedObjectsKeepTheirNames(t *testing.T) {
	r, err := declareOver(t, adopted())
	if err != nil {
		t.Fatal(err)
	}
	imports := map[string]string{}
	for _, one := range r.Resources() {
		if one.Read {
			imports["read "+one.Type] = one.ID
		} else if one.Custom {
			imports[one.Type] = one.Import
		}
	}
	want := map[string]string{
		typeDeployment: "shop/shop-api", typeHPA: "shop/shop-hpa", typePDB: "shop/shop-pdb", typeConfigMap: "shop/shop-env",
		"read " + typeDeployment: "shop/shop-api", "read " + typeConfigMap: "shop/shop-env",
	}
	if diff := cmp.Diff(want, imports); diff != "" {
		t.Errorf("imports of an adopted service (-want +got):\n%s", diff)
	}
	componenttest.Expect(t, componenttest.Only(t, r, typeHPA), map[string]any{
		"metadata.name": "shop-hpa", "spec.scaleTargetRef.name": "shop-api", "spec.maxReplicas": 24.0,
	})
	componenttest.Expect(t, componenttest.Only(t, r, typePDB), map[string]any{
		"metadata.name": "shop-pdb", "spec.selector.matchLabels.app": "shop-api",
		"spec.selector.matchLabels.[app.kubernetes.io/name]": nil,
	})
	for _, token := range []string{typeHPA, typePDB} {
		if diff := cmp.Diff(adopt.Metadata, componenttest.Only(t, r, token).IgnoreChanges); diff != "" {
			t.Errorf("%s: labels and annotations stay whose they are (-want +got):\n%s", token, diff)
		}
	}
}

func TestAdoptedDeploymentIsTheLiveOneWithThePlanOverIt(t *testing.T) {
	r, err := declareOver(t, adopted())
	if err != nil {
		t.Fatal(err)
	}
	d := componenttest.Only(t, r, typeDeployment)
	const pod, box = "spec.template.spec.", "spec.template.spec.containers.1."
	componenttest.Expect(t, d, map[string]any{
		"metadata.name": "shop-api", "metadata.labels": nil,
		"spec.replicas": 9.0, "spec.selector.matchLabels.app": "shop-api",
		"spec.template.metadata.labels.team":                   "shop",
		"spec.template.metadata.annotations.[delivery/commit]": "abc",
		pod + "serviceAccountName":                             "shop",
		pod + "volumes.0.name":                                 "cache",
		pod + "containers.0.image":                             "mesh:2",
		pod + "containers.0.resources":                         nil,
		box + "image":                                          "shop/api:1.9.4",
		box + "command.0":                                      "serve",
		box + "env.0.value":                                    "debug",
		box + "envFrom.0.secretRef.name":                       "shop-secrets",
		box + "lifecycle.postStart.exec.command.0":             "warm",
		box + "volumeMounts.0.mountPath":                       "/cache",
		box + "resources.requests.[example.com/gpu]":           "1",
		// What the plan sets.
		"spec.minReadySeconds":                  55.0,
		"spec.strategy.type":                    "RollingUpdate",
		"spec.strategy.rollingUpdate.maxSurge":  "25%",
		pod + "terminationGracePeriodSeconds":   55.0,
		box + "env.1.name":                      "DB_POOL_SIZE",
		box + "env.1.value":                     "4",
		box + "env.2.name":                      "DB_MAX_OVERFLOW",
		box + "env.3.name":                      "WEB_CONCURRENCY",
		box + "env.4":                           nil, // DB_POOL_TIMEOUT of an earlier plan is gone.
		box + "resources.requests.cpu":          "1500m",
		box + "resources.limits.memory":         "1536Mi",
		box + "resources.limits.cpu":            nil,
		box + "lifecycle.preStop.sleep.seconds": 30.0,
		box + "readinessProbe.httpGet.path":     "/health/ready",
	})
	if diff := cmp.Diff(append([]string{"spec.replicas"}, adopt.Metadata...), d.IgnoreChanges); diff != "" {
		t.Errorf("ignoreChanges (-want +got):\n%s", diff)
	}
}

func TestAdoptedSettingsStandBesideTheOwners(t *testing.T) {
	r, err := declareOver(t, adopted())
	if err != nil {
		t.Fatal(err)
	}
	componenttest.Expect(t, componenttest.Only(t, r, typeConfigMap), map[string]any{
		"metadata.name": "shop-env", "metadata.labels.team": "shop", "metadata.annotations.owner": "shop",
		"metadata.annotations.[" + noteGrace + "]":  "55",
		"metadata.annotations.[" + noteTarget + "]": "shop-api",
		"data.LOG_FORMAT":                           "json", "data.DB_POOL_SIZE": "4", "data.WEB_CONCURRENCY": "2", "data.DB_POOL_TIMEOUT": nil,
	})
}

func TestOverlayNeedsTheContainer(t *testing.T) {
	args := adopted()
	args.Spec.Container = "web"
	_, err := declareOver(t, args)
	if err == nil || !strings.Contains(err.Error(), "services.api.container = web: Deployment shop/shop-api has no such container; it has mesh, app") {
		t.Errorf("New with another container = %v, want it named with those there are", err)
	}
}

func TestExternalDeploymentUnderAnotherName(t *testing.T) {
	args := external(true)
	args.Spec.Deployment, args.Spec.Container, args.Spec.Selector = "shop-api", "app", map[string]string{"app": "shop-api"}
	r := declare(t, args)
	componenttest.Expect(t, componenttest.Only(t, r, typeHPA), map[string]any{"metadata.name": "api", "spec.scaleTargetRef.name": "shop-api"})
	componenttest.Expect(t, componenttest.Only(t, r, typePDB), map[string]any{"spec.selector.matchLabels.app": "shop-api"})
	componenttest.Expect(t, componenttest.Only(t, r, typePatch), map[string]any{
		"metadata.name": "shop-api", "spec.template.spec.containers.0.name": "app", "spec.template.metadata.labels.app": "shop-api",
	})
	componenttest.Expect(t, componenttest.Only(t, r, typeConfigMap), map[string]any{"metadata.name": "api-headroom", "metadata.annotations.[" + noteTarget + "]": "shop-api"})
}
