package fit

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/baseline/loadtest"
)

// calm is a step of a minute in which nothing is wrong.
func calm(rps float64) loadtest.Step {
	return loadtest.Step{Name: "calm", Seconds: 60, OfferedRPS: rps, AchievedRPS: rps, Requests: int(60 * rps),
		MeanMillis: 20, CV2: 0.5, P50Millis: 18, P99Millis: 70, P99LowMillis: 65, P99HighMillis: 75, ArrivalCV2: 1}
}

func promised() Subject {
	return Subject{Name: "api", Servers: 2, Stretch: 1, RequestMilli: 1000, P99Millis: 200, FailedShare: 0.001, CPUMillis: 7}
}

// testOf are calm steps, of which the last is changed.
func testOf(change func(*loadtest.Step), rates ...float64) loadtest.Test {
	t := loadtest.Test{Source: "made up"}
	for _, rps := range rates {
		t.Steps = append(t.Steps, calm(rps))
	}
	change(&t.Steps[len(t.Steps)-1])
	return t
}

func TestKnee(t *testing.T) {
	cases := map[string]struct {
		reason    string
		change    func(*loadtest.Step)
		want      baseline.Knee
		saturated bool
	}{
		"None":      {reason: "nothing broke: a lower bound", change: func(*loadtest.Step) {}, want: baseline.Knee{LowRPS: 150}},
		"Behind":    {reason: "2 % are not answered", change: func(s *loadtest.Step) { s.AchievedRPS = 147 }, want: baseline.Knee{Criterion: Achieved, LowRPS: 120, HighRPS: 150}, saturated: true},
		"Chance":    {reason: "requests in flight at the ends are no shortage", change: func(s *loadtest.Step) { s.Seconds, s.AchievedRPS = 5, 148.48 }, want: baseline.Knee{LowRPS: 148.48}},
		"Dropped":   {reason: "one dropped iteration is one too many", change: func(s *loadtest.Step) { s.Dropped = 1 }, want: baseline.Knee{Criterion: Dropped, LowRPS: 120, HighRPS: 150}, saturated: true},
		"Failed":    {reason: "1 % failed, 0.1 % was promised", change: func(s *loadtest.Step) { s.FailedShare = 0.01 }, want: baseline.Knee{Criterion: Failed, LowRPS: 120, HighRPS: 150}, saturated: true},
		"FewFailed": {reason: "12 of 9000 may be chance", change: func(s *loadtest.Step) { s.FailedShare = 12.0 / 9000 }, want: baseline.Knee{LowRPS: 150}},
		"Slow":      {reason: "the whole interval lies above the promise", change: func(s *loadtest.Step) { s.P99LowMillis, s.P99Millis, s.P99HighMillis = 210, 220, 230 }, want: baseline.Knee{Criterion: P99, LowRPS: 120, HighRPS: 150}},
		"MaybeSlow": {reason: "the interval holds the promise", change: func(s *loadtest.Step) { s.P99LowMillis, s.P99Millis, s.P99HighMillis = 190, 205, 230 }, want: baseline.Knee{LowRPS: 150}},
		"NoBounds":  {reason: "a p99 without an interval is taken at its word", change: func(s *loadtest.Step) { s.P99LowMillis, s.P99Millis, s.P99HighMillis = 0, 205, 0 }, want: baseline.Knee{Criterion: P99, LowRPS: 120, HighRPS: 150}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r, err := Of(testOf(tc.change, 30, 60, 90, 105, 120, 150), promised())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, r.Knee.Knee); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			last := r.Steps[len(r.Steps)-1]
			if last.Saturated != tc.saturated || last.HeldOut == tc.saturated {
				t.Errorf("%s: saturated %v, held out %v", tc.reason, last.Saturated, last.HeldOut)
			}
		})
	}
}

// Core routes have promises of their own; a slow route that is not core breaks none.
func TestKneeOfRoutes(t *testing.T) {
	s := promised()
	s.Routes = map[string]Promise{"GET /": {Core: true, P99Millis: 100}, "POST /report": {P99Millis: 200}}
	slow := func(core, other float64) func(*loadtest.Step) {
		return func(x *loadtest.Step) {
			x.P99Millis, x.P99LowMillis = 500, 480
			x.Routes = map[string]loadtest.Route{
				"GET /":        {Requests: 8000, MeanMillis: 20, CV2: 0.5, P99Millis: core, P99LowMillis: core - 5},
				"POST /report": {Requests: 1000, MeanMillis: 90, CV2: 0.5, P99Millis: other, P99LowMillis: other - 5},
			}
		}
	}
	for name, tc := range map[string]struct {
		reason string
		change func(*loadtest.Step)
		want   string
	}{
		"OtherSlow": {"nobody promised the report's", slow(80, 900), ""},
		"CoreSlow":  {"110 ms, 100 were promised", slow(110, 150), P99},
	} {
		r, err := Of(testOf(tc.change, 30, 60, 90, 105, 120, 150), s)
		if err != nil || r.Knee.Criterion != tc.want {
			t.Errorf("%s: %s: knee %+v, error %v", name, tc.reason, r.Knee, err)
		}
	}
}

func TestRefused(t *testing.T) {
	cases := map[string]struct {
		reason string
		test   loadtest.Test
		want   string
	}{
		"Few":     {"two to fit, two to hold out", testOf(func(*loadtest.Step) {}, 10, 20, 30), "steps = 3 of 3 not saturated: must be at least 4"},
		"Nothing": {"no step", loadtest.Test{}, "steps = 0 of 0 not saturated"},
		"Overrun": {"saturated from the second on", func() loadtest.Test {
			t := testOf(func(*loadtest.Step) {}, 10, 20, 30, 40, 50)
			t.Steps[1].Dropped = 5
			return t
		}(), "steps = 1 of 5 not saturated"},
		"SlowAtOnce": {"the lightest step is too slow already", func() loadtest.Test {
			t := testOf(func(*loadtest.Step) {}, 10, 20, 30, 40, 50)
			for i := range t.Steps {
				t.Steps[i].P99Millis, t.Steps[i].P99LowMillis = 400, 390
			}
			return t
		}(), "steps[0] = 10 rps: is the lightest step, and breaks p99 already"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := Of(tc.test, promised()); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: error %v, want %q", tc.reason, err, tc.want)
			}
		})
	}
}

// law of the exact steps of U = 8·X + idle.
func law(idle float64, rates ...float64) []Step {
	var out []Step
	for _, x := range rates {
		out = append(out, Step{Step: loadtest.Step{AchievedRPS: x, CPUMilli: 8*x + idle}})
	}
	return out
}

func TestUtilization(t *testing.T) {
	cases := map[string]struct {
		reason string
		steps  []Step
		want   *CPU
	}{
		"Exact":    {reason: "a line is a line", steps: law(25, 10, 20, 40), want: &CPU{MillisPerRequest: 8, IdleMilli: 25}},
		"Two":      {reason: "two points make one, without an error", steps: law(25, 10, 20), want: &CPU{MillisPerRequest: 8, IdleMilli: 25}},
		"Negative": {reason: "nobody idles below 0", steps: law(-30, 10, 20, 40), want: &CPU{MillisPerRequest: 7, Clamped: true}},
		"One":      {reason: "one point is no line", steps: law(25, 10)},
		"Falling":  {reason: "more load takes no less CPU", steps: []Step{law(900, 10)[0], law(0, 20)[0]}},
		"None":     {reason: "no CPU was measured", steps: []Step{{Step: calm(10)}, {Step: calm(20)}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, utilization(tc.steps), cmpopts.EquateApprox(1e-9, 1e-9), cmpopts.IgnoreFields(CPU{}, "ErrorShare", "MillisStdErr", "IdleStdErr")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// usl are steps that follow the law exactly.
func usl(lambda, sigma, kappa float64, inFlight ...float64) []Step {
	var out []Step
	for _, n := range inFlight {
		x := lambda * n / (1 + sigma*(n-1) + kappa*n*(n-1))
		out = append(out, Step{Step: loadtest.Step{OfferedRPS: x, AchievedRPS: x, MeanMillis: 1000 * n / x}})
	}
	return out
}

func TestScalability(t *testing.T) {
	many := []float64{1, 2, 4, 8, 12, 16, 24, 32}
	cases := map[string]struct {
		reason string
		steps  []Step
		want   *baseline.USL
	}{
		"Law":       {reason: "contention and coherency", steps: usl(995, 0.03, 0.002, many...), want: &baseline.USL{LambdaRPS: 995, Sigma: 0.03, Kappa: 0.002, PeakInFlight: math.Sqrt(0.97 / 0.002), PeakRPS: 8571}},
		"Amdahl":    {reason: "without coherency there is no peak", steps: usl(995, 0.03, 0, many...), want: &baseline.USL{LambdaRPS: 995, Sigma: 0.03}},
		"Linear":    {reason: "neither", steps: usl(995, 0, 0, many...), want: &baseline.USL{LambdaRPS: 995}},
		"Unreached": {reason: "a peak that nobody went to is a guess", steps: usl(995, 0.03, 0.0002, many...), want: &baseline.USL{LambdaRPS: 995, Sigma: 0.03, Kappa: 0.0002}},
		"Few":       {reason: "three parameters need six steps", steps: usl(995, 0.03, 0.002, 1, 2, 4, 8, 16)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := scalability(tc.steps)
			if got != nil && tc.want != nil && tc.want.PeakRPS > 0 {
				if math.Abs(got.PeakRPS/tc.want.PeakRPS-1) > 1e-3 {
					t.Errorf("%s: peak %g rps, want %g", tc.reason, got.PeakRPS, tc.want.PeakRPS)
				}
				got.PeakRPS = tc.want.PeakRPS
			}
			if diff := cmp.Diff(tc.want, got, cmpopts.EquateApprox(1e-6, 1e-6)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// mm1 are steps of M/M/1 at 1000 answers per second.
func mm1(shares ...float64) []Step {
	var out []Step
	for _, rho := range shares {
		out = append(out, Step{Step: loadtest.Step{OfferedRPS: 1000 * rho, AchievedRPS: 1000 * rho, MeanMillis: 1 / (1 - rho)}})
	}
	return out
}

func TestKneedle(t *testing.T) {
	if _, ok := kneedle(mm1(0.05, 0.1, 0.15, 0.2, 0.25)); ok {
		t.Error("a curve that is still straight has no knee")
	}
	i, ok := kneedle(mm1(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95))
	if rho := mm1(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)[i].AchievedRPS / 1000; !ok || rho < 0.7 || rho > 0.85 {
		t.Errorf("the knee of M/M/1 is at %g, found %v", rho, ok)
	}
	if _, ok := kneedle(mm1(0.1, 0.5, 0.9)); ok {
		t.Error("three steps are no curve")
	}
}

// A pod that waits for something else than CPU is told.
func TestIOBoundIsTold(t *testing.T) {
	test := testOf(func(s *loadtest.Step) { s.Dropped = 3 }, 30, 60, 90, 105, 120, 150)
	for i := range test.Steps {
		test.Steps[i].CPUMilli = 20 + 1.3*test.Steps[i].AchievedRPS
	}
	r, err := Of(test, promised())
	if err != nil || !slices.ContainsFunc(r.Notes, func(n string) bool {
		return strings.Contains(n, "at the knee a pod uses 17.6% of its CPU request")
	}) {
		t.Errorf("notes %q, error %v", r.Notes, err)
	}
}

func TestRound(t *testing.T) {
	for in, want := range map[float64]float64{0: 0, 123456: 123500, 0.00123456: 0.001235, -98765: -98770, 1: 1} {
		if got := Round(in); got != want {
			t.Errorf("Round(%v) = %v, want %v", in, got, want)
		}
	}
}
