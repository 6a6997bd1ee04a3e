package engine_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/agencyos/headroom/cmd/preview/command"
)

var (
	// shown is a command of the first hour and lines of what it prints.
	shown = regexp.MustCompile("(?s)```console\n\\$ ([^\n]*)\n(.*?)```")
	// own are the commands of README that make a stack of one's own.
	own = regexp.MustCompile("(?s)## Your own stack\n.*?```sh\n(.*?)```")
)

// hour is a folder in which somebody starts.
type hour struct {
	dir, bin string
}

func newHour(t *testing.T) hour {
	t.Helper()
	h := hour{dir: t.TempDir(), bin: t.TempDir()}
	if err := os.WriteFile(filepath.Join(h.dir, "Pulumi.yaml"), []byte(read(t, ".", "Pulumi.yaml")), 0o600); err != nil {
		t.Fatal(err)
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", h.bin, "./cmd/headroom")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return h
}

// run executes a line as a shell does, and answers all it prints, messages first. The
// preview runs in this process, on the folder in place of the checkout.
func (h hour) run(t *testing.T, line string) (failed bool, out string) {
	t.Helper()
	line = strings.TrimSpace(strings.Split(line, "   #")[0])
	if rest, ok := strings.CutPrefix(line, "make preview STACK="); ok {
		stack, args, _ := strings.Cut(rest, " ")
		args = strings.Trim(strings.TrimPrefix(args, "ARGS="), "'")
		to := filepath.Join(h.dir, strings.TrimPrefix(args, "--render "))
		code, stdout, stderr := ofHeadroom(t, "--dir", h.dir, "--stack", stack, "--render", to)
		return code != command.OK, stderr + stdout
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-c", line)
	cmd.Dir = h.dir
	cmd.Env = append(os.Environ(), "PATH="+h.bin+":"+os.Getenv("PATH"))
	var data, messages bytes.Buffer
	cmd.Stdout, cmd.Stderr = &data, &messages
	err := cmd.Run()
	return err != nil, messages.String() + data.String()
}

// TestFirstHour follows docs/getting-started.md by copy and paste. The lines below a
// command each appear in what it prints; a plan is refused exactly where the document
// shows it.
func TestFirstHour(t *testing.T) {
	text := read(t, root+"/docs", "getting-started.md")
	all := shown.FindAllStringSubmatch(text, -1)
	if len(all) < 5 {
		t.Fatalf("docs/getting-started.md shows %d commands, want each of its steps", len(all))
	}
	t.Chdir(root)
	h := newHour(t)
	for _, m := range all {
		failed, out := h.run(t, m[1])
		if want := strings.Contains(m[2], "VIOLATED "); failed != want {
			t.Errorf("%s: refused %v, want %v\n%s", m[1], failed, want, out)
		}
		got := squeezed(out)
		for line := range strings.Lines(m[2]) {
			if !strings.Contains(got, squeeze(line)) {
				t.Errorf("%s does not print %q\n%s", m[1], line, out)
			}
		}
	}
}

// TestReadmePath runs README's own five lines: only the first plan is refused.
func TestReadmePath(t *testing.T) {
	m := own.FindStringSubmatch(read(t, root, "README.md"))
	if m == nil {
		t.Fatal("README.md shows no way to a stack of one's own")
	}
	t.Chdir(root)
	h := newHour(t)
	for line := range strings.Lines(m[1]) {
		if strings.HasPrefix(line, "go install ") {
			continue // newHour builds it
		}
		failed, out := h.run(t, line)
		if want := strings.Contains(line, "# refused"); failed != want {
			t.Fatalf("%s: refused %v, want %v\n%s", line, failed, want, out)
		}
		if _, shown, ok := strings.Cut(line, "# refused: "); ok && !strings.Contains(out, strings.TrimSpace(shown)) {
			t.Errorf("%s is not refused by %q\n%s", line, shown, out)
		}
	}
}
