package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/agencyos/headroom/capacity/cdn"
)

// Change is what merging did to one file of a repository.
type Change struct {
	// Path of the file, and what happened: "created", "changed" or "unchanged".
	Path, What string
}

// Into merges the rendered files that others edit too into a repository: the
// caching headers of every vercel.json. Everything is merged before anything is
// written, so that a file that cannot be read leaves all of them as they are.
func Into(repo string, files Files) ([]Change, error) {
	merged := map[string][]byte{}
	var changes []Change
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if path.Base(name) != "vercel.json" {
			continue
		}
		text, change, err := mergeVercel(filepath.Join(repo, filepath.FromSlash(name)), files[name])
		if err != nil {
			problems = append(problems, err)
			continue
		}
		changes = append(changes, change)
		if change.What != "unchanged" {
			merged[change.Path] = text
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	for _, target := range slices.Sorted(maps.Keys(merged)) {
		if err := replace(target, merged[target]); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

func mergeVercel(target string, rendered []byte) ([]byte, Change, error) {
	var ours cdn.Vercel
	if err := json.Unmarshal(rendered, &ours); err != nil {
		return nil, Change{}, fmt.Errorf("reading the rendered %s: %w", target, err)
	}
	there, err := os.ReadFile(target)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Dir(target)); err != nil {
			return nil, Change{}, fmt.Errorf("%s: no such project in the repository", filepath.Dir(target))
		}
		return rendered, Change{target, "created"}, nil
	}
	if err != nil {
		return nil, Change{}, fmt.Errorf("reading %s: %w", target, err)
	}
	text, err := ours.Merge(there)
	switch {
	case err != nil:
		return nil, Change{}, fmt.Errorf("%s: %w", target, err)
	case bytes.Equal(text, there):
		return text, Change{target, "unchanged"}, nil
	}
	return text, Change{target, "changed"}, nil
}

// replace writes beside the file and moves it there when it is whole.
func replace(target string, text []byte) error {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(target); err == nil {
		mode = info.Mode().Perm()
	}
	half, err := os.CreateTemp(filepath.Dir(target), ".vercel-*.json")
	if err != nil {
		return fmt.Errorf("writing %s: %w", target, err)
	}
	defer os.Remove(half.Name()) //nolint:errcheck // Gone after a successful move.
	_, err = half.Write(text)
	if err = errors.Join(err, half.Chmod(mode), half.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", target, err)
	}
	if err := os.Rename(half.Name(), target); err != nil {
		return fmt.Errorf("moving %s into place: %w", target, err)
	}
	return nil
}
