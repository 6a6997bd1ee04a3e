//go:build linux

package promises

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/confirm"
	"github.com/agencyos/headroom/capacity/hpa"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/sim"
	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/tests/cluster"
)

const root = "../../.."

// stack is one of the repository's, with its plan and what it renders.
type stack struct {
	name    string
	spec    spec.Stack
	base    baseline.Baseline
	plan    plan.Plan
	objects []*unstructured.Unstructured
}

// open reads a stack, with settings changed.
func open(t testing.TB, name string, settings ...string) *stack {
	t.Helper()
	s := &stack{name: name}
	must(t, "the stack", s.read(settings))
	return s
}

func (s *stack) read(settings []string) error {
	text, err := os.ReadFile(filepath.Join(root, "Pulumi."+s.name+".yaml"))
	if err != nil {
		return err
	}
	raw, err := spec.Raw(text)
	if err != nil {
		return err
	}
	for _, setting := range settings {
		path, value, _ := strings.Cut(setting, "=")
		if raw, err = spec.Set(raw, path, value); err != nil {
			return err
		}
	}
	if s.spec, err = spec.Decode(s.name, raw); err != nil {
		return err
	}
	facts, err := os.ReadFile(filepath.Join(root, "baselines", s.name+".json"))
	if err != nil {
		return err
	}
	if s.base, err = baseline.Decode(facts); err != nil {
		return err
	}
	s.plan, err = plan.New(s.spec, s.base, plan.Options{Today: time.Now()})
	return err
}

// preview writes what the stack declares into a folder.
func (s *stack) preview(ctx context.Context, program, dir string) error {
	cmd := exec.CommandContext(ctx, program, "--stack", s.name, "--simulate=false", "--render", dir)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("preview of %s: %w\n%s", s.name, err, out)
	}
	return nil
}

// services in a fixed order.
func (s *stack) services() []string { return slices.Sorted(maps.Keys(s.plan.Services)) }

// scenario is a service of the stack alone in the simulator, under a load.
func (s *stack) scenario(service string, curve load.Curve) (sim.Scenario, error) {
	w, err := confirm.Scenario(s.spec, s.base, s.plan, curve)
	if err != nil {
		return w, err
	}
	w.Kubernetes, w.Database = hpa.Defaults(hpa.V136), nil
	w.Services = slices.DeleteFunc(w.Services, func(v sim.Service) bool { return v.Name != service })
	return w, nil
}

// rules serve the metrics of a plan in every namespace.
func rules(stacks ...*stack) []cluster.Rule {
	all := map[string]cluster.Rule{}
	for _, s := range stacks {
		for _, name := range s.services() {
			for _, m := range s.plan.Services[name].Metrics {
				series := s.spec.Services[name].Metrics.InProgress
				if m.Kind == spec.RequestRate {
					series = s.spec.Services[name].Metrics.Requests
				}
				own := fmt.Sprintf("namespace=%q", s.spec.Cluster.Namespace)
				all[m.Name] = cluster.Rule{Metric: m.Name, Series: fmt.Sprintf("%s{service=%q}", series, name), Query: strings.ReplaceAll(m.Query, own, cluster.Namespace)}
			}
		}
	}
	return slices.Collect(maps.Values(all))
}

// object is a typed object as applied: without a status, and without what is
// empty.
func object(t testing.TB, typed any) *unstructured.Unstructured {
	t.Helper()
	text, err := json.Marshal(typed)
	must(t, "an object", err)
	o := &unstructured.Unstructured{}
	must(t, "an object", json.Unmarshal(text, &o.Object))
	delete(o.Object, "status")
	return o
}

func must(t testing.TB, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}
