package loadtest

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
)

// vegetaResult is a line of vegeta encode --to json (vegeta v12.13.0, lib/results.go).
type vegetaResult struct {
	Attack    string        `json:"attack"`
	Code      *int          `json:"code"`
	Timestamp time.Time     `json:"timestamp"`
	Latency   time.Duration `json:"latency"`
	Error     string        `json:"error"`
	Method    string        `json:"method"`
	URL       string        `json:"url"`
}

// attackTag says that groups come from the names of vegeta's attacks.
const attackTag = "attack"

// vegeta adds the requests of one vegeta attack. vegeta's time is that of the
// intended start, and its latency counts from there.
func (r *recording) vegeta(file io.Reader, o Options) error {
	return lines(file, o.Progress, func(number int, line []byte) *baseline.Problem {
		var v vegetaResult
		if err := json.Unmarshal(line, &v); err != nil || v.Timestamp.IsZero() || v.Code == nil {
			return &baseline.Problem{Path: at(number), Value: clip(string(line)), Rule: "must be a result of vegeta as JSON", Fix: "turn the results into JSON: vegeta encode --to json results.bin"}
		}
		millis := v.Latency.Seconds() * 1000
		if !(millis >= 0 && millis <= maxMillis) {
			return &baseline.Problem{Path: at(number), Value: fmt.Sprintf("latency = %s", v.Latency), Rule: "must be from 0s to 24h", Fix: "the file is damaged: run the attack again"}
		}
		s := sample{start: r.seconds(v.Timestamp), millis: millis, failed: v.Error != "" || *v.Code < 200 || *v.Code >= 400, group: r.groups.of(v.Attack)}
		if v.Attack != "" {
			r.groupTag = attackTag
		}
		if o.Route != nil {
			s.route = r.routes.of(o.Route(v.Method, v.URL))
		}
		r.samples = append(r.samples, s)
		return nil
	})
}

// vegetaReport reads the output of vegeta report -type=json, which counts failed
// requests among the latencies, as one step.
func vegetaReport(data []byte) (Step, error) {
	var report struct {
		Latencies struct {
			Mean float64 `json:"mean"`
			P50  float64 `json:"50th"`
			P99  float64 `json:"99th"`
		} `json:"latencies"`
		Earliest   time.Time `json:"earliest"`
		Duration   float64   `json:"duration"`
		Requests   int       `json:"requests"`
		Rate       float64   `json:"rate"`
		Throughput float64   `json:"throughput"`
		Success    float64   `json:"success"`
	}
	if err := json.Unmarshal(data, &report); err != nil {
		return Step{}, baseline.Problems{{Path: "file", Value: clip(string(data)), Rule: "must be a whole report of vegeta: " + err.Error(), Fix: "write it with vegeta report -type=json"}}
	}
	var found baseline.Problems
	positive := func(path string, value float64) {
		if !(value > 0 && value <= 1e18) {
			found = append(found, baseline.Problem{Path: path, Value: fmt.Sprint(value), Rule: "must be above 0", Fix: "check that the attack reached the service, and write the report with vegeta report -type=json"})
		}
	}
	positive("latencies.mean", report.Latencies.Mean)
	positive("latencies.99th", report.Latencies.P99)
	positive("duration", report.Duration)
	positive("requests", float64(report.Requests))
	positive("rate", report.Rate)
	if !(report.Success >= 0 && report.Success <= 1) {
		found = append(found, baseline.Problem{Path: "success", Value: fmt.Sprint(report.Success), Rule: "must be a ratio between 0 and 1", Fix: "write the report with vegeta report -type=json"})
	}
	if len(found) > 0 {
		return Step{}, found
	}
	const millis = 1e6 // nanoseconds
	s := Step{
		Start: report.Earliest, Seconds: report.Duration / 1e9, Requests: report.Requests, OfferedRPS: report.Rate,
		MeanMillis: report.Latencies.Mean / millis, P50Millis: report.Latencies.P50 / millis, P99Millis: report.Latencies.P99 / millis,
		FailedShare: 1 - report.Success,
	}
	// vegeta's throughput counts successes only; what was answered at all is more.
	s.AchievedRPS = report.Rate
	if report.Success > 0 {
		s.AchievedRPS = min(report.Rate, report.Throughput/report.Success)
	}
	s.complete()
	return s, nil
}
