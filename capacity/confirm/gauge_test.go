package confirm

import (
	"testing"

	"github.com/agencyos/headroom/capacity/budget"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/sim/station"
	"github.com/agencyos/headroom/capacity/spec"
)

// The trigger time counts budget.GaugeReads scrapes of a gauge: one alone misses a
// load at budget.Overload times the target too often for a worst case, two in a row
// do not.
func TestAReadOfAGaugeMayMiss(t *testing.T) {
	seen := false
	for _, name := range []string{"prod", "staging", "local"} {
		stack, base, p := committed(t, name)
		b := builder{stack: stack, base: base, plan: p}
		for _, service := range b.names() {
			for _, m := range p.Services[service].Metrics {
				if m.Kind == spec.InFlight {
					seen = true
					t.Run(name+"/"+service, func(t *testing.T) { missesOf(t, b.station(service), p.Services[service], m) })
				}
			}
		}
	}
	if !seen {
		t.Error("no service is scaled by its requests in flight: the test shows nothing")
	}
}

func missesOf(t *testing.T, c station.Config, v plan.Service, m plan.Metric) {
	t.Helper()
	s, err := station.New(c, 7)
	if err != nil {
		t.Fatal(err)
	}
	tolerance := 0.1
	if own := v.Behavior.ScaleUp.Tolerance; own != nil {
		tolerance = *own
	}
	pods := v.MinReplicas
	for id := range pods {
		s.Join(id)
	}
	threshold := float64(pods) * m.TargetAverageValue * (1 + tolerance)
	// A second holds many services: reads that far apart are as independent as scrapes.
	const reads, every = 5000, 1.0
	missed, twice, before := 0, 0, false
	for i := range reads {
		s.Advance(float64(i+1)*every, station.Conditions{Arrival: budget.Overload * v.TargetRPS * float64(pods)})
		low := float64(s.InFlight()) <= threshold
		if low {
			missed++
		}
		if low && before {
			twice++
		}
		before = low
	}
	once, both := float64(missed)/reads, float64(twice)/reads
	t.Logf("%d pods: %.1f %% of single reads miss, %.2f %% of two in a row", pods, 100*once, 100*both)
	if once < 0.01 {
		t.Errorf("%.2f %% of single reads miss: one would do", 100*once)
	}
	if both > 0.03 {
		t.Errorf("%.2f %% of two reads in a row miss: two do not suffice", 100*both)
	}
}
