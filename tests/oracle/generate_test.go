package oracle

import (
	"math"
	"math/rand/v2"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/agencyos/headroom/capacity/hpa"
)

// scenario is everything that a seed decides before the first sync.
type scenario struct {
	settings hpa.Settings
	spec     hpa.Spec
	latency  time.Duration // of the API
	edits    float64       // chance of a new spec per sync
	byHand   float64       // chance of a manual scale per sync
	world    *world
}

// pick returns one of the choices; a choice repeated is likelier.
func pick[T any](r *rand.Rand, choices ...T) T { return choices[r.IntN(len(choices))] }

func chance(r *rand.Rand, p float64) bool { return r.Float64() < p }

func newScenario(seed uint64, settings hpa.Settings) *scenario {
	r := rand.New(rand.NewPCG(seed, 0))
	settings.Tolerance = pick(r, 0.1, 0.1, 0.1, 0.1, 0, 0.05, 0.2)
	settings.DownscaleStabilization = pick(r, 5*time.Minute, 5*time.Minute, 5*time.Minute, time.Minute, 0, 90*time.Second, 15*time.Second)
	settings.CPUInitialization = pick(r, 5*time.Minute, 5*time.Minute, 2*time.Minute, 0)
	settings.InitialReadiness = pick(r, 30*time.Second, 30*time.Second, 10*time.Second)
	s := &scenario{
		settings: settings,
		spec:     newSpec(r, settings.ScaleToZero),
		latency:  pick(r, 0, time.Millisecond, 7*time.Millisecond, 7*time.Millisecond, 300*time.Millisecond),
		edits:    pick(r, 0, 0, 0.01, 0.05),
		byHand:   pick(r, 0, 0.002, 0.01),
	}
	s.world = newWorld(r, s)
	return s
}

func newSpec(r *rand.Rand, zero bool) hpa.Spec {
	s := hpa.Spec{MinReplicas: 1 + r.Int32N(5)}
	for range pick(r, 1, 1, 1, 2, 3) {
		s.Metrics = append(s.Metrics, newRandomMetric(r))
	}
	if zero {
		s.Metrics[0] = hpa.Metric{Source: pick(r, hpa.Object, hpa.External), Target: pick(r, hpa.Value, hpa.AverageValue), Value: s.Metrics[0].Value}
		s.MinReplicas = pick(r, 0, 0, 0, s.MinReplicas)
	}
	s.MaxReplicas = max(1, s.MinReplicas) + pick[int32](r, 0, 3, 10, 10, 30, 30, 60)
	if chance(r, 0.7) {
		s.Behavior = &hpa.Behavior{ScaleUp: newRandomRules(r), ScaleDown: newRandomRules(r)}
	}
	return s
}

func newRandomMetric(r *rand.Rand) hpa.Metric {
	m := hpa.Metric{Value: int64(math.Exp(r.Float64() * 15))}
	switch m.Source = pick(r, hpa.Resource, hpa.Resource, hpa.ContainerResource, hpa.Pods, hpa.Object, hpa.External); m.Source {
	case hpa.Resource, hpa.ContainerResource:
		m.CPU = chance(r, 0.7)
		m.Target = pick(r, hpa.Utilization, hpa.Utilization, hpa.AverageValue)
		if m.Target == hpa.Utilization {
			m.Value = 20 + r.Int64N(140)
		} else {
			m.Value = 50 + r.Int64N(2000)
		}
	case hpa.Pods:
		m.Target = hpa.AverageValue
	default:
		m.Target = pick(r, hpa.Value, hpa.AverageValue)
	}
	return m
}

func newRandomRules(r *rand.Rand) *hpa.Rules {
	if chance(r, 0.25) {
		return nil
	}
	rules := &hpa.Rules{Select: pick(r, "", "", hpa.SelectMax, hpa.SelectMin, hpa.SelectMin)}
	if chance(r, 0.05) {
		rules.Select = hpa.SelectDisabled
	}
	if chance(r, 0.6) {
		window := pick(r, 0, 0, 15, 30, 60, 120, 300, r.Int32N(3601))
		rules.WindowSeconds = &window
	}
	if chance(r, 0.4) {
		tolerance := resource.NewMilliQuantity(pick(r, 0, 10, 50, 100, r.Int64N(300)), resource.DecimalSI).AsApproximateFloat64()
		rules.Tolerance = &tolerance
	}
	for range pick(r, 0, 0, 1, 1, 2, 3) {
		rules.Policies = append(rules.Policies, hpa.Policy{Type: pick(r, hpa.ByPods, hpa.ByPercent),
			Value: pick(r, 1, 4, 10, 100, 1+r.Int32N(300)), PeriodSeconds: pick(r, 1, 15, 15, 30, 60, 300, 1+r.Int32N(1800))})
	}
	return rules
}
