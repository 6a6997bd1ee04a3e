package loadtest

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestK6Steps(t *testing.T) {
	scenarios := func(step int) string { return untagged(step) + `,"scenario":"` + string(rune('a'+step)) + `"` }
	tagged := func(step int) string { return untagged(step) + `,"step":"` + string(rune('1'+step)) + `"` }
	cases := map[string]struct {
		reason string
		tags   func(int) string
		want   []string
	}{
		"Plateaus":  {reason: "steps are where the rate changes", tags: untagged, want: []string{"10:00:00", "10:00:20", "10:00:40"}},
		"Tagged":    {reason: "a tag says what a step is", tags: tagged, want: []string{"1", "2", "3"}},
		"Scenarios": {reason: "scenarios one after the other are steps", tags: scenarios, want: []string{"a", "b", "c"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			test, err := readText(K6, joined(staircase(tc.tags, 20, 50, 100)), Options{Discard: 2 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for i, s := range test.Steps {
				names = append(names, s.Name)
				if rate := []float64{20, 50, 100}[i]; math.Abs(s.OfferedRPS/rate-1) > 0.02 || math.Abs(s.MeanMillis-15) > 0.3 || s.P99Millis < 19 || s.P99Millis > 20 || s.ArrivalCV2 > 0.1 {
					t.Errorf("step %+v", s)
				}
			}
			if diff := cmp.Diff(tc.want, names); diff != "" {
				t.Errorf("%s\nnames (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// Scenarios side by side are parts of one load, not steps.
func TestK6ParallelScenarios(t *testing.T) {
	lines := staircase(func(int) string { return untagged(0) + `,"scenario":"read"` }, 20, 60)
	lines = append(lines, staircase(func(int) string { return untagged(0) + `,"scenario":"write"` }, 20, 60)[1:]...)
	test, err := readText(K6, joined(lines), Options{Discard: 2 * time.Second})
	if err != nil || len(test.Steps) != 2 || math.Abs(test.Steps[1].OfferedRPS-120) > 2 {
		t.Errorf("steps %+v, error %v", test.Steps, err)
	}
}

// The order of lines and of keys, and the day, change nothing.
func TestK6OrderChangesNothing(t *testing.T) {
	lines := staircase(untagged, 20, 50)
	o := Options{Discard: 2 * time.Second}
	want, err := readText(K6, joined(lines), o)
	if err != nil {
		t.Fatal(err)
	}
	shuffled := append([]string(nil), lines...)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(shuffled)-1, func(i, j int) { shuffled[i+1], shuffled[j+1] = shuffled[j+1], shuffled[i+1] })
	turned := make([]string, len(lines))
	for i, line := range lines {
		turned[i] = strings.Replace(strings.Replace(line, `"metric":"http_req_duration","type":"Point",`, `"type": "Point", `, 1), "}}}", `}}, "metric": "http_req_duration"}`, 1)
	}
	for name, other := range map[string][]string{"shuffled": shuffled, "keys turned round": turned} {
		got, err := readText(K6, joined(other), o)
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-6, 0)); diff != "" || err != nil {
			t.Errorf("%s: error %v (-want +got):\n%s", name, err, diff)
		}
	}
	if got, err := readText(K6, zip(joined(lines)), o); err != nil || !cmp.Equal(want, got) {
		t.Errorf("compressed: error %v", err)
	}
	got, err := readText(K6, strings.ReplaceAll(joined(lines), "2026-11-24", "2027-01-05"), o)
	if err != nil || !got.Start.Equal(want.Start.AddDate(0, 0, 42)) || got.Steps[1].P99Millis != want.Steps[1].P99Millis {
		t.Errorf("another day: error %v, start %v", err, got.Start)
	}
}

// What was dropped was offered; what failed has no latency.
func TestK6DropsAndFailures(t *testing.T) {
	lines := staircase(untagged, 50)
	for i := range 200 {
		lines = append(lines, point("dropped_iterations", time.Duration(i)*100*time.Millisecond, 1, `"scenario":"s"`))
	}
	for i := range 20 {
		lines = append(lines, strings.Replace(lineOf(time.Duration(i)*time.Second, 9000, untagged(0)), `"expected_response":"true"`, `"expected_response":"false"`, 1))
	}
	lines = append(lines, strings.Replace(lineOf(0, 9000, untagged(0)), `"tags":{`, `"tags":{"group":"::setup",`, 1))
	test, err := readText(K6, joined(lines), Options{Discard: 2 * time.Second})
	if err != nil || len(test.Steps) != 1 {
		t.Fatalf("%d steps, error %v", len(test.Steps), err)
	}
	if s := test.Steps[0]; math.Abs(s.OfferedRPS-61) > 1 || math.Abs(s.Dropped-170) > 3 || math.Abs(s.FailedShare-0.02) > 0.002 || s.P99Millis > 20 {
		t.Errorf("step %+v", s)
	}
}

// Without the tag of k6 the metric of failures counts.
func TestK6FailuresByMetric(t *testing.T) {
	lines := staircase(untagged, 50)
	for i := range lines {
		lines[i] = strings.Replace(lines[i], `"expected_response":"true",`, "", 1)
	}
	for i := range 20 {
		lines = append(lines, point("http_req_failed", time.Duration(i)*time.Second, 1, ""))
	}
	test, err := readText(K6, joined(lines), Options{Discard: 2 * time.Second})
	if err != nil || math.Abs(test.Steps[0].FailedShare-0.02) > 0.002 {
		t.Errorf("steps %+v, error %v", test.Steps, err)
	}
}

func TestK6Routes(t *testing.T) {
	items := func(step int) string {
		return `"method":"GET","name":"http://127.0.0.1:1/api/items/7?x=1","step":"` + string(rune('1'+step)) + `"`
	}
	test, err := readText(K6, joined(staircase(items, 50)), Options{Discard: 2 * time.Second, Route: Router([]string{"GET /api/items/{id}", "GET /api/items/new", "POST /api/items/{id}"})})
	if err != nil {
		t.Fatal(err)
	}
	if r := test.Steps[0].Routes["GET /api/items/{id}"]; len(test.Steps[0].Routes) != 1 || r.Requests != test.Steps[0].Requests || r.P99Millis != test.Steps[0].P99Millis {
		t.Errorf("routes %+v", test.Steps[0].Routes)
	}
}

func TestRouter(t *testing.T) {
	route := Router([]string{"GET /", "GET /api/items", "GET /api/items/{id}", "GET /api/items/new", "POST /api/items"})
	cases := map[string]struct{ reason, method, name, want string }{
		"Key":     {"the name is the key", "", "GET /api/items/{id}", "GET /api/items/{id}"},
		"Path":    {"the name is the pattern", "GET", "/api/items/{id}", "GET /api/items/{id}"},
		"URL":     {"a URL with its parameter", "GET", "https://x.example/api/items/42?page=2", "GET /api/items/{id}"},
		"Literal": {"a path beats a pattern", "GET", "http://x/api/items/new", "GET /api/items/new"},
		"Method":  {"the method tells routes apart", "POST", "http://x/api/items", "POST /api/items"},
		"Root":    {"the root is a route", "GET", "http://x/", "GET /"},
		"Unknown": {"another path is none", "GET", "http://x/health/live", ""},
		"Empty":   {"a parameter is not empty", "GET", "http://x/api/items//", "GET /api/items"},
		"Broken":  {"what is no URL is none", "GET", "http://%zz", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := route(tc.method, tc.name); got != tc.want {
				t.Errorf("%s: %q, want %q", tc.reason, got, tc.want)
			}
		})
	}
}

func TestK6Refused(t *testing.T) {
	good := staircase(untagged, 20)
	cut := joined(good)
	cut = cut[:len(cut)-40]
	with := func(line string) string { return joined(append(append([]string(nil), good...), line)) }
	cases := map[string]struct{ reason, in, want string }{
		"Empty":      {"no byte", "", "file = empty: must hold the results of a load test"},
		"Blank":      {"no line", " \n\n", "file = empty"},
		"Text":       {"what k6 prints on the terminal", "running (1m), 0/10 VUs\n", "line 1 = running (1m), 0/10 VUs: must be a line of k6's --out json"},
		"CutOff":     {"a line without its end", cut, "must be a line of k6's --out json; the file is damaged, or the test was killed"},
		"OtherJSON":  {"JSON of something else", `{"level":"info","msg":"x"}` + "\n" + `{"level":"info"}` + "\n", "must be a line of k6's --out json"},
		"OnlyHeader": {"a test without requests", header + "\n", "http_req_duration: has no point"},
		"CutGzip":    {"half a compressed file", zip(cut)[:200], "the compressed file is cut off or damaged"},
		"NoGzip":     {"a header and nothing", "\x1f\x8b", "the compressed file is cut off"},
		"Negative":   {"time does not run backwards", with(lineOf(0, -5, untagged(0))), "line 402 = http_req_duration = -5: must be from 0 to 8.64e+07"},
		"Infinite":   {"beyond any number", with(strings.Replace(lineOf(0, 5, untagged(0)), `"value":5`, `"value":1e999`, 1)), "line 402"},
		"NaN":        {"no number of JSON", with(strings.Replace(lineOf(0, 5, untagged(0)), `"value":5`, `"value":NaN`, 1)), "line 402"},
		"NoValue":    {"a point without a value", with(strings.Replace(lineOf(0, 5, untagged(0)), `"value":5,`, "", 1)), "must have a time and a value"},
		"NoTime":     {"a point without a time", with(strings.Replace(lineOf(0, 5, untagged(0)), `"time"`, `"when"`, 1)), "must have a time and a value"},
		"TooShort":   {"steps that are all discarded", joined(good), "must have steps of constant load"},
		"LongLine":   {"one line of five megabytes", with(`{"x":"` + strings.Repeat("x", 5<<20) + `"}`), "must be at most 4194304 bytes"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := readText(K6, tc.in, Options{Discard: 15 * time.Second})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: error %v, want %q", tc.reason, err, tc.want)
			}
		})
	}
	t.Run("Ramp", func(t *testing.T) {
		var lines []string
		for i := range 3000 { // the rate rises from 0 to 100 within a minute
			lines = append(lines, lineOf(time.Duration(60*math.Sqrt(float64(i)/3000)*1e9), 5, untagged(0)))
		}
		_, err := readText(K6, joined(lines), Options{Discard: 15 * time.Second})
		if err == nil || !strings.Contains(err.Error(), "hold each rate for 60s") {
			t.Errorf("a ramp has no steps: error %v", err)
		}
	})
	t.Run("Mixed", func(t *testing.T) {
		_, err := Read(K6, []File{{"a", strings.NewReader(joined(good))}, {"b", strings.NewReader(string(recorded(t, "legacy.json")))}}, Options{})
		if err == nil || !strings.Contains(err.Error(), "mix raw results and summaries") {
			t.Errorf("error %v", err)
		}
	})
}
