package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// A write that fails leaves what was there, and nothing beside it.
func TestWriteWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.html")
	write := func(text string, fail error) error {
		return writeWhole(path, func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return errors.Join(err, fail)
		})
	}
	if err := write("old", nil); err != nil {
		t.Fatal(err)
	}
	if err := write("half of the new", errors.New("broke off")); err == nil {
		t.Error("a write that broke off is no error")
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "old" {
		t.Errorf("after a write that broke off the file holds %q, error %v", got, err)
	}
	if err := write("new", nil); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if got, _ := os.ReadFile(path); err != nil || string(got) != "new" || len(entries) != 1 {
		t.Errorf("the file holds %q beside %d others, error %v", got, len(entries)-1, err)
	}
}

func TestDistinct(t *testing.T) {
	in := errors.Join(errors.New("a\nb"), errors.New("a\nb"), errors.New("c"))
	if got := distinct(in).Error(); got != "a\nb\nc" {
		t.Errorf("distinct = %q", got)
	}
}
