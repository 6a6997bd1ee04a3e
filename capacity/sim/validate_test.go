package sim

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/hpa"
	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/capacity/sim/station"
)

// Every rule names the field that breaks it and its value.
func TestValidate(t *testing.T) {
	web := func(change func(*Service)) func(*Scenario) { return func(s *Scenario) { change(&s.Services[0]) } }
	hit := func(d Disturbance) func(*Scenario) {
		return func(s *Scenario) { s.Disturbances = []Disturbance{{Kind: Rollout}, d} }
	}
	db := func(change func(*Database)) func(*Scenario) {
		return func(s *Scenario) { pooled(s); change(s.Database) }
	}
	nan, inf := math.NaN(), math.Inf(1)
	for want, change := range map[string]func(*Scenario){
		`fidelity = "exact": must be "control" or "request"`:                      func(s *Scenario) { s.Fidelity = "exact" },
		"points = -1: must be from 1 to 10000":                                    func(s *Scenario) { s.Points = -1 },
		"points = 10001: must be from 1 to 10000":                                 func(s *Scenario) { s.Points = 10001 },
		"load: has no duration":                                                   func(s *Scenario) { s.Load = load.Curve{} },
		"warmup = -1s: must be from 0s to 24h0m0s":                                func(s *Scenario) { s.Warmup = -time.Second },
		"warmup = 25h0m0s: must be from 0s to 24h0m0s":                            func(s *Scenario) { s.Warmup = 25 * time.Hour },
		"metricsResolution = 9s: must be from 10s to 1h0m0s":                      func(s *Scenario) { s.MetricsResolution = 9 * time.Second },
		"metricsResolution = 2h0m0s: must be from 10s to 1h0m0s":                  func(s *Scenario) { s.MetricsResolution = 2 * time.Hour },
		"scrapeInterval = 0s: must be from 1s to 1h0m0s":                          func(s *Scenario) { s.ScrapeInterval = 0 },
		"scrapeInterval = 2h0m0s: must be from 1s to 1h0m0s":                      func(s *Scenario) { s.ScrapeInterval = 2 * time.Hour },
		"fixedUSDPerHour = NaN: must be from 0":                                   func(s *Scenario) { s.FixedUSDPerHour = nan },
		"fixedUSDPerHour = +Inf: must be from 0":                                  func(s *Scenario) { s.FixedUSDPerHour = inf },
		"fixedUSDPerHour = -1: must be from 0":                                    func(s *Scenario) { s.FixedUSDPerHour = -1 },
		"services: at least one is needed":                                        func(s *Scenario) { s.Services = nil },
		"services[1] web: the name occurs twice":                                  func(s *Scenario) { s.Services = append(s.Services, s.Services[0]) },
		"web: peakRPS = NaN: must be from 0 to 1e+08":                             web(func(v *Service) { v.PeakRPS = nan }),
		"web: peakRPS = -5: must be from 0 to 1e+08":                              web(func(v *Service) { v.PeakRPS = -5 }),
		"web: peakRPS = 1e+09: must be from 0 to 1e+08":                           web(func(v *Service) { v.PeakRPS = 1e9 }),
		"the highest level of the load = 9e+08: must be at most 1e+08":            web(func(v *Service) { v.PeakRPS, v.MissAmplification = 9e7, 10 }),
		"web: cdnHitRatio = 1.1: must be from 0 to 1":                             web(func(v *Service) { v.CDNHitRatio = 1.1 }),
		"web: cdnHitRatio = NaN: must be from 0 to 1":                             web(func(v *Service) { v.CDNHitRatio = nan }),
		"web: missAmplification = 0: must be above 0":                             web(func(v *Service) { v.MissAmplification = 0 }),
		"web: targetRPS = 0: must be above 0":                                     web(func(v *Service) { v.TargetRPS = 0 }),
		"web: targetRPS = +Inf: must be above 0":                                  web(func(v *Service) { v.TargetRPS = inf }),
		"web: safeRPS = -1: must be from 0":                                       web(func(v *Service) { v.SafeRPS = -1 }),
		"web: replicas = -1: must be from 0 to 100000":                            web(func(v *Service) { v.Replicas = -1 }),
		"web: replicas = 100001: must be from 0 to 100000":                        web(func(v *Service) { v.Replicas = 100001 }),
		"web: demand = 1: the fleet has 1":                                        web(func(v *Service) { v.Demand = 1 }),
		"web: demand = -1: the fleet has 1":                                       web(func(v *Service) { v.Demand = -1 }),
		"web: cpuRequest = 0: must be above 0":                                    web(func(v *Service) { v.CPURequest = 0 }),
		"web: cpuRequest = NaN: must be above 0":                                  web(func(v *Service) { v.CPURequest = nan }),
		"web: idleCPU = +Inf: must be from 0":                                     web(func(v *Service) { v.IdleCPU = inf }),
		"web: start = -1s: must be from 0s":                                       web(func(v *Service) { v.Start = -time.Second }),
		"web: start = 25h0m0s: must be from 0s to 24h0m0s":                        web(func(v *Service) { v.Start = 25 * time.Hour }),
		"web: deregistration = -1s: must be from 0s":                              web(func(v *Service) { v.Deregistration = -time.Second }),
		"web: preStop = -1s: must be from 0s":                                     web(func(v *Service) { v.PreStop = -time.Second }),
		"web: drain = -1s: must be from 0s":                                       web(func(v *Service) { v.Drain = -time.Second }),
		"web: minReady = -1s: must be from 0s":                                    web(func(v *Service) { v.MinReady = -time.Second }),
		"web: surgePercent = +Inf: must be from 0 to 1000":                        web(func(v *Service) { v.SurgePercent = inf }),
		"web: unavailablePercent = 101: must be from 0 to 100":                    web(func(v *Service) { v.UnavailablePercent = 101 }),
		"web: disruptionBudget = -1: must be from 0":                              web(func(v *Service) { v.DisruptionBudget = -1 }),
		"web: signals: 0 for 1 metrics of the autoscaler":                         web(func(v *Service) { v.Signals = nil }),
		`web: signals[0] kind = "memory": must be cpu`:                            web(func(v *Service) { v.Signals[0].Kind = "memory" }),
		"web: signals[0]: cpu cannot be read as a metric of source External":      web(func(v *Service) { v.Signals[0].Kind = CPUUse }),
		"web: signals[0]: inFlight cannot be read as a metric of source Resource": web(func(v *Service) { v.HPA.Metrics = nil }),
		"web: signals[0] window = 29s: must hold two scrapes of 15s":              web(func(v *Service) { v.Signals[0] = Signal{RequestRate, 29 * time.Second} }),
		"web: hpa: replicas = 2 to 1: needs":                                      web(func(v *Service) { v.HPA.MaxReplicas = 1 }),
		"web: hpa: scaleUp.policies[0] = Percent 0 in 15 s: must be": web(func(v *Service) {
			v.HPA.Behavior = &hpa.Behavior{ScaleUp: &hpa.Rules{Policies: []hpa.Policy{{Type: hpa.ByPercent, PeriodSeconds: 15}}}}
		}),
		"web: station: servers = 0: must be from 1 to 1024":                            web(func(v *Service) { v.Station.Servers = 0 }),
		"web: hpa: version = 33: known are 34 to 37":                                   func(s *Scenario) { s.Kubernetes.Version = 33 },
		"fleet: groups[0] nodes: price = -1: must be a number from 0":                  func(s *Scenario) { s.Fleet.Groups[0].USDPerHour = -1 },
		"database: usable = 0: must be from 1 to 1000000":                              db(func(d *Database) { d.Usable = 0 }),
		"database: pooler = -1: must be from 0 to 1000000":                             db(func(d *Database) { d.Pooler = -1 }),
		"database: cores = NaN: must be above 0":                                       db(func(d *Database) { d.Cores = nan }),
		"database: cpu has 0 entries for 1 services":                                   db(func(d *Database) { d.CPU = nil }),
		"database: cpu[0] = {Mean:NaN CV2:0}: must be a time":                          db(func(d *Database) { d.CPU[0] = station.Work{Mean: nan} }),
		`disturbances[1]: kind = "meteor": unknown; known: rollout, node-loss`:         hit(Disturbance{Kind: "meteor"}),
		"disturbances[1]: at = -1s: must be within the 20m0s of the load":              hit(Disturbance{Kind: NodeLoss, At: -time.Second}),
		"disturbances[1]: at = 21m0s: must be within the 20m0s of the load":            hit(Disturbance{Kind: NodeLoss, At: 21 * time.Minute}),
		"disturbances[1]: for = -1s: must be from 0s":                                  hit(Disturbance{Kind: Rollout, For: -time.Second}),
		"disturbances[1]: for = 2562047h47m16.854775807s: must be from 0s to 744h0m0s": hit(Disturbance{Kind: MetricsOutage, For: math.MaxInt64}),
		"disturbances[1]: for = 0s: metrics-outage needs a duration":                   hit(Disturbance{Kind: MetricsOutage}),
		`disturbances[1]: service = "api": no such service`:                            hit(Disturbance{Kind: Rollout, Service: "api"}),
		`disturbances[1]: service = "web": node-loss concerns every service`:           hit(Disturbance{Kind: NodeLoss, Service: "web"}),
		`disturbances[1]: zone = "z": no such zone; known: a, b, c`:                    hit(Disturbance{Kind: ZoneLoss, Zone: "z"}),
		"disturbances[1]: factor = 0: must be from 1 to 1e6":                           hit(Disturbance{Kind: SlowDatabase, For: time.Minute}),
		"disturbances[1]: factor = NaN: must be from 1 to 1e6":                         hit(Disturbance{Kind: SlowDatabase, For: time.Minute, Factor: nan}),
		"disturbances[1]: slow-database: no service that it concerns has a database":   hit(Disturbance{Kind: SlowDatabase, For: time.Minute, Factor: 2}),
		"disturbances[1]: cold-cache: no service that it concerns has a database":      hit(Disturbance{Kind: ColdCache, For: time.Minute}),
		"disturbances[1]: cold-cdn: no service that it concerns has a cdnHitRatio":     hit(Disturbance{Kind: ColdCDN, For: time.Minute}),
	} {
		s := world(t)
		change(&s)
		_, err := Run(s)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nwant one with %s", err, want)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s is told with others:\n%v", want, err)
		}
	}
}

// Everything that is wrong is told at once, each with its path.
func TestValidateTellsAll(t *testing.T) {
	s := world(t)
	s.Points, s.Warmup, s.Services[0].Replicas, s.Services[0].Station.Servers, s.Services[0].Station.Queue, s.Fleet.Groups = -1, -1, -1, 0, -1, nil
	_, err := Run(s)
	if err == nil {
		t.Fatal("want problems")
	}
	for _, line := range strings.Split(err.Error(), "\n") {
		if !strings.Contains(line, " = ") && !strings.HasPrefix(line, "fleet") {
			t.Errorf("a line without field and value: %s", line)
		}
	}
	if n := strings.Count(err.Error(), "\n") + 1; n != 6 {
		t.Errorf("%d problems, want 6:\n%v", n, err)
	}
}

// The zero values of what has a default are valid.
func TestDefaults(t *testing.T) {
	s := world(t, under(steadily(t, 1, 100*time.Second)))
	s.Warmup, s.Fidelity, s.Points = 0, "", 0
	r := replay(t, s)
	if r.Fidelity != Control || r.Duration != 100*time.Second || len(r.Timeline) != 7 {
		t.Errorf("%s fidelity over %s in %d points, want control over 1m40s in 7 windows", r.Fidelity, r.Duration, len(r.Timeline))
	}
}
