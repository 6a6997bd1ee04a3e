// Package load is traffic over time: shapes, and traces of what really happened.
package load

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// Longest is how long a curve may be.
const Longest = 31 * 24 * time.Hour

// mostLevel bounds a level: a million times today's peak is a mistake.
const mostLevel = 1e6

// Knot is a level at a moment; between two knots the level is linear.
type Knot struct {
	At time.Duration
	// Level in multiples of today's peak.
	Level float64
}

// Curve is load over time, from 0 to the moment of the last knot. Two knots at one
// moment are a step. The zero value has no duration.
type Curve struct{ knots []Knot }

// New is a curve through knots in the order of their time. Before the first knot
// the level is the first one's. The error lists every problem.
func New(knots ...Knot) (Curve, error) {
	var errs []error
	bad := func(i int, format string, args ...any) {
		errs = append(errs, fmt.Errorf("knots[%d]: "+format, append([]any{i}, args...)...))
	}
	for i, k := range knots {
		if !(k.Level >= 0 && k.Level <= mostLevel) {
			bad(i, "level = %g: must be from 0 to %g", k.Level, float64(mostLevel))
		}
		if k.At < 0 || k.At > Longest {
			bad(i, "at = %s: must be from 0 to %s", k.At, Longest)
		}
		if i > 0 && k.At < knots[i-1].At {
			bad(i, "at = %s: must not be before the knot before it (%s)", k.At, knots[i-1].At)
		}
	}
	if len(knots) == 0 || knots[len(knots)-1].At <= 0 {
		errs = append(errs, errors.New("knots: the last one must be after 0s"))
	}
	if len(errs) > 0 {
		return Curve{}, errors.Join(errs...)
	}
	if knots[0].At > 0 {
		knots = slices.Insert(slices.Clone(knots), 0, Knot{Level: knots[0].Level})
	}
	return Curve{knots: slices.Clone(knots)}, nil
}

// Knots of the curve; the first is at 0.
func (c Curve) Knots() []Knot { return slices.Clone(c.knots) }

// Duration of the curve.
func (c Curve) Duration() time.Duration {
	if len(c.knots) == 0 {
		return 0
	}
	return c.knots[len(c.knots)-1].At
}

// Start is the first level.
func (c Curve) Start() float64 {
	if len(c.knots) == 0 {
		return 0
	}
	return c.knots[0].Level
}

// Max is the highest level.
func (c Curve) Max() float64 {
	most := 0.0
	for _, k := range c.knots {
		most = math.Max(most, k.Level)
	}
	return most
}

// At is the level at a moment; at a step the level after it.
func (c Curve) At(t time.Duration) float64 {
	i, found := slices.BinarySearchFunc(c.knots, t, func(k Knot, t time.Duration) int {
		if k.At <= t {
			return -1
		}
		return 1
	})
	_ = found // the comparison never says equal: i is the first knot after t
	switch {
	case len(c.knots) == 0:
		return 0
	case i == 0:
		return c.knots[0].Level
	case i == len(c.knots):
		return c.knots[i-1].Level
	}
	return between(c.knots[i-1], c.knots[i], t)
}

// between is the level on the line through two knots.
func between(a, b Knot, t time.Duration) float64 {
	if b.At == a.At {
		return b.Level
	}
	return a.Level + (b.Level-a.Level)*(float64(t-a.At)/float64(b.At-a.At))
}

// FirstRise is the moment from which on the level first exceeds the start.
func (c Curve) FirstRise() (time.Duration, bool) {
	for i, k := range c.knots {
		if k.Level > c.Start() {
			return c.knots[i-1].At, true
		}
	}
	return 0, false
}

// Peak is the first moment of the highest level.
func (c Curve) Peak() time.Duration {
	most := c.Max()
	for _, k := range c.knots {
		if k.Level == most {
			return k.At
		}
	}
	return 0
}

// Scaled is the curve with every level multiplied.
func (c Curve) Scaled(factor float64) (Curve, error) {
	knots := c.Knots()
	for i := range knots {
		knots[i].Level *= factor
	}
	return New(knots...)
}

// Between is the part of the curve from one moment to another, starting at 0.
func (c Curve) Between(from, to time.Duration) (Curve, error) {
	from, to = max(0, from), min(to, c.Duration())
	knots := []Knot{{Level: c.At(from)}}
	for _, k := range c.knots {
		if k.At > from && k.At < to {
			knots = append(knots, Knot{At: k.At - from, Level: k.Level})
		}
	}
	return New(append(knots, Knot{At: to - from, Level: c.before(to)})...)
}

// before is the level at a moment; at a step the level before it.
func (c Curve) before(t time.Duration) float64 {
	for i, k := range c.knots {
		if k.At >= t && i > 0 {
			return between(c.knots[i-1], k, t)
		}
	}
	return c.At(t)
}
