// Package revision reads another revision of the git repository that holds a
// directory. The working tree and the repository stay as they are.
package revision

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// ErrUnknown is a revision that the repository does not have, or a directory
// that is in no repository.
var ErrUnknown = errors.New("no such revision")

// Revision is one commit, seen from a directory of the repository.
type Revision struct {
	// Ref is the name it was asked for by, Commit its hash in short, Subject the
	// first line of its message.
	Ref, Commit, Subject string

	root   string // of the repository
	prefix string // of the directory in it, with slashes
}

// Find resolves a revision, such as HEAD~1, a branch or a tag.
func Find(ctx context.Context, dir, ref string) (Revision, error) {
	places, err := git(ctx, dir, "rev-parse", "--show-toplevel", "--show-prefix")
	if err != nil {
		return Revision{}, fmt.Errorf("%w: %s is in no git repository: %w", ErrUnknown, dir, err)
	}
	lines := strings.Split(string(places), "\n")
	commit, err := git(ctx, dir, "rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{commit}")
	if err != nil {
		return Revision{}, fmt.Errorf("%w: git knows no commit %q", ErrUnknown, ref)
	}
	told, err := git(ctx, dir, "log", "-1", "--format=%h%n%s", strings.TrimSpace(string(commit)))
	if err != nil {
		return Revision{}, fmt.Errorf("revision %s: %w", ref, err)
	}
	short, subject, _ := strings.Cut(strings.TrimSpace(string(told)), "\n")
	return Revision{Ref: ref, Commit: short, Subject: subject, root: lines[0], prefix: strings.TrimSpace(lines[1])}, nil
}

// String names the revision with its commit.
func (r Revision) String() string { return fmt.Sprintf("%s (%s %s)", r.Ref, r.Commit, r.Subject) }

// File reads a file of the directory as it was; the error is [fs.ErrNotExist]
// for one that was not there.
func (r Revision) File(ctx context.Context, name string) ([]byte, error) {
	object := r.Commit + ":" + path.Join(r.prefix, filepath.ToSlash(name))
	if _, err := git(ctx, r.root, "cat-file", "-e", object); err != nil {
		return nil, fmt.Errorf("%s at %s: %w", name, r.Ref, fs.ErrNotExist)
	}
	return git(ctx, r.root, "cat-file", "blob", object)
}

// Extract writes the whole revision into an empty directory and answers where
// the directory lies in it. Submodules are left out.
func (r Revision) Extract(ctx context.Context, into string) (string, error) {
	root, err := os.OpenRoot(into)
	if err != nil {
		return "", fmt.Errorf("extracting %s: %w", r.Ref, err)
	}
	defer root.Close() //nolint:errcheck // Every file in it was closed.
	cmd := exec.CommandContext(ctx, "git", "archive", "--format=tar", r.Commit)
	cmd.Dir = r.root
	var messages bytes.Buffer
	cmd.Stderr = &messages
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return "", fmt.Errorf("extracting %s: %w", r.Ref, err)
	}
	unpacked := unpack(root, out)
	if err := errors.Join(unpacked, cmd.Wait()); err != nil {
		return "", fmt.Errorf("extracting %s: %w %s", r.Ref, err, strings.TrimSpace(messages.String()))
	}
	return filepath.Join(into, filepath.FromSlash(r.prefix)), nil
}

// unpack writes a tar archive; nothing of it can land outside the root.
func unpack(root *os.Root, archive io.Reader) error {
	for entries := tar.NewReader(archive); ; {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch entry.Typeflag {
		case tar.TypeDir:
			err = root.MkdirAll(path.Clean(entry.Name), 0o755)
		case tar.TypeSymlink:
			err = root.Symlink(entry.Linkname, entry.Name)
		case tar.TypeReg:
			err = write(root, entry, entries)
		}
		if err != nil {
			return err
		}
	}
}

func write(root *os.Root, entry *tar.Header, content io.Reader) error {
	if err := root.MkdirAll(path.Dir(entry.Name), 0o755); err != nil {
		return err
	}
	file, err := root.OpenFile(entry.Name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, entry.FileInfo().Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}

// git runs one command and answers what it prints.
func git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	var messages bytes.Buffer
	cmd.Stderr = &messages
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s: %w %s", args[0], err, strings.TrimSpace(messages.String()))
	}
	return out, nil
}
