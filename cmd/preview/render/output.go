package render

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// marker is the file that makes a directory ours. It lists what was rendered,
// so that the next render removes what it no longer writes and nothing else.
const marker = ".headroom-render"

// ErrForeign is a directory that holds files no render put there.
var ErrForeign = errors.New("the directory is not empty and was not made by --render")

// Check refuses a directory that Write would refuse, before any work is done.
func Check(dir string, force bool) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("reading %s: %w", dir, err)
	case force || len(entries) == 0:
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, marker)); err != nil {
		return fmt.Errorf("%s: %w", dir, ErrForeign)
	}
	return nil
}

// Write puts the files into dir. Everything is written next to it first and
// then moved file by file, so that no file is ever half written.
func Write(dir string, files Files, force bool) error {
	if err := Check(dir, force); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making %s: %w", dir, err)
	}
	staged, err := os.MkdirTemp(dir, ".headroom-render-")
	if err != nil {
		return fmt.Errorf("staging in %s: %w", dir, err)
	}
	defer os.RemoveAll(staged) //nolint:errcheck // Empty once everything is moved.
	paths := slices.Sorted(maps.Keys(files))
	for _, p := range paths {
		if err := put(staged, p, files[p]); err != nil {
			return err
		}
	}
	if err := put(staged, marker, []byte(strings.Join(paths, "\n")+"\n")); err != nil {
		return err
	}
	return move(staged, dir, paths)
}

func put(root, path string, data []byte) error {
	if !filepath.IsLocal(path) {
		return fmt.Errorf("%s leads out of the output directory", path)
	}
	target := filepath.Join(root, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return fmt.Errorf("making %s: %w", filepath.Dir(target), err)
	}
	if err := os.WriteFile(target, data, 0o644); err != nil { //nolint:gosec // Manifests are for others to read.
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// move replaces what the last render left by what this one staged.
func move(staged, dir string, paths []string) error {
	for _, old := range rendered(dir) {
		if slices.Contains(paths, old) || !filepath.IsLocal(old) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, filepath.FromSlash(old))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing the former %s: %w", old, err)
		}
	}
	for _, p := range append(slices.Clone(paths), marker) {
		target := filepath.Join(dir, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return fmt.Errorf("making %s: %w", filepath.Dir(target), err)
		}
		if err := os.Rename(filepath.Join(staged, filepath.FromSlash(p)), target); err != nil {
			return fmt.Errorf("moving %s into place: %w", p, err)
		}
	}
	return nil
}

// rendered is what the last render wrote.
func rendered(dir string) []string {
	data, err := os.ReadFile(filepath.Join(dir, marker))
	if err != nil {
		return nil
	}
	return strings.Fields(string(data))
}
