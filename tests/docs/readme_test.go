// Package docs keeps what the documents say true: README's demos, tables and
// commands are compared with what the code prints.
package docs

import (
	"bytes"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

const (
	root   = "../.."
	readme = root + "/README.md"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// demo is a command in a comment and what it prints below it.
var demo = regexp.MustCompile("(?s)<!-- demo: (.*?) -->\n```text\n(.*?)```\n")

func TestDemosAreWhatTheCommandsPrint(t *testing.T) {
	text := read(t, readme)
	fresh := text
	for _, m := range demo.FindAllStringSubmatch(text, -1) {
		got := run(t, strings.Fields(m[1]))
		fresh = strings.Replace(fresh, m[0], "<!-- demo: "+m[1]+" -->\n```text\n"+got+"```\n", 1)
	}
	golden.Text(t, readme, fresh)
}

// run executes a demo; a violated check exits with 1, which go run reports on
// stderr and which is part of the demo's point. Only the report up to the part
// that every plan repeats belongs into README.
func run(t *testing.T, args []string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Dir = root
	var out, messages bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &messages
	err := cmd.Run()
	if err != nil && out.Len() == 0 {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, messages.String())
	}
	return excerpt(out.String())
}

// excerpt keeps the first lines, or from a refused plan what was violated.
func excerpt(out string) string {
	if i := strings.Index(out, "\nVIOLATED "); i >= 0 {
		violations, _, _ := strings.Cut(out[i+1:], "\ncost per month")
		return violations
	}
	body, _, _ := strings.Cut(out, "\nthe proof relies on")
	return body
}

func TestReadmeIsShort(t *testing.T) {
	const most = 150
	if n := strings.Count(read(t, readme), "\n"); n > most {
		t.Errorf("README.md has %d lines, more than %d", n, most)
	}
}

func TestReadmeTables(t *testing.T) {
	text := read(t, readme)
	t.Run("every check has a row", func(t *testing.T) {
		if diff := cmp.Diff(plan.CheckIDs(), codes(section(text, "## The checks"))); diff != "" {
			t.Errorf("checks (-code +readme):\n%s", diff)
		}
	})
	t.Run("every config key has a row", func(t *testing.T) {
		var keys []string
		for i := range reflect.TypeFor[spec.Stack]().NumField() {
			name, _, _ := strings.Cut(reflect.TypeFor[spec.Stack]().Field(i).Tag.Get("json"), ",")
			if name != "-" {
				keys = append(keys, name)
			}
		}
		got := codes(section(text, "## The stack file"))
		for _, key := range keys {
			if !contains(got, key) {
				t.Errorf("key %s has no row", key)
			}
		}
	})
}

// TestCommandsExist follows README literally: every make target is there, every
// path exists.
func TestCommandsExist(t *testing.T) {
	text := read(t, readme)
	makefile := read(t, root+"/Makefile")
	for _, m := range regexp.MustCompile("(?m)(?:^|`)make ([a-z0-9]+)").FindAllStringSubmatch(text, -1) {
		if !strings.Contains(makefile, "\n"+m[1]+": ") {
			t.Errorf("make %s is not a target", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(text, -1) {
		if _, err := os.Stat(root + "/" + m[1]); err != nil {
			t.Errorf("link %s leads nowhere", m[1])
		}
	}
}

// section is the text of a heading up to the next one.
func section(text, heading string) string {
	_, after, _ := strings.Cut(text, heading+"\n")
	body, _, _ := strings.Cut(after, "\n## ")
	return body
}

// codes are the names in the first column of a table.
func codes(table string) []string {
	var out []string
	for line := range strings.Lines(table) {
		cell, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " |")
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
			out = append(out, m[1])
		}
	}
	return out
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
