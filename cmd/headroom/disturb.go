package main

import (
	"fmt"
	"strings"

	"github.com/agencyos/headroom/capacity/sim"
)

// disturbances reads the flag, all of them and all problems at once.
func disturbances(texts []string) ([]sim.Disturbance, error) {
	var out []sim.Disturbance
	var hints []string
	for _, text := range texts {
		d, err := sim.ParseDisturbance(text)
		if err != nil {
			hints = append(hints, fmt.Sprintf("--disturb = %q: %v", text, err))
		}
		out = append(out, d)
	}
	if len(hints) > 0 {
		return nil, problems("--disturb", fmt.Errorf("%s", strings.Join(hints, "\n")))
	}
	return out, nil
}
