package load

import "time"

// Cursor walks along a curve. Its intervals must not go back.
type Cursor struct {
	knots []Knot
	next  int // the first knot after the last interval's start
}

// Cursor starts at the beginning.
func (c Curve) Cursor() Cursor { return Cursor{knots: c.knots} }

// Mean is the mean level from one moment to a later one: the integral over the
// length. After the last knot the level stays.
func (c *Cursor) Mean(from, to time.Duration) float64 {
	if len(c.knots) == 0 {
		return 0
	}
	for c.next < len(c.knots) && c.knots[c.next].At <= from {
		c.next++
	}
	if to <= from {
		return c.level(c.next, from)
	}
	area, at, level := 0.0, from, c.level(c.next, from)
	for i := c.next; at < to; i++ {
		end := to
		if i < len(c.knots) && c.knots[i].At < to {
			end = c.knots[i].At
		}
		reached := c.level(i, end)
		area += float64(end-at) * (level + reached) / 2
		at, level = end, reached
		if i+1 < len(c.knots) && c.knots[i].At == end {
			level = c.level(i+1, end)
		}
	}
	return area / float64(to-from)
}

// level is the level at a moment before or at knot i.
func (c *Cursor) level(i int, t time.Duration) float64 {
	switch {
	case i == 0:
		return c.knots[0].Level
	case i >= len(c.knots):
		return c.knots[len(c.knots)-1].Level
	}
	return between(c.knots[i-1], c.knots[i], t)
}
