//go:build linux

// Package nginx runs a real nginx for tests.
package nginx

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/agencyos/headroom/tests/servers"
	"github.com/agencyos/headroom/tests/servers/internal/process"
)

// user runs the server.
const user = "nobody"

// Server is a running nginx.
type Server struct {
	Dir  string
	Port int

	process *process.Process
}

// Start runs nginx until the test ends. The http context is made for its folder and
// the port that it must listen on.
func Start(t *testing.T, http func(s *Server) string) *Server {
	t.Helper()
	path := servers.Find(t, "nginx")
	s := &Server{Dir: process.Dir(t, user), Port: process.Port(t)}
	s.write(t, http(s))
	p, err := process.Start(t, process.Spec{Name: "nginx", Path: path, Args: []string{"-e", "stderr", "-p", s.Dir, "-c", s.file()}, User: user, Dir: s.Dir,
		Stop: syscall.SIGTERM, Ready: s.ready})
	if err != nil {
		t.Fatal(err)
	}
	s.process = p
	return s
}

func (s *Server) file() string { return filepath.Join(s.Dir, "nginx.conf") }

// write makes the whole configuration. One worker process is enough for two cores
// that others use, too.
func (s *Server) write(t *testing.T, http string) {
	t.Helper()
	temporary := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temporary += fmt.Sprintf("  %s_temp_path %s/%s;\n", kind, s.Dir, kind)
	}
	text := fmt.Sprintf("daemon off;\npid %s/nginx.pid;\nerror_log stderr warn;\nworker_processes 1;\nevents { worker_connections 8192; }\nhttp {\n  access_log off;\n%s%s}\n",
		s.Dir, temporary, http)
	if err := os.WriteFile(s.file(), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Reload takes another http context without losing a request: the workers of the
// former one answer what they have begun. It returns when they take nothing new.
func (s *Server) Reload(t *testing.T, http string) {
	t.Helper()
	s.write(t, http)
	before := s.process.Titles()
	if err := s.process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); !s.passed(before); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("nginx did not take its configuration:\n%s", s.Output())
		}
	}
}

// passed tells whether the workers of the former configuration take no connection
// any more: each has ended, or says in its title that it is about to.
func (s *Server) passed(before map[int]string) bool {
	for pid, title := range s.process.Titles() {
		if _, former := before[pid]; former && !strings.Contains(title, "shutting down") {
			return false
		}
	}
	return true
}

// URL of the server.
func (s *Server) URL() string { return fmt.Sprintf("http://127.0.0.1:%d", s.Port) }

// Output is what it logged.
func (s *Server) Output() string { return s.process.Output() }

// Stop ends it at once.
func (s *Server) Stop() { s.process.End() }

func (s *Server) ready() error {
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "http://"))
	if err != nil {
		return err
	}
	return conn.Close()
}
