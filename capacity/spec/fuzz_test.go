package spec

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Nothing that a person or a program writes into a stack file may panic, and
// what is accepted is complete: it validates again, its defaults are in, and
// written out it decodes to the same.
func FuzzDecodeFile(f *testing.F) {
	files, _ := filepath.Glob("../../Pulumi.*.yaml")
	for _, file := range append(files, "testdata/base.yaml") {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, text := range []string{"", "config:", "config: {}", "config: {headroom:cluster: }", "config: {headroom:nodes: {groups: [null, 1, {}]}}",
		"config: {headroom:services: {a: null, b: [], c: {routes: [1], env: {x: 1}, pool: {}, ingress: {}, rollout: {grace: 9999999999s}}}}",
		"config: {headroom:cluster: {subnets: [{cidr: 10.0.0.0/0}, {cidr: '::/0'}]}}", "config: &a {headroom:x: *a}",
		"config: {headroom:database: {mode: external, externalPooler: {}, pgbouncer: {}, storage: {gib: 2147483647}}}",
		"config: {headroom:edge: {cloudflare: {}, cloudfront: {}, vercel: {projects: [{rules: [{}]}]}}}"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := DecodeFile("fuzz", text)
		if err != nil {
			if got := lines(t, err); len(got) == 0 || slices.Contains(got, "") {
				t.Errorf("a problem says nothing: %q", got)
			}
			return
		}
		if err := s.validate().err(); err != nil {
			t.Errorf("accepted, but does not validate again: %v", err)
		}
		if diff := cmp.Diff(s, s.withDefaults(), same); diff != "" {
			t.Errorf("accepted without its defaults (-got +defaulted):\n%s", diff)
		}
		if diff := cmp.Diff(s, written(t, s), same); diff != "" {
			t.Errorf("written out and read again (-before +after):\n%s", diff)
		}
	})
}

// written is the stack encoded and decoded again.
func written(t *testing.T, s Stack) Stack {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	raw := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	again, err := Decode(s.Name, raw)
	if err != nil {
		t.Fatalf("written out, it does not decode:\n%v\n%s", err, text)
	}
	return again
}
