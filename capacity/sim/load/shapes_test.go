package load

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Every shape starts where the stack is today, except those that say otherwise,
// reaches the growth and nothing above it, and says when.
func TestShapes(t *testing.T) {
	cases := map[Shape]struct {
		start  float64
		rise   time.Duration
		peak   time.Duration
		length time.Duration
		end    float64
	}{
		SpikeShape:   {1, time.Minute, time.Minute, 41 * time.Minute, 1},
		RampShape:    {1, time.Minute, 6 * time.Minute, 26 * time.Minute, 5},
		StepShape:    {1, time.Minute, time.Minute, 21 * time.Minute, 5},
		SteadyShape:  {5, 0, 0, 20 * time.Minute, 5},
		WavesShape:   {1, time.Minute, time.Minute, 81 * time.Minute, 1},
		FlashShape:   {1, time.Minute, 90 * time.Second, 46 * time.Minute, 1.08},
		DiurnalShape: {1.27, 4 * time.Hour, 14 * time.Hour, 24 * time.Hour, 1.27},
	}
	for _, shape := range Shapes() {
		t.Run(string(shape), func(t *testing.T) {
			want, ok := cases[shape]
			if !ok {
				t.Fatal("a shape without a case")
			}
			c, err := Of(shape, 5, 5*time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			rise, _ := c.FirstRise()
			if math.Abs(c.Max()-5) > 1e-9 || c.Peak() != want.peak || c.Duration() != want.length || rise.Round(time.Second) != want.rise {
				t.Errorf("max %g at %s, rise %s, length %s; want 5, %s, %s, %s", c.Max(), c.Peak(), rise, c.Duration(), want.peak, want.rise, want.length)
			}
			if math.Abs(c.Start()-want.start) > 0.01 || math.Abs(c.At(c.Duration())-want.end) > 0.01 {
				t.Errorf("from %g to %g, want %g to %g", c.Start(), c.At(c.Duration()), want.start, want.end)
			}
		})
	}
}

func TestFlashDecaysAndComesBack(t *testing.T) {
	c, err := Flash(11)
	if err != nil {
		t.Fatal(err)
	}
	top := DefaultLead + flashRise
	if got, want := c.At(top+flashDecay), 1+10/math.E; math.Abs(got-want) > 1e-9 {
		t.Errorf("after %s %g is left, want %g", flashDecay, got, want)
	}
	valley, second := c.At(DefaultLead+flashAfter), c.At(DefaultLead+flashAfter+flashDecay)
	if !(valley < 2 && second > 6 && second < 6.5) {
		t.Errorf("second wave from %g to %g, want from below 2 to half the rise", valley, second)
	}
}

func TestDiurnalIsACosine(t *testing.T) {
	c, err := Diurnal(10, 0.2)
	if err != nil {
		t.Fatal(err)
	}
	for at := time.Duration(0); at < day; at += 37 * time.Second {
		want := 6 + 4*math.Cos(2*math.Pi*(at-dayPeak).Hours()/24)
		if got := c.At(at); math.Abs(got-want) > 1e-3 {
			t.Fatalf("At(%s) = %g, want %g", at, got, want)
		}
	}
}

func TestShapesRefuse(t *testing.T) {
	of := func(s Shape, growth float64, ramp time.Duration) func() (Curve, error) {
		return func() (Curve, error) { return Of(s, growth, ramp) }
	}
	cases := map[string]struct {
		reason string
		make   func() (Curve, error)
		want   string
	}{
		"Unknown":  {"with what was meant", of("spiek", 5, 0), `shape = "spiek": unknown; did you mean "spike"? known: spike, ramp, step, steady, waves, flash, diurnal`},
		"Nothing":  {"no name at all", of("", 5, 0), `shape = "": unknown`},
		"NaN":      {"a growth is a number", of(FlashShape, math.NaN(), 0), "growth = NaN: must be above 0 and at most 100"},
		"Negative": {"above 0", of(DiurnalShape, -5, 0), "growth = -5: must be above 0 and at most 100"},
		"Zero":     {"above 0", of(SpikeShape, 0, 0), "growth = 0: must be above 0 and at most 100"},
		"Absurd":   {"as in the stack file", of(RampShape, 1e9, 0), "growth = 1e+09: must be above 0 and at most 100"},
		"Backward": {"a ramp takes time", of(RampShape, 5, -time.Second), "ramp = -1s: must be from 0s to 744h0m0s"},
		"Eternal":  {"and ends", of(RampShape, 5, math.MaxInt64), "ramp = 2562047h47m16.854775807s: must be from 0s to 744h0m0s"},
		"Night":    {"a share", func() (Curve, error) { return Diurnal(5, 1.5) }, "night = 1.5: must be a share from 0 to 1"},
		"NoWave":   {"at least one", func() (Curve, error) { return Waves(5, time.Minute, 0) }, "waves = 0: must be from 1 to 1000"},
		"Hold":     {"no negative hold", func() (Curve, error) { return Spike(5, -time.Hour, time.Hour) }, "must not be before"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := tc.make(); err == nil || !strings.HasPrefix(err.Error(), tc.want) && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: error %v, want %q", tc.reason, err, tc.want)
			}
		})
	}
}

func TestRampDefaults(t *testing.T) {
	got, err := Of(RampShape, 3, 0)
	if diff := cmp.Diff([]Knot{{0, 1}, {DefaultLead, 1}, {DefaultLead + DefaultRamp, 3}, {DefaultLead + DefaultRamp + DefaultHold, 3}}, got.Knots()); err != nil || diff != "" {
		t.Errorf("error %v, ramp (-want +got):\n%s", err, diff)
	}
}
