// Package load is traffic over time: shapes, and traces of what really happened.
package load

import "time"

// Knot is a level at a moment; between two knots the level is linear.
type Knot struct {
	At time.Duration
	// Level in multiples of today's peak.
	Level float64
}

// Curve is load over time, from 0 to the moment of the last knot. Two knots at one
// moment are a step.
type Curve struct{ knots []Knot }
