package load

import (
	"fmt"
	"math"
	"time"
)

// Durations of the shapes, before and after what gives them their name.
const (
	lead       = time.Minute
	stay       = 20 * time.Minute
	flashRise  = 30 * time.Second
	flashHalf  = 5 * time.Minute
	flashEnd   = 40 * time.Minute
	dayStep    = 5 * time.Minute
	day        = 24 * time.Hour
	dayPeak    = 14 * time.Hour // of the day, in the afternoon
	nightShare = 0.2            // of the peak
)

// Shape is a named form of load.
type Shape string

// The shapes.
const (
	// SpikeShape steps from today's peak to growth times it at once, holds it and
	// steps back.
	SpikeShape Shape = "spike"
	// RampShape rises from today's peak to growth times it within the ramp and
	// holds it.
	RampShape Shape = "ramp"
	// DiurnalShape is a day: a fifth of the peak at night, growth times today's
	// peak in the afternoon.
	DiurnalShape Shape = "diurnal"
	// FlashShape is a flash crowd: up to growth times today's peak within 30 s,
	// half of the rise gone every five minutes, and a second wave half as high.
	FlashShape Shape = "flash"
)

// Shapes are all shapes, in the order of the documentation.
func Shapes() []Shape { return []Shape{SpikeShape, RampShape, DiurnalShape, FlashShape} }

// Of is a shape for a growth, with the ramp where the shape has one.
func Of(shape Shape, growth float64, ramp time.Duration) (Curve, error) {
	if !(growth >= 1 && growth <= mostLevel) {
		return Curve{}, fmt.Errorf("growth = %g: must be from 1 to %g", growth, float64(mostLevel))
	}
	if ramp < 0 || ramp > Longest-lead-stay {
		return Curve{}, fmt.Errorf("ramp = %s: must be from 0s to %s", ramp, Longest-lead-stay)
	}
	switch shape {
	case SpikeShape:
		return New(Knot{0, 1}, Knot{lead, 1}, Knot{lead, growth}, Knot{lead + stay, growth}, Knot{lead + stay, 1}, Knot{lead + 2*stay, 1})
	case RampShape:
		return New(Knot{0, 1}, Knot{lead, 1}, Knot{lead + ramp, growth}, Knot{lead + ramp + stay, growth})
	case DiurnalShape:
		return diurnal(growth)
	case FlashShape:
		return flash(growth)
	}
	return Curve{}, fmt.Errorf("shape = %q: unknown; known: %v", shape, Shapes())
}

// diurnal is a day between night and afternoon.
func diurnal(growth float64) (Curve, error) {
	var knots []Knot
	middle, swing := (1+nightShare)/2, (1-nightShare)/2
	for t := time.Duration(0); t <= day; t += dayStep {
		angle := 2 * math.Pi * float64(t-dayPeak) / float64(day)
		knots = append(knots, Knot{t, growth * (middle + swing*math.Cos(angle))})
	}
	return New(knots...)
}

// flash is a crowd that comes at once and leaves slowly, twice.
func flash(growth float64) (Curve, error) {
	knots := []Knot{{0, 1}}
	wave := func(at time.Duration, height float64, until time.Duration) {
		knots = append(knots, Knot{at, knots[len(knots)-1].Level})
		for t := at + flashRise; t <= until; t += 30 * time.Second {
			age := float64(t-at-flashRise) / float64(flashHalf)
			knots = append(knots, Knot{t, 1 + (height-1)*math.Exp2(-age)})
		}
	}
	wave(lead, growth, flashEnd/2)
	wave(flashEnd/2, 1+(growth-1)/2, flashEnd)
	return New(knots...)
}
