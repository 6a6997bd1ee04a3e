// Command headroom derives, proves and explains a stack without a cloud account.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is main without the process: it returns the exit code. 0: every check
// holds; 1: one is violated; 2: usage or invalid input.
func run(args []string, stdout, stderr io.Writer) int {
	root := newRoot(stdout, stderr)
	root.SetArgs(args)
	if err := root.Execute(); err != nil {
		return fail(stderr, err)
	}
	return 0
}

// fail writes an error as one line and its hints as further lines.
func fail(stderr io.Writer, err error) int {
	failure := asFailure(err)
	if failure.message != "" {
		fmt.Fprintln(stderr, "headroom: "+failure.message)
	}
	for _, hint := range failure.hints {
		fmt.Fprintln(stderr, "  "+hint)
	}
	return failure.code
}
