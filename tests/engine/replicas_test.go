package engine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/agencyos/headroom/internal/standin"
	"github.com/agencyos/headroom/internal/standin/provider"
	"github.com/agencyos/headroom/stacks"
)

const deployments = "kubernetes:apps/v1:Deployment"

// TestTheAutoscalerOwnsTheNumberOfPods scales a managed service behind the
// program's back and then changes something else about it: the update that
// follows says nothing about replicas, and neither does one of another resource.
func TestTheAutoscalerOwnsTheNumberOfPods(t *testing.T) {
	s := open(t, stacks.Program, func(o *standin.Options) { o.Dir, o.Stack = root, "staging" })
	must(t, "up", s.Up)
	for _, c := range []struct {
		setting, value string
		updates        bool // the Deployment
	}{
		{"services.backend.resources.limits.memory", "1600Mi", true},
		{"nodes.groups[0].maxSize", "9", false},
	} {
		replicate(t, s, "backend", 11)
		reconfigure(t, s, "staging", c.setting, c.value)
		r := must(t, "up with "+c.setting, s.Up)
		updated := slices.ContainsFunc(steps(r)["update"], func(name string) bool { return strings.HasSuffix(name, deployments+"::backend") })
		if updated != c.updates {
			t.Errorf("%s: the Deployment is updated: %t, want %t; %v", c.setting, updated, c.updates, steps(r))
		}
		if n := replicas(s, "backend"); n != 11 {
			t.Errorf("%s: an up leaves %v replicas, want the autoscaler's 11", c.setting, n)
		}
	}
}

// replicate scales a live Deployment.
func replicate(t *testing.T, s *standin.Session, name string, n float64) {
	t.Helper()
	changed := s.Providers["kubernetes"].Modify(func(token string, inputs resource.PropertyMap) bool {
		if token != deployments || provider.Of(inputs).At("metadata.name").Text() != name {
			return false
		}
		spec := inputs["spec"].ObjectValue().Copy()
		spec["replicas"] = resource.NewProperty(n)
		inputs["spec"] = resource.NewProperty(spec)
		return true
	})
	if changed != 1 {
		t.Fatalf("%d live Deployments are named %s, want 1", changed, name)
	}
}

// replicas of a live Deployment.
func replicas(s *standin.Session, name string) (n float64) {
	s.Providers["kubernetes"].Modify(func(token string, inputs resource.PropertyMap) bool {
		if in := provider.Of(inputs); token == deployments && in.At("metadata.name").Text() == name {
			n, _ = in.At("spec.replicas").Number()
		}
		return false
	})
	return n
}
