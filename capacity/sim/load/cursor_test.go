package load

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestMean(t *testing.T) {
	c := curve(t, Knot{0, 1}, Knot{10 * second, 1}, Knot{10 * second, 5}, Knot{20 * second, 3}, Knot{20 * second, 0}, Knot{30 * second, 0})
	cases := map[string]struct {
		reason   string
		from, to time.Duration
		want     float64
	}{
		"Flat":      {"a level is its own mean", 2 * second, 7 * second, 1},
		"UpToStep":  {"a step counts from its moment on", 0, 10 * second, 1},
		"AcrossUp":  {"5 s at 1, then 5 s from 5 to 4", 5 * second, 15 * second, 2.75},
		"Line":      {"a line has the mean of its ends", 10 * second, 20 * second, 4},
		"FromStep":  {"after the step down", 20 * second, 25 * second, 0},
		"Whole":     {"10 × 1 + 10 × 4 + 10 × 0", 0, 30 * second, 5.0 / 3},
		"Beyond":    {"the last level is held", 19 * second, 40 * second, 3.1 / 21},
		"Before":    {"and so is the first", -10 * second, 10 * second, 1},
		"Moment":    {"an empty interval has the level of its moment", 10 * second, 10 * second, 5},
		"Backwards": {"a reversed interval as well", 15 * second, 10 * second, 4},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			cursor := c.Cursor()
			if got := cursor.Mean(tc.from, tc.to); math.Abs(got-tc.want) > 1e-12 {
				t.Errorf("%s: Mean(%s, %s) = %g, want %g", tc.reason, tc.from, tc.to, got, tc.want)
			}
		})
	}
}

func curves(t *rapid.T) Curve {
	at := time.Duration(0)
	var knots []Knot
	for range rapid.IntRange(2, 12).Draw(t, "knots") {
		knots = append(knots, Knot{at, rapid.Float64Range(0, 100).Draw(t, "level")})
		at += time.Duration(rapid.SampledFrom([]int64{0, 1, 1000, 1e9, 7e9, 3600e9}).Draw(t, "gap"))
	}
	c, err := New(append(knots, Knot{at + 1, 1})...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The mean is what the area of the trapezoids says, however the way is cut into
// intervals, and lies between the levels on it.
func TestMeanIsTheIntegral(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := curves(t)
		whole, steps := c.Cursor(), c.Cursor()
		want := 0.0
		knots := c.Knots()
		for i := 1; i < len(knots); i++ {
			want += (knots[i-1].Level + knots[i].Level) / 2 * float64(knots[i].At-knots[i-1].At)
		}
		got, at := 0.0, time.Duration(0)
		for at < c.Duration() {
			to := min(c.Duration(), at+time.Duration(rapid.Int64Range(1, int64(c.Duration())).Draw(t, "step")))
			mean := steps.Mean(at, to)
			if mean < -1e-9 || mean > c.Max()*(1+1e-12) {
				t.Fatalf("Mean(%d, %d) = %g with levels up to %g", at, to, mean, c.Max())
			}
			got += mean * float64(to-at)
			at = to
		}
		sum := whole.Mean(0, c.Duration()) * float64(c.Duration())
		if tolerance := 1e-9 * (1 + want); math.Abs(got-want) > tolerance || math.Abs(sum-want) > tolerance {
			t.Errorf("area = %g in steps and %g at once, want %g", got, sum, want)
		}
	})
}

// A cursor that has moved on answers as a fresh one, wherever it is sent.
func TestCursorForgets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := curves(t)
		used := c.Cursor()
		for range 5 {
			from := time.Duration(rapid.Int64Range(0, int64(c.Duration())).Draw(t, "from"))
			to := from + time.Duration(rapid.Int64Range(0, int64(c.Duration())).Draw(t, "length"))
			fresh := c.Cursor()
			if got, want := used.Mean(from, to), fresh.Mean(from, to); got != want {
				t.Errorf("Mean(%d, %d) = %g, a fresh cursor says %g", from, to, got, want)
			}
		}
	})
}

func TestMeanDoesNotAllocate(t *testing.T) {
	c, err := Of(DiurnalShape, 5, 0)
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(10, func() {
		cursor := c.Cursor()
		for at := time.Duration(0); at < c.Duration(); at += time.Minute {
			cursor.Mean(at, at+time.Minute)
		}
	}); n != 0 {
		t.Errorf("%g allocations, want none", n)
	}
}

func BenchmarkMean(b *testing.B) {
	c, err := Of(DiurnalShape, 5, 0)
	if err != nil {
		b.Fatal(err)
	}
	cursor, at := c.Cursor(), time.Duration(0)
	for b.Loop() {
		cursor.Mean(at, at+time.Second)
		if at += time.Second; at > c.Duration() {
			cursor, at = c.Cursor(), 0
		}
	}
}
