package service

import (
	"maps"
	"slices"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// renderPatch is what Headroom owns of a Deployment that others deliver: never
// spec.replicas, which is the autoscaler's, and never the image.
//
// It is applied on the server and without force. Where the delivery sets one of
// these fields to another value, the server names it in a conflict; two owners
// that overwrite each other in turn would be worse. Deleting the patch gives
// the fields back. After a client-side apply the server's own defaults count as
// set by that client too; the README says how a team hands them over, once.
func (w workload) renderPatch() *appsv1.DeploymentPatchArgs {
	r := w.Plan.Rollout
	return &appsv1.DeploymentPatchArgs{
		Metadata: metav1.ObjectMetaPatchArgs{Name: pulumi.String(w.Spec.Target(w.name)), Namespace: pulumi.String(w.Namespace)},
		Spec: appsv1.DeploymentSpecPatchArgs{
			MinReadySeconds:         pulumi.Int(r.MinReadySeconds),
			ProgressDeadlineSeconds: pulumi.Int(w.progressSeconds()),
			Strategy: appsv1.DeploymentStrategyPatchArgs{
				Type: pulumi.String("RollingUpdate"),
				RollingUpdate: appsv1.RollingUpdateDeploymentPatchArgs{
					MaxSurge: share(r.MaxSurgePercent), MaxUnavailable: share(r.MaxUnavailablePercent),
				},
			},
			Template: corev1.PodTemplateSpecPatchArgs{
				// The disruption budget finds the pods by this label.
				Metadata: metav1.ObjectMetaPatchArgs{Labels: pulumi.ToStringMap(w.Spec.Labels(w.name))},
				Spec: corev1.PodSpecPatchArgs{
					TerminationGracePeriodSeconds: pulumi.Int(r.GraceSeconds),
					Containers:                    corev1.ContainerPatchArray{w.renderContainerPatch()},
				},
			},
		},
	}
}

// renderContainerPatch merges into the container that serves; the name is the
// merge key of the list.
func (w workload) renderContainerPatch() corev1.ContainerPatchArgs {
	startup, ready, live := w.probes()
	return corev1.ContainerPatchArgs{
		Name:           pulumi.String(w.Spec.ServingContainer(w.name)),
		Env:            w.renderEnvPatch(),
		Resources:      corev1.ResourceRequirementsPatchArgs{Requests: w.requests(), Limits: w.limits()},
		StartupProbe:   startup.renderPatch(w.Spec.Port),
		ReadinessProbe: ready.renderPatch(w.Spec.Port),
		LivenessProbe:  live.renderPatch(w.Spec.Port),
		Lifecycle: corev1.LifecyclePatchArgs{PreStop: corev1.LifecycleHandlerPatchArgs{
			Sleep: corev1.SleepActionPatchArgs{Seconds: pulumi.Int(w.Plan.Rollout.PreStopSeconds)},
		}},
	}
}

// renderEnvPatch names every variable. Not envFrom: that list has no merge key
// (listType=atomic in k8s.io/api/core/v1/types.go), so a patch of it would take
// the team's own Secrets out of the container. As values, a change also rolls
// the pods by itself.
func (w workload) renderEnvPatch() corev1.EnvVarPatchArray {
	var out corev1.EnvVarPatchArray
	for _, key := range slices.Sorted(maps.Keys(w.Plan.Env)) {
		out = append(out, corev1.EnvVarPatchArgs{Name: pulumi.String(key), Value: pulumi.String(w.Plan.Env[key])})
	}
	return out
}

func (p probe) renderPatch(port int) corev1.ProbePatchPtrInput {
	return corev1.ProbePatchArgs{
		HttpGet:       corev1.HTTPGetActionPatchArgs{Path: pulumi.String(p.path), Port: pulumi.Int(port)},
		PeriodSeconds: pulumi.Int(p.period), TimeoutSeconds: pulumi.Int(p.timeout),
		FailureThreshold: pulumi.Int(p.failures), SuccessThreshold: pulumi.Int(p.successes),
	}
}
