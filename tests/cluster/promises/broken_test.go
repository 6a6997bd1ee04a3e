//go:build linux

package promises

import (
	"context"
	"fmt"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/agencyos/headroom/tests/cluster"
)

// broken proves the tests: an autoscaler that is set up badly breaks the trigger
// time, and the same measurement says so.
func broken(t *testing.T, w *world) {
	for name, test := range map[string]func(*testing.T, *world) float64{
		"scale-up window of 2m": slowDecision, "metrics resolution of 1m": slowMetrics, "no CPU request": noRequest,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			took, limit := test(t, w), w.prod.spec.SLO.Trigger.Seconds()
			if !w.table.above("broken on purpose: trigger, "+name, limit, "s", took) {
				t.Errorf("the decision took %.1f s: the trigger time holds although the autoscaler is broken", took)
			}
		})
	}
}

// slowDecision waits two minutes before it scales up.
func slowDecision(t *testing.T, w *world) float64 {
	n := move(t, w.Cluster, w.prod, "broken-stabilization", settings{only: "backend", object: func(o *unstructured.Unstructured) {
		if o.GetKind() == "HorizontalPodAutoscaler" {
			_ = unstructured.SetNestedField(o.Object, int64(120), "spec", "behavior", "scaleUp", "stabilizationWindowSeconds") // an HPA has that path
		}
	}})
	must(t, "backend", n.settled(t.Context(), "backend"))
	replicas, began, err := n.overloadByChance(t.Context(), "backend")
	must(t, "load", err)
	return n.undecided(t.Context(), "backend", replicas, began)
}

// slowMetrics is metrics-server as its binary comes: it looks every minute. A load
// that begins just before it looks is not enough to see, and then waits for the
// next look. It needs a cluster of its own.
func slowMetrics(t *testing.T, w *world) float64 {
	const resolution, before = time.Minute, 10 * time.Second
	c := cluster.Start(t, cluster.Options{MetricsResolution: resolution})
	must(t, "nodes", c.AddNodes(t.Context(), cluster.Shape{Zone: "a", Count: 1, CPU: "400", Memory: "400Gi", Pods: 400}))
	n := move(t, c, w.prod, "broken-resolution", settings{only: "backend", object: func(o *unstructured.Unstructured) { w.prod.only(o, "Resource") }})
	must(t, "backend", n.settled(t.Context(), "backend"))
	looked := c.Traffic.Scraped()
	must(t, "the next look", eventually(t.Context(), 2*time.Minute, func() error {
		if !c.Traffic.Scraped().After(looked) {
			return fmt.Errorf("metrics-server last looked at %s", looked)
		}
		return nil
	}))
	must(t, "the last moment", wait(t.Context(), time.Until(c.Traffic.Scraped().Add(resolution-before))))
	replicas := n.now("backend", cluster.Replicas)
	began, err := n.overload("backend", replicas)
	must(t, "load", err)
	return n.undecided(t.Context(), "backend", replicas, began)
}

// noRequest leaves the CPU request out, of which the utilization is a share: no
// decision comes at all.
func noRequest(t *testing.T, w *world) float64 {
	n := move(t, w.Cluster, w.prod, "broken-request", settings{only: "backend", object: func(o *unstructured.Unstructured) {
		w.prod.only(o, "Resource")
		if o.GetKind() == "Deployment" {
			containers, _, _ := unstructured.NestedSlice(o.Object, "spec", "template", "spec", "containers")
			unstructured.RemoveNestedField(containers[0].(map[string]any), "resources", "requests", "cpu")
			unstructured.RemoveNestedField(containers[0].(map[string]any), "resources", "limits", "cpu")    // a limit is a request where there is none
			_ = unstructured.SetNestedSlice(o.Object, containers, "spec", "template", "spec", "containers") // a Deployment has that path
		}
	}})
	must(t, "pods", eventually(t.Context(), patience, func() error {
		return n.standing("backend", n.stack.plan.Services["backend"].MinReplicas)
	}))
	n.of("backend").Open()
	must(t, "metrics", wait(t.Context(), time.Minute))
	before := n.now("backend", cluster.Replicas)
	began, err := n.overload("backend", before)
	must(t, "load", err)
	return n.undecided(t.Context(), "backend", before, began)
}

// undecided is for how many seconds no decision came; one that never comes breaks the
// trigger time as well.
func (n *tenant) undecided(ctx context.Context, service string, before int, began time.Time) float64 {
	decided, err := n.decision(ctx, service, before, began)
	if err != nil {
		decided = time.Now()
	}
	return decided.Sub(began).Seconds()
}
