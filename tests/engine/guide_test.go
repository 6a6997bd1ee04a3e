package engine_test

import (
	"bytes"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/agencyos/headroom/cmd/preview/command"
)

// console is a command of a guide and lines of what it prints.
var console = regexp.MustCompile("(?s)```console\n\\$ go run \\./cmd/(preview|headroom) ([^\n]*)\n(.*?)```")

// TestGuide runs every command of docs/adopt.md. The lines below each appear in
// what it prints, in their order.
func TestGuide(t *testing.T) {
	t.Chdir(root)
	all := console.FindAllStringSubmatch(read(t, "docs", "adopt.md"), -1)
	if len(all) < 4 {
		t.Fatalf("docs/adopt.md shows %d commands, want each of its steps", len(all))
	}
	for _, m := range all {
		var out string
		if args := strings.Fields(m[2]); m[1] == "preview" {
			code, stdout, stderr := ofHeadroom(t, args...)
			out = stdout + stderr
			if want := strings.Contains(m[3], "error: "); (code == command.Violated) != want {
				t.Errorf("preview %s exits %d\n%s", m[2], code, out)
			}
		} else {
			out = built(t, args...)
		}
		rest := squeezed(out)
		for line := range strings.Lines(m[3]) {
			_, after, found := strings.Cut(rest, squeeze(line))
			if rest = after; !found {
				t.Fatalf("%s %s does not print, in this order, %q\n%s", m[1], m[2], line, out)
			}
		}
	}
}

// built runs the headroom command.
func built(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"run", "./cmd/headroom"}, args...)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("headroom %s: %v\n%s", strings.Join(args, " "), err, &out)
	}
	return out.String()
}

var spaces = regexp.MustCompile(`[ \t]+`)

// squeeze leaves a line without its widths, which depend on other lines.
func squeeze(line string) string { return strings.TrimSpace(spaces.ReplaceAllString(line, " ")) }

func squeezed(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, squeeze(line))
	}
	return strings.Join(lines, "\n") + "\n"
}
