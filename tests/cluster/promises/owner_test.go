//go:build linux

package promises

import (
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/tests/cluster"
)

// owned is the Deployment of an external service as the team's delivery writes it,
// which does what the plan says that the proof relies on; with Headroom's patch on
// top where it has one.
func (s *stack) owned(t testing.TB, name, namespace string, patch *unstructured.Unstructured) *unstructured.Unstructured {
	v, p := s.spec.Services[name], s.plan.Services[name]
	labels, grace := map[string]string{cluster.NameLabel: name}, int64(p.Rollout.GraceSeconds)
	surge, unavailable := intstr.FromString(fmt.Sprintf("%g%%", p.Rollout.MaxSurgePercent)), intstr.FromString(fmt.Sprintf("%g%%", p.Rollout.MaxUnavailablePercent))
	asks := func(path string) *corev1.Probe {
		return &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromInt32(int32(v.Port))}}}
	}
	container := corev1.Container{Name: name, Image: "registry.agencyos.example/" + name + ":5.0.0",
		Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: int32(v.Port)}}, ReadinessProbe: asks(v.Probes.Readiness), LivenessProbe: asks(v.Probes.Liveness),
		EnvFrom:   []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: name + "-headroom"}}}},
		Lifecycle: &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: int64(p.Rollout.PreStopSeconds)}}},
		Resources: corev1.ResourceRequirements{Requests: quantities(v.Resources.Requests), Limits: quantities(v.Resources.Limits)}}
	o := object(t, &appsv1.Deployment{TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"}, ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Spec: appsv1.DeploymentSpec{Selector: &metav1.LabelSelector{MatchLabels: labels}, MinReadySeconds: int32(p.Rollout.MinReadySeconds),
			Strategy: appsv1.DeploymentStrategy{Type: appsv1.RollingUpdateDeploymentStrategyType, RollingUpdate: &appsv1.RollingUpdateDeployment{MaxSurge: &surge, MaxUnavailable: &unavailable}},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: corev1.PodSpec{TerminationGracePeriodSeconds: &grace, Containers: []corev1.Container{container}}}}})
	if patch != nil {
		merge(o.Object, patch.Object)
	}
	o.SetNamespace(namespace)
	return o
}

// quantities are what a stack states of CPU and memory.
func quantities(r spec.Amounts) corev1.ResourceList {
	out := corev1.ResourceList{}
	if r.CPU > 0 {
		out[corev1.ResourceCPU] = *resource.NewMilliQuantity(int64(r.CPU), resource.DecimalSI)
	}
	if r.Memory > 0 {
		out[corev1.ResourceMemory] = *resource.NewQuantity(int64(r.Memory)<<20, resource.BinarySI)
	}
	return out
}

// merge lays a patch over an object. Lists of one container are merged, other lists
// replaced: enough for a patch of one container.
func merge(into, patch map[string]any) {
	for key, value := range patch {
		switch is := value.(type) {
		case map[string]any:
			there, ok := into[key].(map[string]any)
			if !ok {
				there = map[string]any{}
				into[key] = there
			}
			merge(there, is)
		case []any:
			if there, ok := into[key].([]any); ok && key == "containers" && len(there) == 1 && len(is) == 1 {
				merge(there[0].(map[string]any), is[0].(map[string]any))
				continue
			}
			into[key] = is
		default:
			into[key] = value
		}
	}
}

// play tells kwok how long a pod takes: as the plan and its baseline say.
func (s *stack) play(deployment *unstructured.Unstructured, name string) {
	p := s.plan.Services[name].Rollout
	stop := time.Duration(p.PreStopSeconds)*time.Second + time.Duration(s.spec.Services[name].Rollout.Drain)
	for key, value := range map[string]string{"start": scheduling.String(), "ready": fmt.Sprintf("%gs", s.base.Services[name].StartupSeconds), "stop": stop.String()} {
		annotate(deployment, "headroom.dev/"+key, value)
	}
}

// scheduling is the time from a pod on a node to its container that the simulator
// counts with.
const scheduling = 2 * time.Second

// annotate the pods of a Deployment.
func annotate(deployment *unstructured.Unstructured, key, value string) {
	_ = unstructured.SetNestedField(deployment.Object, value, "spec", "template", "metadata", "annotations", key) // a Deployment has that path
}
