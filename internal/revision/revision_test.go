package revision

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// repository has two commits of shop/stack.yaml, the second with another text, a
// program and a link.
func repository(t *testing.T) (dir string) {
	t.Helper()
	root := t.TempDir()
	run := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"}, args...)...)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	put := func(name, text string, mode os.FileMode) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), mode), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
	}
	run("init", "-q", "-b", "trunk")
	put("shop/stack.yaml", "size: small\n", 0o644)
	put("run.sh", "#!/bin/sh\n", 0o755)
	if err := os.Symlink("shop/stack.yaml", filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	run("add", "-A")
	run("commit", "-q", "-m", "Start small")
	put("shop/stack.yaml", "size: large\n", 0o644)
	put("shop/new.yaml", "", 0o644)
	run("add", "-A")
	run("commit", "-q", "-m", "Grow")
	put("shop/stack.yaml", "not committed\n", 0o644)
	return filepath.Join(root, "shop")
}

func TestRevision(t *testing.T) {
	dir := repository(t)
	for ref, want := range map[string]string{"HEAD~1": "size: small\n", "trunk": "size: large\n"} {
		r, err := Find(t.Context(), dir, ref)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.File(t.Context(), "stack.yaml"); err != nil || string(got) != want {
			t.Errorf("stack.yaml at %s = %q, %v; want %q", r, got, err, want)
		}
		into := t.TempDir()
		place, err := r.Extract(t.Context(), into)
		if err != nil || place != filepath.Join(into, "shop") {
			t.Fatalf("Extract(%s) = %s, %v; want shop in %s", r, place, err, into)
		}
		if got, err := os.ReadFile(filepath.Join(into, "link")); err != nil || string(got) != want {
			t.Errorf("extracted %s: stack.yaml by its link = %q, %v; want %q", r, got, err, want)
		}
		if info, err := os.Stat(filepath.Join(into, "run.sh")); err != nil || info.Mode().Perm()&0o100 == 0 {
			t.Errorf("extracted %s: run.sh = %v, %v; want it executable", r, info, err)
		}
	}
	first, _ := Find(t.Context(), dir, "HEAD~1")
	if first.Subject != "Start small" {
		t.Errorf("subject = %q, want that of the commit", first.Subject)
	}
	if _, err := first.File(t.Context(), "new.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that was not there = %v, want fs.ErrNotExist", err)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "stack.yaml")); string(text) != "not committed\n" {
		t.Errorf("the working tree changed: %q", text)
	}
}

func TestUnknownRevision(t *testing.T) {
	dir := repository(t)
	for _, ref := range []string{"", "nope", "HEAD~9", "--all", "HEAD:shop"} {
		if r, err := Find(t.Context(), dir, ref); !errors.Is(err, ErrUnknown) {
			t.Errorf("Find(%q) = %v, %v; want ErrUnknown", ref, r, err)
		}
	}
	if _, err := Find(t.Context(), t.TempDir(), "HEAD"); !errors.Is(err, ErrUnknown) {
		t.Errorf("Find outside a repository = %v, want ErrUnknown", err)
	}
}
