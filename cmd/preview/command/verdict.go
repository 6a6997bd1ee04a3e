package command

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/agencyos/headroom/cmd/preview/changes"
	"github.com/agencyos/headroom/internal/standin"
)

// document is what --json prints.
type document struct {
	Stack string `json:"stack"`
	// OK is false when the engine, a policy or a refusal stops the stack.
	OK bool `json:"ok"`
	// Steps counts the operations by kind.
	Steps map[string]int `json:"steps"`
	// Changes of what is live, Refusals of what must not happen.
	Changes  []changes.Change  `json:"changes"`
	Refusals []changes.Refusal `json:"refusals"`
	// Add are the lines of the stack file that adopt what is in the way.
	Add string `json:"add,omitempty"`
	// Violations of the policy pack, Errors of the engine.
	Violations []standin.Violation `json:"violations"`
	Errors     []string            `json:"errors"`
}

// tell prints what changes, for people or for machines.
func (v verdict) tell(f flags, r standin.Result, s Streams) error {
	if s.data == nil {
		v.write(s.Out)
		return nil
	}
	doc := document{
		Stack: f.stack, Steps: r.Changes, Add: v.add,
		Changes: orEmpty(v.changes), Refusals: orEmpty(v.refusals), Violations: orEmpty(r.Violations), Errors: orEmpty(r.Diagnostics),
	}
	doc.OK = len(doc.Refusals)+len(doc.Errors) == 0
	for _, violation := range r.Violations {
		doc.OK = doc.OK && !violation.Mandatory()
	}
	encoder := json.NewEncoder(s.data)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(doc)
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// write tells people what changes.
func (v verdict) write(w io.Writer) {
	if len(v.changes) == 0 {
		return
	}
	fmt.Fprintln(w, "\nwhat changes of what is live:")
	changes.Write(w, v.changes)
	fmt.Fprintln(w)
}
