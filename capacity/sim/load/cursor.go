package load

import "time"

// Cursor reads a curve from its start to its end without allocating.
type Cursor struct {
	knots []Knot
	// next is the first knot after the moment that was read last, slope that of the
	// line to it per nanosecond.
	next  int
	slope float64
}

// Cursor starts at the beginning of the curve.
func (c Curve) Cursor() Cursor { return Cursor{knots: c.knots} }

// Mean is the mean level from one moment to another: the exact integral by the
// length. For an empty or reversed interval it is the level at from. Intervals
// that move forward cost constant time; one that goes back costs a fresh start.
func (c *Cursor) Mean(from, to time.Duration) float64 {
	c.seek(from)
	level := c.level(from)
	if to <= from {
		return level
	}
	if c.next == len(c.knots) || to <= c.knots[c.next].At {
		return mean(level, c.before(to)) // within one line, so free of summing
	}
	sum, at := 0.0, from
	for c.next < len(c.knots) && c.knots[c.next].At < to {
		k := c.knots[c.next]
		sum += float64(mean(level, k.Level) * float64(k.At-at))
		c.seek(k.At)
		level, at = c.knots[c.next-1].Level, k.At
	}
	sum += float64(mean(level, c.before(to)) * float64(to-at))
	return sum / float64(to-from)
}

func mean(a, b float64) float64 { return a + (b-a)/2 }

// seek moves to the first knot after t.
func (c *Cursor) seek(t time.Duration) {
	was := c.next
	if c.next > 0 && c.knots[c.next-1].At > t {
		c.next = 0
	}
	for c.next < len(c.knots) && c.knots[c.next].At <= t {
		c.next++
	}
	if c.next != was && c.next > 0 && c.next < len(c.knots) {
		a, b := c.knots[c.next-1], c.knots[c.next]
		c.slope = (b.Level - a.Level) / float64(b.At-a.At)
	}
}

// level at t, where c.next is the first knot after it.
func (c *Cursor) level(t time.Duration) float64 {
	switch {
	case len(c.knots) == 0:
		return 0
	case c.next == 0:
		return c.knots[0].Level
	}
	a := c.knots[c.next-1]
	if c.next == len(c.knots) {
		return a.Level
	}
	return a.Level + float64(c.slope*float64(t-a.At))
}

// before is the level just before t, no later than c.next.
func (c *Cursor) before(t time.Duration) float64 {
	if c.next < len(c.knots) && t == c.knots[c.next].At {
		return c.knots[c.next].Level
	}
	return c.level(t)
}
