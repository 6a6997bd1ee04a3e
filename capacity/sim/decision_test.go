package sim

import (
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/sim/load"
)

// triggered is the longest time to a decision after a step to 1.5 times what the
// pods carry at target, over many phases of the stages.
func triggered(t *testing.T, kind SignalKind, from float64, seeds int, changes ...func(*Scenario)) float64 {
	t.Helper()
	const replicas = 60
	s := world(t, append([]func(*Scenario){following(kind), fixed(replicas), func(s *Scenario) {
		s.Warmup = 5 * time.Minute
		s.Services[0].PeakRPS = replicas * targetRPS
		s.Services[0].HPA.MaxReplicas = 2 * replicas
		s.Services[0].IdleCPU = 0
		s.Fleet.Groups[0].Min, s.Fleet.Groups[0].Start, s.Fleet.Groups[0].Max = 15, 15, 40
		s.Load = stepping(t, from, budget.Overload, 10*second, 5*time.Minute)
	}}, changes...)...)
	worst := 0.0
	for seed := range seeds {
		s.Seed = uint64(seed)
		got := replay(t, s).Services[0].TriggerSeconds
		if got <= 0 {
			t.Fatalf("%s, seed %d: decided after %g s", kind, seed, got)
		}
		worst = max(worst, got)
	}
	return worst
}

// The plan's worst case of a decision, in closed form, is one: no phase of the
// stages exceeds it, and some come close. The bound has a second for the adapter,
// which takes no time here. Over 6000 seeds the latest were 29.7 s of 30 in
// flight, 62.7 s of 74 by rate and 53.0 s of 56 by CPU: a rate over a minute is
// that of four points, 45 s apart.
func TestDecisionIsWithinTheBound(t *testing.T) {
	const scrape = 15
	for _, tc := range []struct {
		kind  SignalKind
		path  budget.Signal
		close float64 // how much of the bound is reached
	}{
		{InFlight, budget.Signal{ScrapeSeconds: scrape}, 0.93},
		{RequestRate, budget.Signal{ScrapeSeconds: scrape, WindowSeconds: 60}, 0.80},
		{CPUUse, budget.Signal{SampleSeconds: budget.KubeletSampleSeconds, ScrapeSeconds: scrape, WindowSeconds: scrape}, 0.80},
	} {
		t.Run(string(tc.kind), func(t *testing.T) {
			bound, got := tc.path.Decision(), triggered(t, tc.kind, 0.01, 200)
			t.Logf("latest of 200: %.1f s, bound %.1f s", got, bound)
			if got > bound || got < tc.close*bound {
				t.Errorf("the latest decision came after %.1f s, want at most %.1f s and at least %.0f%% of it", got, bound, 100*tc.close)
			}
		})
	}
}

// A stage that is not as the plan has it shows.
func TestDecisionShowsAWrongStage(t *testing.T) {
	bound := map[SignalKind]float64{
		InFlight: budget.Signal{ScrapeSeconds: 15}.Decision(),
		CPUUse:   budget.Signal{SampleSeconds: budget.KubeletSampleSeconds, ScrapeSeconds: 15, WindowSeconds: 15}.Decision(),
	}
	for name, tc := range map[string]struct {
		kind   SignalKind
		change func(*Scenario)
	}{
		"metrics-server at its default of 60 s": {CPUUse, func(s *Scenario) { s.MetricsResolution = time.Minute }},
		"Prometheus scraping every 30 s":        {InFlight, func(s *Scenario) { s.ScrapeInterval = 30 * second }},
		"a rate over a minute":                  {RequestRate, func(*Scenario) {}},
		"a scale-up window of 30 s": {InFlight, func(s *Scenario) {
			window := int32(30)
			s.Services[0].HPA.Behavior.ScaleUp.WindowSeconds = &window
		}},
	} {
		limit := bound[tc.kind]
		if tc.kind == RequestRate {
			limit = bound[InFlight]
		}
		if got := triggered(t, tc.kind, 0.01, 40, tc.change); got <= limit {
			t.Errorf("%s: the latest decision came after %.1f s, within %.1f s: want it to show", name, got, limit)
		}
	}
}

// The time to a decision counts from the moment at which a ramp has become too
// much, between two windows as well: here metrics that come back decide at the
// next sync.
func TestDecisionOnARamp(t *testing.T) {
	const back = 8 * time.Minute
	for _, ramp := range []time.Duration{420 * second, 427 * second, 431 * second} {
		s := world(t, fixed(4), struck(Disturbance{Kind: MetricsOutage, For: back}), under(levels(t, load.Knot{Level: 0.3}, load.Knot{At: time.Minute, Level: 0.3},
			load.Knot{At: time.Minute + ramp, Level: 3}, load.Knot{At: 10 * time.Minute, Level: 3})))
		s.Services[0].HPA.MaxReplicas = 40
		since := (back - time.Minute - ramp*12/27).Seconds() // 1.5 on the way from 0.3 to 3
		for seed := range uint64(20) {
			s.Seed = seed
			if got := replay(t, s).Services[0].TriggerSeconds; got < since-0.01 || got > since+15 {
				t.Errorf("ramp of %s, seed %d: decided after %.1f s, want from %.1f s on within a sync", ramp, seed, got, since)
			}
		}
	}
}

// A decision that the end cuts off is missed when it had the time to come.
func TestNoDecision(t *testing.T) {
	for end, want := range map[time.Duration]float64{2*time.Minute + 5*second: 0, 4 * time.Minute: -1} {
		s := world(t, fixed(4), under(stepping(t, 1, 3, 2*time.Minute, end)), struck(Disturbance{Kind: MetricsOutage, For: time.Hour}))
		s.Services[0].HPA.MaxReplicas = 40
		if got := replay(t, s).Services[0].TriggerSeconds; got != want {
			t.Errorf("load that is too high from 2m0s to the end at %s: triggerSeconds = %g, want %g", end, got, want)
		}
	}
}

// Capacity counts from the first rise of the load, and takes no time where it is
// there.
func TestCapacitySeconds(t *testing.T) {
	rise := time.Minute
	for name, tc := range map[string]struct {
		reason      string
		replicas    int
		least, most float64
		change      func(*Scenario)
	}{
		"There":  {"the pods carry the top all along", 12, 0, 0, func(*Scenario) {}},
		"Scaled": {"a decision within 30 s, and 12 s for the pods", 4, 12, 45, func(s *Scenario) { s.Services[0].HPA.MaxReplicas = 40 }},
		"Never":  {"the autoscaler may not have as many", 4, -1, -1, func(*Scenario) {}},
		"Lost": {"a node that is lost before the rise is not there", 12, 30, 300, func(s *Scenario) {
			s.Disturbances = []Disturbance{{Kind: NodeLoss, At: 30 * second}}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := world(t, fixed(tc.replicas), under(stepping(t, 1, 4, rise, 20*time.Minute)), tc.change)
			s.Fleet.Groups[0].Min, s.Fleet.Groups[0].Start = 8, 8
			if got := replay(t, s).Services[0].CapacitySeconds; got < tc.least || got > tc.most {
				t.Errorf("%s: capacitySeconds = %g, want from %g to %g", tc.reason, got, tc.least, tc.most)
			}
		})
	}
}
