// Package load is traffic over time: shapes, and traces of what really happened.
package load

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"time"
)

// Bounds of a curve: beyond them a simulation takes hours and means nothing.
const (
	// Longest is a month of production history.
	Longest = 31 * 24 * time.Hour
	// HighestLevel in multiples of today's peak.
	HighestLevel = 1e6
)

// Knot is a level at a moment; between two knots the level is linear.
type Knot struct {
	At time.Duration
	// Level in multiples of today's peak.
	Level float64
}

// Curve is load over time, from 0 to the moment of the last knot. Two knots at one
// moment are a step; at that moment the level is the later knot's. The zero Curve
// has no duration and no load.
type Curve struct{ knots []Knot }

// New is the curve through the knots, in the order of their time, levels from 0 to
// HighestLevel, the last after 0 and no later than Longest. Before the first knot
// the level is the first one's. The error lists every problem, up to 20.
func New(knots ...Knot) (Curve, error) {
	var errs problems
	for i, k := range knots {
		if rule := badLevel(k.Level); rule != "" {
			errs.add("knots[%d]: level = %g: %s", i, k.Level, rule)
		}
		if k.At < 0 || k.At > Longest {
			errs.add("knots[%d]: at = %s: must be from 0s to %s", i, k.At, Longest)
		}
		if i > 0 && k.At < knots[i-1].At {
			errs.add("knots[%d]: at = %s: must not be before the knot before it (%s)", i, k.At, knots[i-1].At)
		}
	}
	if len(knots) == 0 || knots[len(knots)-1].At <= 0 {
		errs.add("knots: the last one must be after 0s")
	}
	if err := errs.err(); err != nil {
		return Curve{}, err
	}
	knots = slices.Clone(knots)
	if knots[0].At > 0 {
		knots = slices.Insert(knots, 0, Knot{Level: knots[0].Level})
	}
	return Curve{knots}, nil
}

// badLevel is the rule that a level breaks, or "".
func badLevel(level float64) string {
	if !(level >= 0 && level <= HighestLevel) { // NaN fails every comparison
		return fmt.Sprintf("must be a number from 0 to %.0f times today's peak", HighestLevel)
	}
	return ""
}

// Duration is the moment of the last knot.
func (c Curve) Duration() time.Duration {
	if len(c.knots) == 0 {
		return 0
	}
	return c.knots[len(c.knots)-1].At
}

// Knots of the curve, a copy; the first is at 0.
func (c Curve) Knots() []Knot { return slices.Clone(c.knots) }

// Start is the level that the load comes from: the first knot's.
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

// At is the level at a moment, that after a step where there is one. Before the
// curve it is the first knot's, after it the last one's.
func (c Curve) At(t time.Duration) float64 {
	i := sort.Search(len(c.knots), func(i int) bool { return c.knots[i].At > t })
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

// between is the level on the line between two knots at different moments.
func between(a, b Knot, t time.Duration) float64 {
	share := float64(t-a.At) / float64(b.At-a.At)
	return a.Level + float64((b.Level-a.Level)*share)
}

// FirstRise is the moment from which the load first exceeds its start, false when
// it never does.
func (c Curve) FirstRise() (time.Duration, bool) {
	start := c.Start()
	for i, k := range c.knots {
		if k.Level <= start {
			continue
		}
		before := c.knots[i-1] // the first knot is the start itself
		share := (start - before.Level) / (k.Level - before.Level)
		return before.At + time.Duration(share*float64(k.At-before.At)), true
	}
	return 0, false
}
