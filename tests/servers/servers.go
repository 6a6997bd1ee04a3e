package servers

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// All says that nothing may be skipped.
func All() bool { return os.Getenv("HEADROOM_E2E") == "1" }

// Find is a program of the machine, such as prometheus.
func Find(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, name, "make servers-install")
	}
	return path
}

// Missing skips a test whose program is not there, or fails it where nothing may
// be skipped.
func Missing(t testing.TB, what, install string) {
	t.Helper()
	if All() {
		t.Fatalf("%s is not installed: %s", what, install)
	}
	t.Skipf("%s is not installed: %s, and make servers", what, install)
}

// Long skips a test that takes minutes where nobody asked for it.
func Long(t testing.TB) {
	t.Helper()
	if !All() {
		t.Skip("takes minutes: make servers does")
	}
}

// Build is a program built from its module under tools/, which root leads to.
func Build(t *testing.T, root, name, pkg string) string {
	t.Helper()
	if !All() {
		t.Skipf("%s takes minutes to build: make e2e does", name)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(cache, "headroom", "bin", name)
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", path, pkg)
	cmd.Dir = filepath.Join(root, "tools", name)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v\n%s", pkg, err, out)
	}
	return path
}

// built is the command, once for each test program.
var built struct {
	sync.Once
	path string
	err  error
}

// Headroom is the command of the tree that root leads to.
func Headroom(t testing.TB, root string) string {
	t.Helper()
	built.Do(func() {
		if built.path, built.err = filepath.Abs(filepath.Join(root, "bin", "headroom")); built.err != nil {
			return
		}
		if out, err := exec.Command("go", "build", "-o", built.path, root+"/cmd/headroom").CombinedOutput(); err != nil {
			built.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

// Eventually waits for a minute until something is so, and tells whether it is.
func Eventually(is func() bool) bool {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if is() {
			return true
		}
	}
	return false
}

// Keep writes a recording for other tests to read.
func Keep(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// Copy a file that a program wrote.
func Copy(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	Keep(t, to, data)
}

// Zip is data compressed with gzip.
func Zip(data []byte) []byte {
	var out bytes.Buffer
	zipped, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // a level that there is
	_, _ = zipped.Write(data)                                    // a buffer cannot fail
	_ = zipped.Close()
	return out.Bytes()
}
