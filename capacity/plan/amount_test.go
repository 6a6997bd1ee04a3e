package plan

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestAmountForPeople(t *testing.T) {
	for in, want := range map[float64]string{0: "0", 1: "1", 0.847: "0.85", 99.5: "99.50", 100.4: "100", 821: "821", -3: "-3", -0.5: "-0.50", -123.4: "-123",
		1e12: "1000000000000", 2e12: "unbounded", math.Inf(1): "unbounded", math.NaN(): "unbounded", 0.001: "0.00"} {
		if got := amount(in).String(); got != want {
			t.Errorf("%g is %q, want %q", in, got, want)
		}
	}
	unbounded := amount(math.Inf(1))
	for format, want := range map[string]string{"%.1f": "unbounded", "%g": "unbounded", "%s": "unbounded", "%v": "unbounded"} {
		if got := fmt.Sprintf(format, unbounded); got != want {
			t.Errorf("%s of what is unbounded is %q", format, got)
		}
	}
	if got := fmt.Sprintf("%.1f %g %s", Amount(2.25), Amount(2.25), Amount(2.25)); got != "2.2 2.25 2.25" {
		t.Errorf("numbers follow the verb: %s", got)
	}
}

func TestAmountIsNullInJSON(t *testing.T) {
	for in, want := range map[Amount]string{Amount(math.Inf(1)): "null", 1.5: "1.5", 0: "0"} {
		text, err := json.Marshal(in)
		if err != nil || string(text) != want {
			t.Errorf("%s is %s (%v), want %s", in, text, err, want)
		}
		var back Amount
		if err := json.Unmarshal(text, &back); err != nil || back != in {
			t.Errorf("%s comes back as %s (%v)", in, back, err)
		}
	}
	var a Amount
	if err := json.Unmarshal([]byte(`"x"`), &a); err == nil {
		t.Error("a word is an amount")
	}
}

// What has no number has no slack to print either, and sorts behind all others.
func TestSlackOfTheUnbounded(t *testing.T) {
	saturated := AtMost("a", math.Inf(1), 10, "ms", "")
	if s := saturated.Slack(); !math.IsInf(s, -1) || saturated.OK {
		t.Errorf("%+v: slack %g", saturated, s)
	}
	if c := NewCheck("x", []Part{AtMost("b", 20, 10, "ms", ""), saturated}); c.Subject != "a" {
		t.Errorf("the tightest part is %s", c.Subject)
	}
	if s := AtMost("a", 10, math.Inf(1), "s", "").Slack(); s != 1 {
		t.Errorf("slack to no limit is %g", s)
	}
}

// No plan, however overloaded, prints a stand-in for infinity.
func TestPlanPrintsNoSentinel(t *testing.T) {
	text := asJSON(t, planned(t, be+"autoscaling.maxReplicas=3", be+"autoscaling.minReplicas=3", "traffic.growth=100"))
	for _, leak := range []string{"1000000000000", "Inf", "NaN", "e+12"} {
		if i := strings.Index(text, leak); i >= 0 {
			t.Errorf("the plan has %q: …%s", leak, text[max(0, i-200):i+20])
		}
	}
	if !strings.Contains(text, `"p99Ms": null`) {
		t.Error("p99Ms of a saturated service is a number")
	}
}
