//go:build linux

package promises

import (
	"context"
	"fmt"
	"testing"
	"time"

	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/tests/cluster"
)

// drain evicts every pod of a service at once, as draining all of its nodes does:
// the eviction API lets them go one after the other.
func drain(t *testing.T, w *world) {
	n := move(t, w.Cluster, w.prod, "zero-drain", settings{only: "backend"})
	ctx := t.Context()
	must(t, "backend", n.settled(ctx, "backend"))
	pods, err := n.Client.CoreV1().Pods(n.namespace).List(ctx, metav1.ListOptions{LabelSelector: cluster.NameLabel + "=backend"})
	must(t, "pods", err)
	began, refused := time.Now(), 0
	replicas := n.steps("backend", cluster.Replicas).At(began)
	for left := pods.Items; len(left) > 0; {
		still := left[:0]
		for _, p := range left {
			err := n.Client.CoreV1().Pods(n.namespace).EvictV1(ctx, &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: p.Name, Namespace: p.Namespace}})
			switch {
			case err == nil || apierrors.IsNotFound(err):
			case apierrors.IsTooManyRequests(err):
				refused++
				still = append(still, p)
			default:
				t.Fatal(err)
			}
		}
		if left = still; time.Since(began) > 5*time.Minute {
			t.Fatalf("%d pods are not evicted after %s", len(left), time.Since(began))
		}
		must(t, "the next round", wait(ctx, time.Second))
	}
	w.table.note("zero downtime: evictions that the PDB refused", "evictions", float64(refused))
	if refused == 0 {
		t.Error("no eviction was refused: the test shows nothing")
	}
	allowed := n.stack.plan.Services["backend"].DisruptionBudget
	if !w.table.atLeast("zero downtime: endpoints while every pod is evicted", float64(replicas-allowed), "endpoints", float64(n.steps("backend", cluster.Endpoints).Least(began))) {
		t.Errorf("endpoints: %v", n.steps("backend", cluster.Endpoints).Since(began))
	}
}

// rollout replaces every pod under load.
func rollout(t *testing.T, w *world) {
	for _, s := range []*stack{w.prod, w.staging} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			n := move(t, w.Cluster, s, "zero-rollout-"+s.name, settings{only: "backend"})
			ctx := t.Context()
			must(t, "backend", n.settled(ctx, "backend"))
			began := time.Now()
			replicas := n.steps("backend", cluster.Replicas).At(began)
			must(t, "rollout", n.roll(ctx, "backend"))
			must(t, "rollout", n.rolled(ctx, "backend"))
			p := s.plan.Services["backend"].Rollout
			least := replicas - budget.Unavailable(replicas, p.MaxUnavailablePercent)
			if !w.table.atLeast("zero downtime: endpoints during a rollout, "+s.name, float64(least), "endpoints", float64(n.steps("backend", cluster.Endpoints).Least(began))) {
				t.Errorf("endpoints: %v", n.steps("backend", cluster.Endpoints).Since(began))
			}
			w.table.note("zero downtime: length of a rollout, "+s.name, "s", time.Since(began).Seconds())
		})
	}
}

// roll changes the pods of a service, as a new image does.
func (n *tenant) roll(ctx context.Context, name string) error {
	patch := fmt.Sprintf(`{"spec":{"template":{"metadata":{"annotations":{"headroom.dev/rolled":%q}}}}}`, time.Now())
	_, err := n.Client.AppsV1().Deployments(n.namespace).Patch(ctx, name, types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{})
	return err
}

// rolled waits until a rollout is complete.
func (n *tenant) rolled(ctx context.Context, name string) error {
	return eventually(ctx, 7*time.Minute, func() error {
		d, err := n.Client.AppsV1().Deployments(n.namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if s := d.Status; s.ObservedGeneration < d.Generation || s.UpdatedReplicas < *d.Spec.Replicas || s.Replicas > s.UpdatedReplicas || s.AvailableReplicas < s.UpdatedReplicas {
			return fmt.Errorf("the rollout of %s has %d of %d pods", name, s.UpdatedReplicas, *d.Spec.Replicas)
		}
		return nil
	})
}

// scaleDown lets the load fall: fewer pods than the autoscaler wants never serve.
// Its window is shortened for a test of minutes.
func scaleDown(t *testing.T, w *world) {
	n := move(t, w.Cluster, w.prod, "zero-scale-down", settings{only: "backend", object: func(o *unstructured.Unstructured) {
		if o.GetKind() == "HorizontalPodAutoscaler" {
			_ = unstructured.SetNestedField(o.Object, int64(45), "spec", "behavior", "scaleDown", "stabilizationWindowSeconds") // an HPA has that path
		}
	}})
	ctx := t.Context()
	must(t, "backend", n.settled(ctx, "backend"))
	play := func(level float64) {
		c, err := load.New(load.Knot{Level: level}, load.Knot{At: time.Minute, Level: level})
		must(t, "load", err)
		n.of("backend").Play(c)
	}
	play(4)
	up := func() error {
		if serving, wanted := n.now("backend", cluster.Endpoints), max(10, n.now("backend", cluster.Replicas)); serving < wanted {
			return fmt.Errorf("%d endpoints, want %d", serving, wanted)
		}
		return nil
	}
	must(t, "up", eventually(ctx, patience, up))
	must(t, "the last pods", wait(ctx, 30*time.Second))
	must(t, "the last pods", eventually(ctx, patience, up))
	began := time.Now()
	play(1)
	must(t, "down", wait(ctx, 4*time.Minute))
	// The autoscaler scales the Deployment before it tells what it desires.
	endpoints, replicas := n.steps("backend", cluster.Endpoints).Since(began), n.steps("backend", cluster.Replicas)
	spare := endpoints[0].N
	for _, s := range endpoints {
		spare = min(spare, s.N-replicas.At(s.At))
	}
	if !w.table.atLeast("zero downtime: endpoints beyond what the autoscaler wants, on the way down", 0, "endpoints", float64(spare)) {
		t.Errorf("endpoints %v, replicas %v", endpoints, replicas.Since(began))
	}
	if last := endpoints[len(endpoints)-1].N; last >= endpoints[0].N-1 {
		t.Errorf("from %d to %d endpoints: the test shows nothing", endpoints[0].N, last)
	}
}
