package fit

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/baseline/loadtest"
)

// heldOut is the number of steps that are held out, fewestFitted that of steps which
// figures can come from.
const (
	heldOut      = 2
	fewestFitted = 2
)

// Result is what a load test says of a service.
type Result struct {
	// Service is its name.
	Service string
	// Source of the test, and when it ended; zero where its results have no times.
	Source string
	Date   time.Time
	// Steps by rising load, with what became of them.
	Steps []Step
	// Knees by every criterion that was reached, and the knee: the smallest of them.
	Knees []Knee
	Knee  Knee
	// CPU is nil where the test has none.
	CPU *CPU
	// Models of the latency, by how well they explain it; Best of them, which the time
	// in service is taken from; and Planned, the one that plans are made with, or the
	// best where the CPU per request is not known.
	Models        []Model
	Best, Planned Model
	// HeldOut are the predictions of Planned.
	HeldOut []baseline.HeldOut
	// USL is nil with fewer than six steps.
	USL *baseline.USL
	// Figures for the baseline.
	Figures []baseline.Figure
	// Notes are traps that the test fell into, and what it could not tell.
	Notes []string
}

// Of fits a test. The error is baseline.Problems, when the test cannot say what a
// baseline needs.
func Of(t loadtest.Test, s Subject) (Result, error) {
	steps := judge(t.Steps, s)
	r := Result{Service: s.Name, Source: t.Source, Date: t.End, Steps: steps, Notes: slices.Clone(t.Notes)}
	fitted, held, err := divide(steps)
	if err != nil {
		return r, err
	}
	r.USL = scalability(steps)
	r.Knees = knees(steps, s, r.USL)
	r.Knee = smallest(r.Knees, steps)
	if !(r.Knee.LowRPS > 0) {
		return r, baseline.Problems{{Path: "steps[0]", Value: number(steps[0].OfferedRPS) + " rps", Rule: "is the lightest step, and breaks " + strings.Join(steps[0].Broken, " and ") + " already: " + r.Knee.Why,
			Fix: "add lighter steps, or correct slo in the stack file"}}
	}
	r.CPU = utilization(fitted)
	cpu := s.CPUMillis
	if r.CPU != nil {
		cpu = r.CPU.MillisPerRequest
	}
	r.Models = models(fitted, held, s, cpu)
	r.Best = best(r.Models)
	r.Planned = r.Best
	if m := named(r.Models, EventLoop); m != nil {
		r.Planned = m.model.rateWith(fitted, held, r.Best.service)
	}
	r.predict(held)
	r.figures(fitted, s)
	r.warn(s)
	return r, nil
}

// divide holds the two highest steps out that are not saturated, and marks them.
func divide(steps []Step) (fitted, held []Step, err error) {
	var calm []int
	for i, s := range steps {
		if !s.Saturated && s.P99Millis > 0 {
			calm = append(calm, i)
		}
	}
	if need := fewestFitted + heldOut; len(calm) < need {
		return nil, nil, baseline.Problems{{Path: "steps", Value: fmt.Sprintf("%d of %d not saturated", len(calm), len(steps)), Rule: fmt.Sprintf("must be at least %d: two to fit and two to hold out", need),
			Fix: "test more rates below saturation, each held for 60 s; six or more are better"}}
	}
	for i, at := range calm {
		if i < len(calm)-heldOut {
			fitted = append(fitted, steps[at])
			continue
		}
		steps[at].HeldOut = true
		held = append(held, steps[at])
	}
	return fitted, held, nil
}

// predict fills in the held-out steps.
func (r *Result) predict(held []Step) {
	for _, s := range held {
		h := baseline.HeldOut{RPS: Round(s.AchievedRPS), P99Millis: Round(s.P99Millis)}
		if p99 := r.Planned.model.quantile(s, r.Planned.service, 0.99); !math.IsInf(p99, 1) {
			h.PredictedP99Millis, h.ErrorPercent = Round(p99), Round(100*(p99/s.P99Millis-1))
		}
		if r.CPU != nil && s.CPUMilli > 0 {
			h.CPUMilli, h.PredictedCPUMilli = Round(s.CPUMilli), Round(r.CPU.At(s.AchievedRPS))
		}
		r.HeldOut = append(r.HeldOut, h)
	}
}

// figures are what the baseline can hold of the result.
func (r *Result) figures(fitted []Step, s Subject) {
	at := "services." + r.Service
	add := func(path string, value, stdErr float64) {
		r.Figures = append(r.Figures, baseline.Figure{Path: at + path, Value: Round(value), StdErr: Round(stdErr)})
	}
	v := r.serviceTime()
	add(".kneeRps", r.Knee.LowRPS, 0)
	if r.CPU != nil {
		add(".cpuMillis", r.CPU.MillisPerRequest, r.CPU.MillisStdErr)
		add(".idleCpuMilli", r.CPU.IdleMilli, r.CPU.IdleStdErr)
	}
	add(".serviceMillis", v.millis, v.stdErr)
	add(".serviceCv2", v.cv2, 0)
	if memory := r.memory(); memory > 0 {
		add(".memoryMiB", memory, 0)
	}
	for _, key := range slices.Sorted(maps.Keys(s.Routes)) {
		if own, ok := r.Best.route(fitted, key); ok && len(s.Routes) > 1 {
			route := baseline.RoutePath("", key)
			add(route+".serviceMillis", own.millis, own.stdErr)
			add(route+".serviceCv2", own.cv2, 0)
		}
	}
}

// serviceTime is the time in service, which includes the CPU time: what noise puts
// between them goes, more is for the validation of the baseline to refuse.
func (r *Result) serviceTime() service {
	const noise = 0.9
	v := r.Best.service
	if r.CPU != nil && v.millis > noise*r.CPU.MillisPerRequest {
		v.millis = math.Max(v.millis, r.CPU.MillisPerRequest)
	}
	return v
}

// memory is the most that a step up to the knee used.
func (r *Result) memory() float64 {
	most := 0.0
	for _, s := range r.Steps {
		if s.AchievedRPS <= r.Knee.LowRPS {
			most = math.Max(most, s.MemoryMiB)
		}
	}
	return most
}

// route is the time in service of one route, from the steps in which it has enough
// requests: all routes of a pod wait alike.
func (m Model) route(steps []Step, key string) (service, bool) {
	var own []Step
	for _, s := range steps {
		r := s.Routes[key]
		if r.Requests < enough {
			continue
		}
		s.MeanMillis, s.CV2, s.Requests = r.MeanMillis, r.CV2, r.Requests
		s.MeanStdErr = r.MeanMillis * math.Sqrt(r.CV2/float64(r.Requests))
		own = append(own, s)
	}
	if len(own) == 0 {
		return service{}, false
	}
	if m.model.name == Blocking { // its own worker time is another than all others'
		m.model.name, m.model.busy = Occupancy, m.service.millis
	}
	return m.model.serve(own), true
}

// Round keeps four digits that mean something: no measurement has more.
func Round(x float64) float64 {
	if x == 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return x
	}
	scale := math.Pow(10, 3-math.Floor(math.Log10(math.Abs(x))))
	return math.Round(x*scale) / scale
}

// Fit is the result as the baseline keeps it.
func (r *Result) Fit(today time.Time) *baseline.Fit {
	date := r.Date
	if date.IsZero() {
		date = today
	}
	f := &baseline.Fit{Source: r.Source, Date: date.UTC().Format(time.DateOnly), Knee: r.Knee.Knee, HeldOut: r.HeldOut, Model: r.Best.Name, USL: r.law()}
	f.Knee.LowRPS, f.Knee.HighRPS = Round(f.Knee.LowRPS), Round(f.Knee.HighRPS)
	if r.CPU != nil {
		off := Round(100 * r.CPU.ErrorShare)
		f.CPUErrorPercent, f.CPUAtKneeMilli = &off, Round(r.CPU.At(r.Knee.LowRPS))
	}
	for _, figure := range r.Figures {
		if figure.StdErr > 0 {
			if f.StdErr == nil {
				f.StdErr = map[string]float64{}
			}
			f.StdErr[strings.TrimPrefix(figure.Path, "services."+r.Service+".")] = figure.StdErr
		}
	}
	for _, s := range r.Steps {
		f.Steps = append(f.Steps, keep(s))
	}
	return f
}

// keep is a step as the baseline keeps it.
func keep(s Step) baseline.Step {
	out := baseline.Step{
		OfferedRPS: Round(s.OfferedRPS), AchievedRPS: Round(s.AchievedRPS), Requests: s.Requests, MeanMillis: Round(s.MeanMillis),
		P50Millis: Round(s.P50Millis), P99Millis: Round(s.P99Millis), P99LowMillis: Round(s.P99LowMillis), CPUMilli: Round(s.CPUMilli), Broken: s.Broken,
	}
	if !math.IsInf(s.P99HighMillis, 1) {
		out.P99HighMillis = Round(s.P99HighMillis)
	}
	return out
}

func (r *Result) law() *baseline.USL {
	if r.USL == nil {
		return nil
	}
	u := *r.USL
	for _, f := range []*float64{&u.LambdaRPS, &u.Sigma, &u.Kappa, &u.PeakInFlight, &u.PeakRPS, &u.ErrorPercent} {
		*f = Round(*f)
	}
	return &u
}
