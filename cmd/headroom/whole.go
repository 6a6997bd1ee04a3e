package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// writable says early that what a flag names cannot be written; no path is fine.
func writable(flag, path string) error {
	if path == "" {
		return nil
	}
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return invalid(fmt.Sprintf("%s = %s: there is no folder %s", flag, path, folder), "create it first")
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return invalid(fmt.Sprintf("%s = %s: is no file that can be replaced", flag, path), "name a file in a folder that is there")
	}
	return nil
}

// writeWhole writes a file beside its place and moves it there, so that nobody
// ever reads half of it.
func writeWhole(path string, write func(io.Writer) error) error {
	return writeMode(path, 0o644, write)
}

func writeMode(path string, mode os.FileMode, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return invalid(fmt.Sprintf("%s cannot be written: %v", path, err))
	}
	defer os.Remove(file.Name()) //nolint:errcheck // after the move there is nothing left
	err = errors.Join(write(file), file.Chmod(mode), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return invalid(fmt.Sprintf("%s cannot be written: %v", path, err))
	}
	return nil
}

// printJSON is for machines, and still to be read.
func printJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// distinct keeps every line of an error once: every seed finds the same problems.
func distinct(err error) error {
	var lines []string
	for _, line := range strings.Split(err.Error(), "\n") {
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return errors.New(strings.Join(lines, "\n"))
}

// ticker lets progress be told between the ends of long runs.
type ticker struct {
	mu        sync.Mutex
	progress  *progress
	done, all int
	stop      chan struct{}
	stopped   sync.WaitGroup
}

func ticking(p *progress, all int) *ticker {
	t := &ticker{progress: p, all: all, stop: make(chan struct{})}
	t.stopped.Go(func() {
		every := time.NewTicker(500 * time.Millisecond)
		defer every.Stop()
		for {
			select {
			case <-every.C:
				t.mu.Lock()
				t.progress.tell(t.done, t.all)
				t.mu.Unlock()
			case <-t.stop:
				return
			}
		}
	})
	return t
}

func (t *ticker) tell(done, _ int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done = done
	t.progress.tell(done, t.all)
}

func (t *ticker) end() {
	close(t.stop)
	t.stopped.Wait()
	t.progress.end()
}
