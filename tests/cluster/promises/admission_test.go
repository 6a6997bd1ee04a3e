//go:build linux

package promises

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/agencyos/headroom/tests/cluster"
)

// admission applies everything that is rendered, as it is and under its own names.
// The namespace is every stack's, so they come one after the other.
func admission(t *testing.T, w *world) {
	must(t, "definitions", w.AddDefinitions(t.Context(), "PodMonitor", "Probe", "PrometheusRule", "AlertmanagerConfig"))
	for _, s := range []*stack{w.prod, w.staging, w.local} {
		t.Run(s.name, func(t *testing.T) { admit(t, w, s) })
	}
}

func admit(t *testing.T, w *world, s *stack) {
	ctx, namespace := t.Context(), s.spec.Cluster.Namespace
	for _, name := range s.namespaces() {
		if _, err := w.Client.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{}); err != nil {
			must(t, "namespace", w.AddNamespace(ctx, name, ""))
		}
	}
	for _, name := range s.services() {
		if own := s.deployment(name); own == nil || !whole(own) {
			_, err := w.Put(ctx, "delivery", s.owned(t, name, namespace, nil))
			must(t, "the team's Deployment", err)
		}
	}
	accepted := 0
	for _, o := range s.objects {
		first, err := w.Put(ctx, cluster.Manager, o)
		if err != nil {
			t.Errorf("not accepted: %v", err)
			continue
		}
		accepted++
		again(t, w, o, first)
	}
	w.table.atLeast("admission: manifests accepted strictly, "+s.name, float64(len(s.objects)), "manifests", float64(accepted))
	if len(s.objects) < 8 {
		t.Errorf("%d manifests are rendered: the test shows little", len(s.objects))
	}
	for _, name := range s.services() {
		keepsScale(t, w, s, name)
	}
	drafted(t, w, s)
	verified(t, w, s)
	remove(t, w, s)
}

// namespaces that the stack's objects live in, which exist before they do.
func (s *stack) namespaces() []string {
	all := map[string]bool{s.spec.Cluster.Namespace: true}
	for _, o := range s.objects {
		if o.GetNamespace() != "" {
			all[o.GetNamespace()] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// again applies an object a second time: nothing that anyone set may change.
func again(t *testing.T, w *world, o, first *unstructured.Unstructured) {
	t.Helper()
	second, err := w.Put(t.Context(), cluster.Manager, o)
	if err != nil {
		t.Errorf("a second apply: %v", err)
		return
	}
	if diff := cmp.Diff(intent(first), intent(second)); diff != "" {
		t.Errorf("a second apply of %s %s changes it (-first +second):\n%s", o.GetKind(), o.GetName(), diff)
	}
}

// intent is an object without what controllers report, whose number of versions
// only a change of something else raises.
func intent(o *unstructured.Unstructured) map[string]any {
	o = o.DeepCopy()
	delete(o.Object, "status")
	o.SetManagedFields(nil)
	o.SetResourceVersion("")
	if annotations := o.GetAnnotations(); annotations != nil {
		delete(annotations, "deployment.kubernetes.io/revision")
		if o.SetAnnotations(annotations); len(annotations) == 0 {
			o.SetAnnotations(nil)
		}
	}
	if o.GetKind() == "Deployment" {
		unstructured.RemoveNestedField(o.Object, "spec", "replicas") // an autoscaler's
	}
	return o.Object
}

// keepsScale scales as the autoscaler does and applies everything again: the number
// of pods is not Headroom's.
func keepsScale(t *testing.T, w *world, s *stack, name string) {
	t.Helper()
	ctx, namespace := t.Context(), s.spec.Cluster.Namespace
	wanted := s.plan.Services[name].MaxReplicas - 1
	deployments := w.Client.AppsV1().Deployments(namespace)
	put := func(ctx context.Context, scale *autoscalingv1.Scale, o metav1.UpdateOptions) (*autoscalingv1.Scale, error) {
		return deployments.UpdateScale(ctx, name, scale, o)
	}
	must(t, "scaling", edit(ctx, name, deployments.GetScale, put, func(s *autoscalingv1.Scale) { s.Spec.Replicas = int32(wanted) }))
	must(t, "applying again", w.Apply(ctx, s.objects...))
	d, err := deployments.Get(ctx, name, metav1.GetOptions{})
	must(t, "the Deployment", err)
	moved := 0.0
	if int(*d.Spec.Replicas) != wanted {
		moved = 1
	}
	if !w.table.atMost("update: scale made in between is lost, "+s.name+" "+name, 0, "scales", moved) {
		t.Errorf("%s has %d replicas after a second apply, want the %d of the autoscaler", name, *d.Spec.Replicas, wanted)
	}
}

// deployment that is rendered for a service, whole or a patch; nil for none.
func (s *stack) deployment(name string) *unstructured.Unstructured {
	for _, o := range s.objects {
		if o.GetKind() == "Deployment" && o.GetName() == name {
			return o
		}
	}
	return nil
}

// remove everything of a stack, and wait until it is gone: the next has the same
// names. Others use the priorities.
func remove(t *testing.T, w *world, s *stack) {
	t.Helper()
	all := slices.DeleteFunc(slices.Clone(s.objects), func(o *unstructured.Unstructured) bool { return o.GetKind() == "PriorityClass" })
	for _, name := range s.services() {
		all = append(all, s.owned(t, name, s.spec.Cluster.Namespace, nil))
	}
	must(t, "removing", eventually(t.Context(), time.Minute, func() error {
		var left error
		for _, o := range all {
			left = errors.Join(left, w.Delete(t.Context(), o))
		}
		return left
	}))
}

// scalers are the rendered autoscalers at work: with every metric that they ask
// for, through metrics-server and the adapter.
func scalers(t *testing.T, w *world) {
	for _, s := range []*stack{w.prod, w.staging} {
		n := move(t, w.Cluster, s, "scalers-"+s.name, settings{})
		for _, name := range s.services() {
			must(t, name, n.settled(t.Context(), name))
			err := eventually(t.Context(), 2*time.Minute, func() error { return n.measured(t.Context(), name) })
			works := 0.0
			if err == nil {
				works = 1
			}
			if !w.table.atLeast("admission: HPA is ScalingActive with all its metrics, "+s.name+" "+name, 1, "HPAs", works) {
				t.Error(err)
			}
		}
	}
}

// measured says which metric an autoscaler has no value of, or why it does not
// scale.
func (n *tenant) measured(ctx context.Context, name string) error {
	a, err := n.Client.AutoscalingV2().HorizontalPodAutoscalers(n.namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	have := map[autoscalingv2.MetricSourceType]bool{}
	for _, m := range a.Status.CurrentMetrics {
		have[m.Type] = true
	}
	for _, m := range a.Spec.Metrics {
		if !have[m.Type] {
			return fmt.Errorf("%s/%s has no value of its %s metric", n.namespace, name, m.Type)
		}
	}
	return scaling(a)
}
