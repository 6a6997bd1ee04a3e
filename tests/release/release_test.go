// Package release holds a release to its word: the same sources give the same
// bytes, wherever they lie.
package release

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// TestBuildsAreEqual builds the command twice: where it lies, and in a copy of the
// working tree under another path and without the version control that the build
// information would name.
func TestBuildsAreEqual(t *testing.T) {
	if testing.Short() {
		t.Skip("two builds of the whole command")
	}
	elsewhere := filepath.Join(t.TempDir(), "copy")
	files := exec.CommandContext(t.Context(), "git", "ls-files", "-co", "--exclude-standard", "-z", "go.mod", "go.sum", "*.go", "capacity", "schema", "policies", "live", "cmd", "internal")
	files.Dir = root
	list, err := files.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Split(strings.Trim(string(list), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // deleted and not yet committed
		}
		to := filepath.Join(elsewhere, name)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o755)
		}
		if err == nil {
			err = os.WriteFile(to, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	here, there := build(t, root), build(t, elsewhere)
	if !bytes.Equal(here, there) {
		t.Errorf("%d and %d bytes that differ: the build depends on where it happens", len(here), len(there))
	}
	for _, path := range []string{elsewhere, os.Getenv("HOME")} {
		if len(path) > 1 && bytes.Contains(here, []byte(path+"/")) {
			t.Errorf("the binary names %s", path)
		}
	}
}

// build makes the command by the flags of make build, without version control.
func build(t *testing.T, dir string) []byte {
	t.Helper()
	to := filepath.Join(t.TempDir(), "headroom")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", ldflags(t), "-o", to, "./cmd/headroom")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build in %s: %v\n%s", dir, err, out)
	}
	text, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// ldflags are those of the Makefile; a release adds only its version.
func ldflags(t *testing.T) string {
	t.Helper()
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`-trimpath -ldflags '([^']*)'`).FindSubmatch(makefile)
	released, err := os.ReadFile(filepath.Join(root, ".goreleaser.yaml"))
	if err != nil || m == nil {
		t.Fatalf("make build states no flags (%v)", err)
	}
	if want := `"` + string(m[1]) + ` -X main.version={{ .Version }}"`; !strings.Contains(string(released), want) {
		t.Errorf(".goreleaser.yaml does not build by %s", want)
	}
	return string(m[1])
}
