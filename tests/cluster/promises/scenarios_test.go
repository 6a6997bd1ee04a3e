//go:build linux

package promises

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/hpa"
	"github.com/agencyos/headroom/capacity/sim"
	"github.com/agencyos/headroom/capacity/sim/load"
)

// scenario is a load of the backend of production, and what is changed about it.
type scenario struct {
	name  string
	curve load.Curve
	// settle is how long the first level is held before.
	settle time.Duration
	// change the scenario for both worlds.
	change func(w *sim.Scenario)
}

// scenarios are what an autoscaler goes through. Windows are shortened, so that
// each takes minutes.
func scenarios(t *testing.T) []scenario {
	rate := sim.Signal{Kind: sim.RequestRate, Window: time.Minute}
	inFlight, cpu := sim.Signal{Kind: sim.InFlight}, sim.Signal{Kind: sim.CPUUse}
	type changes = []func(w *sim.Scenario)
	all := []struct {
		name   string
		levels string
		change changes
	}{
		{"spike", "0s 1, 30s 1, 30s 4, 3m 4", changes{use(inFlight)}},
		{"ramp", "0s 1, 3m 5, 4m30s 5", changes{use(inFlight)}},
		{"flapping", "0s 1, 30s 1, 30s 3, 75s 3, 75s 1, 2m 1, 2m 3, 165s 3, 165s 1, 5m 1", changes{use(inFlight), down(60, 50)}},
		{"scale-down", "0s 4, 30s 4, 30s 1, 5m 1", changes{use(inFlight), down(60, 30)}},
		{"rollout during load", "0s 1, 45s 1, 45s 2.5, 4m 2.5", changes{use(inFlight), quick, strike(sim.Disturbance{Kind: sim.Rollout, At: 20 * time.Second})}},
		{"missing metrics", "0s 1, 45s 1, 45s 3, 4m 3", changes{use(inFlight), strike(sim.Disturbance{Kind: sim.MetricsOutage, At: 30 * time.Second, For: time.Minute})}},
		{"tolerance edge", "0s 1.8, 30s 1.8, 30s 2, 150s 2, 150s 2.3, 5m 2.3", changes{use(rate), least(5)}},
		{"policy limits", "0s 1, 30s 1, 30s 4, 4m 4", changes{use(inFlight), up(1, 30)}},
		{"multi-metric", "0s 1, 30s 1, 30s 2.5, 3m 2.5", changes{use(inFlight, cpu)}},
		{"max reached", "0s 1, 30s 1, 30s 6, 3m 6", changes{use(inFlight), most(8)}},
		{"CPU alone", "0s 1, 30s 1, 30s 3, 4m 3", changes{use(cpu)}},
		{"request rate", "0s 1, 30s 1, 30s 3, 4m 3", changes{use(rate)}},
	}
	var out []scenario
	for _, a := range all {
		out = append(out, scenario{a.name, curve(t, a.levels), time.Minute, func(w *sim.Scenario) {
			roomy(w)
			for _, change := range a.change {
				change(w)
			}
		}})
	}
	return out
}

// curve is a load from what a person writes: moments and levels.
func curve(t testing.TB, levels string) load.Curve {
	t.Helper()
	var knots []load.Knot
	for _, knot := range strings.Split(levels, ", ") {
		at, level, _ := strings.Cut(knot, " ")
		d, err := time.ParseDuration(at)
		must(t, levels, err)
		n, err := strconv.ParseFloat(level, 64)
		must(t, levels, err)
		knots = append(knots, load.Knot{At: d, Level: n})
	}
	c, err := load.New(knots...)
	must(t, levels, err)
	return c
}

// roomy are nodes that never fill: what is compared is the autoscaler.
func roomy(w *sim.Scenario) {
	for i := range w.Fleet.Groups {
		g := &w.Fleet.Groups[i]
		g.Min, g.Start, g.Max = 60, 60, 60
	}
}

// use lets the autoscaler follow these signals, of those that the plan's follows.
func use(signals ...sim.Signal) func(w *sim.Scenario) {
	return func(w *sim.Scenario) {
		v := &w.Services[0]
		metrics := map[sim.SignalKind]hpa.Metric{sim.RequestRate: {Source: hpa.External, Target: hpa.AverageValue, Value: int64(1000 * v.TargetRPS)}}
		for i, g := range v.Signals {
			metrics[g.Kind] = v.HPA.Metrics[i]
		}
		v.HPA.Metrics, v.Signals = nil, signals
		for _, g := range signals {
			v.HPA.Metrics = append(v.HPA.Metrics, metrics[g.Kind])
		}
	}
}

// down lets replicas go after a window, so many percent of them every 15 s.
func down(window int32, percent int32) func(w *sim.Scenario) {
	return func(w *sim.Scenario) {
		w.Services[0].HPA.Behavior.ScaleDown = &hpa.Rules{WindowSeconds: &window, Select: hpa.SelectMax, Policies: []hpa.Policy{{Type: hpa.ByPercent, Value: percent, PeriodSeconds: 15}}}
	}
}

// up adds so many pods at most in a period.
func up(pods, period int32) func(w *sim.Scenario) {
	return func(w *sim.Scenario) {
		window := int32(0)
		w.Services[0].HPA.Behavior.ScaleUp = &hpa.Rules{WindowSeconds: &window, Select: hpa.SelectMax, Policies: []hpa.Policy{{Type: hpa.ByPods, Value: pods, PeriodSeconds: period}}}
	}
}

// least and most are the bounds of the autoscaler.
func least(replicas int32) func(w *sim.Scenario) {
	return func(w *sim.Scenario) { w.Services[0].HPA.MinReplicas = replicas }
}

func most(replicas int32) func(w *sim.Scenario) {
	return func(w *sim.Scenario) { w.Services[0].HPA.MaxReplicas = replicas }
}

// quick shortens what a rollout waits for.
func quick(w *sim.Scenario) { w.Services[0].MinReady = 10 * time.Second }

func strike(d ...sim.Disturbance) func(w *sim.Scenario) {
	return func(w *sim.Scenario) { w.Disturbances = append(w.Disturbances, d...) }
}

// reads says whether the autoscaler follows a signal.
func reads(w sim.Scenario, k sim.SignalKind) bool {
	for _, g := range w.Services[0].Signals {
		if g.Kind == k {
			return true
		}
	}
	return false
}

// autoscaler is the spec of the HPA that the simulator's service has.
func autoscaler(w *world, v sim.Service) map[string]any {
	var metrics []any
	for i, m := range v.HPA.Metrics {
		switch v.Signals[i].Kind {
		case sim.CPUUse:
			metrics = append(metrics, map[string]any{"type": "Resource", "resource": map[string]any{"name": "cpu", "target": map[string]any{"type": "Utilization", "averageUtilization": m.Value}}})
		default:
			lead := w.prod
			if v.Signals[i].Kind == sim.RequestRate {
				lead = w.byRate["prod"]
			}
			metrics = append(metrics, map[string]any{"type": "External", "external": map[string]any{"metric": map[string]any{"name": lead.plan.Services[v.Name].Metrics[0].Name},
				"target": map[string]any{"type": "AverageValue", "averageValue": fmt.Sprintf("%dm", m.Value)}}})
		}
	}
	return map[string]any{
		"scaleTargetRef": map[string]any{"apiVersion": "apps/v1", "kind": "Deployment", "name": v.Name}, "metrics": metrics,
		"minReplicas": int64(v.HPA.MinReplicas), "maxReplicas": int64(v.HPA.MaxReplicas),
		"behavior": map[string]any{"scaleUp": ruled(v.HPA.Behavior.ScaleUp), "scaleDown": ruled(v.HPA.Behavior.ScaleDown)},
	}
}

func ruled(r *hpa.Rules) map[string]any {
	var policies []any
	for _, p := range r.Policies {
		policies = append(policies, map[string]any{"type": string(p.Type), "value": int64(p.Value), "periodSeconds": int64(p.PeriodSeconds)})
	}
	return map[string]any{"stabilizationWindowSeconds": int64(*r.WindowSeconds), "selectPolicy": "Max", "policies": policies}
}
