package fit

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/agencyos/headroom/capacity/baseline/loadtest"
)

// stairsTo are eight loads up to a share of what a pod carries.
func (p pod) stairsTo(share float64) []float64 {
	full := 1000 * float64(p.workers) / (p.millis * p.busy)
	var out []float64
	for i := range 8 {
		out = append(out, share*full*float64(i+1)/8)
	}
	return out
}

// What is known of a made up pod comes out of its load test, through k6's output:
// CPU within 2 %, the time in service within 3 %, its cv² within 10 %, and the
// held-out p99 within 15 % where the pod is as plans take it.
func TestTruthIsRecovered(t *testing.T) {
	cases := map[string]struct {
		reason string
		pod    pod
		best   []string
	}{
		"EventLoop": {reason: "two workers, half of the time is I/O", pod: pod{2, 22, 0.6, 0.34, 7.5, 20}, best: []string{EventLoop}},
		"OneWorker": {reason: "a single loop waits sooner", pod: pod{1, 20, 0.5, 0.25, 5, 15}, best: []string{EventLoop}},
		"Bursty":    {reason: "a cv² above 1", pod: pod{4, 30, 1.5, 0.3, 9, 30}, best: []string{EventLoop, Occupancy}},
		"Blocking":  {reason: "workers that wait for the database themselves", pod: pod{4, 40, 0.6, 1, 8, 20}, best: []string{Blocking, Occupancy}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			p := tc.pod
			r := p.fitted(t, 7, 6000, p.stairsTo(0.8)...)
			for name, want := range map[string][2]float64{"cpuMillis": {p.cpuMillis, 0.02}, "serviceMillis": {p.millis, 0.03}, "serviceCv2": {p.cv2, 0.1}} {
				if got := figure(r, name); math.Abs(got/want[0]-1) > want[1] {
					t.Errorf("%s: %s = %g, in truth %g", tc.reason, name, got, want[0])
				}
			}
			if got := figure(r, "idleCpuMilli"); math.Abs(got-p.idleMilli) > 15 {
				t.Errorf("%s: idleCpuMilli = %g, in truth %g", tc.reason, got, p.idleMilli)
			}
			if !contains(tc.best, r.Best.Name) {
				t.Errorf("%s: best model %s of %+v", tc.reason, r.Best.Name, r.Models)
			}
			if r.Best.HeldOutPercent > 15 {
				t.Errorf("%s: the held-out p99 is %.1f%% off by %s", tc.reason, r.Best.HeldOutPercent, r.Best.Name)
			}
			if told := strings.Contains(strings.Join(r.Notes, "\n"), "which plans do not know"); told != (r.Best.Name == Blocking) {
				t.Errorf("%s: notes %q", tc.reason, r.Notes)
			}
		})
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// The recording of a real k6 against a real server comes out as the server says that
// it was.
func TestRecordingIsRecovered(t *testing.T) {
	const folder = "../loadtest/testdata/"
	raw, err := os.Open(folder + "steps.ndjson.gz")
	if err != nil {
		t.Fatal(err)
	}
	cpu, err := os.Open(folder + "steps-cpu.csv")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(folder + "steps-truth.json")
	if err != nil {
		t.Fatal(err)
	}
	var truth struct {
		Workers                                         int
		CPUMillis, IdleMilli, ServiceMillis, ServiceCV2 float64
	}
	if err := json.Unmarshal(data, &truth); err != nil {
		t.Fatal(err)
	}
	test, err := loadtest.Read(loadtest.K6, []loadtest.File{{Name: "steps.ndjson.gz", Content: raw}}, loadtest.Options{Discard: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	usage, err := loadtest.ReadUsage(cpu)
	if err != nil {
		t.Fatal(err)
	}
	if test, err = test.WithUsage(usage); err != nil {
		t.Fatal(err)
	}
	r, err := Of(test, Subject{Name: "api", Servers: truth.Workers, Stretch: 1, P99Millis: 1e5, FailedShare: 0.001})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][2]float64{"cpuMillis": {truth.CPUMillis, 0.03}, "serviceMillis": {truth.ServiceMillis, 0.05}, "serviceCv2": {truth.ServiceCV2, 0.15}} {
		if got := figure(r, name); math.Abs(got/want[0]-1) > want[1] {
			t.Errorf("%s = %g, in truth %g", name, got, want[0])
		}
	}
	if full := 1000 * float64(truth.Workers) / truth.CPUMillis; r.Knee.LowRPS > full || r.Knee.HighRPS < full {
		t.Errorf("knee %+v, in truth %.0f rps", r.Knee, full)
	}
	if len(r.HeldOut) != 2 || math.Abs(r.HeldOut[0].ErrorPercent) > 10 || math.Abs(r.HeldOut[1].ErrorPercent) > 30 {
		t.Errorf("held out %+v", r.HeldOut)
	}
}

// scaled is a test in which everything takes k times as long.
func scaled(t loadtest.Test, k float64) loadtest.Test {
	steps := append([]loadtest.Step(nil), t.Steps...)
	for i := range steps {
		s := &steps[i]
		s.Seconds *= k
		s.OfferedRPS, s.AchievedRPS = s.OfferedRPS/k, s.AchievedRPS/k
		for _, f := range []*float64{&s.MeanMillis, &s.MeanStdErr, &s.P50Millis, &s.P99Millis, &s.P99LowMillis, &s.P99HighMillis} {
			*f *= k
		}
	}
	t.Steps = steps
	return t
}

// A unit of time is a convention: a pod k times as slow has figures k times as large,
// and the same errors.
func TestTimeScales(t *testing.T) {
	p := pod{2, 22, 0.6, 0.34, 7.5, 20}
	steps := p.run(3, 1500, p.stairsTo(0.9)...)
	test, err := read(t, k6(steps)).WithUsage(p.usage(3, steps))
	if err != nil {
		t.Fatal(err)
	}
	one, err := Of(test, p.subject())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []float64{0.01, 7, 1000} {
		s := p.subject()
		s.P99Millis *= k
		other, err := Of(scaled(test, k), s)
		if err != nil {
			t.Fatal(err)
		}
		powers := map[string]float64{"kneeRps": -1, "cpuMillis": 1, "idleCpuMilli": 0, "serviceMillis": 1, "serviceCv2": 0}
		for name, power := range powers {
			want, got := figure(one, name)*math.Pow(k, power), figure(other, name)
			if math.Abs(got/want-1) > 2e-3 {
				t.Errorf("k = %g: %s = %g, want %g", k, name, got, want)
			}
		}
		for i, h := range other.HeldOut {
			if math.Abs(h.ErrorPercent-one.HeldOut[i].ErrorPercent) > 0.1 {
				t.Errorf("k = %g: held out %+v, was %+v", k, h, one.HeldOut[i])
			}
		}
	}
}

// The same test gives the same result, whatever its steps are called.
func TestNamesChangeNothing(t *testing.T) {
	p := pod{2, 22, 0.6, 0.34, 7.5, 20}
	test := read(t, k6(p.run(4, 500, p.stairsTo(0.9)...)))
	want, err := Of(test, p.subject())
	if err != nil {
		t.Fatal(err)
	}
	for i := range test.Steps {
		test.Steps[i].Name = fmt.Sprint("other ", i)
	}
	got, err := Of(test, p.subject())
	if diff := cmp.Diff(want.Figures, got.Figures); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff(want.HeldOut, got.HeldOut, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("held out (-want +got):\n%s", diff)
	}
}
