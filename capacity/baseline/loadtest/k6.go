package loadtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
)

// The metrics of k6 that are read (k6 v2.2.0, metrics/builtin.go).
const (
	durationMetric   = "http_req_duration"
	failedMetric     = "http_req_failed"
	droppedMetric    = "dropped_iterations"
	usersMetric      = "vus"
	iterationsMetric = "iterations"
)

// scenarioTag is the tag of k6's scenarios; stepTags are those that a script gives
// to its requests to say which step they belong to.
const scenarioTag = "scenario"

var stepTags = []string{"step", "rate"}

// k6Line is a line of k6's --out json (k6 v2.2.0, internal/output/json/wrapper.go).
type k6Line struct {
	Type   string `json:"type"`
	Metric string `json:"metric"`
	Data   struct {
		Time  time.Time `json:"time"`
		Value *float64  `json:"value"`
		Tags  k6Tags    `json:"tags"`
	} `json:"data"`
}

// k6Tags are the tags that matter; a map of all of them would cost more than the
// rest of the line.
type k6Tags struct {
	Expected string `json:"expected_response"`
	Group    string `json:"group"`
	Method   string `json:"method"`
	Name     string `json:"name"`
	URL      string `json:"url"`
	Status   string `json:"status"`
	Scenario string `json:"scenario"`
	Step     string `json:"step"`
	Rate     string `json:"rate"`
}

// k6 adds the requests of one k6 process. Several files of one test, written by
// several processes, make one recording: quantiles cannot be averaged.
func (r *recording) k6(file io.Reader, o Options) error {
	reader := k6Reader{recording: r, options: o, routes: map[[2]string]uint16{}, requests: len(r.samples)}
	if err := lines(file, o.Progress, reader.line); err != nil {
		return err
	}
	if len(r.samples) == reader.requests {
		return baseline.Problems{{Path: durationMetric, Rule: "has no point", Fix: "write the test's raw output with k6 run --out json=FILE, of a script that makes HTTP requests"}}
	}
	if !reader.told {
		return nil
	}
	r.failures = nil // the requests themselves say whether they failed
	return nil
}

type k6Reader struct {
	*recording
	options Options
	routes  map[[2]string]uint16
	// requests that were there before.
	requests int
	// told says that requests carry the tag expected_response.
	told bool
}

// line reads one line. Most are of metrics that do not matter; they are told by
// their name, and not decoded.
func (r *k6Reader) line(number int, line []byte) *baseline.Problem {
	if line[0] != '{' || line[len(line)-1] != '}' {
		return malformed(number, line)
	}
	metric := string(metricOf(line))
	if number > 1 && !r.matters(metric) {
		return nil
	}
	if metric == iterationsMetric && bytes.Contains(line, one) {
		r.iterations++ // as k6 writes every one of them
		return nil
	}
	var l k6Line
	if err := json.Unmarshal(line, &l); err != nil {
		return malformed(number, line)
	}
	if l.Type == "Point" && l.Metric != "" {
		return r.point(number, l)
	}
	if number == 1 && l.Type != "Metric" {
		return malformed(number, line)
	}
	return nil
}

// matters says whether a metric is read; "" is one that could not be told. Requests
// that say whether they failed make the metric of failures superfluous.
func (r *k6Reader) matters(metric string) bool {
	switch metric {
	case durationMetric, droppedMetric, usersMetric, iterationsMetric, "":
		return true
	case failedMetric:
		return !r.told
	}
	return false
}

var (
	metricKey = []byte(`"metric":`)
	one       = []byte(`"value":1,`)
)

// metricOf is the metric that a line names, or nothing where it is written in a way
// that only decoding tells. A tag cannot pass for it: quotes in values are escaped.
func metricOf(line []byte) []byte {
	i := 1 // where k6 writes it
	if !bytes.HasPrefix(line[i:], metricKey) {
		i = bytes.LastIndex(line, metricKey)
	}
	if i < 0 {
		return nil
	}
	rest := bytes.TrimLeft(line[i+len(metricKey):], " ")
	if len(rest) == 0 || rest[0] != '"' {
		return nil
	}
	end := bytes.IndexByte(rest[1:], '"')
	if end < 0 {
		return nil
	}
	return rest[1 : 1+end]
}

func malformed(number int, line []byte) *baseline.Problem {
	p := &baseline.Problem{Path: at(number), Value: clip(string(line)), Rule: "must be a line of k6's --out json", Fix: "the file is damaged, or the test was killed while it wrote: run it again"}
	if number == 1 {
		p.Fix = "give the file of k6 run --out json=FILE, or a summary"
	}
	return p
}

func (r *k6Reader) point(number int, l k6Line) *baseline.Problem {
	value, group := l.Data.Value, l.Data.Tags.Group
	switch {
	case value == nil || l.Data.Time.IsZero():
		return &baseline.Problem{Path: at(number), Value: l.Metric, Rule: "must have a time and a value", Fix: "the file is damaged: run the test again"}
	case !(*value >= 0 && *value <= maxMillis):
		return &baseline.Problem{Path: at(number), Value: fmt.Sprintf("%s = %g", l.Metric, *value), Rule: fmt.Sprintf("must be from 0 to %g", float64(maxMillis)), Fix: "the file is damaged: run the test again"}
	case strings.HasPrefix(group, "::setup"), strings.HasPrefix(group, "::teardown"):
		return nil
	}
	r.add(l.Metric, r.seconds(l.Data.Time), *value, l.Data.Tags)
	return nil
}

func (r *k6Reader) add(metric string, now, value float64, tags k6Tags) {
	switch metric {
	case durationMetric:
		r.request(now, value, tags)
	case failedMetric:
		if value > 0 {
			r.failures = append(r.failures, moment{now, value})
		}
	case droppedMetric:
		r.dropped = append(r.dropped, moment{now, value})
	case usersMetric:
		r.users = append(r.users, moment{now, value})
	case iterationsMetric:
		r.iterations += int(value)
	}
}

// maxMillis bounds a latency: a day.
const maxMillis = 24 * 3600 * 1000

// request adds a request by the time of its end, which is what k6 writes.
func (r *k6Reader) request(end, millis float64, tags k6Tags) {
	r.told = r.told || tags.Expected != ""
	r.samples = append(r.samples, sample{
		start: end - millis/1000, millis: millis, failed: tags.Expected == "false",
		route: r.route(tags), group: r.group(tags),
	})
}

func (r *k6Reader) route(tags k6Tags) uint16 {
	name := tags.Name
	if name == "" {
		name = tags.URL
	}
	key := [2]string{tags.Method, name}
	i, ok := r.routes[key]
	if !ok && len(r.routes) < math.MaxUint16 {
		if r.options.Route != nil {
			i = r.recording.routes.of(r.options.Route(tags.Method, name))
		}
		r.routes[key] = i
	}
	return i
}

// group is the step that a request is tagged with, or else its scenario.
func (r *k6Reader) group(tags k6Tags) uint16 {
	for i, value := range []string{tags.Step, tags.Rate} {
		if value != "" {
			r.groupTag = stepTags[i]
			return r.groups.of(value)
		}
	}
	if r.groupTag == "" {
		r.groupTag = scenarioTag
	}
	return r.groups.of(tags.Scenario)
}
