package fit

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/baseline/loadtest"
)

// The criteria of the knee, in the order in which they are told.
const (
	Achieved = "achieved"
	Dropped  = "dropped"
	Failed   = "failed"
	P99      = "p99"
	Kneedle  = "kneedle"
	USL      = "usl"
)

// achievedShare of the offered load that has to be answered.
const achievedShare = 0.99

// certain is the one-sided confidence with which a share of failures must lie above
// the promise.
const certain = 0.975

// Step is a step of the test and what became of it.
type Step struct {
	loadtest.Step
	// Broken are the criteria that the step breaks.
	Broken []string
	// Saturated steps do not keep up; nothing is fitted to them.
	Saturated bool
	// HeldOut steps are predicted, not fitted.
	HeldOut bool
}

// judge says of every step what it breaks.
func judge(steps []loadtest.Step, s Subject) []Step {
	out := make([]Step, len(steps))
	for i, step := range steps {
		out[i].Step = step
		for criterion, broken := range map[string]bool{
			Achieved: behind(step), Dropped: step.Dropped > 0, Failed: failing(step, s.FailedShare), P99: s.slow(step),
		} {
			if broken {
				out[i].Broken = append(out[i].Broken, criterion)
			}
		}
		slices.Sort(out[i].Broken)
		out[i].Saturated = step.MeanMillis == 0 || slices.ContainsFunc(out[i].Broken, func(c string) bool { return c != P99 })
	}
	// What saturates at a load is saturated at every larger one: a short step there may
	// have ended before its queue showed.
	for i := 1; i < len(out); i++ {
		out[i].Saturated = out[i].Saturated || out[i-1].Saturated && out[i].OfferedRPS > out[i-1].OfferedRPS
	}
	return out
}

// behind says whether answers do not keep up: by more than a hundredth of the load,
// and by more requests than come and go at the ends of a step by chance.
func behind(s loadtest.Step) bool {
	short := s.OfferedRPS - s.AchievedRPS
	chance := 3 * math.Sqrt(2*s.InFlight()+1)
	return s.AchievedRPS < achievedShare*s.OfferedRPS && (s.Seconds == 0 || short*s.Seconds > chance)
}

// failing says whether more fail than promised, and not by chance: by the score
// interval of Wilson (1927, doi 10.1080/01621459.1927.10502953).
func failing(s loadtest.Step, promised float64) bool {
	if s.FailedShare <= promised {
		return false
	}
	n := s.AchievedRPS * s.Seconds
	if n == 0 {
		return true
	}
	z := distuv.UnitNormal.Quantile(certain)
	p, zz := s.FailedShare, z*z
	low := (p + zz/(2*n) - z*math.Sqrt(p*(1-p)/n+zz/(4*n*n))) / (1 + zz/n)
	return low > promised
}

// enough requests of a route to speak of its p99.
const enough = 300

// slow says whether a promise about the p99 is broken: of a core route, where they
// were measured apart, or of all requests. The lower end of its interval has to lie
// above the promise, where there is one.
func (s Subject) slow(step loadtest.Step) bool {
	apart := false
	for key, r := range step.Routes {
		if p := s.Routes[key]; p.Core && r.Requests >= enough {
			apart = true
			if r.P99Millis > p.P99Millis && r.P99LowMillis > p.P99Millis {
				return true
			}
		}
	}
	return !apart && step.P99Millis > s.P99Millis && (step.P99LowMillis == 0 || step.P99LowMillis > s.P99Millis)
}

// Knee is the largest load by one criterion.
type Knee struct {
	baseline.Knee
	// Why says what broke.
	Why string `json:"why"`
}

// knees are the largest loads by every criterion that the test reached.
func knees(steps []Step, s Subject, law *baseline.USL) []Knee {
	var out []Knee
	why := map[string]func(Step) string{
		Achieved: func(x Step) string {
			return fmt.Sprintf("%s of %s rps answered", number(x.AchievedRPS), number(x.OfferedRPS))
		},
		Dropped: func(x Step) string { return fmt.Sprintf("%s requests dropped by the generator", number(x.Dropped)) },
		Failed: func(x Step) string {
			return fmt.Sprintf("%.2g%% failed, more than %.2g%%", 100*x.FailedShare, 100*s.FailedShare)
		},
		P99: func(x Step) string { return fmt.Sprintf("p99 %s ms, more than promised", number(x.P99Millis)) },
	}
	for _, criterion := range []string{Achieved, Dropped, Failed, P99} {
		for i, step := range steps {
			if !slices.Contains(step.Broken, criterion) {
				continue
			}
			knee := Knee{baseline.Knee{Criterion: criterion, HighRPS: step.OfferedRPS}, why[criterion](step)}
			if i > 0 {
				knee.LowRPS = steps[i-1].AchievedRPS
			}
			out = append(out, knee)
			break
		}
	}
	if i, ok := kneedle(steps); ok {
		out = append(out, Knee{baseline.Knee{Criterion: Kneedle, LowRPS: steps[i].AchievedRPS, HighRPS: steps[i+1].OfferedRPS},
			fmt.Sprintf("beyond %.3g in flight, more of them hardly raise the throughput", steps[i].InFlight())})
	}
	if law != nil && law.PeakRPS > 0 {
		out = append(out, Knee{baseline.Knee{Criterion: USL, LowRPS: law.PeakRPS, HighRPS: law.PeakRPS},
			fmt.Sprintf("the law peaks at %.3g in flight", law.PeakInFlight)})
	}
	return out
}

// smallest is the knee of all: the one that carries least.
func smallest(all []Knee, steps []Step) Knee {
	best := Knee{baseline.Knee{LowRPS: steps[len(steps)-1].AchievedRPS}, "no step broke anything: a pod carries this at least"}
	for _, k := range all {
		if best.Criterion == "" || k.LowRPS < best.LowRPS {
			best = k
		}
	}
	return best
}

// flat is the share of the first slope below which a curve counts as flat.
const flat = 0.1

// kneedle is the step at the knee of throughput over requests in flight: where the
// curve, drawn from corner to corner, is farthest above the diagonal (Satopää,
// Albrecht, Irwin and Raghavan 2011, doi 10.1109/ICDCSW.2011.20). Every curve has
// such a point, so there has to be a knee to find: the curve must have become flat.
func kneedle(steps []Step) (int, bool) {
	points := slices.Clone(steps)
	points = slices.DeleteFunc(points, func(s Step) bool { return s.MeanMillis == 0 })
	n := len(points)
	if n < 5 || n < len(steps) {
		return 0, false
	}
	slope := func(i int) float64 {
		return (points[i+1].AchievedRPS - points[i].AchievedRPS) / (points[i+1].InFlight() - points[i].InFlight())
	}
	first, last := points[0], points[n-1]
	width, height := last.InFlight()-first.InFlight(), last.AchievedRPS-first.AchievedRPS
	if !(width > 0) || !(height > 0) || !(slope(n-2) < flat*slope(0)) {
		return 0, false
	}
	best, most := 0, 0.0
	for i := 1; i < n-1; i++ {
		above := (points[i].AchievedRPS-first.AchievedRPS)/height - (points[i].InFlight()-first.InFlight())/width
		if above > most {
			best, most = i, above
		}
	}
	return best, most > 0
}

// number with three digits that mean something, or all before the point.
func number(x float64) string {
	if math.Abs(x) >= 100 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.3g", x)
}
