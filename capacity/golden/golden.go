// Package golden keeps what tests make in files that are committed.
package golden

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Update is set by -update: what tests keep in files is written anew. A comparison
// fails all the same, so that nobody commits what nobody read and CI cannot do it
// silently.
var Update = flag.Bool("update", false, "write anew what tests keep in files: golden files, recordings and measurements; a comparison still fails")

// Read is a file that a test needs.
func Read(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Text compares text with a file and reports the lines that differ.
func Text(t testing.TB, file, got string) {
	t.Helper()
	want, err := os.ReadFile(file)
	if err != nil && !*Update {
		t.Fatalf("%v; make golden writes it", err)
	}
	if string(want) == got {
		return
	}
	t.Errorf("%s is stale; look at the difference, then make golden (-want +got):\n%s", file,
		cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")))
	if *Update {
		write(t, file, got)
	}
}

// JSON compares the indented JSON of a value with a file.
func JSON(t testing.TB, file string, got any) {
	t.Helper()
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(got); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	Text(t, file, b.String())
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
