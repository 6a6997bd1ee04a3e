package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/sim"
)

// disturbanceForm is kind[:service]@time[+duration][×factor]; a lost zone stands
// in the place of the service.
var disturbanceForm = regexp.MustCompile(`^([^:@]+)(?::([^@]+))?@([^+×x]+)(?:\+([^×x]+))?(?:[×x](.+))?$`)

// disturbances reads the flag, all of them and all problems at once.
func disturbances(texts []string) ([]sim.Disturbance, error) {
	var out []sim.Disturbance
	var hints []string
	for _, text := range texts {
		d, rule := disturbance(text)
		if rule != "" {
			hints = append(hints, fmt.Sprintf("--disturb = %q: %s", text, rule))
		}
		out = append(out, d)
	}
	if len(hints) > 0 {
		return nil, problems("--disturb", fmt.Errorf("%s", strings.Join(hints, "\n")))
	}
	return out, nil
}

// disturbance is one of them, or the rule that the text breaks. The simulator
// checks what depends on the stack.
func disturbance(text string) (d sim.Disturbance, rule string) {
	m := disturbanceForm.FindStringSubmatch(text)
	if m == nil {
		return d, "must be kind[:service]@time[+duration][×factor], such as rollout:backend@5m or slow-database@5m+2m×3"
	}
	kinds := sim.DisturbanceKinds()
	if !slices.Contains(kinds, m[1]) {
		return d, "no such kind; " + catalog.Known(m[1], kinds)
	}
	d.Kind = sim.DisturbanceKind(m[1])
	if d.Kind == sim.ZoneLoss {
		d.Zone = m[2]
	} else {
		d.Service = m[2]
	}
	var err error
	if d.At, err = time.ParseDuration(m[3]); err != nil {
		return d, fmt.Sprintf("time %q must be a duration such as 5m", m[3])
	}
	if m[4] != "" {
		if d.For, err = time.ParseDuration(m[4]); err != nil || d.For <= 0 {
			return d, fmt.Sprintf("duration %q must be one above 0s, such as 2m", m[4])
		}
	}
	if m[5] != "" {
		if d.Factor, err = strconv.ParseFloat(m[5], 64); err != nil || !(d.Factor > 0) {
			return d, fmt.Sprintf("factor %q must be a number above 0", m[5])
		}
	}
	return d, ""
}
