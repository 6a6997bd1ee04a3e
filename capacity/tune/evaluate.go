package tune

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/confirm"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/sim"
	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/capacity/spec"
)

// evaluator scores configurations. Every one meets the same random numbers, so
// that a difference between two is that of their settings.
type evaluator struct {
	space
	base    baseline.Baseline
	today   time.Time
	seed    uint64
	workers int
	// whole are the traces, peaks the time around the highest level of each, and
	// peakShare what these have of all the requests.
	whole, peaks []load.Curve
	peakShare    float64
	// budget is the share of time and requests that the SLO gives away.
	budget float64
	memo   map[string]Score
}

// stage is how much of the traces is replayed.
type stage int

const (
	onlyPeak stage = iota
	everything
)

// all scores configurations at a stage, in their order; one that was scored at it
// before is not replayed again.
func (e *evaluator) all(ctx context.Context, configs []config, s stage) ([]Score, error) {
	scores, errs := make([]Score, len(configs)), make([]error, len(configs))
	var open []int
	first := map[string]int{}
	for i, c := range configs {
		known, ok := e.memo[c.key()]
		_, twice := first[c.key()]
		switch {
		case ok && (s == onlyPeak || !known.partial):
			scores[i] = known
		case !twice:
			first[c.key()] = i
			open = append(open, i)
		}
	}
	jobs := make(chan int)
	var wait sync.WaitGroup
	for range min(max(1, e.workers), len(open)) {
		wait.Go(func() {
			for i := range jobs {
				scores[i], errs[i] = e.score(configs[i], s)
			}
		})
	}
	err := feed(ctx, jobs, open)
	wait.Wait()
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	for _, i := range open {
		e.memo[configs[i].key()] = scores[i]
	}
	for i, c := range configs {
		scores[i] = e.memo[c.key()]
	}
	return scores, nil
}

// feed hands out the jobs until the context ends.
func feed(ctx context.Context, jobs chan<- int, open []int) error {
	defer close(jobs)
	for _, i := range open {
		select {
		case jobs <- i:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// one scores one configuration on everything.
func (e *evaluator) one(ctx context.Context, c config) (Score, error) {
	scores, err := e.all(ctx, []config{c}, everything)
	if err != nil {
		return Score{}, err
	}
	return scores[0], nil
}

// score derives, proves and replays a configuration.
func (e *evaluator) score(c config, s stage) (Score, error) {
	stack := e.with(c)
	p, err := plan.New(stack, e.base, plan.Options{Today: e.today, Lean: true})
	if err != nil {
		return Score{}, err
	}
	if v := p.Violations(); len(v) > 0 {
		return Score{Violated: v, Budget: e.budget, depth: depthOf(v)}, nil
	}
	curves := e.whole
	if s == onlyPeak {
		curves = e.peaks
	}
	results, err := e.replay(stack, p, curves)
	if err != nil {
		return Score{}, err
	}
	out := sum(results)
	out.Budget, out.partial = e.budget, s == onlyPeak
	if out.partial {
		out.Hours = hours(e.whole)
		for name, v := range out.Services {
			v.requests /= e.peakShare
			out.Services[name] = v
		}
	}
	out.judge()
	return out, nil
}

func (e *evaluator) replay(stack spec.Stack, p plan.Plan, curves []load.Curve) ([]sim.Result, error) {
	var out []sim.Result
	for i, curve := range curves {
		s, err := confirm.Scenario(stack, e.base, p, curve)
		if err != nil {
			return nil, fmt.Errorf("trace %d: %w", i+1, err)
		}
		s.Seed = e.seed
		r, err := sim.Run(s)
		if err != nil {
			return nil, fmt.Errorf("trace %d: %w", i+1, err)
		}
		out = append(out, r)
	}
	return out, nil
}

// sum adds up the replays of all traces.
func sum(results []sim.Result) Score {
	out := Score{Services: map[string]ServiceScore{}}
	usd := 0.0
	for _, r := range results {
		usd += r.CostUSD
		out.Hours += r.Duration.Hours()
		out.NodeHours += r.NodeHours
		out.PeakNodes = max(out.PeakNodes, r.PeakNodes)
		for _, v := range r.Services {
			t := out.Services[v.Name]
			t.ViolationSeconds += v.ViolationSeconds
			t.requests += v.Requests
			t.failed += v.Failures.Sum()
			t.P99Ms = worse(t.P99Ms, v.P99Ms)
			t.PeakReplicas = max(t.PeakReplicas, v.PeakReplicas)
			out.Services[v.Name] = t
		}
	}
	if out.Hours > 0 {
		out.USDPerMonth = usd / out.Hours * plan.HoursPerMonth
	}
	return out
}

// judge fills in the shares that broke.
func (s *Score) judge() {
	s.BrokenShare = 0
	for name, v := range s.Services {
		if v.requests > 0 {
			v.FailedShare = v.failed / v.requests
		}
		s.Services[name] = v
		s.BrokenShare = max(s.BrokenShare, v.FailedShare, v.ViolationSeconds/(3600*s.Hours))
	}
}

func hours(curves []load.Curve) float64 {
	total := 0.0
	for _, c := range curves {
		total += c.Duration().Hours()
	}
	return total
}

func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
