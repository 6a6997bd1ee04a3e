package loadtest

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const goodCSV = "step,offered_rps,achieved_rps,p50,p99,cpu\n# a comment\nlow,50,50,18,75,0.4\nhigh,200,180,40,400,1.5\n"

func TestCSV(t *testing.T) {
	test, err := readText(CSV, "\ufeff"+goodCSV, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := test.Steps[0]
	if len(test.Steps) != 2 || s.Name != "low" || s.CPUMilli != 400 || math.Abs(s.MeanMillis-22) > 1.5 || s.CV2 < 0.3 || s.CV2 > 0.9 {
		t.Errorf("steps %+v", test.Steps)
	}
	other, err := readText(CSV, "p99,mean,offered_rps\n75,22,50\n", Options{})
	if s := other.Steps[0]; err != nil || s.AchievedRPS != 50 || s.Name != "line 2" || s.MeanMillis != 22 || s.CV2 == 0 {
		t.Errorf("only what is required, in another order: %+v, %v", s, err)
	}
}

func TestCSVRefused(t *testing.T) {
	cases := map[string]struct{ reason, in, want string }{
		"Unknown":   {"a misspelled column", "offered_rps,p99,meen\n1,2,1\n", `column "meen": is unknown; did you mean "mean"?`},
		"Twice":     {"two columns of one name", "offered_rps,p99,p99,mean\n1,2,2,1\n", `column "p99": occurs twice`},
		"NoP99":     {"the p99 is the point", "offered_rps,mean\n1,2\n", `column "p99": is missing`},
		"NoMean":    {"nothing says the time in service", "offered_rps,p99\n1,2\n", `column "mean": or p50 is missing`},
		"NoRows":    {"a header alone", "offered_rps,p99,mean\n", "file = 0 rows: must have a row per step"},
		"NaN":       {"no measurement", "offered_rps,p99,mean\nNaN,2,1\n", `line 2: offered_rps = "NaN": must be a number from 0 to 1e+09`},
		"Infinite":  {"no measurement", "offered_rps,p99,mean\n5,Inf,1\n", `line 2: p99 = "Inf"`},
		"Negative":  {"no measurement", "offered_rps,p99,mean\n-5,2,1\n", `line 2: offered_rps = "-5"`},
		"Zero":      {"no load is no step", "offered_rps,p99,mean\n0,2,1\n", "line 2: offered_rps = 0: must be above 0"},
		"Text":      {"a unit in the field", "offered_rps,p99,mean\n5,20ms,1\n", `line 2: p99 = "20ms"`},
		"Fields":    {"a cut line", "offered_rps,p99,mean\n5,20,10\n6\n", "line 3 = 1 fields: must have 3"},
		"Order":     {"columns mixed up", "offered_rps,p50,p99\n5,20,10\n", "p50 = 20: must be at most p99 10"},
		"Unit":      {"seconds and milliseconds", "offered_rps,mean,p99\n5,20,0.07\n", "mean = 20: must be at most p99 0.07"},
		"Achieved":  {"more answers than requests", "offered_rps,achieved_rps,mean,p99\n5,9,1,2\n", "achieved_rps = 9: must be at most offered_rps 5"},
		"Failed":    {"a share, not a percentage", "offered_rps,mean,p99,failed\n5,1,2,3\n", `failed = "3": must be a number from 0 to 1`},
		"All":       {"all problems at once", "offered_rps,p99,mean\nx,y,z\n", "line 2: mean"},
		"Quotes":    {"broken CSV", "offered_rps,p99,mean\n\"5,20,10\n", "line "},
		"Semicolon": {"a spreadsheet of another country", "offered_rps;p99;mean\n5;2;1\n", `column "offered_rps;p99;mean": is unknown`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := readText(CSV, tc.in, Options{}); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: error %v, want %q", tc.reason, err, tc.want)
			}
		})
	}
}

// usageTest is a test of two steps of 60 s with a minute between them.
func usageTest() Test {
	return Test{Start: began, End: began.Add(3 * time.Minute), Steps: []Step{
		{Name: "a", Start: began, Seconds: 60}, {Name: "b", Start: began.Add(2 * time.Minute), Seconds: 60},
	}}
}

func TestUsage(t *testing.T) {
	cases := map[string]struct {
		reason string
		in     string
		want   []float64
	}{
		"Millicores": {reason: "the mean of the samples in the step", in: "seconds,millicores\n5,100\n30,200\n90,999\n130,400\n170,500\n", want: []float64{150, 450}},
		"Cores":      {reason: "cores are 1000 millicores", in: "seconds,cores\n5,0.1\n30,0.2\n130,0.4\n170,0.5\n", want: []float64{150, 450}},
		"Counter":    {reason: "what a counter rose by, over the time between", in: "seconds,cpu_seconds\n0,7\n50,12\n130,30\n170,50\n", want: []float64{100, 500}},
		"Reset":      {reason: "a counter that falls began at 0", in: "seconds,cpu_seconds\n0,100\n50,5\n130,30\n170,50\n", want: []float64{100, 500}},
		"Clock":      {reason: "times by the clock", in: "time,millicores\n2026-11-24T10:00:05Z,100\n2026-11-24T12:00:30+02:00,200\n2026-11-24T10:02:10Z,400\n2026-11-24T10:02:50Z,500\n", want: []float64{150, 450}},
		"Epoch":      {reason: "seconds since 1970", in: "seconds,millicores\n1795514405,100\n1795514430,200\n1795514530,400\n1795514570,500\n", want: []float64{150, 450}},
		"Unordered":  {reason: "the order of rows means nothing", in: "seconds,millicores\n170,500\n30,200\n130,400\n5,100\n", want: []float64{150, 450}},
		"HalfKnown":  {reason: "a step without two samples has no CPU", in: "seconds,millicores\n5,100\n30,200\n130,400\n", want: []float64{150, 0}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u, err := ReadUsage(strings.NewReader(tc.in))
			if err != nil {
				t.Fatal(err)
			}
			test, err := usageTest().WithUsage(u)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, []float64{test.Steps[0].CPUMilli, test.Steps[1].CPUMilli}); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestUsageRefused(t *testing.T) {
	cases := map[string]struct{ reason, in, want string }{
		"Empty":     {"no byte", "", "file = empty"},
		"NoTime":    {"CPU without a time", "cores\n1\n", `column "time": or seconds must be there`},
		"TwoTimes":  {"two clocks", "time,seconds,cores\n", "and not both"},
		"NoCPU":     {"time without CPU", "seconds,memory_mib\n1,2\n", `column "cores": or millicores or cpu_seconds is missing`},
		"TwoCPUs":   {"which of them?", "seconds,cores,millicores\n", `column "millicores": is a second column of CPU`},
		"OneRow":    {"one sample is none", "seconds,cores\n1,2\n", "file = 1 rows: must have two or more"},
		"BadTime":   {"a local form", "time,cores\n24.11.2026 10:00,1\n", "must be a time such as 2026-11-24T10:00:00Z"},
		"Elsewhere": {"another hour", "seconds,cores\n4000,1\n4010,1\n", "has no two samples within a step: it covers 4000 s to 4010 s"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u, err := ReadUsage(strings.NewReader(tc.in))
			if err == nil {
				_, err = usageTest().WithUsage(u)
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: error %v, want %q", tc.reason, err, tc.want)
			}
		})
	}
	u, _ := ReadUsage(strings.NewReader("seconds,cores\n1,1\n2,1\n"))
	if _, err := (Test{Steps: []Step{{}}}).WithUsage(u); err == nil || !strings.Contains(err.Error(), "have no times") {
		t.Errorf("a summary has no times: error %v", err)
	}
}

// The counters of two containers, sampled at times of their own, add up.
func TestCounterUsage(t *testing.T) {
	at := func(seconds int, value float64) Sample {
		return Sample{At: began.Add(time.Duration(seconds) * time.Second), Seconds: value}
	}
	u := CounterUsage([][]Sample{
		{at(0, 0), at(10, 1), at(60, 6), at(180, 18)},
		{at(5, 100), at(35, 106), at(55, 110), at(125, 4), at(175, 14)}, // began anew in between
	})
	test, err := usageTest().WithUsage(u)
	if err != nil {
		t.Fatal(err)
	}
	if got := test.Steps[1].CPUMilli; math.Abs(got-300) > 1 {
		t.Errorf("CPU = %gm, want 300m", got)
	}
}
