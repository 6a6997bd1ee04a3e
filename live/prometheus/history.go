package prometheus

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"github.com/agencyos/headroom/capacity/baseline/history"
	"github.com/agencyos/headroom/capacity/baseline/loadtest"
	"github.com/agencyos/headroom/live"
)

// Window is the length of each window of a history: long enough for a p99, short
// enough for one load.
const Window = 5 * time.Minute

// History of a service over so many days up to a moment.
func (c *Client) History(ctx context.Context, s Service, days int, end time.Time) (history.History, error) {
	end = end.Truncate(Window)
	asked := time.Duration(days) * 24 * time.Hour
	o := over{end.Add(-asked + Window), end, Window}
	h := history.History{Window: Window, Asked: asked}
	var r record
	var err error
	if r.load, err = c.one(ctx, s.requests(Window), o); err != nil {
		return h, err
	}
	if len(r.load) == 0 {
		return h, live.Fail(fmt.Sprintf("%s has no %s%s in %d days", c.address, s.Requests, s.selector(), days),
			"the series need the labels namespace and service; services.<name>.metrics.requests in the stack file names another counter")
	}
	if r.latency, err = c.latency(ctx, s, o); err != nil {
		return h, err
	}
	if s.Failed != "" {
		if r.failed, err = c.one(ctx, s.failed(Window), o); err != nil {
			return h, err
		}
	}
	if err := c.pods(ctx, s, o, &r); err != nil {
		return h, err
	}
	if h.StartupSeconds, err = c.number(ctx, s.startup(days), end); err != nil {
		return h, err
	}
	h.Source = fmt.Sprintf("prometheus %d days of %s, %s", days, s.Name, r.sources())
	h.Windows = r.windows(o)
	return h, nil
}

// record is what Prometheus knows of a service, by time.
type record struct {
	load, failed      map[model.Time]float64
	latency           map[model.Time]history.Histogram
	ready, cpu, bytes answer
}

// pods asks for what is known of the pods: how many, and what they used.
func (c *Client) pods(ctx context.Context, s Service, o over, r *record) error {
	for _, a := range []struct {
		to      *answer
		choices []choice
	}{{&r.ready, s.ready(Window)}, {&r.cpu, s.cores(Window)}, {&r.bytes, s.bytes(Window)}} {
		found, err := c.first(ctx, a.choices, o)
		if err != nil {
			return err
		}
		*a.to = found
	}
	if r.ready.name == "" {
		return live.Fail(fmt.Sprintf("%s has neither kube_pod_status_ready%s nor up%s", c.address, s.pods(), s.selector()), "scrape kube-state-metrics, or the service itself: without the number of pods there is no load per pod")
	}
	return nil
}

// windows in which there were load and pods.
func (r record) windows(o over) []history.Window {
	var out []history.Window
	for at := o.from; !at.After(o.to); at = at.Add(o.step) {
		t := model.TimeFromUnixNano(at.UnixNano())
		rps, ok := r.load[t]
		pods := r.ready.values[t]
		if !ok || !(pods > 0) {
			continue
		}
		w := history.Window{End: at, Pods: pods, RPS: rps, FailedRPS: finite(r.failed[t]), CPUMilli: finite(1000 * r.cpu.values[t]),
			MemoryMiB: finite(r.bytes.values[t] / (1 << 20))}
		if histogram, ok := r.latency[t]; ok {
			w.Latency = &histogram
		}
		out = append(out, w)
	}
	return out
}

// sources are the metrics about the pods that there were.
func (r record) sources() string {
	var names []string
	for _, a := range []answer{r.ready, r.cpu, r.bytes} {
		if a.name != "" {
			names = append(names, a.name)
		}
	}
	return strings.Join(names, ", ")
}

// number is the answer to a query for one, 0 where there is none.
func (c *Client) number(ctx context.Context, query string, at time.Time) (float64, error) {
	value, err := c.ask(ctx, func(ctx context.Context) (model.Value, v1.Warnings, v1.Infos, error) {
		return c.api.Query(ctx, query, at)
	})
	if err != nil {
		return 0, err
	}
	if vector, ok := value.(model.Vector); ok && len(vector) == 1 {
		return finite(float64(vector[0].Value)), nil
	}
	return 0, nil
}

func finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return x
}

// answer of the first of several metrics that there is.
type answer struct {
	name   string
	values map[model.Time]float64
}

// one is a query for a single series; nothing where there is none.
func (c *Client) one(ctx context.Context, query string, o over) (map[model.Time]float64, error) {
	found, err := c.ranged(ctx, query, o)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0].values, nil
}

func (c *Client) first(ctx context.Context, choices []choice, o over) (answer, error) {
	for _, choice := range choices {
		values, err := c.one(ctx, choice.query, o)
		if err != nil || len(values) > 0 {
			return answer{choice.name, values}, err
		}
	}
	return answer{}, nil
}

// latency histograms by time, of a classic or else of a native histogram.
func (c *Client) latency(ctx context.Context, s Service, o over) (map[model.Time]history.Histogram, error) {
	buckets, err := c.ranged(ctx, s.buckets(Window), o)
	if err != nil {
		return nil, err
	}
	seconds := s.seconds(Window)
	if len(buckets) == 0 {
		if buckets, err = c.ranged(ctx, s.nativeBuckets(Window), o); err != nil {
			return nil, err
		}
		seconds = s.nativeSeconds(Window)
	}
	if len(buckets) == 0 {
		return nil, live.Fail(fmt.Sprintf("%s has no histogram %s%s", c.address, s.Duration, s.selector()),
			"services.<name>.metrics.duration in the stack file names another one")
	}
	sums, err := c.one(ctx, seconds, o)
	if err != nil {
		return nil, err
	}
	byTime := map[model.Time]map[float64]float64{}
	for _, b := range buckets {
		bound, err := strconv.ParseFloat(string(b.labels["le"]), 64)
		if err != nil {
			continue // no bucket
		}
		for t, n := range b.values {
			if byTime[t] == nil {
				byTime[t] = map[float64]float64{}
			}
			byTime[t][1000*bound] = n
		}
	}
	out := map[model.Time]history.Histogram{}
	for t, cumulative := range byTime {
		if h, ok := history.NewHistogram(cumulative, 1000*sums[t]); ok {
			out[t] = h
		}
	}
	return out, nil
}

// Usage of the pods of a service during a load test, as it was sampled.
func (c *Client) Usage(ctx context.Context, s Service, start, end time.Time) (loadtest.Usage, error) {
	length := end.Sub(start).Round(time.Second) + time.Minute
	for _, choice := range s.counters(length) {
		value, err := c.ask(ctx, func(ctx context.Context) (model.Value, v1.Warnings, v1.Infos, error) {
			return c.api.Query(ctx, choice.query, end.Add(30*time.Second))
		})
		if err != nil {
			return loadtest.Usage{}, err
		}
		matrix, ok := value.(model.Matrix)
		if !ok || len(matrix) == 0 {
			continue
		}
		var counters [][]loadtest.Sample
		for _, stream := range matrix {
			var one []loadtest.Sample
			for _, pair := range stream.Values {
				one = append(one, loadtest.Sample{At: pair.Timestamp.Time(), Seconds: float64(pair.Value)})
			}
			counters = append(counters, one)
		}
		return loadtest.CounterUsage(counters), nil
	}
	return loadtest.Usage{}, live.Fail(fmt.Sprintf("%s has no CPU of %s between %s and %s", c.address, s.Name, start.UTC().Format(time.DateTime), end.UTC().Format(time.DateTime)),
		"is the tested pod scraped? its labels are namespace and service, or its name that of a Deployment's pod")
}
