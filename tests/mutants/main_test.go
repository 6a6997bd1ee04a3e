package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSurvivors knows which changes of a small package its tests cannot notice:
// no test stands at a limit, nobody is 99, and skipping free riders adds nothing.
func TestSurvivors(t *testing.T) {
	const want = `survives: fare.go:7 limit of < moved
survives: fare.go:9 limit of >= moved
survives: fare.go:9 always true
survives: fare.go:24 always false
FILE     MUTANTS  NOTICED  SCORE
fare.go  13       9        69.2%
all      13       9        69.2%
`
	var out bytes.Buffer
	score, err := run(&out, "testdata/fare", "*.go", 2, &judge{first: "TestPrice"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if score < 69 || score > 70 {
		t.Errorf("score = %g", score)
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct{ folder, files, want string }{
		"no folder": {"testdata/nothing", "*.go", "no Go file"},
		"no file":   {"testdata/fare", "other*.go", "no Go file"},
		"pattern":   {"testdata/fare", "[", "syntax error"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := run(&bytes.Buffer{}, c.folder, c.files, 1, &judge{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v, want one that says %q", err, c.want)
			}
		})
	}
}
