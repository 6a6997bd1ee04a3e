package plan

import (
	"fmt"
	"testing"
)

// fewNodes are enough for five times today's peak and hardly more.
const fewNodes = "nodes.groups[0].maxSize=24"

// The factor is how far the stack that is described holds, whatever it asks for.
func TestHeadroomOfARefusedStack(t *testing.T) {
	few := []string{be + "autoscaling.maxReplicas=3", be + "autoscaling.minReplicas=3"}
	cases := map[string]struct {
		reason string
		sets   []string
		least  float64
		most   float64
		limit  string
	}{
		"Requests": {"the load of a pod follows the load, and so does the CPU that its request must cover", few, 0.5, 2, RolloutAvailability},
		"Ceiling":  {"less may be asked for, and then the ceiling is lower", []string{fewNodes, "traffic.growth=20"}, 1, 19.99, NodeCapacity},
		"More":     {"and it is the same however much is asked for", []string{fewNodes, "traffic.growth=100"}, 1, 19.99, NodeCapacity},
		"Stated":   {"a stated ceiling is there at any load", []string{be + "autoscaling.maxReplicas=400"}, 0, 0, DBConnections},
		"Budget":   {"the floor costs more than may be spent", []string{"budget.monthly=10"}, 0, 0, CostFloor},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			h := planned(t, tc.sets...).Headroom
			if h.Factor < tc.least || h.Factor > tc.most || h.FirstLimit != tc.limit {
				t.Errorf("%s: headroom %+v, want %g to %g× and %s", tc.reason, h, tc.least, tc.most, tc.limit)
			}
		})
	}
	if a, b := planned(t, fewNodes, "traffic.growth=20").Headroom, planned(t, fewNodes, "traffic.growth=100").Headroom; a != b {
		t.Errorf("one stack holds %+v and %+v", a, b)
	}
}

// What a refused stack is said to hold, it holds when no more is asked for.
func TestHeadroomMayBeAskedFor(t *testing.T) {
	r := baseRaws(t).with(t, fewNodes)
	h := planned(t, fewNodes, "traffic.growth=20").Headroom
	if h.Factor <= 1 {
		t.Fatalf("headroom %+v", h)
	}
	for _, c := range planned(t, fewNodes, fmt.Sprintf("traffic.growth=%.2f", h.Factor)).Violations() {
		t.Errorf("%g× is said to hold, and %s is violated: %s", h.Factor, c.ID, c.Why)
	}
	stack, base := r.with(t, fmt.Sprintf("traffic.growth=%.2f", h.Factor+headroomStep)).decode(t)
	if len(mustPlan(t, stack, base).Violations()) == 0 {
		t.Errorf("a hundredth above %g× holds as well", h.Factor)
	}
}
