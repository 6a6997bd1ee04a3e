package loadtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/baseline"
)

// trendStats is the option without which k6 leaves out what a baseline needs.
const trendStats = `--summary-trend-stats="avg,min,med,max,p(50),p(90),p(95),p(99),p(99.9),count"`

// k6Metric is a metric of a summary in any of its two shapes: --summary-export
// writes the statistics beside the thresholds, handleSummary gets them under values.
type k6Metric struct {
	statistics map[string]float64
	crossed    []string
}

// k6Summary reads one summary as one step: of --summary-export or handleSummary.
func k6Summary(data []byte) (Step, []string, error) {
	var file struct {
		Metrics map[string]json.RawMessage `json:"metrics"`
		Results json.RawMessage            `json:"results"`
		State   struct {
			TestRunDurationMs float64 `json:"testRunDurationMs"`
		} `json:"state"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return Step{}, nil, baseline.Problems{{Path: "file", Value: clip(string(data)), Rule: "must be a whole summary or raw output of k6: " + err.Error(), Fix: "the file is cut off or of something else: run the test again"}}
	}
	if file.Results != nil {
		return Step{}, nil, baseline.Problems{{Path: "results", Rule: "k6's machine-readable summary has no p(99) and no count",
			Fix: "run k6 without --new-machine-readable-summary and with --summary-export=FILE " + trendStats + ", or with --out json=FILE"}}
	}
	metrics := map[string]k6Metric{}
	var found baseline.Problems
	for _, name := range slices.Sorted(maps.Keys(file.Metrics)) {
		m, err := readMetric(file.Metrics[name])
		if err != nil {
			found = append(found, baseline.Problem{Path: "metrics." + name, Value: clip(string(file.Metrics[name])), Rule: "must be a metric of k6", Fix: "run the test again"})
		}
		metrics[name] = m
	}
	if len(found) > 0 {
		return Step{}, nil, found
	}
	step, err := k6Step(metrics, file.State.TestRunDurationMs/1000)
	return step, crossings(metrics), err
}

// readMetric reads a metric. A threshold in --summary-export is true when it was
// crossed, the opposite of what it says (k6 v2.2.0, internal/js/summary-wrapper.js);
// handleSummary has ok.
func readMetric(raw json.RawMessage) (k6Metric, error) {
	m := k6Metric{statistics: map[string]float64{}}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return m, err
	}
	if values, ok := fields["values"]; ok {
		if err := json.Unmarshal(values, &m.statistics); err != nil {
			return m, err
		}
	}
	for key, value := range fields {
		var number float64
		if json.Unmarshal(value, &number) == nil {
			m.statistics[key] = number
		}
	}
	var err error
	if fields["thresholds"] != nil {
		m.crossed, err = crossed(fields["thresholds"])
	}
	return m, err
}

// crossed are the thresholds that were.
func crossed(raw json.RawMessage) ([]string, error) {
	var thresholds map[string]json.RawMessage
	if err := json.Unmarshal(raw, &thresholds); err != nil {
		return nil, err
	}
	var out []string
	for _, expression := range slices.Sorted(maps.Keys(thresholds)) {
		var inverted bool
		var now struct {
			OK bool `json:"ok"`
		}
		if json.Unmarshal(thresholds[expression], &inverted) != nil {
			if err := json.Unmarshal(thresholds[expression], &now); err != nil {
				return nil, err
			}
			inverted = !now.OK
		}
		if inverted {
			out = append(out, expression)
		}
	}
	return out, nil
}

func crossings(metrics map[string]k6Metric) []string {
	var notes []string
	for _, name := range slices.Sorted(maps.Keys(metrics)) {
		for _, expression := range metrics[name].crossed {
			notes = append(notes, fmt.Sprintf("threshold %s %s was crossed", name, expression))
		}
	}
	return notes
}

// k6Step makes a step of the metrics. Latencies are those of the requests that did
// not fail, where k6 tells them apart.
func k6Step(metrics map[string]k6Metric, seconds float64) (Step, error) {
	latency, name := metrics[durationMetric].statistics, durationMetric
	if expected := durationMetric + "{expected_response:true}"; has(metrics[expected].statistics, needed...) {
		latency, name = metrics[expected].statistics, expected
	}
	found := latencyProblems(latency, "metrics."+name)
	requests := metrics["http_reqs"].statistics
	if seconds == 0 && requests["rate"] > 0 {
		seconds = requests["count"] / requests["rate"]
	}
	if !(seconds > 0) || !(requests["count"] > 0) {
		found = append(found, baseline.Problem{Path: "metrics.http_reqs", Rule: "must have a count and a rate above 0", Fix: "check that the test reached the service"})
	}
	if len(found) > 0 {
		return Step{}, found
	}
	return assemble(metrics, latency, seconds), nil
}

// needed statistics of the latency.
var needed = []string{"avg", "p(99)", "count"}

func latencyProblems(latency map[string]float64, path string) baseline.Problems {
	var found baseline.Problems
	for _, key := range needed {
		if !has(latency, key) {
			found = append(found, baseline.Problem{Path: path + "." + key, Rule: "is missing", Fix: "run k6 with " + trendStats})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(latency)) {
		if value := latency[key]; !(value >= 0 && (value <= maxMillis || key == "count")) {
			found = append(found, baseline.Problem{Path: path + "." + key, Value: fmt.Sprint(value), Rule: fmt.Sprintf("must be from 0 to %g", float64(maxMillis)), Fix: "the file is damaged: run the test again"})
		}
	}
	return found
}

func has(statistics map[string]float64, keys ...string) bool {
	for _, key := range keys {
		if _, ok := statistics[key]; !ok {
			return false
		}
	}
	return true
}

func assemble(metrics map[string]k6Metric, latency map[string]float64, seconds float64) Step {
	requests, iterations := metrics["http_reqs"].statistics["count"], metrics[iterationsMetric].statistics["count"]
	each := 1.0
	if iterations > 0 {
		each = max(1, requests/iterations)
	}
	s := Step{Seconds: seconds, Requests: int(latency["count"]), MeanMillis: latency["avg"], P99Millis: latency["p(99)"], P50Millis: latency["p(50)"]}
	if s.P50Millis == 0 {
		s.P50Millis = latency["med"]
	}
	s.Dropped = metrics[droppedMetric].statistics["count"] * each
	s.AchievedRPS, s.OfferedRPS = requests/seconds, (requests+s.Dropped)/seconds
	failed := metrics[failedMetric].statistics // of --summary-export the rate is called value
	s.FailedShare = min(1, max(failed["rate"], failed["value"], 0))
	s.complete()
	return s
}

// complete derives what a summary does not say, as far as it can, from a gamma
// distribution with the quantiles that it says.
func (s *Step) complete() {
	if s.MeanMillis == 0 {
		s.MeanMillis, s.CV2 = gammaFromQuantiles(s.P50Millis, s.P99Millis)
	}
	if s.CV2 == 0 {
		s.CV2 = gammaCV2(s.MeanMillis, 0.99, s.P99Millis)
	}
	if s.Requests > 1 {
		s.MeanStdErr = s.MeanMillis * math.Sqrt(s.CV2/float64(s.Requests))
	}
}

// baseName is a name without the extensions of its format.
func baseName(name string) string {
	for _, extension := range []string{".gz", ".json", ".ndjson", ".csv"} {
		name = strings.TrimSuffix(name, extension)
	}
	return name
}
