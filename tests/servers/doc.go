// Package servers finds the real programs that the tests under it run against: load
// generators built from tools/, and servers that the machine has.
//
// The tests are part of make e2e, which sets HEADROOM_E2E=1: then nothing is
// skipped, and a program that is missing is a failure. Otherwise a test whose program
// is missing, or takes minutes to build, says so and is skipped.
package servers
