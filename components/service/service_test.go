package service

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/componenttest"
)

// base is a valid managed service; tests change one thing.
func base() Args {
	surge := spec.Percent(25)
	return Args{
		Namespace: "shop", StartupSeconds: 12, NodeBootSeconds: 75,
		Spec: spec.Service{
			Mode: spec.Managed, Image: "example/api:1.2.3", Port: 8000, Workers: 2,
			EnvFrom: []spec.EnvFrom{{Secret: "api-secrets"}}, Env: map[string]string{"LOG_LEVEL": "info"},
			Resources: spec.Resources{
				Requests: spec.Amounts{CPU: 1500, Memory: 1024}, Limits: spec.Amounts{Memory: 1536},
			},
			Probes:  spec.Probes{Readiness: "/health/ready", Liveness: "/health/live"},
			Rollout: spec.Rollout{MaxSurge: &surge, Drain: spec.Duration(20e9)},
		},
		Plan: plan.Service{
			MinReplicas: 6, MaxReplicas: 24, CPUTargetPercent: 71, DisruptionBudget: 1,
			Metrics: []plan.Metric{{Name: "headroom_api_in_flight", Kind: spec.InFlight, TargetAverageValue: 2.5}},
			Behavior: plan.Behavior{
				ScaleUp:   plan.Scaling{Policies: []plan.Policy{{Type: "Percent", Value: 400, PeriodSeconds: 15}}},
				ScaleDown: plan.Scaling{StabilizationSeconds: 300, Policies: []plan.Policy{{Type: "Percent", Value: 10, PeriodSeconds: 60}}},
			},
			Pool: &plan.Pool{Size: 4, MaxOverflow: 1, Engines: 2},
			Rollout: plan.Rollout{MaxSurgePercent: 25, MinReadySeconds: 55, GraceSeconds: 55, PreStopSeconds: 30,
				DeregistrationSeconds: 30},
			Env: map[string]string{plan.EnvWorkers: "2", plan.EnvPoolSize: "4", plan.EnvMaxOverflow: "1"},
		},
	}
}

func external(patch bool) Args {
	args := base()
	args.Spec.Mode, args.Spec.Patch = spec.External, patch
	args.Spec.Image, args.Spec.EnvFrom, args.Spec.Env = "", nil, nil
	return args
}

func declare(t *testing.T, args Args) *componenttest.Recorder {
	t.Helper()
	r := &componenttest.Recorder{}
	if err := r.Run("test", func(ctx *pulumi.Context) error {
		_, err := New(ctx, "api", args)
		return err
	}); err != nil {
		t.Fatalf("New(api): %v", err)
	}
	return r
}

const (
	typeHPA        = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
	typePDB        = "kubernetes:policy/v1:PodDisruptionBudget"
	typeConfigMap  = "kubernetes:core/v1:ConfigMap"
	typeService    = "kubernetes:core/v1:Service"
	typeDeployment = "kubernetes:apps/v1:Deployment"
	typePatch      = "kubernetes:apps/v1:DeploymentPatch"
)

func TestModesDeclareWhatTheStackFileHandsOver(t *testing.T) {
	always := []string{typeHPA, typeConfigMap, typePDB, typeToken}
	cases := map[string]struct {
		reason string
		args   Args
		want   []string
	}{
		"External": {"without a patch, no Deployment object at all", external(false), always},
		"Patched":  {"a patch owns fields, not the Deployment", external(true), append([]string{typePatch}, always...)},
		"Managed":  {"the whole workload", base(), append([]string{typeDeployment, typeService}, always...)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := declare(t, c.args).Types()
			if diff := cmp.Diff(sorted(c.want), got); diff != "" {
				t.Errorf("types of %s: %s (-want +got):\n%s", name, c.reason, diff)
			}
		})
	}
}

func sorted(in []string) []string {
	out := strings.Fields(strings.Join(in, " "))
	for i := range out {
		for j := i + 1; j < len(out); j++ {
			if out[j] < out[i] {
				out[i], out[j] = out[j], out[i]
			}
		}
	}
	return out
}

func TestAutoscalerFollowsThePlan(t *testing.T) {
	hpa := componenttest.Only(t, declare(t, base()), typeHPA)
	cases := map[string]any{
		"metadata.name":                                       "api",
		"metadata.namespace":                                  "shop",
		"spec.scaleTargetRef.kind":                            "Deployment",
		"spec.scaleTargetRef.name":                            "api",
		"spec.minReplicas":                                    6.0,
		"spec.maxReplicas":                                    24.0,
		"spec.metrics.0.type":                                 "External",
		"spec.metrics.0.external.metric.name":                 "headroom_api_in_flight",
		"spec.metrics.0.external.target.type":                 "AverageValue",
		"spec.metrics.0.external.target.averageValue":         "2500m",
		"spec.metrics.1.resource.name":                        "cpu",
		"spec.metrics.1.resource.target.averageUtilization":   71.0,
		"spec.behavior.scaleUp.selectPolicy":                  "Max",
		"spec.behavior.scaleUp.stabilizationWindowSeconds":    0.0,
		"spec.behavior.scaleUp.policies.0.value":              400.0,
		"spec.behavior.scaleDown.stabilizationWindowSeconds":  300.0,
		"spec.behavior.scaleDown.policies.0.periodSeconds":    60.0,
		"metadata.labels.[app.kubernetes.io/managed-by]":      "pulumi",
		"metadata.labels.[app.kubernetes.io/name]":            "api",
		"metadata.annotations.[pulumi.com/patchForce]":        nil,
		"spec.metrics.2":                                      nil,
		"spec.metrics.0.external.target.averageUtilization":   nil,
		"spec.metrics.1.resource.target.averageValue":         nil,
		"spec.behavior.scaleDown.policies.0.type":             "Percent",
		"spec.behavior.scaleUp.policies.0.periodSeconds":      15.0,
		"spec.scaleTargetRef.apiVersion":                      "apps/v1",
		"spec.metrics.0.external.metric.selector.matchLabels": nil,
	}
	componenttest.Expect(t, hpa, cases)
}

func TestAutoscalerLeavesOutACPUBackstopThatCannotFire(t *testing.T) {
	args := base()
	args.Plan.CPUTargetPercent = 0
	hpa := componenttest.Only(t, declare(t, args), typeHPA)
	if got := hpa.At("spec.metrics.1"); got != nil {
		t.Errorf("metrics.1 with CPUTargetPercent 0 = %v, want none", got)
	}
}

func TestDisruptionBudgetLetsNodesDrain(t *testing.T) {
	componenttest.Expect(t, componenttest.Only(t, declare(t, external(false)), typePDB), map[string]any{
		"spec.maxUnavailable":                                   1.0,
		"spec.minAvailable":                                     nil,
		"spec.unhealthyPodEvictionPolicy":                       "AlwaysAllow",
		"spec.selector.matchLabels.[app.kubernetes.io/name]":    "api",
		"spec.selector.matchLabels.[app.kubernetes.io/part-of]": nil,
	})
}

func TestSettingsCarryThePlanForAnExternalDeployment(t *testing.T) {
	componenttest.Expect(t, componenttest.Only(t, declare(t, external(false)), typeConfigMap), map[string]any{
		"metadata.name":        "api-headroom",
		"data.DB_POOL_SIZE":    "4",
		"data.WEB_CONCURRENCY": "2",
		"metadata.annotations.[headroom.dev/db-engines]":      "2",
		"metadata.annotations.[headroom.dev/drain-seconds]":   "20",
		"metadata.annotations.[" + noteDeregistration + "]":   "30",
		"metadata.annotations.[" + notePreStop + "]":          "30",
		"metadata.annotations.[" + noteMaxSurge + "]":         "25",
		"metadata.annotations.[" + noteMaxUnavailable + "]":   "0",
		"metadata.annotations.[" + noteGrace + "]":            "55",
		"metadata.annotations.[" + noteMinReady + "]":         "55",
		"metadata.annotations.[" + noteRequests + "cpu]":      "1500m",
		"metadata.annotations.[" + noteRequests + "memory]":   "1Gi",
		"metadata.annotations.[headroom.dev/does-not-exist]":  nil,
		"metadata.labels.[app.kubernetes.io/part-of]":         "headroom",
		"data.DB_POOL_TIMEOUT":                                nil,
		"metadata.annotations.[headroom.dev/settings-digest]": nil,
	})
}

func TestManagedDeployment(t *testing.T) {
	d := componenttest.Only(t, declare(t, base()), typeDeployment)
	const pod, box = "spec.template.spec.", "spec.template.spec.containers.0."
	componenttest.Expect(t, d, map[string]any{
		"spec.replicas":                                       6.0,
		"spec.minReadySeconds":                                55.0,
		"spec.strategy.rollingUpdate.maxSurge":                "25%",
		"spec.strategy.rollingUpdate.maxUnavailable":          "0%",
		"spec.selector.matchLabels.[app.kubernetes.io/name]":  "api",
		pod + "terminationGracePeriodSeconds":                 55.0,
		pod + "automountServiceAccountToken":                  false,
		pod + "serviceAccountName":                            nil,
		pod + "securityContext.runAsNonRoot":                  true,
		pod + "securityContext.seccompProfile.type":           "RuntimeDefault",
		pod + "topologySpreadConstraints.0.topologyKey":       "topology.kubernetes.io/zone",
		pod + "topologySpreadConstraints.0.whenUnsatisfiable": "ScheduleAnyway",
		pod + "topologySpreadConstraints.0.matchLabelKeys.0":  "pod-template-hash",
		pod + "topologySpreadConstraints.1.topologyKey":       "kubernetes.io/hostname",
		box + "name":                     "api",
		box + "image":                    "example/api:1.2.3",
		box + "ports.0.containerPort":    8000.0,
		box + "env.0.name":               "LOG_LEVEL",
		box + "envFrom.0.secretRef.name": "api-secrets",
		// Last, so that it wins.
		box + "envFrom.1.configMapRef.name":                      "api-headroom",
		box + "resources.requests.cpu":                           "1500m",
		box + "resources.requests.memory":                        "1Gi",
		box + "resources.limits.memory":                          "1536Mi",
		box + "resources.limits.cpu":                             nil,
		box + "lifecycle.preStop.sleep.seconds":                  30.0,
		box + "startupProbe.failureThreshold":                    18.0, // 3 × 12 s ÷ 2 s
		box + "readinessProbe.httpGet.path":                      "/health/ready",
		box + "livenessProbe.httpGet.path":                       "/health/live",
		box + "securityContext.allowPrivilegeEscalation":         false,
		box + "securityContext.readOnlyRootFilesystem":           true,
		box + "securityContext.capabilities.drop.0":              "ALL",
		box + "volumeMounts.0.mountPath":                         "/tmp",
		"spec.template.metadata.labels.[app.kubernetes.io/name]": "api",
	})
	if diff := cmp.Diff([]string{"spec.replicas", "spec.template.spec.containers[0].image"}, d.IgnoreChanges); diff != "" {
		t.Errorf("ignoreChanges: the autoscaler owns replicas, the delivery the image (-want +got):\n%s", diff)
	}
	// 4 steps of (75 s node + 36 s startup reserve + 55 s minReadySeconds).
	if d.CreateTimeout != "664s" {
		t.Errorf("create timeout = %s, want 664s: every step of a rollout may need a node", d.CreateTimeout)
	}
	service := componenttest.Only(t, declare(t, base()), typeService)
	componenttest.Expect(t, service, map[string]any{"spec.type": "ClusterIP", "spec.ports.0.targetPort": "http",
		"spec.selector.[app.kubernetes.io/name]": "api"})
}

func TestManagedDeploymentWithServiceAccountMountsItsToken(t *testing.T) {
	args := base()
	args.Spec.ServiceAccount, args.Spec.Command = "api", []string{"serve"}
	componenttest.Expect(t, componenttest.Only(t, declare(t, args), typeDeployment), map[string]any{
		"spec.template.spec.serviceAccountName":           "api",
		"spec.template.spec.automountServiceAccountToken": true,
		"spec.template.spec.containers.0.command.0":       "serve",
	})
}

func TestSettingsChangeRollsManagedPods(t *testing.T) {
	const path = "spec.template.metadata.annotations.[" + noteChecksum + "]"
	before := componenttest.Only(t, declare(t, base()), typeDeployment).At(path)
	changed := base()
	changed.Plan.Env[plan.EnvPoolSize] = "5"
	if after := componenttest.Only(t, declare(t, changed), typeDeployment).At(path); before == after || after == nil {
		t.Errorf("checksum with DB_POOL_SIZE 4 and 5 = %v and %v, want two values", before, after)
	}
}

func TestPatchOwnsOnlyItsFields(t *testing.T) {
	patch := componenttest.Only(t, declare(t, external(true)), typePatch)
	const box = "spec.template.spec.containers.0."
	componenttest.Expect(t, patch, map[string]any{
		"metadata.name":                         "api",
		"metadata.namespace":                    "shop",
		"spec.minReadySeconds":                  55.0,
		"spec.replicas":                         nil,
		"spec.selector":                         nil,
		box + "name":                            "api",
		box + "image":                           nil,
		box + "envFrom":                         nil,
		box + "ports":                           nil,
		box + "command":                         nil,
		box + "env.0.name":                      "DB_MAX_OVERFLOW",
		box + "env.1.value":                     "4",
		box + "resources.requests.cpu":          "1500m",
		box + "resources.limits.memory":         "1536Mi",
		box + "lifecycle.preStop.sleep.seconds": 30.0,
		box + "readinessProbe.httpGet.port":     8000.0,
		box + "livenessProbe.httpGet.path":      "/health/live",
		"spec.template.spec.terminationGracePeriodSeconds":       55.0,
		"spec.template.metadata.labels.[app.kubernetes.io/name]": "api",
		"metadata.annotations":                                   nil,
	})
}

// What the stack file lets through, the component must not stop in the middle
// of a preview.
func TestValidRolloutsAreDeclarable(t *testing.T) {
	text, err := os.ReadFile("../../capacity/spec/testdata/base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := spec.Raw(text)
	if err != nil {
		t.Fatal(err)
	}
	shares, refused := []string{"0%", "0.5%", "1%", "12.5%", "25%", "33.3%", "99.9%", "100%", "100.5%"}, 0
	for _, surge := range shares {
		for _, away := range shares {
			value := fmt.Sprintf("{maxSurge: %q, maxUnavailable: %q}", surge, away)
			changed, err := spec.Set(raw, "services.backend.rollout", value)
			if err != nil {
				t.Fatal(err)
			}
			stack, err := spec.Decode("base", changed)
			if err != nil {
				refused++
				continue
			}
			args, r := base(), stack.Services["backend"].Rollout
			args.Spec.Rollout = r
			args.Plan.Rollout.MaxSurgePercent, args.Plan.Rollout.MaxUnavailablePercent = float64(*r.MaxSurge), float64(r.MaxUnavailable)
			if err := (workload{name: "api", Args: args}).validate(); err != nil {
				t.Errorf("rollout %s is a valid stack file, but: %v", value, err)
			}
		}
	}
	if valid := len(shares)*len(shares) - refused; valid != 15 {
		t.Errorf("%d rollouts are valid, want 15: the four whole shares in pairs, less 0%% with 0%%", valid)
	}
}

func TestNewRefuses(t *testing.T) {
	cases := map[string]struct {
		reason string
		mutate func(*Args)
		want   string
	}{
		"AdoptNothing":  {"which Deployment?", func(a *Args) { a.Spec.Mode = spec.Adopt }, "services.api.id"},
		"NoNamespace":   {"the ambient namespace is nobody's choice", func(a *Args) { a.Namespace = "" }, "namespace"},
		"NoReplicas":    {"a floor of zero cannot absorb anything", func(a *Args) { a.Plan.MinReplicas = 0 }, "minReplicas"},
		"CeilingBelow":  {"the server refuses it late", func(a *Args) { a.Plan.MaxReplicas = 5 }, "maxReplicas = 5"},
		"NoSignal":      {"an HPA without metrics falls back to 80 % CPU", func(a *Args) { a.Plan.Metrics, a.Plan.CPUTargetPercent = nil, 0 }, "metric"},
		"ZeroTarget":    {"a target of zero scales to the ceiling for ever", func(a *Args) { a.Plan.Metrics[0].TargetAverageValue = 0 }, "target"},
		"NoBudget":      {"node drains would hang", func(a *Args) { a.Plan.DisruptionBudget = 0 }, "disruption budget"},
		"UnboundedPool": {"SQLAlchemy reads 0 as unlimited", func(a *Args) { a.Plan.Pool.Size = 0 }, "pool.size = 0"},
		"UnboundedOver": {"SQLAlchemy reads -1 as unlimited", func(a *Args) { a.Plan.Pool.MaxOverflow = -1 }, "pool.maxOverflow"},
		"PartPercent":   {"Kubernetes reads whole percentages", func(a *Args) { a.Plan.Rollout.MaxSurgePercent = 12.5 }, "12.5%"},
		"FrozenRollout": {"no pod could ever be replaced", func(a *Args) { a.Plan.Rollout.MaxSurgePercent = 0 }, "both 0%"},
		"ShortGrace":    {"the pod would be killed in preStop", func(a *Args) { a.Plan.Rollout.GraceSeconds = 30 }, "grace = 30s"},
		"StaleInEnv":    {"nor what hit ratio and database load rest on", func(a *Args) { a.Spec.Env[plan.EnvCacheStale] = "0" }, "env.CACHE_STALE"},
		"PoolInEnv":     {"an own value would undo the budget", func(a *Args) { a.Spec.Env[plan.EnvPoolSize] = "50" }, "env.DB_POOL_SIZE"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			args := base()
			c.mutate(&args)
			r := &componenttest.Recorder{}
			err := r.Run("test", func(ctx *pulumi.Context) error {
				_, err := New(ctx, "api", args)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("New(%s) = %v, want an error with %q: %s", name, err, c.want, c.reason)
			}
			var problems spec.Problems
			if !errors.As(err, &problems) {
				t.Errorf("New(%s) = %T, want spec.Problems", name, err)
			}
			if n := len(r.Resources()); n != 0 {
				t.Errorf("New(%s) registered %d resources before it refused", name, n)
			}
		})
	}
}
