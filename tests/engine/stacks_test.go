package engine_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/internal/standin"
	"github.com/agencyos/headroom/stacks"
)

// root is the checkout: its stack files are the table.
const root = "../.."

// TestStacks takes every stack through its life, judged by the real policy
// pack. A stack file that is added is tested without a further line.
func TestStacks(t *testing.T) {
	names := standin.Stacks(root)
	if len(names) < 3 {
		t.Fatalf("stack files in %s: %v, want local, staging and prod at least", root, names)
	}
	pack, err := standin.BuildPolicyPack(t.Context(), filepath.Join(root, "policies"), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			s := open(t, stacks.Program, func(o *standin.Options) { o.Dir, o.Stack, o.PolicyPack = root, name, pack })
			first := must(t, "preview", s.Preview)
			for _, v := range first.Violations {
				if v.Mandatory() {
					t.Errorf("the stack breaks a policy: %s %s: %s", v.Policy, v.URN, v.Message)
				}
			}
			must(t, "up", s.Up)
			if diff := cmp.Diff(map[string][]string{}, steps(must(t, "second preview", s.Preview))); diff != "" {
				t.Errorf("an unchanged stack changes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(map[string][]string{}, steps(must(t, "refreshed preview", s.Refreshed))); diff != "" {
				t.Errorf("a refreshed stack changes (-want +got):\n%s", diff)
			}
			raiseMemory(t, filepath.Join(s.WorkDir(), "Pulumi."+name+".yaml"))
			changed := steps(must(t, "changed up", s.Up))
			if updates := changed["update"]; len(updates) == 0 || len(changed) != 1 {
				t.Errorf("a higher memory limit takes the steps %v, want updates and nothing else: no new, replaced or deleted object", changed)
			}
			if diff := cmp.Diff(map[string][]string{}, steps(must(t, "preview after the change", s.Preview))); diff != "" {
				t.Errorf("the changed stack changes again (-want +got):\n%s", diff)
			}
			if _, err := s.Unprotect(t.Context()); err != nil {
				t.Fatal(err)
			}
			must(t, "destroy", s.Destroy)
			for provider, p := range s.Providers {
				if left := p.Objects(); len(left) > 0 {
					t.Errorf("destroy leaves objects in %s: %v", provider, left)
				}
			}
		})
	}
}

// raiseMemory gives every service of the session's copy of a stack file a higher
// memory limit, the most usual of changes.
func raiseMemory(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]any // All of it: the session's secrets need their salt.
	if err := yaml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	raw, err := spec.Raw(data)
	if err != nil {
		t.Fatal(err)
	}
	var services map[string]any
	if err := json.Unmarshal(raw["services"], &services); err != nil {
		t.Fatal(err)
	}
	for name := range services {
		if raw, err = spec.Set(raw, "services."+name+".resources.limits.memory", "4Gi"); err != nil {
			t.Fatal(err)
		}
	}
	file["config"].(map[string]any)[spec.Namespace+":services"] = raw["services"]
	if data, err = yaml.Marshal(file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkPreview compares the production stack with an empty program.
func BenchmarkPreview(b *testing.B) {
	compare(b, standin.Options{Dir: root, Stack: "prod", Program: stacks.Program})
}
