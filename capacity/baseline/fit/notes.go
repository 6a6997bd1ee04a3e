package fit

import (
	"fmt"
	"math"
	"slices"

	"github.com/agencyos/headroom/capacity/baseline"
)

// good is the error of a prediction that a test should reach, in percent.
const good = 10

// honest is the number of requests from which a p99 is worth its name.
const honest = 10_000

// warn notes the traps that the test fell into.
func (r *Result) warn(s Subject) {
	note := func(format string, args ...any) { r.Notes = append(r.Notes, fmt.Sprintf(format, args...)) }
	if r.Knee.Criterion == "" {
		note("nothing broke: kneeRps is the highest load that was seen, a lower bound; test higher rates until something breaks")
	}
	r.warnSamples(note)
	r.warnCPU(s, note)
	worst := 0.0
	for _, h := range r.HeldOut {
		worst = math.Max(worst, math.Abs(h.ErrorPercent))
		if h.PredictedP99Millis == 0 {
			note("by the queue that plans are made with a pod is saturated at %s rps, where this one was not: has it more workers than the %d of the stack file?", number(h.RPS), s.Servers)
		}
	}
	if worst > good {
		note("the held-out p99 is %s%% off, more than the %d%% that a good test reaches", number(worst), good)
	}
	if worse := r.Planned.HeldOutPercent > good && r.Best.HeldOutPercent < r.Planned.HeldOutPercent; r.Best.Name != r.Planned.Name && (r.Planned.Saturated || worse) {
		note("%s, which plans do not know: taken so, the held-out p99 is %s%% off; %s", explain(r.Best), number(r.Best.HeldOutPercent), direction(r.HeldOut))
	}
}

// explain says what a model means.
func explain(m Model) string {
	switch m.Name {
	case Blocking:
		return "requests keep their worker for the whole time in service"
	case Sharing:
		return "requests share the CPU instead of queueing for it"
	case Occupancy:
		return fmt.Sprintf("requests keep their worker for %s ms", number(m.model.busy))
	}
	return "requests queue for CPU"
}

// direction in which plans are wrong.
func direction(held []baseline.HeldOut) string {
	for _, h := range held {
		if h.PredictedP99Millis > 0 && h.ErrorPercent < 0 {
			return "the p99 of a plan is too low under load"
		}
	}
	return "the p99 of a plan is too high under load"
}

func (r *Result) warnSamples(note func(string, ...any)) {
	few, least := 0, math.MaxInt
	for _, s := range r.Steps {
		if !s.Saturated && s.Requests > 0 && s.Requests < honest {
			few, least = few+1, min(least, s.Requests)
		}
	}
	if few > 0 {
		note("%d of %d steps have fewer than %d requests, the smallest %d: their p99 is known within the interval only", few, len(r.Steps), honest, least)
	}
}

func (r *Result) warnCPU(s Subject, note func(string, ...any)) {
	if r.CPU == nil {
		withCPU := slices.ContainsFunc(r.Steps, func(x Step) bool { return x.CPUMilli > 0 })
		if withCPU {
			note("CPU does not rise with the load: cpuMillis and idleCpuMilli keep their values")
		} else {
			note("no CPU was measured: cpuMillis and idleCpuMilli keep their values, and so does the queue that plans are made with; give --cpu FILE, or a column cpu")
		}
		return
	}
	if r.CPU.Clamped {
		note("the line through CPU over load meets zero below 0: idleCpuMilli is taken as 0")
	}
	if share := r.CPUShare(s); share > 0 && share < 50 {
		note("at the knee a pod uses %s%% of its CPU request: something else than CPU is short, and an autoscaler that follows CPU would not see the load", number(share))
	}
}

// CPUShare is what a pod uses at the knee in percent of its request; 0 is not known.
func (r *Result) CPUShare(s Subject) float64 {
	if r.CPU == nil || s.RequestMilli == 0 {
		return 0
	}
	return 100 * r.CPU.At(r.Knee.LowRPS) / s.RequestMilli
}
