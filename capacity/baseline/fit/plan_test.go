package fit_test

import (
	"math"
	"os"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/baseline/fit"
	"github.com/agencyos/headroom/capacity/baseline/loadtest"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/queue"
	"github.com/agencyos/headroom/capacity/spec"
)

// The held-out steps are predicted with the formula of the plan: a test whose steps
// are what the plan predicts at its load has no error, and the same p99.
func TestPredictsAsPlansDo(t *testing.T) {
	stackText, err := os.ReadFile("../../plan/testdata/base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := spec.Raw(stackText)
	if err != nil {
		t.Fatal(err)
	}
	stack, err := spec.Decode("base", raw)
	if err != nil {
		t.Fatal(err)
	}
	baseText, err := os.ReadFile("../../plan/testdata/base.json")
	if err != nil {
		t.Fatal(err)
	}
	base, err := baseline.Decode(baseText)
	if err != nil {
		t.Fatal(err)
	}
	name := "frontend" // one route, no database
	p, err := plan.New(stack, base, plan.Options{Today: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), Lean: true})
	if err != nil {
		t.Fatal(err)
	}
	facts, v := base.Services[name], p.Services[name]
	subject := fit.SubjectOf(stack, name, facts)
	subject.P99Millis = 1e6 // no promise to break
	for _, promise := range subject.Routes {
		promise.P99Millis = 1e6
	}
	perPod := v.TargetRPS * 1.1 // where the plan predicts p99Ms
	test := loadtest.Test{Source: "the plan"}
	for _, share := range []float64{0.01, 0.1, 0.2, 0.5, 0.8, 1} {
		station := queue.Station{Servers: subject.Servers, Arrival: share * perPod, Service: facts.CPUMillis * subject.Stretch / 1000, ArrivalCV2: 1, ServiceCV2: facts.ServiceCV2}
		s := loadtest.Step{OfferedRPS: share * perPod, AchievedRPS: share * perPod, Requests: 1000, ArrivalCV2: 1, CPUMilli: share*perPod*facts.CPUMillis + facts.IdleCPUMilli}
		wait := 1000 * station.MeanWait()
		each := wait / station.WaitProbability()
		s.MeanMillis = facts.ServiceMillis + wait
		s.CV2 = (facts.ServiceCV2*facts.ServiceMillis*facts.ServiceMillis + 2*station.WaitProbability()*each*each - wait*wait) / (s.MeanMillis * s.MeanMillis)
		s.P50Millis = 1000 * station.ResponseQuantile(0.5, facts.ServiceMillis/1000, facts.ServiceCV2)
		s.P99Millis = 1000 * station.ResponseQuantile(0.99, facts.ServiceMillis/1000, facts.ServiceCV2)
		test.Steps = append(test.Steps, s)
	}
	r, err := fit.Of(test, subject)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range r.HeldOut {
		if math.Abs(h.ErrorPercent) > 0.1 {
			t.Errorf("held out %+v", h)
		}
	}
	if got := r.HeldOut[1].PredictedP99Millis; math.Abs(got-float64(v.P99Ms)) > 0.1 {
		t.Errorf("the fit predicts %g ms, the plan %g ms", got, v.P99Ms)
	}
}
