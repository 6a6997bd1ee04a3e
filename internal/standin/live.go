package standin

import (
	"errors"
	"fmt"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Seed puts live objects into the stand-ins: what no program made, and what the
// program must not make again.
func (s *Session) Seed(objects []provider.Seed) error {
	var problems []error
	for _, o := range objects {
		name, _, _ := strings.Cut(o.Token, ":")
		p, ok := s.Providers[name]
		if !ok {
			problems = append(problems, fmt.Errorf("no provider stands in for %s %s", o.Token, o.ID))
			continue
		}
		if err := p.Seed(o); err != nil {
			problems = append(problems, fmt.Errorf("%s %s: %w", o.Token, o.ID, err))
		}
	}
	return errors.Join(problems...)
}
