package load

import (
	"fmt"
	"math"
	"sort"
	"time"
)

// Scaled is the curve with every level times the factor, a number above 0.
func (c Curve) Scaled(factor float64) (Curve, error) {
	if !(factor > 0) || math.IsInf(factor, 1) {
		return Curve{}, fmt.Errorf("factor = %g: must be a number above 0", factor)
	}
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
			knots = append(knots, Knot{k.At - from, k.Level})
		}
	}
	return New(append(knots, Knot{to - from, c.before(to)})...)
}

// before is the level at a moment, that before a step where there is one.
func (c Curve) before(t time.Duration) float64 {
	i := sort.Search(len(c.knots), func(i int) bool { return c.knots[i].At >= t })
	if i == 0 || i == len(c.knots) {
		return c.At(t)
	}
	return between(c.knots[i-1], c.knots[i], t)
}

// Lasting is the curve with another duration: the rest is cut, or the last level
// held.
func (c Curve) Lasting(d time.Duration) (Curve, error) {
	if d <= 0 || d > Longest {
		return Curve{}, fmt.Errorf("duration = %s: must be more than 0s and at most %s", d, Longest)
	}
	if d <= c.Duration() {
		return c.Between(0, d)
	}
	return New(append(c.Knots(), Knot{d, c.At(d)})...)
}
