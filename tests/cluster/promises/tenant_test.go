//go:build linux

package promises

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/tests/cluster"
	"github.com/agencyos/headroom/tests/cluster/traffic"
)

// tenant is a stack in a namespace of its own, with traffic.
type tenant struct {
	*cluster.Cluster
	stack     *stack
	namespace string
}

// settings of a tenant.
type settings struct {
	// pool of nodes.
	pool string
	// only this service; empty for all.
	only string
	// pause pods as well.
	pause bool
	// stays until the cluster ends: removing it would take longer.
	stays bool
	// replicas at the start; 0 for those of today's peak.
	replicas int
	// traffic is adapted, and objects before they are applied.
	traffic func(service string, c *traffic.Config)
	object  func(o *unstructured.Unstructured)
}

// move lets a stack into a namespace, at today's peak.
func move(t testing.TB, c *cluster.Cluster, s *stack, namespace string, o settings) *tenant {
	t.Helper()
	n := &tenant{c, s, namespace}
	ctx := t.Context()
	must(t, "namespace", c.AddNamespace(ctx, namespace, o.pool))
	if !o.stays {
		t.Cleanup(func() { n.leave() })
	}
	for _, name := range s.services() {
		if o.only == "" || o.only == name {
			must(t, name, n.add(ctx, t, name, o))
		}
	}
	return n
}

// add starts a service: its traffic first, so that no pod is missed, then what the
// team's delivery owns, then what Headroom renders.
func (n *tenant) add(ctx context.Context, t testing.TB, name string, o settings) error {
	k := traffic.Key{Namespace: n.namespace, Service: name}
	w, err := n.stack.scenario(name, steady)
	if err != nil {
		return err
	}
	c := traffic.Config{Station: w.Services[0].Station, PeakRPS: n.stack.plan.Services[name].PeakOriginRPS, IdleCPU: w.Services[0].IdleCPU,
		Requests: n.stack.spec.Services[name].Metrics.Requests, InProgress: n.stack.spec.Services[name].Metrics.InProgress, Seed: uint64(time.Now().UnixNano())}
	if o.traffic != nil {
		o.traffic(name, &c)
	}
	if _, err := n.Traffic.Add(k, c); err != nil {
		return err
	}
	account := &corev1.ServiceAccount{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"}, ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: n.namespace}}
	if err := n.Apply(ctx, object(t, account), n.balancer(t, name)); err != nil {
		return err
	}
	for _, rendered := range n.mine(t, name, o) {
		if o.object != nil {
			o.object(rendered)
		}
		if _, err := n.Put(ctx, cluster.Manager, rendered); err != nil {
			return err
		}
	}
	return nil
}

// steady is a load that does not change.
var steady = func() load.Curve {
	c, err := load.New(load.Knot{Level: 1}, load.Knot{At: time.Minute, Level: 1})
	if err != nil {
		panic(err)
	}
	return c
}()

// balancer is the Service of a service: its endpoints are who gets requests.
func (n *tenant) balancer(t testing.TB, name string) *unstructured.Unstructured {
	return object(t, &corev1.Service{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}, ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: n.namespace},
		Spec: corev1.ServiceSpec{Selector: map[string]string{cluster.NameLabel: name}, Ports: []corev1.ServicePort{{Name: "http", Port: 80}}}})
}

// mine are the rendered objects of a service in the tenant's namespace: the
// Deployment first, where it is external the owner's with Headroom's patch in it.
func (n *tenant) mine(t testing.TB, name string, s settings) []*unstructured.Unstructured {
	var deployment *unstructured.Unstructured
	var rest []*unstructured.Unstructured
	for _, o := range n.stack.objects {
		if !belongs(o, name) || o.GetName() == name+"-pause" && !s.pause {
			continue
		}
		o = o.DeepCopy()
		if o.GetNamespace() != "" {
			o.SetNamespace(n.namespace)
		}
		if o.GetKind() == "Deployment" && o.GetName() == name {
			deployment = o
		} else {
			rest = append(rest, o)
		}
	}
	if deployment == nil || !whole(deployment) {
		deployment = n.stack.owned(t, name, n.namespace, deployment)
	}
	n.stack.play(deployment, name)
	if s.replicas == 0 {
		s.replicas = n.stack.plan.Services[name].PeakReplicas
	}
	_ = unstructured.SetNestedField(deployment.Object, int64(s.replicas), "spec", "replicas") // a Deployment has that path
	return append([]*unstructured.Unstructured{deployment}, rest...)
}

// belongs says whether an object is a service's own.
func belongs(o *unstructured.Unstructured, service string) bool {
	switch o.GetName() {
	case service, service + "-headroom", service + "-pause":
		return o.GetKind() != "Service"
	}
	return false
}

// whole tells a Deployment from a patch of one.
func whole(o *unstructured.Unstructured) bool {
	_, ok, _ := unstructured.NestedMap(o.Object, "spec", "selector")
	return ok
}

// leave removes the tenant and its load.
func (n *tenant) leave() {
	for _, name := range n.stack.services() {
		n.Traffic.Remove(traffic.Key{Namespace: n.namespace, Service: name})
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	now := int64(0)
	_ = n.Client.AppsV1().Deployments(n.namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
	_ = n.Client.AutoscalingV2().HorizontalPodAutoscalers(n.namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
	_ = n.Client.CoreV1().Pods(n.namespace).DeleteCollection(ctx, metav1.DeleteOptions{GracePeriodSeconds: &now}, metav1.ListOptions{}) // all of it makes room sooner; the cluster goes anyway
}

func (n *tenant) of(service string) *traffic.Service {
	return n.Traffic.Of(traffic.Key{Namespace: n.namespace, Service: service})
}

func (n *tenant) steps(service string, number cluster.Number) cluster.Steps {
	return n.History(n.namespace, service).Of(number)
}

// patience is for what has no promise: hundreds of tenants that settle at once on a
// machine that does other work as well.
const patience = 8 * time.Minute

// settled waits until a service has its pods Ready, lets the requests in, and waits
// for an autoscaler that scales. It asks nothing of the API server, which has
// hundreds of autoscalers to serve.
func (n *tenant) settled(ctx context.Context, service string) error {
	err := eventually(ctx, patience, func() error {
		return n.standing(service, n.now(service, cluster.Floor))
	})
	if err != nil {
		return err
	}
	n.of(service).Open()
	err = eventually(ctx, patience, func() error {
		if n.now(service, cluster.Active) == 0 {
			return fmt.Errorf("%s/%s does not scale", n.namespace, service)
		}
		return nil
	})
	if err == nil {
		return nil
	}
	a, getErr := n.Client.AutoscalingV2().HorizontalPodAutoscalers(n.namespace).Get(ctx, service, metav1.GetOptions{})
	if getErr != nil {
		return errors.Join(err, getErr)
	}
	return scaling(a)
}

// now is a number of a service at this moment.
func (n *tenant) now(service string, number cluster.Number) int {
	return n.steps(service, number).At(time.Now())
}

// standing says whether as many pods are Ready as there should be, of which there
// should be at least so many.
func (n *tenant) standing(service string, least int) error {
	wanted, ready := n.now(service, cluster.Replicas), n.now(service, cluster.Ready)
	if least == 0 || wanted < least || ready < wanted {
		return fmt.Errorf("%s/%s: %d of %d pods are Ready, at least %d are wanted", n.namespace, service, ready, wanted, least)
	}
	return nil
}

// scaling says why an autoscaler does not scale.
func scaling(a *autoscalingv2.HorizontalPodAutoscaler) error {
	for _, c := range a.Status.Conditions {
		if c.Type == autoscalingv2.ScalingActive {
			if c.Status == corev1.ConditionTrue {
				return nil
			}
			return fmt.Errorf("%s/%s: ScalingActive is %s: %s: %s", a.Namespace, a.Name, c.Status, c.Reason, c.Message)
		}
	}
	return fmt.Errorf("%s/%s has no condition ScalingActive yet", a.Namespace, a.Name)
}

// eventually asks until there is no error, or for so long.
func eventually(ctx context.Context, within time.Duration, ask func() error) error {
	end := time.Now().Add(within)
	for {
		err := ask()
		if err == nil || time.Now().After(end) {
			return err
		}
		if wait(ctx, 2*time.Second) != nil {
			return err
		}
	}
}

// wait for a while, unless the test ends.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
