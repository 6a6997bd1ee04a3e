package text

import (
	"os/exec"
	"testing"

	"pgregory.net/rapid"
)

func TestPrintable(t *testing.T) {
	if got := Printable("a\x1b[2J\tb\nü\u202e"); got != "a·[2J\tb\nü·" {
		t.Errorf("Printable = %q", got)
	}
}

// TestWord: a shell reads back what was written, whatever it is.
func TestWord(t *testing.T) {
	for in, want := range map[string]string{"services.backend.workers=4": "services.backend.workers=4", "": "''", "a b": "'a b'", "$(x)": "'$(x)'", "it's": `'it'\''s'`} {
		if got := Word(in); got != want {
			t.Errorf("Word(%q) = %s, want %s", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringMatching(`[ -~]{0,20}`).Draw(t, "text")
		out, err := exec.Command("sh", "-c", "printf %s "+Word(in)).Output()
		if err != nil || string(out) != in {
			t.Errorf("sh reads %q (%v), want %q", out, err, in)
		}
	})
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 indexes", 1: "1 index", 2: "2 indexes", -1: "-1 indexes"} {
		if got := Count(n, "index", "indexes"); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}
