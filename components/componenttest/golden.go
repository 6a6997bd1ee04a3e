package componenttest

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files; the test still fails, so that nobody commits them unread")

// Golden compares text with a file under testdata.
func Golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	want, err := os.ReadFile(path)
	if err != nil && !*update {
		t.Fatalf("reading %s: %v; run the test with -update", path, err)
	}
	diff := cmp.Diff(string(want), got)
	if diff == "" {
		return
	}
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Fatalf("wrote %s; read the difference, then run again without -update (-was +is):\n%s", path, diff)
	}
	t.Errorf("%s (-want +got):\n%s", path, diff)
}
