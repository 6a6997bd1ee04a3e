package cluster

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/agencyos/headroom/capacity/drift"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/workload"
)

// Settings reads what the objects of services, the node groups and metrics-server
// are set to. What is not there or may not be read is noted as that; an error is
// only that the cluster cannot be asked at all.
func (c *Conn) Settings(ctx context.Context, seen *drift.Seen, targets []drift.Target, pools []plan.NodePool) error {
	if _, err := c.Version(ctx); err != nil {
		return err
	}
	seen.Ask(drift.Cluster, "context "+c.name)
	r := reader{c, seen}
	for _, t := range targets {
		r.autoscaler(ctx, t)
		r.budget(ctx, t)
		r.deployment(ctx, t)
	}
	r.nodeGroups(ctx, pools)
	r.metricsServer(ctx)
	return nil
}

// reader notes what it sees.
type reader struct {
	*Conn
	seen *drift.Seen
}

func (r reader) saw(object, name string, value any) {
	r.seen.Saw(drift.Cluster, object, name, fmt.Sprint(value))
}

// failed notes an object that is not there or may not be read, and says whether
// that is so.
func (r reader) failed(object string, err error) bool {
	switch {
	case err == nil:
		return false
	case apierrors.IsNotFound(err):
		r.seen.Missed(drift.Cluster, object)
	default:
		r.seen.Doubt(drift.Cluster, object, "", r.broken("reading "+object, err).Error())
	}
	return true
}

func (r reader) autoscaler(ctx context.Context, t drift.Target) {
	object := drift.Autoscaler(t.Namespace, t.Autoscaler)
	h, err := r.client.AutoscalingV2().HorizontalPodAutoscalers(t.Namespace).Get(ctx, t.Autoscaler, metav1.GetOptions{})
	if r.failed(object, err) {
		return
	}
	least := int32(1)
	if h.Spec.MinReplicas != nil {
		least = *h.Spec.MinReplicas
	}
	r.saw(object, drift.MinReplicas, least)
	r.saw(object, drift.MaxReplicas, h.Spec.MaxReplicas)
	r.saw(object, drift.ScaleTarget, h.Spec.ScaleTargetRef.Kind+" "+h.Spec.ScaleTargetRef.Name)
	r.metrics(object, h.Spec.Metrics)
	if b := h.Spec.Behavior; b != nil {
		r.direction(object, b.ScaleUp, drift.UpWindow, drift.UpPolicies, drift.UpTolerance)
		r.direction(object, b.ScaleDown, drift.DownWindow, drift.DownPolicies, "")
	}
	for _, condition := range h.Status.Conditions {
		if condition.Type != autoscalingv2.ScalingActive {
			continue
		}
		value := string(condition.Status)
		if condition.Status != corev1.ConditionTrue {
			value += " (" + condition.Reason + ")"
		}
		r.saw(object, drift.ScalingActive, value)
	}
}

func (r reader) metrics(object string, metrics []autoscalingv2.MetricSpec) {
	for _, m := range metrics {
		switch {
		case m.External != nil && m.External.Target.AverageValue != nil:
			r.saw(object, drift.External(m.External.Metric.Name), drift.Value(m.External.Target.AverageValue.AsApproximateFloat64()))
		case m.Resource != nil && m.Resource.Name == corev1.ResourceCPU && m.Resource.Target.AverageUtilization != nil:
			r.saw(object, drift.CPUUtilization, *m.Resource.Target.AverageUtilization)
		}
	}
}

func (r reader) direction(object string, rules *autoscalingv2.HPAScalingRules, window, policies, tolerance string) {
	if rules == nil {
		return
	}
	if rules.StabilizationWindowSeconds != nil {
		r.saw(object, window, *rules.StabilizationWindowSeconds)
	}
	if rules.Tolerance != nil && tolerance != "" {
		r.saw(object, tolerance, drift.Value(rules.Tolerance.AsApproximateFloat64()))
	}
	var all []plan.Policy
	for _, p := range rules.Policies {
		all = append(all, plan.Policy{Type: string(p.Type), Value: int(p.Value), PeriodSeconds: int(p.PeriodSeconds)})
	}
	text := drift.Policies(all)
	if rules.SelectPolicy != nil && *rules.SelectPolicy != autoscalingv2.MaxChangePolicySelect {
		text += ", selectPolicy " + string(*rules.SelectPolicy)
	}
	r.saw(object, policies, text)
}

func (r reader) budget(ctx context.Context, t drift.Target) {
	object := drift.DisruptionBudget(t.Namespace, t.DisruptionBudget)
	b, err := r.client.PolicyV1().PodDisruptionBudgets(t.Namespace).Get(ctx, t.DisruptionBudget, metav1.GetOptions{})
	if r.failed(object, err) {
		return
	}
	r.saw(object, drift.Unavailable, allowed(b.Spec))
}

func allowed(s policyv1.PodDisruptionBudgetSpec) string {
	switch {
	case s.MaxUnavailable != nil:
		return s.MaxUnavailable.String()
	case s.MinAvailable != nil:
		return "all above minAvailable " + s.MinAvailable.String()
	}
	return "any"
}

func (r reader) deployment(ctx context.Context, t drift.Target) {
	object := drift.Deployment(t.Namespace, t.Deployment)
	d, err := r.client.AppsV1().Deployments(t.Namespace).Get(ctx, t.Deployment, metav1.GetOptions{})
	if r.failed(object, err) {
		return
	}
	r.saw(object, drift.MinReady, d.Spec.MinReadySeconds)
	if roll := d.Spec.Strategy.RollingUpdate; roll != nil {
		r.saw(object, drift.RollSurge, roll.MaxSurge)
		r.saw(object, drift.RollUnavailable, roll.MaxUnavailable)
	}
	pod := d.Spec.Template.Spec
	if pod.TerminationGracePeriodSeconds != nil {
		r.saw(object, drift.Grace, *pod.TerminationGracePeriodSeconds)
	}
	i := slices.IndexFunc(pod.Containers, func(c corev1.Container) bool { return c.Name == t.Container })
	if i < 0 {
		r.seen.Doubt(drift.Cluster, object, "", "it has no container "+t.Container+"; it has "+names(pod.Containers))
		return
	}
	r.env(ctx, t.Namespace, object, pod.Containers[i])
	read, err := r.decode("Deployment", d)
	if err != nil {
		r.seen.Doubt(drift.Cluster, object, "", err.Error())
		return
	}
	// Sidecars come behind the containers of the pod.
	r.container(object, read.Workloads[0].Containers[i])
}

func names(containers []corev1.Container) string {
	all := make([]string, len(containers))
	for i, c := range containers {
		all[i] = c.Name
	}
	return strings.Join(all, ", ")
}

// container notes what init would write of it into a stack file: a hook that only
// sleeps, and amounts in whole mebibytes.
func (r reader) container(object string, c workload.Container) {
	if c.PreStop > 0 {
		r.saw(object, drift.PreStop, c.PreStop.Seconds())
	}
	for name, amount := range map[string]*float64{
		drift.CPURequest: c.Request.CPUMilli, drift.CPULimit: c.Limit.CPUMilli,
		drift.MemoryRequest: c.Request.MemoryMiB, drift.MemoryLimit: c.Limit.MemoryMiB,
	} {
		if amount != nil {
			r.saw(object, name, math.Ceil(*amount))
		}
	}
}
