// Package check collects what is wrong with a component's arguments, in the
// form in which the stack file reports its own problems.
package check

import (
	"fmt"

	"github.com/agencyos/headroom/capacity/spec"
)

// Checker collects problems. At is put before every path.
type Checker struct {
	At       string
	problems spec.Problems
}

// Require adds a problem unless ok.
func (c *Checker) Require(ok bool, path string, value any, rule, fix string) {
	if !ok {
		c.problems = append(c.problems, spec.Problem{Path: c.At + path, Value: fmt.Sprint(value), Rule: rule, Fix: fix})
	}
}

// Err is nil when there is no problem, and spec.Problems otherwise.
func (c *Checker) Err() error {
	if len(c.problems) == 0 {
		return nil
	}
	return c.problems
}
