package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience with a process that should be there, or gone, at once.
const patience = 30 * time.Second

// Ctrl-C at a question ends the program, and nothing is written.
func TestInterruptAtQuestion(t *testing.T) {
	terminal, other := openTerminal(t)
	cmd := headroom(t, "init")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = other, other, other
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	start(t, cmd)
	seen := until(t, terminal, "busiest minute")
	if _, err := terminal.WriteString("\x03"); err != nil {
		t.Fatal(err)
	}
	interrupted(t, cmd, seen)
	if left, err := os.ReadDir(cmd.Dir); err != nil || len(left) > 0 {
		t.Errorf("files after Ctrl-C: %v, %v; want none", left, err)
	}
}

// An input that never ends can be left.
func TestInterruptAtInput(t *testing.T) {
	for _, command := range []string{"audit", "check"} {
		t.Run(command, func(t *testing.T) {
			cmd := headroom(t, command, "-")
			input, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			start(t, cmd)
			// More than a pipe holds: once it is written, the program is reading.
			if _, err := input.Write(bytes.Repeat([]byte("# more\n"), 64<<10)); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			interrupted(t, cmd, "")
		})
	}
}

// headroom is the program itself, in an empty folder.
func headroom(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath("headroom") // TestMain put it there
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = t.TempDir()
	return cmd
}

func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
}

// interrupted wants the process to end by the signal, which a shell shows as 130.
func interrupted(t *testing.T, cmd *exec.Cmd, seen string) {
	t.Helper()
	late := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	_ = cmd.Wait() // the state says more
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGINT {
		t.Errorf("after Ctrl-C: %v, want the end by it; it said %q", cmd.ProcessState, seen)
	}
}

// openTerminal is a terminal: the end of who types, and that of the program.
func openTerminal(t *testing.T) (typist, program *os.File) {
	t.Helper()
	typist, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no terminal can be made here: %v", err)
	}
	t.Cleanup(func() { _ = typist.Close() })
	if err := unix.IoctlSetPointerInt(int(typist.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(typist.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Close() })
	return typist, program
}

// until reads what the program says up to a text.
func until(t *testing.T, terminal *os.File, text string) string {
	t.Helper()
	late := time.AfterFunc(patience, func() { _ = terminal.Close() })
	defer late.Stop()
	var seen strings.Builder
	for part := make([]byte, 1024); !strings.Contains(seen.String(), text); {
		n, err := terminal.Read(part)
		if err != nil {
			t.Fatalf("the program said %q, and not %q: %v", seen.String(), text, err)
		}
		seen.Write(part[:n])
	}
	return seen.String()
}
