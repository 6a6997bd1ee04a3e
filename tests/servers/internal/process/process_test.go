//go:build linux

package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asked makes the test binary a run that is killed: it starts a program in a
// folder of its own and waits.
const asked = "HEADROOM_TEST_KILLED_RUN"

func sleeper(dir string) Spec {
	return Spec{Name: "sleep", Path: "/bin/sh", Args: []string{"-c", "echo $$ > pid; exec sleep 600"}, Dir: dir, Ready: func() error {
		_, err := pid(dir)
		return err
	}}
}

func pid(dir string) (int, error) {
	text, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// alive tells whether a process runs; one that nobody has waited for does not.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

func gone(t *testing.T, pid int) {
	t.Helper()
	for range 100 {
		if !alive(pid) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("process %d still runs", pid)
}

func TestEndsWithTheTest(t *testing.T) {
	var n int
	t.Run("run", func(t *testing.T) {
		dir := Dir(t, "")
		if _, err := Start(t, sleeper(dir)); err != nil {
			t.Fatal(err)
		}
		n, _ = pid(dir)
		if !alive(n) {
			t.Fatalf("process %d does not run", n)
		}
	})
	gone(t, n)
}

// A run that is killed takes its programs with it, and the next one removes its
// folder.
func TestKilledRun(t *testing.T) {
	if parent := os.Getenv(asked); parent != "" {
		t.Setenv("TMPDIR", parent)
		dir := Dir(t, "")
		if _, err := Start(t, sleeper(dir)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		return
	}
	parent := t.TempDir()
	run := exec.Command(os.Args[0], "-test.run", "^TestKilledRun$")
	run.Env = append(os.Environ(), asked+"="+parent)
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	var left string
	var n int
	for range 200 {
		if dirs, _ := filepath.Glob(filepath.Join(parent, folders+"*")); len(dirs) == 1 {
			left = dirs[0]
			if n, _ = pid(left); n > 0 {
				break
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	if n == 0 {
		t.Fatal("the run started no program")
	}
	if err := run.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = run.Wait()
	gone(t, n)
	if _, err := os.Stat(left); err != nil {
		t.Fatalf("a killed run leaves its folder: %v", err)
	}
	t.Setenv("TMPDIR", parent)
	own := Dir(t, "")
	if _, err := os.Stat(left); err == nil {
		t.Errorf("%s is still there", left)
	}
	if _, err := os.Stat(own); err != nil {
		t.Errorf("the new folder went with the old one: %v", err)
	}
}

func TestStartRefuses(t *testing.T) {
	never := func() error { return errors.New("not yet") }
	cases := map[string]struct {
		spec Spec
		want string
	}{
		"Missing":  {Spec{Name: "ghost", Path: "/no/such/program", Ready: never}, "no such file"},
		"Ended":    {Spec{Name: "short", Path: "/bin/sh", Args: []string{"-c", "echo no room; exit 3"}, Ready: never}, "short ended before it was ready: no room"},
		"Slow":     {Spec{Name: "slow", Path: "/bin/sleep", Args: []string{"60"}, Ready: never, Within: 200 * time.Millisecond}, "slow was not ready within 200ms: not yet"},
		"Stubborn": {Spec{Name: "stubborn", Path: "/bin/sleep", Args: []string{"60"}, Ready: never, Within: 200 * time.Millisecond, Stop: syscall.SIGCONT}, "stubborn was not ready"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			p, err := Start(t, tc.spec)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %q", err, tc.want)
			}
			if p != nil {
				gone(t, p.cmd.Process.Pid)
			}
		})
	}
}

// Programs are told their ports one by one, before any of them listens.
func TestNoPortIsToldTwice(t *testing.T) {
	told := map[int]bool{}
	for range 1000 { // the kernel alone repeats itself among so many
		port := Port(t)
		if told[port] {
			t.Fatalf("port %d is told twice", port)
		}
		told[port] = true
	}
}
