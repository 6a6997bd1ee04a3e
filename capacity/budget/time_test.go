package budget

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestDecision(t *testing.T) {
	cases := map[string]struct {
		reason string
		signal Signal
		want   float64
	}{
		"CPU":            {"kubelet 10 + resolution 15 + sync 15: the fact sheet's worst case", Signal{SampleSeconds: 10, ScrapeSeconds: 15}, 40},
		"CPUAndWindow":   {"the window of 15 s is full to 1.1 ÷ 1.5 when it crosses: the 55 to 56 s to plan with", Signal{SampleSeconds: 15, ScrapeSeconds: 15, WindowSeconds: 15}, 56},
		"RawMetrics":     {"metrics-server's own 60 s breaks a 60 s goal", Signal{SampleSeconds: 10, ScrapeSeconds: 60}, 85},
		"InFlight":       {"scrape 15 + adapter 1 + sync 15", Signal{ScrapeSeconds: 15, AdapterSeconds: 1}, 31},
		"InFlightMissed": {"and 15 more where the first scrape reads a low moment", Signal{ScrapeSeconds: 15, Reads: GaugeReads, AdapterSeconds: 1}, 46},
		"RequestRate":    {"and 44 s of the 60 s window", Signal{ScrapeSeconds: 15, WindowSeconds: 60, AdapterSeconds: 1}, 75},
		"Stabilization":  {"every second of a scale-up window is waited for", Signal{ScrapeSeconds: 15, AdapterSeconds: 1, StabilizationSeconds: 30}, 61},
		"Sync":           {"no pipeline at all", Signal{}, 15},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tc.signal.Decision(); math.Abs(got-tc.want) > 1e-9 {
				t.Errorf("%s\n%+v.Decision() = %g, want %g", tc.reason, tc.signal, got, tc.want)
			}
		})
	}
}

// grow lists the replica counts of the growth from one to another.
func grow(from, to int, percent float64, pods int) []int {
	counts := []int{from}
	for n := from; n < to; {
		next := n + 1
		for Steps(n, next+1, percent, pods) == 1 {
			next++
		}
		n = min(next, to)
		counts = append(counts, n)
	}
	return counts
}

func TestSteps(t *testing.T) {
	cases := map[string]struct {
		reason   string
		from, to int
		percent  float64
		pods     int
		want     []int
	}{
		"DefaultFromOne": {"the fact sheet: 4 pods or 100 %, whichever is more", 1, 160, 100, 4, []int{1, 5, 10, 20, 40, 80, 160}},
		"DefaultFromTwo": {"the fact sheet", 2, 10, 100, 4, []int{2, 6, 10}},
		"DefaultFromTen": {"the fact sheet", 10, 50, 100, 4, []int{10, 20, 40, 50}},
		"Fivefold":       {"400 % is five times in one step", 14, 70, 400, 4, []int{14, 70}},
		"OnePodAtATime":  {"no policy at all still grows by one", 3, 6, 0, 0, []int{3, 4, 5, 6}},
		"PercentUp":      {"percent round up", 3, 5, 10, 0, []int{3, 4, 5}},
		"Nothing":        {"already there", 9, 9, 100, 4, []int{9}},
		"Down":           {"fewer is no step up", 9, 3, 100, 4, []int{9}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := grow(tc.from, tc.to, tc.percent, tc.pods)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\ngrowth (-want +got):\n%s", tc.reason, diff)
			}
			if steps := Steps(tc.from, tc.to, tc.percent, tc.pods); steps != len(tc.want)-1 {
				t.Errorf("%s\nSteps(%d, %d, %g, %d) = %d, want %d", tc.reason, tc.from, tc.to, tc.percent, tc.pods, steps, len(tc.want)-1)
			}
		})
	}
	if got := Steps(0, 5, 100, 4); got != 1 {
		t.Errorf("Steps from none = %d, want 1: an autoscaler never starts below one", got)
	}
}

func TestStepsAreMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from, to := rapid.IntRange(0, 200).Draw(t, "from"), rapid.IntRange(0, 5000).Draw(t, "to")
		percent, pods := float64(rapid.IntRange(0, 900).Draw(t, "percent")), rapid.IntRange(0, 20).Draw(t, "pods")
		n := Steps(from, to, percent, pods)
		if n < 0 || Steps(from, to+1, percent, pods) < n || Steps(from, to, percent+1, pods) > n || Steps(from, to, percent, pods+1) > n {
			t.Errorf("Steps(%d, %d, %g, %d) = %d is not monotone", from, to, percent, pods, n)
		}
		if from = max(1, from); Steps(from, from+Step(from, percent, pods), percent, pods) != 1 || Steps(from, from+Step(from, percent, pods)+1, percent, pods) != 2 {
			t.Errorf("Step(%d, %g, %d) = %d is not one step", from, percent, pods, Step(from, percent, pods))
		}
	})
}

func TestShutdown(t *testing.T) {
	cases := map[string]struct {
		reason                  string
		in                      Shutdown
		wantServing, wantFinish bool
	}{
		"Good":      {"30 s of deregistration, 20 s of work, 5 s to spare", Shutdown{30, 30, 20, 55}, true, true},
		"ShortStop": {"the load balancer still sends", Shutdown{31, 30, 20, 55}, false, true},
		"NoSlack":   {"killed at the moment it ends", Shutdown{30, 30, 25, 55}, true, false},
		"Killed":    {"killed in the middle", Shutdown{30, 30, 20, 30}, true, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if s, f := tc.in.KeepsServing(), tc.in.Finishes(); s != tc.wantServing || f != tc.wantFinish {
				t.Errorf("%s\n%+v: keeps serving %v, finishes %v; want %v, %v", tc.reason, tc.in, s, f, tc.wantServing, tc.wantFinish)
			}
		})
	}
}
