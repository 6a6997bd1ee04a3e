package report

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/sim"
)

// simulated is a summary made by hand from a real one: nodes boot, pods wait.
func simulated(t testing.TB, name string) sim.Summary {
	t.Helper()
	var s sim.Summary
	if err := json.Unmarshal(golden.Read(t, "testdata/simulation_"+name+".json"), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func pageOf(t testing.TB, s sim.Summary) string {
	t.Helper()
	var b bytes.Buffer
	if err := SimulationHTML(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSimulation(t *testing.T) {
	for _, name := range []string{"kept", "broken"} {
		t.Run(name, func(t *testing.T) {
			s := simulated(t, name)
			text := SimulationText(s)
			if lines := strings.Count(text, "\n"); lines > 40 {
				t.Errorf("the text has %d lines, want at most 40", lines)
			}
			golden.Text(t, "testdata/simulation_"+name+".golden.txt", text)
			golden.Text(t, "testdata/simulation_"+name+".golden.html", pageOf(t, s))
		})
	}
}

// Whatever a name holds, the page is text and not markup.
func TestSimulationHTMLEscapes(t *testing.T) {
	s := simulated(t, "kept")
	const hostile = `<script>alert("x")</script>' onload="y`
	s.Stack, s.Shape = hostile, hostile
	s.Limits.Services[0].Name = hostile
	s.Disturbances = []string{hostile}
	for i := range s.Runs {
		s.Runs[i].Events[0].What = hostile
	}
	got := pageOf(t, s)
	for _, bad := range []string{"<script", `' onload="y`, "alert(\"x\")"} {
		if strings.Contains(got, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if !strings.Contains(got, "&lt;script&gt;") {
		t.Error("the name is gone from the page")
	}
}

// The page needs nothing from elsewhere and runs nothing.
func TestSimulationHTMLIsSelfContained(t *testing.T) {
	got := pageOf(t, simulated(t, "broken"))
	for _, bad := range []string{"<script", "<link", "<img", "http:", "https:", "url(", "@import", "NaN", "Inf", "%!", "ZgotmplZ"} {
		if strings.Contains(got, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if charts, titles := strings.Count(got, "role=\"img\""), strings.Count(got, "<desc id="); charts != 7 || titles != charts {
		t.Errorf("%d charts with %d descriptions, want 7 of each", charts, titles)
	}
}

// What can go missing or wrong in a result is told and breaks nothing.
func TestSimulationOfLittle(t *testing.T) {
	cases := map[string]struct {
		reason string
		change func(s *sim.Summary)
		want   string
	}{
		"NoRuns":     {"nothing was simulated", func(s *sim.Summary) { s.Runs = nil }, "prod: ramp to 5×: nothing was simulated"},
		"NoTimeline": {"no chart without points", func(s *sim.Summary) { s.Runs[0].Timeline, s.Runs[1].Timeline, s.Runs[2].Timeline = nil, nil, nil }, "promises kept"},
		"NoPromise": {"a limit of 0 is no promise", func(s *sim.Summary) {
			s.Limits = sim.Limits{Services: []sim.ServiceLimits{{Name: "backend"}, {Name: "frontend"}}}
		}, "promises kept; first scale after"},
		"Never": {"-1 is never", func(s *sim.Summary) {
			v := &s.Runs[1].Services[0]
			v.FirstScaleSeconds, v.CapacitySeconds, v.P99Ms = -1, -1, -1
		}, "no p99, for over 1% failed, never scaled up, capacity for the top never, nothing failed"},
		"AllAlong": {"0 is that nothing had to happen", func(s *sim.Summary) {
			for i := range s.Runs {
				for n := range s.Runs[i].Services {
					s.Runs[i].Services[n].FirstScaleSeconds, s.Runs[i].Services[n].CapacitySeconds = 0, 0
				}
			}
		}, "ms, capacity for the top all along, nothing failed"},
		"OneSeed": {"no interval from one run", func(s *sim.Summary) { s.Runs = s.Runs[:1] }, "seed 1\n"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := simulated(t, "kept")
			tc.change(&s)
			if got := SimulationText(s); !strings.Contains(got, tc.want) {
				t.Errorf("%s: the text does not say %q:\n%s", tc.reason, tc.want, got)
			}
			if got := pageOf(t, s); strings.Contains(got, "NaN") || !strings.Contains(got, "</html>") {
				t.Errorf("%s: the page is broken", tc.reason)
			}
		})
	}
}

// Hundreds of services still fit the screen, and the charts their colors.
func TestSimulationOfManyServices(t *testing.T) {
	s := simulated(t, "kept")
	for range 6 {
		s.Limits.Services = append(s.Limits.Services, s.Limits.Services...)
		for i := range s.Runs {
			r := &s.Runs[i]
			r.Services = append(r.Services, r.Services...)
			for n := range r.Timeline {
				r.Timeline[n].Services = append(r.Timeline[n].Services, r.Timeline[n].Services...)
			}
		}
	}
	if lines := strings.Count(SimulationText(s), "\n"); lines > 40 {
		t.Errorf("the text has %d lines, want at most 40", lines)
	}
	if charts := strings.Count(pageOf(t, s), "role=\"img\""); charts != 5+mostLines {
		t.Errorf("%d charts, want %d", charts, 5+mostLines)
	}
}

func TestNotable(t *testing.T) {
	at := func(seconds int, what string) sim.Event {
		return sim.Event{At: time.Duration(seconds) * time.Second, What: what}
	}
	cases := map[string]struct {
		reason string
		events []sim.Event
		most   int
		want   []string
		more   int
	}{
		"Alone":    {"one event is itself", []sim.Event{at(61, "rollout of backend")}, 8, []string{"1m1s  rollout of backend"}, 0},
		"Same":     {"equal ones are counted", []sim.Event{at(1, "a node"), at(1, "a node"), at(2, "a node")}, 8, []string{"1s–2s  a node, 3 times"}, 0},
		"Once":     {"at one moment there is no span", []sim.Event{at(1, "a node"), at(1, "a node")}, 8, []string{"1s  a node, 2 times"}, 0},
		"Together": {"close events that differ in numbers are one", []sim.Event{at(1, "a: 1 → 2"), at(9, "b: 1 → 2"), at(31, "a: 2 → 4")}, 8, []string{"1s–31s  a: 2 → 4 (the last of 2)", "9s  b: 1 → 2"}, 0},
		"Apart":    {"later ones are another", []sim.Event{at(1, "a: 1 → 2"), at(200, "a: 2 → 4")}, 8, []string{"1s  a: 1 → 2", "3m20s  a: 2 → 4"}, 0},
		"Many":     {"the rest is counted", []sim.Event{at(1, "a"), at(2, "b"), at(3, "c")}, 2, []string{"1s  a", "2s  b"}, 1},
		"Rare":     {"what happens once is more notable", []sim.Event{at(1, "a: 1"), at(500, "a: 2"), at(600, "b")}, 2, []string{"1s  a: 1", "10m0s  b"}, 1},
		"None":     {"nothing happened", nil, 8, nil, 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			episodes, more := Notable(tc.events, tc.most)
			var got []string
			for _, e := range episodes {
				got = append(got, e.String())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || more != tc.more {
				t.Errorf("%s: %d more, want %d (-want +got):\n%s", tc.reason, more, tc.more, diff)
			}
		})
	}
}

func TestSimulationFigures(t *testing.T) {
	for in, want := range map[float64]string{0: "0", 0.004: "0.00", 0.5: "0.5", 5.25: "5.2", 12: "12", 12.4: "12", 1234: "1234", math.Inf(1): "∞"} {
		if got := number(in); got != want {
			t.Errorf("number(%g) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[float64]string{0: "0%", 1e-9: "<0.001%", 0.0123: "0.012%", 0.5: "0.5%", 3.14: "3.1%", 100: "100%"} {
		if got := percent(in); got != want {
			t.Errorf("percent(%g) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[time.Duration]string{90 * time.Second: "90 s", 41 * time.Minute: "41 min", 24 * time.Hour: "24 h", 31 * 24 * time.Hour: "31 days"} {
		if got := span(in); got != want {
			t.Errorf("span(%s) = %q, want %q", in, got, want)
		}
	}
	for want, e := range map[string]sim.Estimate{"112 ±3": {Mean: 112, Within: 3}, "112": {Mean: 112}, "failed": {Mean: -1}, "112 ±0.3": {Mean: 112, Within: 0.3}} {
		if got := estimate(e, milliseconds); got != want {
			t.Errorf("estimate(%v) = %q, want %q", e, got, want)
		}
	}
}
