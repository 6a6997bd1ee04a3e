package service

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/components/internal/adopt"
	"github.com/agencyos/headroom/components/internal/kube"
)

// live is what exists before Headroom takes it over; nil where nothing is
// adopted.
type live struct {
	deployment *appsv1.Deployment
	settings   *corev1.ConfigMap
}

// read reads the live objects whose fields Headroom shares with others. It is
// read in every run: what is declared is what was live a moment ago with the
// plan's own fields over it.
func (w workload) read(ctx *pulumi.Context, parent pulumi.Resource) (live, error) {
	var l live
	var err error
	name, opt := adopt.Reading(w.name), pulumi.Parent(parent)
	if id := w.Spec.ID; id != "" {
		if l.deployment, err = appsv1.GetDeployment(ctx, name, pulumi.ID(id), nil, opt); err != nil {
			return l, fmt.Errorf("live Deployment of service %s: %w", w.name, err)
		}
	}
	if id := w.Spec.Adopt.Settings; id != "" {
		if l.settings, err = corev1.GetConfigMap(ctx, name, pulumi.ID(id), nil, opt); err != nil {
			return l, fmt.Errorf("live settings of service %s: %w", w.name, err)
		}
	}
	return l, nil
}

// selector finds the pods of the service: by the live Deployment's own labels
// where it is adopted.
func (w workload) selector(l live) metav1.LabelSelectorPtrInput {
	if l.deployment != nil {
		return l.deployment.Spec.Selector().ToLabelSelectorPtrOutput()
	}
	return metav1.LabelSelectorArgs{MatchLabels: pulumi.ToStringMap(w.Spec.Labels(w.name))}
}

// renderAdopted is the live Deployment with the plan's fields over it: image,
// command, replicas, labels, sidecars, volumes and the rest stay whose they are.
func (w workload) renderAdopted(l live) *appsv1.DeploymentArgs {
	overlaid := l.deployment.Spec.ApplyT(w.overlay).(appsv1.DeploymentSpecOutput)
	return &appsv1.DeploymentArgs{
		Metadata: metav1.ObjectMetaArgs{Name: pulumi.String(w.Spec.Target(w.name)), Namespace: pulumi.String(w.Namespace)},
		Spec:     overlaid.ToDeploymentSpecPtrOutput(),
	}
}

// overlay sets on a live spec what a patch of it would set.
func (w workload) overlay(spec appsv1.DeploymentSpec) (appsv1.DeploymentSpec, error) {
	r := w.Plan.Rollout
	spec.MinReadySeconds, spec.ProgressDeadlineSeconds = new(r.MinReadySeconds), new(w.progressSeconds())
	spec.Strategy = &appsv1.DeploymentStrategy{
		Type: new("RollingUpdate"),
		RollingUpdate: &appsv1.RollingUpdateDeployment{
			MaxSurge: string(share(r.MaxSurgePercent)), MaxUnavailable: string(share(r.MaxUnavailablePercent)),
		},
	}
	var pod corev1.PodSpec
	if spec.Template.Spec != nil {
		pod = *spec.Template.Spec
	}
	pod.TerminationGracePeriodSeconds = new(r.GraceSeconds)
	pod.Containers = slices.Clone(pod.Containers)
	name := w.Spec.ServingContainer(w.name)
	i := slices.IndexFunc(pod.Containers, func(c corev1.Container) bool { return c.Name == name })
	if i < 0 {
		return spec, fmt.Errorf("services.%s.container = %s: Deployment %s has no such container; it has %s",
			w.name, name, w.Spec.ID, containerNames(pod.Containers))
	}
	pod.Containers[i] = w.overlayContainer(pod.Containers[i])
	spec.Template.Spec = &pod
	return spec, nil
}

func (w workload) overlayContainer(c corev1.Container) corev1.Container {
	startup, ready, alive := w.probes()
	c.StartupProbe, c.ReadinessProbe, c.LivenessProbe = startup.plain(w.Spec.Port), ready.plain(w.Spec.Port), alive.plain(w.Spec.Port)
	c.Env = overlayEnv(c.Env, w.Plan.Env)
	resources := corev1.ResourceRequirements{}
	if c.Resources != nil {
		resources = *c.Resources
	}
	resources.Requests = adopt.Over(resources.Requests, kube.Amounts(w.Spec.Resources.Requests))
	resources.Limits = adopt.Over(resources.Limits, kube.Amounts(w.Spec.Resources.Limits), "cpu", "memory")
	c.Resources = &resources
	lifecycle := corev1.Lifecycle{}
	if c.Lifecycle != nil {
		lifecycle = *c.Lifecycle
	}
	lifecycle.PreStop = &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: w.Plan.Rollout.PreStopSeconds}}
	c.Lifecycle = &lifecycle
	return c
}

// overlayEnv sets the plan's variables. One of an earlier plan that is set no
// more goes; every other one stays where it is.
func overlayEnv(vars []corev1.EnvVar, set map[string]string) []corev1.EnvVar {
	out := slices.DeleteFunc(slices.Clone(vars), func(v corev1.EnvVar) bool {
		_, stays := set[v.Name]
		return !stays && slices.Contains(plan.EnvNames, v.Name)
	})
	for _, key := range slices.Sorted(maps.Keys(set)) {
		v := corev1.EnvVar{Name: key, Value: new(set[key])}
		if i := slices.IndexFunc(out, func(e corev1.EnvVar) bool { return e.Name == key }); i >= 0 {
			out[i] = v
		} else {
			out = append(out, v)
		}
	}
	return out
}

func (p probe) plain(port int) *corev1.Probe {
	return &corev1.Probe{
		HttpGet:       &corev1.HTTPGetAction{Path: new(p.path), Port: port},
		PeriodSeconds: new(p.period), TimeoutSeconds: new(p.timeout),
		FailureThreshold: new(p.failures), SuccessThreshold: new(p.successes),
	}
}

func containerNames(containers []corev1.Container) string {
	names := make([]string, len(containers))
	for i, c := range containers {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}
