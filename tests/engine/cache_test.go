package engine_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/internal/standin"
	"github.com/agencyos/headroom/stacks"
)

const cacheGroup = "aws:elasticache/replicationGroup:ReplicationGroup"

// Whatever a person changes of a cache in the stack file, the replication group
// stays the same one, and it goes only when somebody says so.
func TestACacheIsResizedInPlace(t *testing.T) {
	s := open(t, stacks.Program, func(o *standin.Options) { o.Dir, o.Stack = root, "staging" })
	must(t, "up", s.Up)
	file := filepath.Join(s.WorkDir(), "Pulumi.staging.yaml")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct{ from, to, want string }{
		"LargerNode": {"nodeType: cache.t4g.small", "nodeType: cache.t4g.medium", cacheGroup},
		"Replica":    {"replicas: 0", "replicas: 1", cacheGroup},
		"Upgrade":    {"nodeType: cache.t4g.small", "nodeType: cache.t4g.small\n    engineVersion: \"8.1\"", cacheGroup},
		"Snapshots":  {"nodeType: cache.t4g.small", "nodeType: cache.t4g.small\n    snapshotDays: 7", cacheGroup},
		"Policy":     {"nodeType: cache.t4g.small", "nodeType: cache.t4g.small\n    policy: allkeys-lru", "aws:elasticache/parameterGroup:ParameterGroup"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			rewrite(t, file, before, c.from, c.to)
			got := steps(must(t, "preview", s.Preview))
			if len(got) != 1 || !slices.ContainsFunc(got["update"], func(n string) bool { return strings.Contains(n, c.want+"::") }) {
				t.Errorf("the change takes the steps %v, want updates alone, one of %s", got, c.want)
			}
		})
	}
	t.Run("Gone", func(t *testing.T) {
		rewrite(t, file, before, "mode: managed\n    nodeType: cache.t4g.small", "mode: external\n    host: cache.example.com\n    nodeType: cache.t4g.small")
		r, err := s.Preview(t.Context())
		if said := strings.Join(r.Diagnostics, "\n"); err == nil || !strings.Contains(said, "protected") {
			t.Errorf("preview without the cache = %v, want its protection to hold:\n%s", err, said)
		}
	})
	rewrite(t, file, before, "nodeType: cache.t4g.small", "nodeType: cache.t4g.medium")
	must(t, "up of a larger node", s.Up)
	if diff := cmp.Diff(map[string][]string{}, steps(must(t, "preview after it", s.Preview))); diff != "" {
		t.Errorf("the resized cache changes again (-want +got):\n%s", diff)
	}
}

// rewrite replaces one line of a stack file as it was.
func rewrite(t *testing.T, path string, before []byte, from, to string) {
	t.Helper()
	text := strings.Replace(string(before), from, to, 1)
	if text == string(before) {
		t.Fatalf("%s holds no %q", path, from)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
