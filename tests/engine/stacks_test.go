package engine_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

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

// BenchmarkPreview compares the production stack with an empty program.
func BenchmarkPreview(b *testing.B) {
	compare(b, standin.Options{Dir: root, Stack: "prod", Program: stacks.Program})
}
