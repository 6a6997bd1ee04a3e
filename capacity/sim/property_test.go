package sim

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/hpa"
	"github.com/agencyos/headroom/capacity/queue"
	"github.com/agencyos/headroom/capacity/sim/fleet"
	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/capacity/sim/station"
)

// Whatever a scenario is, a run that accepts it neither panics nor tells nonsense,
// and keeps its invariants at every moment.
func TestAnyScenario(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := scenarios(t).withDefaults()
		if err := s.validate(); err != nil {
			t.Fatalf("refused: %v", err)
		}
		r, err := newRun(&s)
		if err != nil {
			t.Fatal(err)
		}
		for r.turn() {
			if next, ok := r.fleet.Next(); r.timers[0].at > r.now && (!ok || next > r.now) {
				invariants(t, r)
			}
		}
		r.loop()
		sensible(t, r.result())
	})
}

func seconds64(t *rapid.T, name string, most int) time.Duration {
	return time.Duration(rapid.IntRange(0, most).Draw(t, name)) * time.Second
}

// scenarios are small in load and time, and wild in everything else.
func scenarios(t *rapid.T) Scenario {
	one := func(name string) float64 { return rapid.Float64Range(0, 1).Draw(t, name) }
	s := Scenario{
		Seed: rapid.Uint64().Draw(t, "seed"), Fidelity: rapid.SampledFrom(both).Draw(t, "fidelity"),
		Warmup: seconds64(t, "warmup", 300), Kubernetes: hpa.Defaults(rapid.SampledFrom([]hpa.Version{hpa.V134, hpa.V135, hpa.V136, hpa.V137}).Draw(t, "version")),
		MetricsResolution: 10*time.Second + seconds64(t, "resolution", 50), ScrapeInterval: time.Second + seconds64(t, "scrape", 29),
		FixedUSDPerHour: one("fixed"), Points: rapid.IntRange(1, 50).Draw(t, "points"), Fleet: fleets(t),
	}
	var knots []load.Knot
	at := time.Duration(0)
	for range rapid.IntRange(1, 5).Draw(t, "knots") {
		knots = append(knots, load.Knot{At: at, Level: 5 * one("level")})
		at += seconds64(t, "gap", 300)
	}
	var err error
	if s.Load, err = load.New(append(knots, load.Knot{At: at + time.Second, Level: 1})...); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"one", "two"}[:rapid.IntRange(1, 2).Draw(t, "services")] {
		s.Services = append(s.Services, services(t, name, i, s.ScrapeInterval))
	}
	if rapid.Bool().Draw(t, "has a database") {
		s.Database = &Database{Usable: rapid.IntRange(1, 60).Draw(t, "usable"), Cores: 0.1 + one("cores"), Pooler: rapid.IntRange(0, 5).Draw(t, "pooler")}
		for range s.Services {
			s.Database.CPU = append(s.Database.CPU, station.Work{Mean: 0.02 * one("query"), CV2: one("query cv2")})
		}
	}
	for range rapid.IntRange(0, 4).Draw(t, "disturbances") {
		d := Disturbance{Kind: DisturbanceKind(rapid.SampledFrom(DisturbanceKinds()).Draw(t, "disturbance")), For: time.Second + seconds64(t, "for", 100),
			At: min(s.Load.Duration(), seconds64(t, "at", 600)), Zone: "a", Factor: 1 + 50*one("factor")}
		if d.problem(&s) == "" { // some need a database or a CDN
			s.Disturbances = append(s.Disturbances, d)
		}
	}
	return s
}

func services(t *rapid.T, name string, demand int, scrape time.Duration) Service {
	least := rapid.IntRange(1, 4).Draw(t, "min")
	v := Service{
		Name: name, Demand: demand, PeakRPS: rapid.Float64Range(0, 60).Draw(t, "rps"), CDNHitRatio: rapid.Float64Range(0, 1).Draw(t, "cdn"), MissAmplification: 1.1,
		Replicas: rapid.IntRange(0, 8).Draw(t, "replicas"), TargetRPS: rapid.Float64Range(0.1, 20).Draw(t, "target"), SafeRPS: rapid.Float64Range(0, 30).Draw(t, "safe"),
		CPURequest: 1000, IdleCPU: rapid.Float64Range(0, 100).Draw(t, "idle"), Start: seconds64(t, "start", 90),
		Deregistration: seconds64(t, "deregistration", 40), PreStop: seconds64(t, "preStop", 40), Drain: seconds64(t, "drain", 40),
		SurgePercent: rapid.Float64Range(0, 150).Draw(t, "surge"), UnavailablePercent: rapid.Float64Range(0, 100).Draw(t, "unavailable"),
		MinReady: seconds64(t, "minReady", 40), DisruptionBudget: rapid.IntRange(0, 2).Draw(t, "budget"),
		HPA: hpa.Spec{MinReplicas: int32(least), MaxReplicas: int32(least + rapid.IntRange(0, 12).Draw(t, "room"))},
		Station: station.Config{
			Servers: rapid.IntRange(1, 3).Draw(t, "servers"), CPU: station.Work{Mean: rapid.Float64Range(1e-4, 0.3).Draw(t, "cpu"), CV2: rapid.Float64Range(0, 3).Draw(t, "cpu cv2")},
			Kinds:      []station.Kind{{Share: 1, Service: station.Work{Mean: rapid.Float64Range(1e-3, 2).Draw(t, "service"), CV2: 1}, Promise: rapid.Float64Range(0, 1).Draw(t, "promise")}},
			Balancing:  rapid.SampledFrom([]queue.Policy{queue.RoundRobin, queue.Random, queue.LeastOutstanding}).Draw(t, "balancing"),
			Discipline: rapid.SampledFrom([]station.Discipline{station.FCFS, station.PS}).Draw(t, "discipline"), Queue: rapid.IntRange(1, 50).Draw(t, "queue"),
			Client: station.Client{Timeout: rapid.Float64Range(0, 5).Draw(t, "timeout"), Retries: rapid.IntRange(0, 3).Draw(t, "retries"), Backoff: 0.1},
		},
	}
	if rapid.Bool().Draw(t, "has a pool") {
		v.Station.Pool = &station.Pool{PerPod: rapid.IntRange(1, 3).Draw(t, "pools"), Size: rapid.IntRange(0, 2).Draw(t, "size"), Overflow: rapid.IntRange(1, 2).Draw(t, "overflow"),
			Timeout: rapid.Float64Range(0, 3).Draw(t, "pool timeout"), Share: rapid.Float64Range(0, 1).Draw(t, "share"), Hold: station.Work{Mean: rapid.Float64Range(0, 0.2).Draw(t, "hold"), CV2: 1}}
	}
	for _, kind := range []SignalKind{InFlight, RequestRate, CPUUse} {
		if !rapid.Bool().Draw(t, string(kind)) {
			continue
		}
		m := external(rapid.Float64Range(0.1, 20).Draw(t, "value"))[0]
		if kind == CPUUse {
			m = hpa.Metric{Source: hpa.Resource, CPU: true, Target: hpa.Utilization, Value: 60}
		}
		v.HPA.Metrics, v.Signals = append(v.HPA.Metrics, m), append(v.Signals, Signal{kind, 2*scrape + seconds64(t, "window", 60)})
	}
	if len(v.Signals) == 0 {
		v.Signals = []Signal{{Kind: CPUUse}} // as the API server fills in
	}
	if rapid.Bool().Draw(t, "behavior") {
		v.HPA.Behavior = &hpa.Behavior{ScaleUp: fivefold()}
	}
	return v
}

// fleets may be too small for the pods.
func fleets(t *rapid.T) fleet.Config {
	c := fleet.Config{Zones: []string{"a", "b"}, Autoscaler: fleet.Autoscaler{Off: rapid.Bool().Draw(t, "no autoscaler"), Autoscaler: budget.Autoscaler{Unneeded: time.Second + seconds64(t, "unneeded", 200), AfterAdd: time.Second}}}
	least := rapid.IntRange(0, 2).Draw(t, "least nodes")
	c.Groups = []fleet.Group{{Name: "nodes", Min: least, Start: least, Max: least + rapid.IntRange(0, 5).Draw(t, "more nodes"), Boot: seconds64(t, "boot", 120), USDPerHour: 0.1,
		Free: budget.Amount{MilliCPU: 4000, MiB: 4000, Pods: 10}}}
	for i, name := range []string{"one", "two", "pause", "system"} {
		d := fleet.Demand{Name: name, Each: budget.Amount{MilliCPU: int64(rapid.IntRange(100, 3000).Draw(t, name)), MiB: 500, Pods: 1}}
		if i >= 2 {
			d.Fixed, d.Pause = rapid.IntRange(0, 2).Draw(t, "fixed"), name == "pause"
		}
		c.Demands = append(c.Demands, d)
	}
	return c
}

// sensible stops a test whose result has a number that is none, or one that cannot
// be.
func sensible(t fataler, r Result) {
	if _, err := json.Marshal(r); err != nil { // refuses NaN and infinities
		t.Fatalf("result: %v", err)
	}
	noneBelow(t, "result", reflect.ValueOf(r))
	at := time.Duration(0)
	for _, p := range r.Timeline {
		if p.At <= at || p.At > r.Duration {
			t.Fatalf("timeline: %s after %s of %s", p.At, at, r.Duration)
		}
		at = p.At
	}
	if at != r.Duration || r.LeastUSDPerHour > r.PeakUSDPerHour || r.ExhaustedSeconds > r.Duration.Seconds()+1e-6 {
		t.Fatalf("timeline to %s, %g to %g USD per hour, exhausted for %g s of %s", at, r.LeastUSDPerHour, r.PeakUSDPerHour, r.ExhaustedSeconds, r.Duration)
	}
	for _, v := range r.Services {
		quantiles := []float64{orInf(v.P50Ms), orInf(v.P90Ms), orInf(v.P99Ms), orInf(v.P999Ms)}
		if !slices.IsSorted(quantiles) || v.ViolationSeconds > r.Duration.Seconds()+1e-6 || v.PeakReady > 1000 {
			t.Fatalf("%s: %+v", v.Name, v)
		}
		// A shared pod counts what fails when it does, if it came in the warmup as well.
		if failed := v.Failures.Sum(); failed > v.Requests*(1+1e-9)+100 {
			t.Fatalf("%s: %g of %g requests failed", v.Name, failed, v.Requests)
		}
	}
}

// noneBelow refuses numbers below 0, but for the -1 that stands for infinite or
// never.
func noneBelow(t fataler, path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			noneBelow(t, path+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			noneBelow(t, path, v.Index(i))
		}
	case reflect.Int, reflect.Int64:
		if v.Int() < 0 {
			t.Fatalf("%s = %d", path, v.Int())
		}
	case reflect.Float64:
		if x := v.Float(); math.IsNaN(x) || x < 0 && x != -1 {
			t.Fatalf("%s = %g", path, x)
		}
	}
}

// Once everything has been seen a run allocates nothing but its events.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	for _, fidelity := range both {
		for _, kind := range []SignalKind{InFlight, RequestRate, CPUUse} {
			s := world(t, pooled, following(kind), fixed(6), under(steadily(t, 1, 24*time.Hour)))
			s.Fidelity, s.Services[0].PeakRPS = fidelity, 100
			r := begun(t, s)
			for r.since() < 10*time.Minute {
				r.turn()
			}
			if n := testing.AllocsPerRun(20, func() {
				for range 500 {
					r.turn()
				}
			}); n > 0 {
				t.Errorf("%s, %s: %g allocations in 500 turns, want none", fidelity, kind, n)
			}
		}
	}
}
