package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/policies/rules"
)

// A tree is what was read, and says where nothing can be read.
func TestTree(t *testing.T) {
	in := map[string]any{"name": "api", "replicas": 3.0, "on": true, "items": []any{"a", map[string]any{"b": 1.5}}, "none": nil}
	if diff := cmp.Diff(in, rules.From(in).Tree()); diff != "" {
		t.Errorf("-in +tree:\n%s", diff)
	}
	hidden := rules.Object(map[string]rules.Value{"a": rules.Unknown(), "b": rules.Secret(), "c": rules.Opaque()})
	if diff := cmp.Diff(map[string]any{"a": "(not known yet)", "b": "(secret)", "c": nil}, hidden.Tree()); diff != "" {
		t.Errorf("-want +tree:\n%s", diff)
	}
}
