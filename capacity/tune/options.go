package tune

import (
	"errors"
	"fmt"
	"time"

	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/capacity/spec"
)

// Defaults and bounds of a search.
const (
	// DefaultBudget of configurations.
	DefaultBudget = 1000
	// DefaultTop of the trade-offs.
	DefaultTop = 5

	mostBudget = 1_000_000
	mostTop    = 100
)

// Trace is a load that the settings must hold.
type Trace struct {
	Name  string
	Curve load.Curve
}

// Options of a search.
type Options struct {
	// Traces that the settings must hold. Default: Defaults.
	Traces []Trace
	// Budget is how many configurations are tried. Default: DefaultBudget.
	Budget int
	// Seed of the search and of its replays: the same seed gives the same answer,
	// whatever the number of workers.
	Seed uint64
	// Top is how many trade-offs are told, and how many of the cheapest
	// configurations are replayed request by request. Default: DefaultTop.
	Top int
	// Only are globs of the paths that may change. Default: every knob.
	Only []string
	// Workers that replay at once. Default: 1.
	Workers int
	// Today decides whether a waiver has expired.
	Today time.Time
	// Progress is told how much of a stage of the search is done; nil tells nobody.
	Progress func(stage string, done, all int)
}

func (o Options) withDefaults(stack spec.Stack) (Options, error) {
	if o.Budget == 0 {
		o.Budget = DefaultBudget
	}
	if o.Top == 0 {
		o.Top = DefaultTop
	}
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	var errs []error
	if o.Budget < 1 || o.Budget > mostBudget {
		errs = append(errs, fmt.Errorf("budget = %d: must be from 1 to %d", o.Budget, mostBudget))
	}
	if o.Top < 1 || o.Top > mostTop {
		errs = append(errs, fmt.Errorf("top = %d: must be from 1 to %d", o.Top, mostTop))
	}
	if len(o.Traces) == 0 {
		var err error
		o.Traces, err = Defaults(stack, stack.Traffic.Growth)
		errs = append(errs, err)
	}
	for i, t := range o.Traces {
		if t.Curve.Duration() <= 0 || !(t.Curve.Max() > 0) {
			errs = append(errs, fmt.Errorf("traces[%d] %s: has no duration or no load", i, t.Name))
		}
	}
	return o, errors.Join(errs...)
}

// Defaults are the traces of a stack whose owner has none: a day that peaks at
// growth times today's peak, and the ramp up to it.
func Defaults(stack spec.Stack, growth float64) ([]Trace, error) {
	var out []Trace
	for _, shape := range []load.Shape{load.DiurnalShape, load.RampShape} {
		curve, err := load.Of(shape, growth, time.Duration(stack.Traffic.Ramp))
		if err != nil {
			return nil, err
		}
		out = append(out, Trace{Name: string(shape), Curve: curve})
	}
	return out, nil
}
