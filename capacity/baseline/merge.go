package baseline

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// rest begins the part of a source that speaks of what no fit measured.
const rest = "the rest: "

// Merge is the baseline after a measurement of one service: its figures change, and
// the source and the date say so; everything else stays. It does not validate.
func (b Baseline) Merge(service string, figures []Figure, fit *Fit) (Baseline, error) {
	out, err := b.With(figures)
	if err != nil {
		return b, err
	}
	if fit != nil {
		s := out.Services[service]
		s.Fit = fit
		out.Services = maps.Clone(out.Services)
		out.Services[service] = s
	}
	out.Source, out.Date = out.origin(b), out.latest()
	return out, nil
}

// origin says of every service what measured it, and of the rest what the source
// of the old baseline said.
func (b Baseline) origin(old Baseline) string {
	fits := b.fits()
	if len(fits) == 0 {
		return old.Source
	}
	_, before, found := strings.Cut(old.Source, rest)
	if !found && len(old.fits()) == 0 {
		before = old.Source
	}
	if whole := !b.Example && len(fits) == len(b.Services); before != "" && !whole {
		fits = append(fits, rest+before)
	}
	return strings.Join(fits, "; ")
}

// fits are the sources of the services that were fitted.
func (b Baseline) fits() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(b.Services)) {
		if f := b.Services[name].Fit; f != nil {
			out = append(out, fmt.Sprintf("%s: %s, %s", name, f.Source, f.Date))
		}
	}
	return out
}

// latest day of any measurement.
func (b Baseline) latest() string {
	date := b.Date
	for _, s := range b.Services {
		if s.Fit != nil && s.Fit.Date > date {
			date = s.Fit.Date
		}
	}
	return date
}
