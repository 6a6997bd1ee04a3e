//go:build linux

// Package process runs real servers for tests: on free ports, in folders of
// their own, as a user who is not root, and never longer than the test.
package process

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Spec is a program to run.
type Spec struct {
	// Name of the program in messages.
	Name string
	Path string
	Args []string
	Dir  string
	// Env are variables beside those of the test.
	Env []string
	// User runs it; empty: whoever runs the test.
	User string
	// Stop is the signal that ends it. Default: SIGTERM.
	Stop syscall.Signal
	// Ready tells whether it serves. It is asked until it does or the time is up.
	Ready func() error
	// Within is the time to become ready. Default: 30 s.
	Within time.Duration
}

// drain is the time that the output of a program is read after its end: what it
// started may hold the pipe open for ever.
const drain = 500 * time.Millisecond

// Process is a running program.
type Process struct {
	spec Spec
	cmd  *exec.Cmd
	out  *output
	done chan struct{}
}

// Start runs a program until the test ends. When it does not become ready, it is
// gone and the error has what it wrote.
func Start(t testing.TB, spec Spec) (*Process, error) {
	t.Helper()
	if spec.Stop == 0 {
		spec.Stop = syscall.SIGTERM
	}
	if spec.Within == 0 {
		spec.Within = 30 * time.Second
	}
	p := &Process{spec: spec, out: &output{}, done: make(chan struct{})}
	p.cmd = exec.Command(spec.Path, spec.Args...)
	p.cmd.WaitDelay = drain
	p.cmd.Env = append(os.Environ(), spec.Env...)
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = spec.Dir, p.out, p.out
	attributes, err := as(spec.User)
	if err != nil {
		return nil, err
	}
	p.cmd.SysProcAttr = attributes
	if err := p.run(); err != nil {
		return nil, fmt.Errorf("%s: %w", spec.Name, err)
	}
	t.Cleanup(p.End)
	return p, p.ready()
}

// run starts the program on a thread that lives as long as the program: the
// kernel ends the program when the thread that started it dies, and with it
// when the whole test is killed.
func (p *Process) run() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // how it ended is of no interest, only that it did
			close(p.done)
		}
	}()
	return <-started
}

func (p *Process) ready() error {
	deadline := time.Now().Add(p.spec.Within)
	for {
		err := p.spec.Ready()
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended before it was ready: %s", p.spec.Name, p.out)
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			p.End()
			return fmt.Errorf("%s was not ready within %s: %w\n%s", p.spec.Name, p.spec.Within, err, p.out)
		}
	}
}

// Signal sends a signal.
func (p *Process) Signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

// End ends the program, the hard way when it takes more than ten seconds.
func (p *Process) End() { p.EndWithin(10 * time.Second) }

// EndWithin ends the program and whatever it started, and tells whether that took
// no more than a time, after which it is killed.
func (p *Process) EndWithin(limit time.Duration) bool {
	_ = p.Signal(p.spec.Stop) // it may be gone already
	inTime := true
	select {
	case <-p.done:
	case <-time.After(limit):
		inTime = false
		_ = p.cmd.Process.Kill()
		<-p.done
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // there may be nobody left
	return inTime
}

// PID of the program.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Ended tells whether the program is gone.
func (p *Process) Ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Output is what the program wrote so far.
func (p *Process) Output() string { return p.out.String() }

// output collects what a program writes while others read it.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// as is how a program is run as a user, and never outlives the test.
func as(name string) (*syscall.SysProcAttr, error) {
	attributes := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if name == "" || os.Geteuid() != 0 {
		return attributes, nil
	}
	uid, gid, err := ids(name)
	if err != nil {
		return nil, err
	}
	attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attributes, nil
}

func ids(name string) (uid, gid int, err error) {
	u, err := user.Lookup(name)
	if err != nil {
		return 0, 0, err
	}
	if uid, err = strconv.Atoi(u.Uid); err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(u.Gid)
	return uid, gid, err
}

// Run runs a program to its end as a user.
func Run(name, dir, path string, args ...string) error {
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	attributes, err := as(name)
	if err != nil {
		return err
	}
	attributes.Pdeathsig, attributes.Setpgid = 0, false
	cmd.SysProcAttr = attributes
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(path), err, out)
	}
	return nil
}

// given are the ports that this process has been told: the kernel may offer one again
// as long as its program does not listen yet.
var given = struct {
	sync.Mutex
	ports map[int]bool
}{ports: map[int]bool{}}

// Port is a port on 127.0.0.1 that nobody listens on, and that no earlier call in this
// process returned.
func Port(t testing.TB) int {
	t.Helper()
	given.Lock()
	defer given.Unlock()
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		_ = l.Close() // it was only to find the port
		if !given.ports[port] {
			given.ports[port] = true
			return port
		}
	}
}

// Listening tells whether somebody listens on a port, for Spec.Ready.
func Listening(port int) func() error {
	return func() error {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return err
		}
		return conn.Close()
	}
}

const folders = "headroom-servers-"

// Dir is a folder that belongs to a user and is gone after the test. What a
// killed earlier run left is removed on the way.
func Dir(t testing.TB, owner string) string {
	t.Helper()
	sweep(os.TempDir())
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", folders, os.Getpid())) //nolint:usetesting // the parents of t.TempDir are closed to the owner
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if owner != "" && os.Geteuid() == 0 {
		uid, gid, err := ids(owner)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// sweep ends what tests that no longer run have left, and removes their folders. The
// kernel ended the programs that they started, but not what those had started.
func sweep(parent string) {
	old, _ := filepath.Glob(filepath.Join(parent, folders+"*"))
	for _, dir := range old {
		pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), folders), "-")
		n, err := strconv.Atoi(pid)
		if err == nil && syscall.Kill(n, 0) == syscall.ESRCH {
			endIn(dir)
			_ = os.RemoveAll(dir)
		}
	}
}

// endIn ends every process whose working folder is in a folder.
func endIn(dir string) {
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		cwd, err := os.Readlink(link)
		if err != nil || (cwd != dir && !strings.HasPrefix(cwd, dir+"/")) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link))); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
