package engine_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/cmd/preview/command"
	"github.com/agencyos/headroom/stacks"
)

// The reference backend runs with the module that is rendered for its stack, as it is.
func TestTheReferenceBackendHasTheRenderedSettings(t *testing.T) {
	const module = "backend/core/headroom_settings.py"
	dir, example := filepath.Join(t.TempDir(), "out"), filepath.Join(root, "examples/backend")
	var stdout, stderr bytes.Buffer
	code := command.Main(t.Context(), []string{"--dir", example, "--stack", "backend", "--policies=false", "--simulate=false", "--render", dir},
		command.Program{Run: stacks.Program, Report: func(_ context.Context, _, stack string, _ bool) (string, error) { return stack, nil }},
		command.Streams{Out: &stdout, Err: &stderr})
	if code != command.OK {
		t.Fatalf("preview --render exits %d\n%s\n%s", code, &stdout, &stderr)
	}
	got := read(t, dir, module)
	if *golden.Update {
		if err := os.WriteFile(filepath.Join(example, module), []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(read(t, example, module), got); diff != "" {
		t.Errorf("examples/backend/%s is not what is rendered (-committed +rendered); run this test with -update:\n%s", module, diff)
	}
}
