package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// recorder remembers what the program declares.
type recorder struct {
	mu    sync.Mutex
	types map[string]int
	max   float64
}

func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.types[args.TypeToken]++
	if args.TypeToken == "kubernetes:autoscaling/v2:HorizontalPodAutoscaler" {
		r.max = args.Inputs["spec"].ObjectValue()["maxReplicas"].NumberValue()
	}
	return args.Name + "-id", args.Inputs, nil
}

func (*recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) { return args.Args, nil }

func run(t *testing.T) (*recorder, error) {
	t.Helper()
	r := &recorder{types: map[string]int{}}
	err := pulumi.RunErr(program, pulumi.WithMocks("product", "shop", r), func(info *pulumi.RunInfo) {
		info.Config = map[string]string{"product:cachePassword": "made-up-for-the-test-0123456789"}
	})
	return r, err
}

// TestProgram: the components declare what the plan proved.
func TestProgram(t *testing.T) {
	r, err := run(t)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"headroom:service:Service", "headroom:cache:Cache", "kubernetes:policy/v1:PodDisruptionBudget", "aws:elasticache/replicationGroup:ReplicationGroup"} {
		if r.types[want] == 0 {
			t.Errorf("no %s among %v", want, slices.Sorted(maps.Keys(r.types)))
		}
	}
	if diff := cmp.Diff(16.0, r.max); diff != "" {
		t.Errorf("maxReplicas (-planned +declared):\n%s", diff)
	}
}

// TestRefused: what does not hold declares nothing.
func TestRefused(t *testing.T) {
	file, err := os.ReadFile("Pulumi.shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	facts, err := os.ReadFile("baselines/shop.json")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	small := strings.Replace(string(file), "instanceClass: db.m6g.large", "instanceClass: db.t4g.medium", 1)
	for name, text := range map[string]string{"Pulumi.shop.yaml": small, "baselines/shop.json": string(facts)} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := run(t)
	if err == nil || !strings.Contains(err.Error(), "VIOLATED db-load") {
		t.Errorf("error %v, want db-load refused", err)
	}
	if n := r.types["headroom:service:Service"]; n > 0 {
		t.Errorf("%d services are declared by a stack that does not hold", n)
	}
}
