package sim

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/agencyos/headroom/capacity/catalog"
)

var disturbanceForm = regexp.MustCompile(`^([^:@]+)(?::([^@]+))?@([^+×x]+)(?:\+([^×x]+))?(?:[×x](.+))?$`)

// ParseDisturbance reads kind[:service]@time[+duration][×factor]; a lost zone
// stands in the place of the service. The error is the rule that the text breaks;
// what depends on the scenario, Run checks.
func ParseDisturbance(text string) (d Disturbance, err error) {
	m := disturbanceForm.FindStringSubmatch(text)
	if m == nil {
		return d, errors.New("must be kind[:service]@time[+duration][×factor], such as rollout:backend@5m or slow-database@5m+2m×3")
	}
	kinds := DisturbanceKinds()
	if !slices.Contains(kinds, m[1]) {
		return d, errors.New("no such kind; " + catalog.Known(m[1], kinds))
	}
	d.Kind = DisturbanceKind(m[1])
	if d.Kind == ZoneLoss {
		d.Zone = m[2]
	} else {
		d.Service = m[2]
	}
	if d.At, err = time.ParseDuration(m[3]); err != nil {
		return d, fmt.Errorf("time %q must be a duration such as 5m", m[3])
	}
	if m[4] != "" {
		if d.For, err = time.ParseDuration(m[4]); err != nil || d.For <= 0 {
			return d, fmt.Errorf("duration %q must be one above 0s, such as 2m", m[4])
		}
	}
	if m[5] != "" {
		if d.Factor, err = strconv.ParseFloat(m[5], 64); err != nil || !(d.Factor > 0) {
			return d, fmt.Errorf("factor %q must be a number above 0", m[5])
		}
	}
	return d, nil
}
