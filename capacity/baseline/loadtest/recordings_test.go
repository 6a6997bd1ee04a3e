package loadtest

import (
	"math"
	"regexp"
	"strings"
	"testing"
	"time"
)

// What k6 2.2.0 and vegeta 12.13.0 wrote; tests/servers makes it anew with -update.
func TestRecordedSteps(t *testing.T) {
	test, err := readRecorded(t, K6, "steps.ndjson.gz", Options{Discard: 2 * time.Second, Route: Router([]string{"GET /api/items/{id}"})})
	if err != nil {
		t.Fatal(err)
	}
	rates := []float64{20, 45, 70, 90, 110, 130, 150, 260}
	if len(test.Steps) != len(rates) {
		t.Fatalf("%d steps, want %d: %+v", len(test.Steps), len(rates), test.Steps)
	}
	for i, s := range test.Steps {
		if math.Abs(s.OfferedRPS/rates[i]-1) > 0.05 || s.Closed || s.ArrivalCV2 < 0.7 || s.FailedShare != 0 || s.Routes["GET /api/items/{id}"].Requests != s.Requests {
			t.Errorf("step %d: %+v", i, s)
		}
		if saturated := i == len(rates)-1; saturated != (s.Dropped > 0) || saturated != (s.AchievedRPS < 0.95*s.OfferedRPS) {
			t.Errorf("step %d: dropped %g, answered %g of %g rps", i, s.Dropped, s.AchievedRPS, s.OfferedRPS)
		}
	}
	if len(test.Notes) != 0 {
		t.Errorf("notes %q", test.Notes)
	}
}

func TestRecordedClosedLoop(t *testing.T) {
	test, err := readRecorded(t, K6, "closed.ndjson.gz", Options{Discard: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if s := test.Steps[0]; len(test.Steps) != 1 || !s.Closed || math.Abs(s.InFlight()-8) > 0.5 || !strings.Contains(strings.Join(test.Notes, ""), "looks closed") {
		t.Errorf("eight users in a loop: %+v, %q", test.Steps, test.Notes)
	}
}

func TestRecordedSummaries(t *testing.T) {
	cases := map[string]struct {
		reason string
		notes  string
		error  string
	}{
		"legacy.json":  {reason: "true means crossed there", notes: "legacy.json: threshold http_req_duration p(95)<1 was crossed"},
		"handle.json":  {reason: "handleSummary has ok: false", notes: "handle.json: threshold http_req_duration p(99)<1 was crossed"},
		"default.json": {reason: "no p(99) is no guess", error: "metrics.http_req_duration.p(99): is missing; run k6 with --summary-trend-stats="},
		"machine.json": {reason: "it never has one", error: "k6's machine-readable summary has no p(99)"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			test, err := readRecorded(t, K6, name, Options{})
			if tc.error != "" {
				if err == nil || !strings.Contains(err.Error(), tc.error) {
					t.Errorf("%s: error %v, want %q", tc.reason, err, tc.error)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(test.Notes, "\n"); got != tc.notes {
				t.Errorf("%s: notes %q, want %q", tc.reason, got, tc.notes)
			}
			if s := test.Steps[0]; s.Requests < 100 || s.CV2 < 0.1 || s.P99Millis < 2*s.P50Millis || s.Name+".json" != name {
				t.Errorf("%s: step %+v", tc.reason, s)
			}
		})
	}
}

func TestRecordedVegeta(t *testing.T) {
	raw, err := readRecorded(t, Vegeta, "vegeta.ndjson.gz", Options{Discard: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	report, err := readRecorded(t, Vegeta, "vegeta-report.json", Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, b := raw.Steps[0], report.Steps[0]
	for name, pair := range map[string][2]float64{"rate": {a.OfferedRPS, b.OfferedRPS}, "mean": {a.MeanMillis, b.MeanMillis}, "p50": {a.P50Millis, b.P50Millis}, "p99": {a.P99Millis, b.P99Millis}} {
		if math.Abs(pair[0]/pair[1]-1) > 0.12 {
			t.Errorf("%s: raw %g, report %g", name, pair[0], pair[1])
		}
	}
}

// A summary cut off anywhere is an error, never a panic and never a figure.
func TestCutSummaries(t *testing.T) {
	for name, format := range map[string]Format{"legacy.json": K6, "handle.json": K6, "vegeta-report.json": Vegeta} {
		data := string(recorded(t, name))
		whole := strings.LastIndex(data, "}")
		for end := 1; end <= whole; end += 37 {
			if _, err := readText(format, data[:end], Options{}); err == nil {
				t.Errorf("%s cut at %d is read", name, end)
			}
		}
	}
}

// Summaries are steps, by rising load, whatever the order of their files.
func TestSeveralSummaries(t *testing.T) {
	rate := regexp.MustCompile(`("http_reqs": \{\s*"count": \d+,\s*"rate": )[\d.]+`)
	slow := rate.ReplaceAllString(string(recorded(t, "legacy.json")), "${1}9.5")
	test, err := Read(K6, []File{{"fast.json", strings.NewReader(string(recorded(t, "legacy.json")))}, {"slow.json", strings.NewReader(slow)}}, Options{})
	if err != nil || len(test.Steps) != 2 || test.Steps[0].Name != "slow" || test.Steps[1].Name != "fast" || test.Source != "k6 fast.json slow.json" {
		t.Errorf("steps %+v, source %q, error %v", test.Steps, test.Source, err)
	}
	_, err = Read(K6, []File{{"a.json", strings.NewReader(slow)}, {"b.json", strings.NewReader("{")}}, Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "b.json file = {: must be a whole summary") {
		t.Errorf("the second is cut: error %v", err)
	}
}
