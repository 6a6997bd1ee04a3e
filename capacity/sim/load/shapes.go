package load

import (
	"fmt"
	"math"
	"time"

	"github.com/agencyos/headroom/capacity/catalog"
)

// Shape is a named form of load.
type Shape string

// The shapes; each is documented at its function.
const (
	SpikeShape   Shape = "spike"
	RampShape    Shape = "ramp"
	StepShape    Shape = "step"
	SteadyShape  Shape = "steady"
	WavesShape   Shape = "waves"
	FlashShape   Shape = "flash"
	DiurnalShape Shape = "diurnal"
)

// What the shapes take when nothing else is stated. They are conventions, not
// measurements: long enough for a scale-up, a rollout at the top and a
// scale-down with its window of five minutes.
const (
	// DefaultLead at today's peak comes before every rise.
	DefaultLead = time.Minute
	// DefaultHold of a top, DefaultTail at today's peak after a spike.
	DefaultHold = 20 * time.Minute
	DefaultTail = 20 * time.Minute
	// DefaultRamp in which a ramp rises.
	DefaultRamp = 10 * time.Minute
	// DefaultNight is the share of a day's peak that is left at its quietest.
	DefaultNight = 0.2
	// DefaultWaves are the tops of waves, each held for DefaultWave.
	DefaultWaves = 4
	DefaultWave  = 10 * time.Minute
	// HighestGrowth that a shape goes to, as traffic.growth of the stack file.
	HighestGrowth = 100
)

// The form of a flash crowd: its rise, the time in which it falls to 1/e, and the
// share and time of its second wave.
const (
	flashRise   = 30 * time.Second
	flashDecay  = 5 * time.Minute
	flashSecond = 0.5
	flashAfter  = 15 * time.Minute
	flashLength = 45 * time.Minute
	flashGrain  = 15 * time.Second
)

// The form of a day.
const (
	day     = 24 * time.Hour
	dayPeak = 14 * time.Hour
	dayStep = 5 * time.Minute
)

// Steady is today's peak times growth throughout.
func Steady(growth float64, hold time.Duration) (Curve, error) {
	return shaped(growth, Knot{0, growth}, Knot{hold, growth})
}

// Step goes from 1 to growth at once, after DefaultLead, and stays for hold.
func Step(growth float64, hold time.Duration) (Curve, error) {
	return shaped(growth, Knot{0, 1}, Knot{DefaultLead, 1}, Knot{DefaultLead, growth}, Knot{DefaultLead + hold, growth})
}

// Spike goes from 1 to growth at once, after DefaultLead, holds and goes back to 1
// for the tail.
func Spike(growth float64, hold, tail time.Duration) (Curve, error) {
	end := DefaultLead + hold
	return shaped(growth, Knot{0, 1}, Knot{DefaultLead, 1}, Knot{DefaultLead, growth}, Knot{end, growth}, Knot{end, 1}, Knot{end + tail, 1})
}

// Ramp rises from 1 to growth evenly within ramp, after DefaultLead, and holds.
func Ramp(growth float64, ramp, hold time.Duration) (Curve, error) {
	if ramp < 0 || ramp > Longest {
		return Curve{}, fmt.Errorf("ramp = %s: must be from 0s to %s", ramp, Longest)
	}
	top := DefaultLead + ramp
	return shaped(growth, Knot{0, 1}, Knot{DefaultLead, 1}, Knot{top, growth}, Knot{top + hold, growth})
}

// Waves are spikes that come back: hold at growth, hold at 1, so many times. They
// show whether the autoscaler flaps.
func Waves(growth float64, hold time.Duration, waves int) (Curve, error) {
	if waves < 1 || waves > 1000 {
		return Curve{}, fmt.Errorf("waves = %d: must be from 1 to 1000", waves)
	}
	knots := []Knot{{Level: 1}}
	for at, i := DefaultLead, 0; i < waves; i, at = i+1, at+2*hold {
		knots = append(knots, Knot{at, 1}, Knot{at, growth}, Knot{at + hold, growth}, Knot{at + hold, 1})
	}
	return shaped(growth, append(knots, Knot{DefaultLead + time.Duration(2*waves)*hold, 1})...)
}

// Flash is a flash crowd of 46 minutes: after DefaultLead it rises from 1 to growth
// within 30 s and decays exponentially, with 5 minutes to 1/e. 15 minutes after the
// rise comes a second wave of half the height, as of people who hear of it from
// the first: x·e^(1−x), x in units of 5 minutes, the density of the second event
// of a Poisson process.
func Flash(growth float64) (Curve, error) {
	knots := []Knot{{0, 1}, {DefaultLead, 1}}
	for t := flashRise; t <= flashLength; t += flashGrain {
		crowd := math.Exp(-float64(t-flashRise) / float64(flashDecay))
		if x := float64(t-flashAfter) / float64(flashDecay); x > 0 {
			crowd = math.Min(1, crowd+float64(flashSecond*x*math.Exp(1-x)))
		}
		knots = append(knots, Knot{DefaultLead + t, 1 + float64((growth-1)*crowd)})
	}
	return shaped(growth, knots...)
}

// Diurnal is a day from midnight to midnight: a cosine with its top, growth, at
// 14:00 and its bottom, the share night of it, at 02:00, in lines of 5 minutes that
// miss it by less than 0.01% of the top.
func Diurnal(growth, night float64) (Curve, error) {
	if !(night >= 0 && night <= 1) {
		return Curve{}, fmt.Errorf("night = %g: must be a share from 0 to 1", night)
	}
	var knots []Knot
	for t := time.Duration(0); t <= day; t += dayStep {
		light := (1 + math.Cos(2*math.Pi*float64(t-dayPeak)/float64(day))) / 2
		knots = append(knots, Knot{t, growth * (night + float64((1-night)*light))})
	}
	return shaped(growth, knots...)
}

// shaped checks the growth before the knots that follow from it.
func shaped(growth float64, knots ...Knot) (Curve, error) {
	if !(growth > 0 && growth <= HighestGrowth) {
		return Curve{}, fmt.Errorf("growth = %g: must be above 0 and at most %d", growth, HighestGrowth)
	}
	return New(knots...)
}

// Shapes are all shapes, in the order of the documentation.
func Shapes() []Shape {
	return []Shape{SpikeShape, RampShape, StepShape, SteadyShape, WavesShape, FlashShape, DiurnalShape}
}

// Of is a shape up to growth times today's peak, with the defaults above. Only
// RampShape has a ramp, 0 meaning DefaultRamp. The error of an unknown shape names
// the closest one.
func Of(shape Shape, growth float64, ramp time.Duration) (Curve, error) {
	switch shape {
	case SteadyShape:
		return Steady(growth, DefaultHold)
	case StepShape:
		return Step(growth, DefaultHold)
	case SpikeShape:
		return Spike(growth, DefaultHold, DefaultTail)
	case RampShape:
		if ramp == 0 {
			ramp = DefaultRamp
		}
		return Ramp(growth, ramp, DefaultHold)
	case WavesShape:
		return Waves(growth, DefaultWave, DefaultWaves)
	case FlashShape:
		return Flash(growth)
	case DiurnalShape:
		return Diurnal(growth, DefaultNight)
	}
	var names []string
	for _, s := range Shapes() {
		names = append(names, string(s))
	}
	return Curve{}, fmt.Errorf("shape = %q: unknown; %s", shape, catalog.Known(string(shape), names))
}
