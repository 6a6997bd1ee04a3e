package load

import (
	"errors"
	"fmt"
)

// mostProblems are told at once.
const mostProblems = 20

// problems collects what is wrong.
type problems struct {
	errs []error
	// more could not be told.
	more int
}

func (p *problems) add(format string, args ...any) {
	if len(p.errs) == mostProblems {
		p.more++
		return
	}
	p.errs = append(p.errs, fmt.Errorf(format, args...))
}

func (p *problems) err() error {
	if p.more > 0 {
		return errors.Join(append(p.errs, errors.New("and more"))...)
	}
	return errors.Join(p.errs...)
}
