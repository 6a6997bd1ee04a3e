// Package k6 writes the load test of a stack: a k6 script that climbs from today's
// peak to the load to be ready for, and fails where a promise does.
package k6

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/agencyos/headroom/capacity/catalog"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

//go:embed script.js
var template string

// Options of a load test.
type Options struct {
	// Services that get load; empty for all of them.
	Services []string
	// Origin leaves out the CDN: the load is what reaches the services behind it.
	Origin bool
	// Steps from today's peak to growth times it. Default: 5.
	Steps int
	// Hold is how long each step lasts. Default: 2m.
	Hold time.Duration
	// Ramp is the time of all the ways up together. Default: traffic.ramp.
	Ramp time.Duration
}

// Bounds of the options.
const (
	mostSteps = 50
	leastHold = 5 * time.Second
	longest   = 24 * time.Hour
	// settling is left out of the judgement of a step: connections open and pods
	// warm up. A planning choice.
	settling = 30 * time.Second
	// droppedShare of the arrivals may be dropped by the generator before its own
	// weakness counts as a failure of the test. A planning choice.
	droppedShare = 0.001
	// answers that a generator must be able to wait for, in p99 promises: at the
	// promise half of them are busy.
	reserve, most = 2, 10
)

// Test is a load test. Its JSON is what the script reads.
type Test struct {
	Services   map[string]Service     `json:"services"`
	Steps      []Step                 `json:"steps"`
	Scenarios  map[string]Scenario    `json:"scenarios"`
	Thresholds map[string][]Threshold `json:"thresholds"`

	stack, summary string
}

// Service is where load goes.
type Service struct {
	// Base is the environment variable with the URL, Example what it could be.
	Base    string `json:"base"`
	Example string `json:"example"`
	// hosted tells that the example is the host of the service's ingress.
	hosted bool
	// CDN tells whether a CDN is to answer some of the requests.
	CDN    bool    `json:"cdn"`
	Routes []Route `json:"routes"`
}

// Route is a part of a service's load.
type Route struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	// Share in percent.
	Share float64 `json:"share"`
	// Tag tells the route apart in thresholds, which allow no braces.
	Tag string `json:"tag"`
}

// Step is a time of constant load, in milliseconds from the beginning.
type Step struct {
	Name string `json:"name"`
	From int64  `json:"from"`
	To   int64  `json:"to"`
}

// Scenario is one service's arrivals.
type Scenario struct {
	Executor        string  `json:"executor"`
	StartRate       int     `json:"startRate"`
	TimeUnit        string  `json:"timeUnit"`
	PreAllocatedVUs int     `json:"preAllocatedVUs"`
	MaxVUs          int     `json:"maxVUs"`
	Stages          []Stage `json:"stages"`
}

// Stage of a scenario.
type Stage struct {
	Target   int    `json:"target"`
	Duration string `json:"duration"`
}

// Threshold of a metric.
type Threshold struct {
	Threshold   string `json:"threshold"`
	AbortOnFail bool   `json:"abortOnFail"`
	// DelayAbortEval counts from the beginning of the test.
	DelayAbortEval string `json:"delayAbortEval,omitempty"`
}

// New makes the load test of a stack that has a plan.
func New(s spec.Stack, p plan.Plan, o Options) (Test, error) {
	o = o.withDefaults(s)
	if err := o.validate(s); err != nil {
		return Test{}, err
	}
	t := Test{Services: map[string]Service{}, Scenarios: map[string]Scenario{}, Thresholds: map[string][]Threshold{}, stack: s.Name}
	multiples := multiplesOf(s.Traffic.Growth, o.Steps)
	t.steps(o, multiples)
	arrivals := 0.0
	for _, name := range o.Services {
		peak := float64(s.Services[name].PeakRPS)
		if o.Origin {
			peak = p.Services[name].PeakOriginRPS
		}
		t.Services[name] = service(name, s.Services[name], o.Origin)
		t.Scenarios[name] = scenario(peak, multiples, o, s.SLO)
		t.promise(name, s.Services[name], s.SLO, o.Origin)
		arrivals += peak * s.Traffic.Growth * o.Hold.Seconds()
	}
	t.Thresholds["dropped_iterations"] = []Threshold{{Threshold: fmt.Sprintf("count<%d", max(1, int(droppedShare*arrivals)))}}
	t.summary = fmt.Sprintf("%s %s in %d steps of %s", strings.Join(o.Services, ", "), climbTo(s.Traffic.Growth), o.Steps, o.Hold)
	return t, nil
}

func climbTo(growth float64) string {
	if growth == 1 {
		return "at today's peak"
	}
	return fmt.Sprintf("from 1× to %g× of today's peak", growth)
}

func (o Options) withDefaults(s spec.Stack) Options {
	if len(o.Services) == 0 {
		for name := range s.Services {
			o.Services = append(o.Services, name)
		}
	}
	o.Services = slices.Compact(slices.Sorted(slices.Values(o.Services)))
	if o.Steps == 0 {
		o.Steps = 5
	}
	if o.Hold == 0 {
		o.Hold = 2 * time.Minute
	}
	if o.Ramp == 0 {
		o.Ramp = time.Duration(s.Traffic.Ramp)
	}
	return o
}

func (o Options) validate(s spec.Stack) error {
	var problems []error
	for _, name := range o.Services {
		if _, ok := s.Services[name]; !ok {
			problems = append(problems, fmt.Errorf("service %s: is not a service of %s; %s", name, s.Name, catalog.Known(name, slices.Sorted(maps.Keys(s.Services)))))
		}
	}
	if o.Steps < 2 || o.Steps > mostSteps {
		problems = append(problems, fmt.Errorf("steps = %d: must be from 2 to %d", o.Steps, mostSteps))
	}
	if o.Hold < leastHold || o.Hold > longest {
		problems = append(problems, fmt.Errorf("hold = %s: must be from %s to %s", o.Hold, leastHold, longest))
	}
	if o.Ramp < time.Second || o.Ramp > longest {
		problems = append(problems, fmt.Errorf("ramp = %s: must be from 1s to %s", o.Ramp, longest))
	}
	return errors.Join(problems...)
}

// multiplesOf today's peak, evenly from 1 to growth.
func multiplesOf(growth float64, steps int) []float64 {
	out := make([]float64, steps)
	for i := range out {
		out[i] = 1 + (growth-1)*float64(i)/float64(steps-1)
	}
	return out
}

// climb is the way up to each step: the first from nothing.
func (o Options) climb() time.Duration {
	return max(time.Second, (o.Ramp / time.Duration(o.Steps)).Round(time.Second))
}

func (t *Test) steps(o Options, multiples []float64) {
	at := time.Duration(0)
	for _, m := range multiples {
		at += o.climb()
		t.Steps = append(t.Steps, Step{Name: fmt.Sprintf("%.3gx", m), From: at.Milliseconds(), To: (at + o.Hold).Milliseconds()})
		at += o.Hold
	}
}

func scenario(peak float64, multiples []float64, o Options, slo spec.SLO) Scenario {
	var stages []Stage
	top := 0.0
	for _, m := range multiples {
		rate := max(1, int(math.Round(peak*m)))
		top = math.Max(top, float64(rate))
		stages = append(stages, Stage{Target: rate, Duration: seconds(o.climb())}, Stage{Target: rate, Duration: seconds(o.Hold)})
	}
	users := func(promises float64) int { return max(10, int(math.Ceil(top*slo.P99.Seconds()*promises))) }
	return Scenario{Executor: "ramping-arrival-rate", TimeUnit: "1s", PreAllocatedVUs: users(reserve), MaxVUs: users(most), Stages: stages}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%gs", d.Seconds()) }

func service(name string, v spec.Service, origin bool) Service {
	out := Service{Base: baseVariable(name), Example: "https://" + name + ".example.com", CDN: !origin && *v.CDNHitRatio > 0}
	if v.Ingress != nil && v.Ingress.Host != "" {
		out.Example, out.hosted = "https://"+v.Ingress.Host, true
	}
	for i, r := range v.Routes {
		out.Routes = append(out.Routes, Route{Method: r.Method, Path: r.Path, Share: float64(r.Share), Tag: tag(name, i)})
	}
	return out
}

// tag of a route: a selector of k6 takes neither braces nor commas.
func tag(service string, route int) string { return fmt.Sprintf("%s-%d", service, route+1) }

func baseVariable(service string) string {
	return "BASE_URL_" + strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return '_'
	}, service)
}

// promise holds every step to what users are promised.
func (t *Test) promise(name string, v spec.Service, slo spec.SLO, origin bool) {
	for _, step := range t.Steps {
		delay := (time.Duration(step.From)*time.Millisecond + min(settling, time.Duration(step.To-step.From)*time.Millisecond/2)).String()
		add := func(metric, selector, limit string) {
			t.Thresholds[metric+"{"+selector+",step:"+step.Name+"}"] = []Threshold{{Threshold: limit, AbortOnFail: true, DelayAbortEval: delay}}
		}
		for i, r := range v.Routes {
			if !r.Core {
				continue
			}
			p99, ttfb := slo.P99, slo.TTFB
			if r.P99 != nil {
				p99 = *r.P99
			}
			if r.TTFB != nil {
				ttfb = *r.TTFB
			}
			add("http_req_duration", "route:"+tag(name, i), fmt.Sprintf("p(99)<%g", p99.Millis()))
			add("http_req_waiting", "route:"+tag(name, i), fmt.Sprintf("p(99)<%g", ttfb.Millis()))
		}
		add("http_req_failed", "service:"+name, fmt.Sprintf("rate<%.6g", 1-slo.Availability.Ratio()))
	}
	if !origin && *v.CDNHitRatio > 0 {
		t.Thresholds["cdn_hits{service:"+name+"}"] = []Threshold{{Threshold: fmt.Sprintf("rate>=%g", v.CDNHitRatio.Ratio())}}
	}
}

// Script is the load test as k6 runs it.
func (t Test) Script() (string, error) {
	var data strings.Builder
	encoder := json.NewEncoder(&data)
	encoder.SetEscapeHTML(false) // it is read by people, too
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(t); err != nil {
		return "", fmt.Errorf("writing the load test: %w", err)
	}
	var bases strings.Builder
	for _, name := range sorted(t.Services) {
		fmt.Fprintf(&bases, "\n//   %s  where %s answers, such as %s", t.Services[name].Base, name, t.Services[name].Example)
	}
	return strings.NewReplacer("%STACK%", t.stack, "%SUMMARY%", t.summary, "//%BASES%", strings.TrimPrefix(bases.String(), "\n"), "%TEST%", strings.TrimSpace(data.String())).Replace(template), nil
}
