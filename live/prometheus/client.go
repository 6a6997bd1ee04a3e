package prometheus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/api"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"github.com/agencyos/headroom/live"
)

// TokenVariable of the environment may hold a bearer token.
const TokenVariable = "HEADROOM_PROMETHEUS_TOKEN"

// Client of one Prometheus, or of anything that speaks its HTTP API.
type Client struct {
	api     v1.API
	address string
	// progress is told after every query; nil tells nobody.
	progress func(done, all int)
}

// timeout of one query; Prometheus gives up after two minutes itself.
const timeout = 3 * time.Minute

// New is a client of the API at an address such as http://localhost:9090. The token
// may be empty. progress is told after every query; nil tells nobody.
func New(address, token string, progress func(done, all int)) (*Client, error) {
	at, err := url.Parse(address)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" {
		return nil, live.Fail(fmt.Sprintf("--prometheus = %s: must be the address of a Prometheus", redacted(address)), "such as http://localhost:9090, after kubectl port-forward")
	}
	client, err := api.NewClient(api.Config{Address: address, RoundTripper: bearer{token, api.DefaultRoundTripper}})
	if err != nil {
		return nil, live.Fail(fmt.Sprintf("--prometheus: %v", err))
	}
	return &Client{api: v1.NewAPI(client), address: at.Redacted(), progress: progress}, nil
}

// redacted hides a password, also in what cannot be parsed.
func redacted(address string) string {
	if at, err := url.Parse(address); err == nil {
		return at.Redacted()
	}
	if _, host, ok := strings.Cut(address, "@"); ok {
		return "…@" + host
	}
	return address
}

// bearer adds a token to every request.
type bearer struct {
	token string
	next  http.RoundTripper
}

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if b.token != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	return b.next.RoundTrip(r)
}

// mostPoints of one query of a range; Prometheus refuses more than 11,000
// (web/api/v1/api.go, v2.42), and fewer keep each query short.
const mostPoints = 1000

// over is a range of time, evaluated at every step, both ends included.
type over struct {
	from, to time.Time
	step     time.Duration
}

// chunks are the parts of a range that one query each may ask for.
func (o over) chunks() []v1.Range {
	var out []v1.Range
	for from := o.from; !from.After(o.to); from = from.Add(mostPoints * o.step) {
		to := from.Add((mostPoints - 1) * o.step)
		if to.After(o.to) {
			to = o.to
		}
		out = append(out, v1.Range{Start: from, End: to, Step: o.step})
	}
	return out
}

// series is a time series: its labels and a value by time in milliseconds.
type series struct {
	labels model.Metric
	values map[model.Time]float64
}

// ranged evaluates a query over a range, in as many parts as it takes.
func (c *Client) ranged(ctx context.Context, query string, o over) ([]series, error) {
	byLabels := map[model.Fingerprint]int{}
	var out []series
	parts := o.chunks()
	for i, part := range parts {
		value, err := c.ask(ctx, func(ctx context.Context) (model.Value, v1.Warnings, v1.Infos, error) {
			return c.api.QueryRange(ctx, query, part)
		})
		if err != nil {
			return nil, err
		}
		matrix, ok := value.(model.Matrix)
		if !ok {
			return nil, live.Fail(fmt.Sprintf("%s answers %s with a %s, not with series", c.address, query, value.Type()))
		}
		for _, stream := range matrix {
			at, ok := byLabels[stream.Metric.Fingerprint()]
			if !ok {
				at = len(out)
				byLabels[stream.Metric.Fingerprint()], out = at, append(out, series{stream.Metric, map[model.Time]float64{}})
			}
			for _, pair := range stream.Values {
				out[at].values[pair.Timestamp] = float64(pair.Value)
			}
		}
		if c.progress != nil {
			c.progress(i+1, len(parts))
		}
	}
	return out, nil
}

// ask makes one request and explains what goes wrong.
func (c *Client) ask(ctx context.Context, do func(context.Context) (model.Value, v1.Warnings, v1.Infos, error)) (model.Value, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	value, _, _, err := do(ctx)
	if err != nil {
		return nil, c.explain(err)
	}
	return value, nil
}

// explain turns an error of the API into one that says what to do.
func (c *Client) explain(err error) error {
	var answer *v1.Error
	var network *net.OpError
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return live.Fail(fmt.Sprintf("%s did not answer within %s", c.address, timeout), "ask for fewer --days")
	case errors.As(err, &answer) && strings.Contains(answer.Msg, "401"), errors.As(err, &answer) && strings.Contains(answer.Msg, "403"):
		return live.Fail(fmt.Sprintf("%s refuses access: %s", c.address, answer.Msg), "put a bearer token into "+TokenVariable+", or user:password@ into the address")
	case errors.As(err, &answer) && (answer.Type == v1.ErrClient || answer.Type == v1.ErrServer || answer.Type == v1.ErrBadResponse):
		return live.Fail(fmt.Sprintf("%s does not answer as a Prometheus: %s", c.address, answer.Msg), "give the address without /api or /graph")
	case errors.As(err, &answer):
		return live.Fail(fmt.Sprintf("%s refuses a query: %s", c.address, answer.Msg))
	case errors.As(err, &network):
		return live.Fail(fmt.Sprintf("%s cannot be reached: %v", c.address, network.Err), "is it up, and forwarded to here? kubectl port-forward service/prometheus 9090")
	}
	return live.Fail(fmt.Sprintf("%s: %v", c.address, err))
}
