package engine_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
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
				// Everything of the local stack is in it, so that nothing stays open.
				if v.Mandatory() || name == "local" {
					t.Errorf("the stack breaks a policy or leaves it open: %s %s: %s", v.Policy, v.URN, v.Message)
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
	raw, err := spec.Raw([]byte(read(t, filepath.Dir(path), filepath.Base(path))))
	if err != nil {
		t.Fatal(err)
	}
	var services map[string]any
	if err := json.Unmarshal(raw["services"], &services); err != nil {
		t.Fatal(err)
	}
	for name := range services {
		edit(t, path, spec.Setting{Path: "services." + name + ".resources.limits.memory", Value: "4Gi"})
	}
}

// edit writes settings into a stack file; one without a value is taken out. All
// else of it stays: a session's secrets need their salt.
func edit(t *testing.T, path string, settings ...spec.Setting) {
	t.Helper()
	data := []byte(read(t, filepath.Dir(path), filepath.Base(path)))
	var file map[string]any
	if err := yaml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	raw, err := spec.Raw(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range settings {
		if raw, err = spec.Set(raw, s.Path, s.Value); err != nil {
			t.Fatal(err)
		}
		key, _, _ := strings.Cut(s.Path, ".")
		var value any
		if err := json.Unmarshal(raw[key], &value); err != nil {
			t.Fatal(err)
		}
		file["config"].(map[string]any)[spec.Namespace+":"+key] = withoutNulls(value)
	}
	if data, err = yaml.Marshal(file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func withoutNulls(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for key, value := range m {
		if m[key] = withoutNulls(value); value == nil {
			delete(m, key)
		}
	}
	return m
}

// BenchmarkPreview compares the production stack with an empty program.
func BenchmarkPreview(b *testing.B) {
	compare(b, standin.Options{Dir: root, Stack: "prod", Program: stacks.Program})
}
