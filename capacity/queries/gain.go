package queries

import (
	"context"
	"errors"
	"slices"

	"github.com/agencyos/headroom/capacity/queries/explain"
	"github.com/agencyos/headroom/capacity/queries/index"
	"github.com/agencyos/headroom/capacity/queries/statement"
)

// Method is how a gain was predicted.
type Method string

// Methods, the better one first.
const (
	// Hypopg: the server planned the statement as if the index were there.
	Hypopg Method = "hypopg"
	// Estimate: reckoned from the planner's prices and the table's statistics.
	Estimate Method = "estimate"
	// Measured: an estimate with the rows that calls really returned, where the
	// generic plan assumes many more.
	Measured Method = "estimate from measured rows"
)

// leastGain is how many times cheaper a statement has to become for an index to
// be worth its keep: below it, the planner's prices are too rough to tell.
const leastGain = 2

// closeTo is up to how many times the least cost another one is as good, so that
// the smaller index wins.
const closeTo = 1.1

// rounds of indexes for one statement: one on each side of a join.
const rounds = 2

// trial is an index that makes a statement cheaper.
type trial struct {
	index.Candidate
	table         index.Table
	statement     int64
	method        Method
	before, after float64
}

func (t trial) gain() float64 { return t.before / max(t.after, 0.01) }

// index tries indexes against a statement and keeps those that help.
func (a *adviser) index(ctx context.Context, s *Advice) error {
	if s.Calls < a.options.MinCalls {
		return nil
	}
	before := s.root.TotalCost
	var chosen []index.Candidate
	for range rounds {
		best, err := a.best(ctx, s, before, chosen)
		if err != nil || best == nil {
			return err
		}
		a.trials = append(a.trials, *best)
		chosen = append(chosen, best.Candidate)
		before = best.after
		s.missing(*best)
		if best.method != Hypopg {
			return nil
		}
	}
	return nil
}

// best is the index that makes the statement cheapest beside those chosen; nil
// when none helps enough.
func (a *adviser) best(ctx context.Context, s *Advice, before float64, chosen []index.Candidate) (*trial, error) {
	var all []trial
	for _, scan := range s.scans {
		t, ok := a.heavy(*s, scan)
		if !ok {
			continue
		}
		for _, c := range index.Candidates(scan, t) {
			if _, served := index.Serving(t, c); served || slices.ContainsFunc(chosen, func(d index.Candidate) bool { return d.Table == c.Table }) {
				continue
			}
			found, err := a.try(ctx, s, scan, trial{Candidate: c, table: t, statement: s.QueryID, before: before}, chosen)
			if err != nil {
				return nil, err
			}
			if found != nil {
				all = append(all, *found)
			}
		}
	}
	return cheapest(all), nil
}

// cheapest is the trial to take: of those about as cheap as the cheapest, the
// one with the fewest keys.
func cheapest(all []trial) *trial {
	least := -1.0
	for _, t := range all {
		if t.gain() >= leastGain && (least < 0 || t.after < least) {
			least = t.after
		}
	}
	var best *trial
	for i, t := range all {
		if t.gain() >= leastGain && t.after <= closeTo*least && (best == nil || len(t.Keys) < len(best.Keys)) {
			best = &all[i]
		}
	}
	return best
}

// try predicts what one index would do; nil when the planner would not use it.
func (a *adviser) try(ctx context.Context, s *Advice, scan explain.Scan, t trial, chosen []index.Candidate) (*trial, error) {
	rows, measured := found(s, scan)
	if a.db.Hypothetical() {
		root, err := a.plan(ctx, s.search, append(slices.Clone(chosen), t.Candidate)...)
		var refused Refusal
		switch {
		case errors.As(err, &refused):
			return nil, nil
		case err != nil:
			return nil, err
		}
		t.method, t.after = Hypopg, root.TotalCost
		used := root.Find((*explain.Node).Hypothetical)
		if len(used) > len(chosen) && (t.gain() >= leastGain || !measured) {
			return &t, nil
		}
		if !measured {
			return nil, nil
		}
	}
	t.method, t.after = Estimate, a.estimate(s, scan, t.table, t.Candidate, rows)
	if measured {
		t.method = Measured
	}
	return &t, nil
}

// fewer is how many times fewer rows than the plan assumes calls must have
// returned for the generic plan to be disbelieved.
const fewer = 10

// found is how many rows a scan finds: what calls returned where that is known
// and far below what the plan assumes.
func found(s *Advice, scan explain.Scan) (rows float64, measured bool) {
	returned := max(1, s.PerCall(s.Rows))
	if scan.Whole && s.Kind == statement.Select && returned*fewer < scan.Rows {
		return returned, true
	}
	return scan.Rows, false
}

// estimate is the plan's cost with an index, by the planner's prices.
func (a *adviser) estimate(s *Advice, scan explain.Scan, t index.Table, c index.Candidate, rows float64) float64 {
	times := scan.Times
	if len(c.Keys) == c.Equal {
		rows = max(rows, c.Share*t.Rows)
	}
	if c.Join {
		rows = max(1, c.Share*t.Rows)
		for _, j := range scan.Joins {
			times = max(times, j.Rows)
		}
	}
	rest := max(0, s.root.TotalCost-scan.TotalCost*scan.Times)
	return rest + times*a.db.Costs().Lookup(t, rows)
}
