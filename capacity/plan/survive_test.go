package plan

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestSurviving(t *testing.T) {
	cases := map[string]struct {
		reason            string
		left, zones, want int
	}{
		"one zone":        {"none to lose", 5, 1, 5},
		"no zone":         {"a local cluster", 5, 0, 5},
		"two":             {"half of them", 5, 2, 10},
		"three, even":     {"2 + 2 + 2", 4, 3, 6},
		"three, not even": {"7 pods are 3 + 2 + 2 and leave 4", 5, 3, 8},
		"one pod":         {"another one elsewhere", 1, 3, 2},
		"six":             {"2 + 2 + 2 + 2 + 2 + 2", 10, 6, 12},
	}
	for name, tc := range cases {
		if got := surviving(tc.left, tc.zones); got != tc.want {
			t.Errorf("%s: %s: surviving(%d, %d) = %d, want %d", name, tc.reason, tc.left, tc.zones, got, tc.want)
		}
	}
}

// The fewest: spread evenly, so many are left without the fullest zone, and one
// less are not enough.
func TestSurvivingIsLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		left, zones := rapid.IntRange(1, 10000).Draw(t, "left"), rapid.IntRange(2, 6).Draw(t, "zones")
		without := func(n int) int { return n - int(math.Ceil(float64(n)/float64(zones))) }
		if n := surviving(left, zones); without(n) < left || without(n-1) >= left {
			t.Errorf("surviving(%d, %d) = %d leaves %d, and one less %d", left, zones, n, without(n), without(n-1))
		}
	})
}

// The floor that the plan derives carries today's peak without its fullest zone.
func TestFloorSurvivesAZone(t *testing.T) {
	for rps := 300; rps < 1300; rps += 41 {
		p := planned(t, fmt.Sprintf("services.backend.peakRps=%d", rps), "traffic.growth=2", "traffic.ramp=1h", "nodes.groups[0].maxSize=200")
		v := p.Services["backend"]
		left := v.MinReplicas - int(math.Ceil(float64(v.MinReplicas)/3))
		if carried := float64(left) * v.KneeRPS * v.SafePercent / 100; carried < v.PeakOriginRPS {
			t.Errorf("at %d rps: %d of %d pods carry %.0f of %.0f rps at the safe share", rps, left, v.MinReplicas, carried, v.PeakOriginRPS)
		}
	}
}
