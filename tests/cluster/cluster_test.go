//go:build linux

package cluster

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/agencyos/headroom/tests/servers"
)

// TestBuild builds the programs once, so that the others take the time they take.
func TestBuild(t *testing.T) {
	if !servers.All() {
		t.Skip("takes minutes the first time: make cluster does")
	}
	Build(t)
}

// deployment of pods that are Ready after three seconds.
func deployment(name string, replicas int) *unstructured.Unstructured {
	labels := map[string]any{NameLabel: name}
	return &unstructured.Unstructured{Object: map[string]any{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": name, "namespace": "shop"},
		"spec": map[string]any{"replicas": int64(replicas), "selector": map[string]any{"matchLabels": labels},
			"template": map[string]any{"metadata": map[string]any{"labels": labels, "annotations": map[string]any{"headroom.dev/start": "1s", "headroom.dev/ready": "2s"}},
				"spec": map[string]any{"containers": []any{map[string]any{"name": name, "image": "web"}}}}}}}
}

// TestStart runs pods, refuses what the API does not know, and leaves nothing.
func TestStart(t *testing.T) {
	var left *Cluster
	t.Run("cluster", func(t *testing.T) {
		c := Start(t, Options{})
		left = c
		ctx := t.Context()
		c.must("nodes", c.AddNodes(ctx, Shape{Zone: "a", Count: 2, CPU: "4", Memory: "8Gi", Pods: 20}))
		c.must("namespace", c.AddNamespace(ctx, "shop", ""))
		began := time.Now()
		c.must("Apply", c.Apply(ctx, deployment("web", 3)))
		ready := c.History("shop", "web")
		for ready.Of(Ready).At(time.Now()) < 3 {
			if time.Since(began) > 3*time.Minute {
				t.Fatalf("after three minutes %d of 3 pods are Ready", ready.Of(Ready).At(time.Now()))
			}
			time.Sleep(100 * time.Millisecond)
		}
		if took := time.Since(began); took < 3*time.Second {
			t.Errorf("pods are Ready after %s, want 3 s or more", took)
		}
		wrong := deployment("web", 3)
		if err := unstructured.SetNestedField(wrong.Object, int64(3), "spec", "replcias"); err != nil {
			t.Fatal(err)
		}
		if err := c.Apply(ctx, wrong); err == nil || !strings.Contains(err.Error(), "replcias") {
			t.Errorf("Apply() of an unknown field = %v, want an error that names it", err)
		}
	})
	if left == nil {
		return // skipped
	}
	for name, port := range left.ports {
		if conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", fmt.Sprint(port))); err == nil {
			_ = conn.Close()
			t.Errorf("%s still listens after the test", name)
		}
	}
	if _, err := os.Stat(left.dir); err == nil {
		t.Errorf("%s is left", left.dir)
	}
}
