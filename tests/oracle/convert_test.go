package oracle

import (
	"fmt"
	"math"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	defaults "k8s.io/kubernetes/pkg/apis/autoscaling/v2"

	"github.com/agencyos/headroom/capacity/hpa"
)

// newHPA is the object that the API server would store for a spec.
func newHPA(s hpa.Spec) *autoscalingv2.HorizontalPodAutoscaler {
	o := &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace, UID: "uid"},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: appsv1.SchemeGroupVersion.String(), Kind: "Deployment", Name: name},
			MinReplicas:    &s.MinReplicas,
			MaxReplicas:    s.MaxReplicas,
		},
	}
	for i, m := range s.Metrics {
		o.Spec.Metrics = append(o.Spec.Metrics, newMetric(m, metricName(i)))
	}
	if b := s.Behavior; b != nil {
		o.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{ScaleUp: newRules(b.ScaleUp), ScaleDown: newRules(b.ScaleDown)}
	}
	defaults.SetDefaults_HorizontalPodAutoscaler(o)
	return o
}

func newMetric(m hpa.Metric, metric string) autoscalingv2.MetricSpec {
	spec := autoscalingv2.MetricSpec{Type: autoscalingv2.MetricSourceType(m.Source)}
	target, id := newTarget(m), autoscalingv2.MetricIdentifier{Name: metric}
	switch m.Source {
	case hpa.Resource:
		spec.Resource = &autoscalingv2.ResourceMetricSource{Name: resourceOf(m), Target: target}
	case hpa.ContainerResource:
		spec.ContainerResource = &autoscalingv2.ContainerResourceMetricSource{Name: resourceOf(m), Container: appContainer, Target: target}
	case hpa.Pods:
		spec.Pods = &autoscalingv2.PodsMetricSource{Metric: id, Target: target}
	case hpa.Object:
		spec.Object = &autoscalingv2.ObjectMetricSource{Metric: id, Target: target, DescribedObject: autoscalingv2.CrossVersionObjectReference{Kind: "Service", Name: name}}
	case hpa.External:
		spec.External = &autoscalingv2.ExternalMetricSource{Metric: id, Target: target}
	default:
		panic(fmt.Sprintf("metric source %q", m.Source))
	}
	return spec
}

func newTarget(m hpa.Metric) autoscalingv2.MetricTarget {
	t := autoscalingv2.MetricTarget{Type: autoscalingv2.MetricTargetType(m.Target)}
	quantity := resource.NewMilliQuantity(m.Value, resource.DecimalSI)
	switch m.Target {
	case hpa.Utilization:
		percent := int32(m.Value)
		t.AverageUtilization = &percent
	case hpa.Value:
		t.Value = quantity
	case hpa.AverageValue:
		t.AverageValue = quantity
	}
	return t
}

func newRules(r *hpa.Rules) *autoscalingv2.HPAScalingRules {
	if r == nil {
		return nil
	}
	rules := &autoscalingv2.HPAScalingRules{StabilizationWindowSeconds: r.WindowSeconds}
	if r.Select != "" {
		choice := autoscalingv2.ScalingPolicySelect(r.Select)
		rules.SelectPolicy = &choice
	}
	if r.Tolerance != nil { // the scenarios use whole thousandths
		rules.Tolerance = resource.NewMilliQuantity(int64(math.Round(*r.Tolerance*1000)), resource.DecimalSI)
	}
	for _, p := range r.Policies {
		rules.Policies = append(rules.Policies, autoscalingv2.HPAScalingPolicy{Type: autoscalingv2.HPAScalingPolicyType(p.Type), Value: p.Value, PeriodSeconds: p.PeriodSeconds})
	}
	return rules
}

// appContainer is the container that ContainerResource metrics name.
const appContainer = "main"

var phases = map[hpa.Phase]corev1.PodPhase{hpa.Pending: corev1.PodPending, hpa.Running: corev1.PodRunning, hpa.Failed: corev1.PodFailed, hpa.Other: corev1.PodSucceeded}

var readiness = map[hpa.Ready]corev1.ConditionStatus{hpa.ReadyFalse: corev1.ConditionFalse, hpa.ReadyUnknown: corev1.ConditionUnknown, hpa.ReadyTrue: corev1.ConditionTrue}

// newPod is the object that the controller lists for a pod.
func (c *controller) newPod(p *pod) *corev1.Pod {
	o := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: p.name, Namespace: namespace, Labels: map[string]string{label: name}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: p.mainName()}, {Name: "side"}}},
		Status:     corev1.PodStatus{Phase: phases[p.state.Phase]},
	}
	for i := range o.Spec.Containers {
		if i == 1 && p.noRequest {
			continue
		}
		o.Spec.Containers[i].Resources.Requests = corev1.ResourceList{
			corev1.ResourceCPU:    *resource.NewMilliQuantity(p.requests[i], resource.DecimalSI),
			corev1.ResourceMemory: *resource.NewMilliQuantity(p.requests[i], resource.BinarySI),
		}
	}
	if p.state.Terminating {
		o.DeletionTimestamp = &metav1.Time{Time: c.epoch}
	}
	if p.state.HasStarted {
		o.Status.StartTime = &metav1.Time{Time: c.epoch.Add(p.state.Started)}
	}
	if p.state.Ready != hpa.NoCondition {
		o.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: readiness[p.state.Ready], LastTransitionTime: metav1.Time{Time: c.epoch.Add(p.state.ReadyChanged)}}}
	}
	return o
}
