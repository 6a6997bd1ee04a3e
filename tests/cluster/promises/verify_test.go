//go:build linux

package promises

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/agencyos/headroom/capacity/drift"
)

// verified reads a stack back as headroom verify does, with the rights that its
// guide asks for: what was just applied runs as proven, and what is then edited by
// hand is named with what it invalidates.
func verified(t *testing.T, w *world, s *stack) {
	t.Helper()
	ctx, namespace, name := t.Context(), s.spec.Cluster.Namespace, s.services()[0]
	kubeconfig := engineer(t, w, "verify.md", namespace, "headroom-verify", "headroom-verify-cluster")
	if got := drifted(t, w, s, kubeconfig); len(got) > 0 {
		t.Errorf("nothing was edited, and verify finds %s", strings.Join(got, "; "))
	}
	autoscalers, deployments := w.Client.AutoscalingV2().HorizontalPodAutoscalers(namespace), w.Client.AppsV1().Deployments(namespace)
	must(t, "an edit of the autoscaler", edit(ctx, name, autoscalers.Get, autoscalers.Update, func(a *autoscalingv2.HorizontalPodAutoscaler) { a.Spec.MaxReplicas += 3 }))
	must(t, "an edit of the Deployment", edit(ctx, name, deployments.Get, deployments.Update, func(d *appsv1.Deployment) {
		c := &d.Spec.Template.Spec.Containers[0]
		c.Env = append(slices.DeleteFunc(c.Env, func(e corev1.EnvVar) bool { return e.Name == "WEB_CONCURRENCY" }), corev1.EnvVar{Name: "WEB_CONCURRENCY", Value: "9"})
	}))

	got := drifted(t, w, s, kubeconfig)
	want := []string{"env WEB_CONCURRENCY invalidates db-connections", "spec.maxReplicas invalidates db-connections"}
	if !slices.Equal(got, want) {
		t.Errorf("verify finds %q, want %q", got, want)
	}
	w.table.atLeast("verify: edits by hand that are named, "+s.name, float64(len(want)), "edits", float64(len(got)))
}

// drifted are the settings that verify finds otherwise than proven, with the first
// check that each invalidates. Whether an autoscaler has metrics is another test's.
// Nothing may be left untold for want of a right.
func drifted(t *testing.T, w *world, s *stack, kubeconfig string) []string {
	t.Helper()
	out, messages, code := w.headroom(t, "verify", "--stack", s.name, "--kubeconfig", kubeconfig, "--context", "tests", "--json")
	var r drift.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil || r.Agree == 0 || (code == 1) == r.Holds() {
		t.Fatalf("verify exits %d: %v\n%s%s", code, err, messages, out)
	}
	for _, d := range r.Doubts {
		if denied.MatchString(d.Why) {
			t.Errorf("the rights of the guide do not suffice for %s: %s", d.Object, d.Why)
		}
	}
	var found []string
	for _, d := range r.Differences {
		if d.Name != drift.ScalingActive {
			found = append(found, d.Name+" invalidates "+d.Checks[0])
		}
	}
	slices.Sort(found)
	return found
}

var denied = regexp.MustCompile("does not allow|is forbidden")
