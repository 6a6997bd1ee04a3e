//go:build linux

package promises

import (
	"fmt"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/agencyos/headroom/tests/cluster"
)

// broken proves the tests: an autoscaler that is set up badly breaks the trigger
// time, and the same measurement says so.
func broken(t *testing.T, w *world) {
	for name, test := range map[string]func(*testing.T, *world) float64{"stabilization": slowDecision, "resolution": slowMetrics, "request": noRequest} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			took, limit := test(t, w), w.prod.spec.SLO.Trigger.Seconds()
			judge := &table{}
			if judge.atMost("trigger", limit, "s", took) {
				t.Errorf("the decision took %.1f s: the trigger time holds although the autoscaler is broken", took)
			}
			w.table.note("broken: "+name+", which has to break the trigger time of 60 s", "s", took)
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
	_, took, err := n.trial(t.Context(), "backend")
	must(t, "trial", err)
	return took
}

// slowMetrics is metrics-server as its binary comes: a step just after it looked
// waits for a minute, and then for the autoscaler's turn, which comes at another
// moment for each of some tenants; the worst counts. It needs a cluster of its own.
func slowMetrics(t *testing.T, w *world) float64 {
	c := cluster.Start(t, cluster.Options{MetricsResolution: time.Minute})
	must(t, "nodes", c.AddNodes(t.Context(), cluster.Shape{Zone: "a", Count: 1, CPU: "400", Memory: "400Gi", Pods: 400}))
	var tenants []*tenant
	for i := range 8 {
		tenants = append(tenants, move(t, c, w.prod, fmt.Sprintf("broken-resolution-%d", i), settings{only: "backend", object: func(o *unstructured.Unstructured) { w.prod.only(o, "Resource") }}))
	}
	for _, n := range tenants {
		must(t, "backend", n.settled(t.Context(), "backend"))
	}
	looked := c.Traffic.Scraped()
	must(t, "the next look", eventually(t.Context(), 2*time.Minute, func() error {
		if !c.Traffic.Scraped().After(looked) {
			return fmt.Errorf("metrics-server last looked at %s", looked)
		}
		return nil
	}))
	worst := 0.0
	began := time.Now()
	before := map[*tenant]int{}
	for _, n := range tenants {
		before[n] = n.steps("backend", cluster.Replicas).At(began)
		_, err := n.overload("backend", before[n])
		must(t, "load", err)
	}
	for _, n := range tenants {
		decided, err := n.decision(t.Context(), "backend", before[n], began)
		must(t, "decision", err)
		worst = max(worst, decided.Sub(began).Seconds())
	}
	return worst
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
	must(t, "pods", eventually(t.Context(), 3*time.Minute, func() error {
		return n.standing("backend", n.stack.plan.Services["backend"].MinReplicas)
	}))
	n.of("backend").Open()
	must(t, "metrics", wait(t.Context(), time.Minute))
	before := n.now("backend", cluster.Replicas)
	began, err := n.overload("backend", before)
	must(t, "load", err)
	if decided, err := n.decision(t.Context(), "backend", before, began); err == nil {
		return decided.Sub(began).Seconds()
	}
	return time.Since(began).Seconds()
}
