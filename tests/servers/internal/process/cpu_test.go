//go:build linux

package process

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	line := "41 (a) (b c) S 7 41 41 0 -1 0 0 0 0 0 100 20 3 4 20 0 1 0 99 1000 55 18446744073709551615"
	if diff := cmp.Diff(stat{parent: 7, cpu: 127, pages: 55}, parse(line), cmp.AllowUnexported(stat{})); diff != "" {
		t.Errorf("parse(%q) (-want +got):\n%s", line, diff)
	}
}

// What a program has used holds what its children use, and what those used that ended.
func TestCPUOfAllThatItStarted(t *testing.T) {
	dir := Dir(t, "")
	const burn = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"
	p, err := Start(t, Spec{Name: "sh", Path: "/bin/sh", Args: []string{"-c", fmt.Sprintf("sh -c '%s'; touch done; sh -c 'while :; do :; done' & wait", burn)}, Dir: dir,
		Ready: func() error { _, err := os.Stat(filepath.Join(dir, "done")); return err }})
	if err != nil {
		t.Fatal(err)
	}
	before, err := p.CPUSeconds()
	if err != nil || before == 0 {
		t.Fatalf("CPUSeconds() = %g, %v after a child that has ended, want more than none", before, err)
	}
	for range 200 {
		if now, err := p.CPUSeconds(); err != nil || now > before {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("a child that runs adds nothing")
}

// The children of programs of a killed run stay behind; the next run ends them.
func TestSweepEndsWhatWasLeft(t *testing.T) {
	gone := exec.Command("/bin/true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	parent := t.TempDir()
	dir := filepath.Join(parent, fmt.Sprintf("%s%d-x", folders, gone.Process.Pid))
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	left := exec.Command("/bin/sleep", "600")
	left.Dir = dir
	if err := left.Start(); err != nil {
		t.Fatal(err)
	}
	sweep(parent)
	if err := left.Wait(); err == nil {
		t.Error("what was left ended by itself")
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder is still there")
	}
}
