package service

import (
	"maps"
	"slices"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/components/internal/kube"
)

// renderDeployment is the whole of a managed Deployment. Its replicas are only
// the start: the autoscaler owns them from then on.
func (w workload) renderDeployment() *appsv1.DeploymentArgs {
	r := w.Plan.Rollout
	return &appsv1.DeploymentArgs{
		Metadata: kube.Meta(w.Namespace, w.name, w.name, nil),
		Spec: appsv1.DeploymentSpecArgs{
			Replicas:                pulumi.Int(w.Plan.MinReplicas),
			MinReadySeconds:         pulumi.Int(r.MinReadySeconds),
			ProgressDeadlineSeconds: pulumi.Int(w.progressSeconds()),
			RevisionHistoryLimit:    pulumi.Int(5),
			Selector:                metav1.LabelSelectorArgs{MatchLabels: pulumi.ToStringMap(kube.Selector(w.name))},
			Strategy: appsv1.DeploymentStrategyArgs{
				Type: pulumi.String("RollingUpdate"),
				RollingUpdate: appsv1.RollingUpdateDeploymentArgs{
					MaxSurge: share(r.MaxSurgePercent), MaxUnavailable: share(r.MaxUnavailablePercent),
				},
			},
			Template: corev1.PodTemplateSpecArgs{
				Metadata: metav1.ObjectMetaArgs{
					Labels:      pulumi.ToStringMap(kube.Labels(w.name)),
					Annotations: pulumi.ToStringMap(map[string]string{noteChecksum: checksum(w.Plan)}),
				},
				Spec: w.renderPod(),
			},
		},
	}
}

func (w workload) renderPod() corev1.PodSpecArgs {
	pod := corev1.PodSpecArgs{
		TerminationGracePeriodSeconds: pulumi.Int(w.Plan.Rollout.GraceSeconds),
		AutomountServiceAccountToken:  pulumi.Bool(w.Spec.ServiceAccount != ""),
		EnableServiceLinks:            pulumi.Bool(false),
		SecurityContext:               kube.HardenedPod(0),
		TopologySpreadConstraints:     kube.Spread(w.name),
		Containers:                    corev1.ContainerArray{w.renderContainer()},
		// The root file system is read-only; what the process writes goes here.
		Volumes: corev1.VolumeArray{corev1.VolumeArgs{Name: pulumi.String("tmp"), EmptyDir: corev1.EmptyDirVolumeSourceArgs{}}},
	}
	if w.Spec.ServiceAccount != "" {
		pod.ServiceAccountName = pulumi.String(w.Spec.ServiceAccount)
	}
	return pod
}

func (w workload) renderContainer() corev1.ContainerArgs {
	startup, ready, live := w.probes()
	c := corev1.ContainerArgs{
		Name: pulumi.String(w.name), Image: pulumi.String(w.Spec.Image),
		Ports:          corev1.ContainerPortArray{corev1.ContainerPortArgs{Name: pulumi.String("http"), ContainerPort: pulumi.Int(w.Spec.Port)}},
		Env:            w.renderEnv(),
		EnvFrom:        w.renderEnvFrom(),
		Resources:      corev1.ResourceRequirementsArgs{Requests: w.requests(), Limits: w.limits()},
		StartupProbe:   startup.render(w.Spec.Port),
		ReadinessProbe: ready.render(w.Spec.Port),
		LivenessProbe:  live.render(w.Spec.Port),
		Lifecycle: corev1.LifecycleArgs{PreStop: corev1.LifecycleHandlerArgs{
			Sleep: corev1.SleepActionArgs{Seconds: pulumi.Int(w.Plan.Rollout.PreStopSeconds)},
		}},
		SecurityContext: kube.HardenedContainer(),
		VolumeMounts:    corev1.VolumeMountArray{corev1.VolumeMountArgs{Name: pulumi.String("tmp"), MountPath: pulumi.String("/tmp")}},
	}
	if len(w.Spec.Command) > 0 {
		c.Command = pulumi.ToStringArray(w.Spec.Command)
	}
	return c
}

func (w workload) renderEnv() corev1.EnvVarArray {
	var out corev1.EnvVarArray
	for _, key := range slices.Sorted(maps.Keys(w.Spec.Env)) {
		out = append(out, corev1.EnvVarArgs{Name: pulumi.String(key), Value: pulumi.String(w.Spec.Env[key])})
	}
	return out
}

// renderEnvFrom lists the settings last, because the last source wins: what an
// included Secret says about the pool must not undo the plan.
func (w workload) renderEnvFrom() corev1.EnvFromSourceArray {
	var out corev1.EnvFromSourceArray
	for _, from := range w.Spec.EnvFrom {
		if from.Secret != "" {
			out = append(out, corev1.EnvFromSourceArgs{SecretRef: corev1.SecretEnvSourceArgs{Name: pulumi.String(from.Secret)}})
			continue
		}
		out = append(out, corev1.EnvFromSourceArgs{ConfigMapRef: corev1.ConfigMapEnvSourceArgs{Name: pulumi.String(from.ConfigMap)}})
	}
	return append(out, corev1.EnvFromSourceArgs{ConfigMapRef: corev1.ConfigMapEnvSourceArgs{Name: pulumi.String(w.settingsName())}})
}

func (p probe) render(port int) corev1.ProbePtrInput {
	return corev1.ProbeArgs{
		HttpGet:       corev1.HTTPGetActionArgs{Path: pulumi.String(p.path), Port: pulumi.Int(port)},
		PeriodSeconds: pulumi.Int(p.period), TimeoutSeconds: pulumi.Int(p.timeout),
		FailureThreshold: pulumi.Int(p.failures), SuccessThreshold: pulumi.Int(p.successes),
	}
}

func (w workload) renderService() *corev1.ServiceArgs {
	return &corev1.ServiceArgs{
		Metadata: kube.Meta(w.Namespace, w.name, w.name, nil),
		Spec: corev1.ServiceSpecArgs{
			Type:     pulumi.String("ClusterIP"),
			Selector: pulumi.ToStringMap(kube.Selector(w.name)),
			Ports: corev1.ServicePortArray{corev1.ServicePortArgs{
				Name: pulumi.String("http"), Port: pulumi.Int(w.Spec.Port), TargetPort: pulumi.String("http"),
			}},
		},
	}
}
