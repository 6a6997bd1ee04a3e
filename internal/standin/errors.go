package standin

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Hinted is an error with lines that say what to do.
type Hinted struct {
	Err   error
	Hints []string
}

func hint(err error, hints ...string) error { return &Hinted{Err: err, Hints: hints} }

// Error is the problem alone; the hints are printed apart from it.
func (h *Hinted) Error() string { return h.Err.Error() }

// Unwrap is the problem.
func (h *Hinted) Unwrap() error { return h.Err }

// ErrFailed is an operation the engine, a provider or a policy refused.
var ErrFailed = errors.New("the engine refused the operation")

// collided says which live objects a preview met.
func collided(all []provider.Collision) error {
	hints := make([]string, len(all))
	for i, c := range all {
		urn := c.URN
		hints[i] = fmt.Sprintf("AlreadyExists: %s %s for %s %s: %s", c.Token, c.ID, urn.Type(), urn.Name(), c.Why)
	}
	return &Hinted{Err: fmt.Errorf("preview meets %d live objects: %w", len(all), ErrFailed), Hints: hints}
}

// failed says what went wrong in one operation, by the engine's diagnostics.
func failed(operation string, r Result, err error) error {
	what := fmt.Sprintf("%s failed", operation)
	n := 0
	for _, v := range r.Violations {
		if v.Mandatory() {
			n++
		}
	}
	if n > 0 {
		what = fmt.Sprintf("%s failed with %d policy violations", operation, n)
	}
	if len(r.Diagnostics) == 0 && n == 0 {
		return fmt.Errorf("%s: %w: %w", what, ErrFailed, summarize(err))
	}
	return &Hinted{Err: fmt.Errorf("%s: %w", what, ErrFailed), Hints: r.Diagnostics}
}

// summarize keeps what the CLI said on stderr out of an error that repeats all
// its output.
func summarize(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	_, after, found := strings.Cut(text, "stderr: ")
	if !found {
		return err
	}
	line := strings.TrimSpace(uncolored(after))
	if line == "" {
		first, _, _ := strings.Cut(text, "\n")
		return errors.New(first)
	}
	return errors.New(strings.ReplaceAll(line, "\n", "; "))
}

func uncolored(text string) string { return colors.Never.Colorize(text) }
