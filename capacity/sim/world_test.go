package sim

import (
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/hpa"
	"github.com/agencyos/headroom/capacity/queue"
	"github.com/agencyos/headroom/capacity/sim/fleet"
	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/capacity/sim/station"
)

// Pods of the tests have two workers and take 10 ms of CPU for a request: they
// carry 200 requests per second, and are asked to carry 120.
const (
	cpuMean   = 0.010
	podRPS    = 200
	targetRPS = 120
	podCPU    = 2000 // millicores
	idleCPU   = 20
)

// world is one service, web, on nodes that hold four pods each: four pods at
// today's peak, 20 minutes of it.
func world(t testing.TB, changes ...func(*Scenario)) Scenario {
	t.Helper()
	s := Scenario{
		Seed: 1, Load: steadily(t, 1, 20*time.Minute), Warmup: 10 * time.Minute, Kubernetes: hpa.Defaults(hpa.V135),
		Services: []Service{web()}, MetricsResolution: 15 * time.Second, ScrapeInterval: 15 * time.Second, FixedUSDPerHour: 1,
		Fleet: fleet.Config{
			Zones: []string{"a", "b", "c"},
			Groups: []fleet.Group{{Name: "nodes", Min: 3, Start: 3, Max: 30, Boot: time.Minute, USDPerHour: 0.2,
				Free: budget.Amount{MilliCPU: 4 * podCPU, MiB: 8192, Pods: 20}}},
			Demands: []fleet.Demand{{Name: "web", Each: budget.Amount{MilliCPU: podCPU, MiB: 1024, Pods: 1}}},
		},
	}
	for _, change := range changes {
		change(&s)
	}
	return s
}

// web follows its requests in flight.
func web() Service {
	return Service{
		Name: "web", PeakRPS: 4 * targetRPS, MissAmplification: 1, Replicas: 4, TargetRPS: targetRPS, SafeRPS: 160,
		CPURequest: podCPU, IdleCPU: idleCPU, Start: 10 * time.Second,
		Deregistration: 15 * time.Second, PreStop: 15 * time.Second, Drain: 10 * time.Second,
		SurgePercent: 25, MinReady: 20 * time.Second, DisruptionBudget: 1,
		HPA:     hpa.Spec{MinReplicas: 2, MaxReplicas: 40, Metrics: external(inFlightAt(targetRPS)), Behavior: &hpa.Behavior{ScaleUp: fivefold()}},
		Signals: []Signal{{Kind: InFlight}},
		Station: station.Config{
			Servers: 2, CPU: station.Work{Mean: cpuMean, CV2: 1}, Balancing: queue.Random, Client: station.Client{Timeout: 60},
			Kinds: []station.Kind{{Share: 1, Service: station.Work{Mean: 0.03, CV2: 0.5}, Promise: 0.3}},
		},
	}
}

// inFlightAt is how many requests a pod has in progress at a rate.
func inFlightAt(rps float64) float64 {
	return rps * (0.03 + queue.Station{Servers: 2, Arrival: rps, Service: cpuMean, ArrivalCV2: 1, ServiceCV2: 1}.MeanWait())
}

// external is a total of the service that each pod has so much of.
func external(perPod float64) []hpa.Metric {
	return []hpa.Metric{{Source: hpa.External, Target: hpa.AverageValue, Value: int64(1000 * perPod)}}
}

// fivefold is a scale-up by up to 400 % in one sync.
func fivefold() *hpa.Rules {
	return &hpa.Rules{Policies: []hpa.Policy{{Type: hpa.ByPercent, Value: 400, PeriodSeconds: 15}, {Type: hpa.ByPods, Value: 4, PeriodSeconds: 15}}}
}

// following makes the autoscaler follow a kind of signal, its target reached at
// targetRPS.
func following(k SignalKind) func(*Scenario) {
	return func(s *Scenario) {
		v := &s.Services[0]
		v.Signals = []Signal{{Kind: k, Window: time.Minute}}
		switch k {
		case RequestRate:
			v.HPA.Metrics = external(targetRPS)
		case CPUUse:
			percent := 100 * (1000*targetRPS*cpuMean + idleCPU) / podCPU
			v.HPA.Metrics = []hpa.Metric{{Source: hpa.Resource, CPU: true, Target: hpa.Utilization, Value: int64(percent)}}
		}
	}
}

// fixed has so many pods throughout.
func fixed(replicas int) func(*Scenario) {
	return func(s *Scenario) {
		v := &s.Services[0]
		v.Replicas, v.HPA.MinReplicas, v.HPA.MaxReplicas = replicas, int32(replicas), int32(replicas)
	}
}

// pooled gives web a database, with two pools in every pod.
func pooled(s *Scenario) {
	s.Services[0].Station.Pool = &station.Pool{PerPod: 2, Size: 3, Overflow: 2, Timeout: 5, Share: 0.5, Hold: station.Work{Mean: 0.01, CV2: 1}}
	s.Database = &Database{Usable: 400, Cores: 8, CPU: []station.Work{{Mean: 0.002, CV2: 1}}}
}

func atRequests(s *Scenario) { s.Fidelity = Request }

func under(c load.Curve) func(*Scenario) { return func(s *Scenario) { s.Load = c } }

func struck(d ...Disturbance) func(*Scenario) { return func(s *Scenario) { s.Disturbances = d } }

// levels is a load by its knots.
func levels(t testing.TB, knots ...load.Knot) load.Curve {
	t.Helper()
	c, err := load.New(knots...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func steadily(t testing.TB, level float64, d time.Duration) load.Curve {
	t.Helper()
	return levels(t, load.Knot{Level: level}, load.Knot{At: d, Level: level})
}

// stepping goes from one level to another at a moment.
func stepping(t testing.TB, from, to float64, at, end time.Duration) load.Curve {
	t.Helper()
	return levels(t, load.Knot{Level: from}, load.Knot{At: at, Level: from}, load.Knot{At: at, Level: to}, load.Knot{At: end, Level: to})
}

func replay(t testing.TB, s Scenario) Result {
	t.Helper()
	r, err := Run(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// begun is a run that has not moved yet.
func begun(t testing.TB, s Scenario) *run {
	t.Helper()
	s = s.withDefaults()
	if err := s.validate(); err != nil {
		t.Fatal(err)
	}
	r, err := newRun(&s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// watching replays a scenario and looks after everything that happens; what
// happens at one moment is looked at when all of it has.
func watching(t testing.TB, s Scenario, look func(r *run)) Result {
	t.Helper()
	r := begun(t, s)
	for r.turn() {
		if next, ok := r.fleet.Next(); r.timers[0].at > r.now && (!ok || next > r.now) {
			look(r)
		}
	}
	r.loop()
	return r.result()
}
