package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// deletions of an alert, a header rule or a tag, each with a test that notices.
var deletions = map[string]struct{ file, from, to, test string }{
	"alert of evicted pods":         {"capacity/alerts/pods.go", "s.tooFew(), s.evicted(), s.killed()", "s.tooFew(), s.killed()", "TestEveryAlertIsThere"},
	"alert of a full node group":    {"capacity/alerts/nodes.go", `at("HeadroomNodesAtMaximum", spec.Critical,`, `at("HeadroomNodesNearMaximum", spec.Critical,`, "TestEveryAlertIsThere"},
	"alert of a blind autoscaler":   {"capacity/alerts/scaling.go", "out = append(out, s.blind()...)", "_ = s.blind", "TestEverySubjectHasItsAlerts"},
	"alert of lost messages":        {"capacity/alerts/watch.go", "w.evaluation(), w.delivery())", "w.evaluation())", "TestEveryAlertIsThere"},
	"alert of a slow burn":          {"capacity/plan/burn.go", "{1, 3 * 24 * time.Hour, 6 * time.Hour, spec.Warning},", "", "TestCommittedStacks"},
	"label of the plan's queries":   {"capacity/monitors/scrape.go", `[]Relabeling{label("service", name)}`, "nil", "TestServicesAreScrapedAsPlanned"},
	"rule of signed-in visitors":    {"capacity/cdn/cloudflare.go", "out.HeaderRules = append(out.HeaderRules, HeaderRule{Ref: z.ref(spec.SignedInRule), Description: why, Expression: which, Set: sorted(Header{cacheControl, never})})", "", "TestCloudflareGolden"},
	"header of files":               {"capacity/cdn/cloudflare.go", `out.Set = sorted(append(out.Set, Header{"X-Content-Type-Options", "nosniff"})...)`, "", "TestCloudflareGolden"},
	"header of Vercel's edge":       {"capacity/cdn/vercel.go", "sorted(Header{cacheControl, browser}, Header{vercelEdge, edge})", "sorted(Header{cacheControl, browser})", "TestVercelGolden"},
	"tag of discovery":              {"components/nodes/groups.go", `tagEnabled: "true", `, "", "TestTagsTellTheAutoscaler"},
	"tag of an empty group's zone":  {"components/nodes/groups.go", `tags[tagLabel+"topology.kubernetes.io/zone"] = p.Zones[0]`, "", "TestTagsTellTheAutoscaler"},
	"tag of the stack on instances": {"components/nodes/template.go", `"headroom:stack": f.Stack, `, "", "TestNodesAreLaunchedHardened"},
}

// TestDeletionsAreNoticed deletes one thing after the other in what is compiled, and
// wants the named test to fail. It compiles for minutes: make soak runs it.
func TestDeletionsAreNoticed(t *testing.T) {
	if os.Getenv("HEADROOM_SOAK") == "" {
		t.Skip("compiles every deletion: set HEADROOM_SOAK=1")
	}
	for name, d := range deletions {
		t.Run(name, func(t *testing.T) {
			out, err := tested(t, d.file, d.from, d.to, d.test)
			if err == nil || !strings.Contains(out, "--- FAIL: "+d.test+" ") {
				t.Errorf("%s does not notice it: %v\n%.4000s", d.test, err, out)
			}
		})
	}
}

// tested is what a test of a package says when a text of one of its files is
// replaced.
func tested(t *testing.T, file, from, to, test string) (string, error) {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../..", file))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), from); n != 1 {
		t.Fatalf("%s has %q %d times, want it once", file, from, n)
	}
	changed, overlay := filepath.Join(t.TempDir(), "changed.go"), filepath.Join(t.TempDir(), "overlay.json")
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{path: changed}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{changed: []byte(strings.Replace(string(text), from, to, 1)), overlay: replace} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-run", "^"+test+"$", "-overlay", overlay, "./"+filepath.Dir(file)) //nolint:gosec // The table's own.
	cmd.Dir = "../.."
	out, err := cmd.CombinedOutput()
	return string(out), err
}
