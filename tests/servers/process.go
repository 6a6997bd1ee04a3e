//go:build linux

package servers

import (
	"testing"

	"github.com/agencyos/headroom/tests/servers/internal/process"
)

// Program is a server to run.
type Program = process.Spec

// Running is one that runs.
type Running = process.Process

// Start runs a server until the test ends, and never longer than the test.
func Start(t testing.TB, p Program) (*Running, error) {
	t.Helper()
	return process.Start(t, p)
}

// Port is a port on 127.0.0.1 that nobody listens on.
func Port(t testing.TB) int {
	t.Helper()
	return process.Port(t)
}

// Listening tells whether somebody listens on a port, for Program.Ready.
func Listening(port int) func() error { return process.Listening(port) }

// Dir is a folder that is gone after the test; what a killed earlier run left is
// removed on the way.
func Dir(t testing.TB) string {
	t.Helper()
	return process.Dir(t, "")
}
