package k6

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/baseline/loadtest"
	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/tests/servers"
)

// trendStats as the error of the import says it.
const trendStats = "avg,min,med,max,p(50),p(90),p(95),p(99),p(99.9),count"

// Every kind of summary that k6 writes, as k6 writes it.
func TestSummaries(t *testing.T) {
	cases := map[string]struct {
		reason string
		args   []string
		want   string // the error, "" for none
	}{
		"legacy.json":  {reason: "with the statistics that the import asks for", args: []string{"--summary-trend-stats", trendStats}},
		"default.json": {reason: "k6 leaves p(99) and count out by itself", want: "p(99): is missing"},
		"machine.json": {reason: "the new summary has no p99 whatever is asked", args: []string{"--new-machine-readable-summary", "--summary-trend-stats", trendStats}, want: "no p(99)"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, url := start(t, 2)
			path := filepath.Join(t.TempDir(), name)
			k6(t, append(append(tc.args, variables(map[string]any{"URL": url, "RATE": 60, "SECONDS": 5})...), "--summary-export", path, "testdata/steady.js")...)
			if *golden.Update {
				servers.Copy(t, path, filepath.Join(recordings, name))
			}
			content, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			test, err := loadtest.Read(loadtest.K6, []loadtest.File{{Name: name, Content: content}}, loadtest.Options{})
			if tc.want != "" {
				if err == nil || !strings.Contains(err.Error(), tc.want) {
					t.Fatalf("%s: error %v, want %q", tc.reason, err, tc.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			s := test.Steps[0]
			t.Logf("%+v, %v", s, test.Notes)
			if s.OfferedRPS < 57 || s.OfferedRPS > 63 || s.P99Millis < s.MeanMillis || s.Dropped != 0 {
				t.Errorf("%s: step %+v", tc.reason, s)
			}
			if len(test.Notes) != 1 || !strings.Contains(test.Notes[0], "p(95)<1 was crossed") {
				t.Errorf("one of the two thresholds was crossed, notes %v", test.Notes)
			}
		})
	}
}

// Users who wait for answers are no open load, and arrivals on the beat are none of
// users.
func TestGeneratorsAreTold(t *testing.T) {
	cases := map[string]struct {
		reason string
		args   []string
		want   string
	}{
		"Closed": {reason: "eight users in a loop", args: []string{"--vus", "8", "--duration", "10s", "testdata/loop.js"}, want: "closed: its virtual users"},
		"Even":   {reason: "an arrival-rate executor without a random wait", args: append(variables(map[string]any{"RATE": 10, "SECONDS": 10}), "testdata/steady.js"), want: "spaced requests evenly"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, url := start(t, 3)
			path := filepath.Join(t.TempDir(), "raw.ndjson.gz")
			k6(t, append(variables(map[string]any{"URL": url}), append([]string{"--out", "json=" + path}, tc.args...)...)...)
			if *golden.Update && name == "Closed" {
				keep(t, path, "closed.ndjson.gz")
			}
			content, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			test, err := loadtest.Read(loadtest.K6, []loadtest.File{{Name: "raw", Content: content}}, loadtest.Options{Discard: 500 * time.Millisecond})
			if err != nil || !strings.Contains(strings.Join(test.Notes, "\n"), tc.want) {
				t.Errorf("%s: notes %v, error %v, want %q", tc.reason, test.Notes, err, tc.want)
			}
		})
	}
}
