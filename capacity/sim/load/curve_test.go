package load

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const second = time.Second

func curve(t testing.TB, knots ...Knot) Curve {
	t.Helper()
	c, err := New(knots...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNew(t *testing.T) {
	cases := map[string]struct {
		reason string
		knots  []Knot
		want   []string // lines of the error; none is accepted
	}{
		"Line":     {"the usual case", []Knot{{0, 1}, {second, 5}}, nil},
		"Step":     {"two knots at one moment", []Knot{{0, 1}, {second, 1}, {second, 5}}, nil},
		"Late":     {"the first level holds from 0", []Knot{{second, 3}}, nil},
		"Nothing":  {"no knot is no load", nil, []string{"knots: the last one must be after 0s"}},
		"NoLength": {"a moment is no load", []Knot{{0, 1}, {0, 2}}, []string{"knots: the last one must be after 0s"}},
		"Back":     {"time goes forward", []Knot{{0, 1}, {2 * second, 1}, {second, 1}}, []string{"knots[2]: at = 1s: must not be before the knot before it (2s)"}},
		"Long":     {"a month is enough", []Knot{{0, 1}, {Longest + 1, 1}}, []string{"knots[1]: at = 744h0m0.000000001s: must be from 0s to 744h0m0s"}},
		"Several": {"all problems at once", []Knot{{-second, math.NaN()}, {second, -1}, {second, math.Inf(1)}}, []string{
			"knots[0]: level = NaN: must be a number from 0 to 1000000 times today's peak",
			"knots[0]: at = -1s: must be from 0s to 744h0m0s",
			"knots[1]: level = -1: must be a number from 0 to 1000000 times today's peak",
			"knots[2]: level = +Inf: must be a number from 0 to 1000000 times today's peak"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := New(tc.knots...)
			var got []string
			if err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestProblemsHaveAnEnd(t *testing.T) {
	_, err := New(make([]Knot, 0)...)
	if err == nil {
		t.Fatal("no knots are accepted")
	}
	many := []Knot{{second, 1}}
	for range 100 {
		many = append(many, Knot{second, -1})
	}
	_, err = New(many...)
	if got := strings.Count(err.Error(), "\n") + 1; got != mostProblems+1 || !strings.HasSuffix(err.Error(), "\nand more") {
		t.Errorf("100 bad knots are told in %d lines, want %d and a last one that says so", got, mostProblems+1)
	}
}

// A curve does not change with the slice that it was made from, nor with the one
// that it hands out.
func TestCurveIsAValue(t *testing.T) {
	knots := []Knot{{0, 1}, {second, 2}}
	c := curve(t, knots...)
	knots[0].Level, c.Knots()[1].Level = 7, 7
	if diff := cmp.Diff([]Knot{{0, 1}, {second, 2}}, c.Knots()); diff != "" {
		t.Errorf("knots (-want +got):\n%s", diff)
	}
}

func TestLevels(t *testing.T) {
	c := curve(t, Knot{0, 1}, Knot{10 * second, 1}, Knot{10 * second, 5}, Knot{20 * second, 3}, Knot{20 * second, 0})
	for at, want := range map[time.Duration]float64{-second: 1, 0: 1, 10*second - 1: 1, 10 * second: 5, 15 * second: 4, 20 * second: 0, time.Hour: 0} {
		if got := c.At(at); got != want {
			t.Errorf("At(%s) = %g, want %g", at, got, want)
		}
	}
	if got := []float64{c.Start(), c.Max(), c.Duration().Seconds(), c.Peak().Seconds()}; !cmp.Equal(got, []float64{1, 5, 20, 10}) {
		t.Errorf("start, max, duration, peak = %v", got)
	}
	var none Curve
	cursor := none.Cursor()
	if got := []float64{none.Start(), none.Max(), none.At(0), float64(none.Duration()), float64(none.Peak()), cursor.Mean(0, 1)}; !cmp.Equal(got, make([]float64, 6)) {
		t.Errorf("the zero curve has %v", got)
	}
}

func TestFirstRise(t *testing.T) {
	cases := map[string]struct {
		reason string
		knots  []Knot
		at     time.Duration
		rises  bool
	}{
		"Ramp":     {"from its foot, though it equals the start there", []Knot{{0, 1}, {5 * second, 1}, {9 * second, 2}}, 5 * second, true},
		"Step":     {"at the step", []Knot{{0, 1}, {5 * second, 1}, {5 * second, 2}, {9 * second, 2}}, 5 * second, true},
		"AtOnce":   {"a step at 0", []Knot{{0, 1}, {0, 2}, {second, 2}}, 0, true},
		"Dip":      {"a line from below crosses the start on its way", []Knot{{0, 1}, {4 * second, 0}, {8 * second, 2}}, 6 * second, true},
		"BackUp":   {"to return to the start is no rise", []Knot{{0, 1}, {4 * second, 0}, {8 * second, 1}}, 0, false},
		"Flat":     {"nothing rises", []Knot{{0, 1}, {second, 1}}, 0, false},
		"FromZero": {"out of nothing", []Knot{{0, 0}, {second, 1}}, 0, true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			at, rises := curve(t, tc.knots...).FirstRise()
			if at != tc.at || rises != tc.rises {
				t.Errorf("%s: FirstRise() = %s, %t, want %s, %t", tc.reason, at, rises, tc.at, tc.rises)
			}
		})
	}
}

func TestChanges(t *testing.T) {
	c := curve(t, Knot{0, 1}, Knot{10 * second, 1}, Knot{10 * second, 5}, Knot{20 * second, 3})
	cases := map[string]struct {
		reason string
		change func() (Curve, error)
		want   []Knot
		err    string
	}{
		"Scaled":   {"every level", func() (Curve, error) { return c.Scaled(2) }, []Knot{{0, 2}, {10 * second, 2}, {10 * second, 10}, {20 * second, 6}}, ""},
		"Negative": {"no negative load", func() (Curve, error) { return c.Scaled(-1) }, nil, "factor = -1: must be a number above 0"},
		"NaN":      {"no number", func() (Curve, error) { return c.Scaled(math.NaN()) }, nil, "factor = NaN: must be a number above 0"},
		"Huge":     {"the result is checked", func() (Curve, error) { return c.Scaled(1e6) }, nil, "knots[2]: level = 5e+06"},
		"Between":  {"the step stays, the ends are cut", func() (Curve, error) { return c.Between(5*second, 15*second) }, []Knot{{0, 1}, {5 * second, 1}, {5 * second, 5}, {10 * second, 4}}, ""},
		"ToStep":   {"what ends at a step ends below it", func() (Curve, error) { return c.Between(0, 10*second) }, []Knot{{0, 1}, {10 * second, 1}}, ""},
		"FromStep": {"what starts at a step starts above it", func() (Curve, error) { return c.Between(10*second, 20*second) }, []Knot{{0, 5}, {10 * second, 3}}, ""},
		"Empty":    {"no length", func() (Curve, error) { return c.Between(5*second, 5*second) }, nil, "must be after 0s"},
		"Shorter":  {"the rest is cut", func() (Curve, error) { return c.Lasting(5 * second) }, []Knot{{0, 1}, {5 * second, 1}}, ""},
		"Longer":   {"the last level is held", func() (Curve, error) { return c.Lasting(30 * second) }, []Knot{{0, 1}, {10 * second, 1}, {10 * second, 5}, {20 * second, 3}, {30 * second, 3}}, ""},
		"Zero":     {"a load lasts", func() (Curve, error) { return c.Lasting(0) }, nil, "duration = 0s: must be more than 0s and at most 744h0m0s"},
		"TooLong":  {"a month is enough", func() (Curve, error) { return c.Lasting(Longest + 1) }, nil, "must be more than 0s and at most 744h0m0s"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := tc.change()
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) {
					t.Errorf("%s: error %v, want %q", tc.reason, err, tc.err)
				}
				return
			}
			if diff := cmp.Diff(tc.want, got.Knots()); err != nil || diff != "" {
				t.Errorf("%s: error %v, knots (-want +got):\n%s", tc.reason, err, diff)
			}
		})
	}
}
