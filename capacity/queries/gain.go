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

// place is where an index would serve: one scan of one table.
type place struct {
	scan  explain.Scan
	table index.Table
}

// trial is an index tried against a statement. Of a partitioned table it is the
// same index on every partition that the statement reads.
type trial struct {
	// Candidate is on the table at the root, where the index would be made.
	index.Candidate
	table         index.Table
	places        []place
	statement     QueryID
	method        Method
	before, after float64
}

func (t trial) gain() float64 { return t.before / max(t.after, 0.01) }

// indexes are those that the server has to make up.
func (t trial) indexes() []index.Candidate {
	var out []index.Candidate
	for _, p := range t.places {
		if c := t.Moved(p.table.Table); !slices.ContainsFunc(out, func(d index.Candidate) bool { return d.Table == c.Table }) {
			out = append(out, c)
		}
	}
	return out
}

// index tries indexes against a statement and keeps those that help.
func (a *adviser) index(ctx context.Context, s *Advice) error {
	if s.Calls < a.options.MinCalls {
		return nil
	}
	before := s.root.TotalCost
	var chosen []index.Candidate
	options := a.trialsOf(s)
	for range rounds {
		best, err := a.best(ctx, s, options, before, chosen)
		if err != nil || best == nil {
			return err
		}
		a.trials = append(a.trials, *best)
		s.missing(*best)
		if best.method != Hypopg {
			return nil
		}
		before, chosen = best.after, append(chosen, best.indexes()...)
		options = slices.DeleteFunc(options, func(t trial) bool { return t.table.Table == best.table.Table })
	}
	return nil
}

// trialsOf are the indexes to try against a statement.
func (a *adviser) trialsOf(s *Advice) []trial {
	var out []trial
	for _, scan := range s.scans {
		t, ok := a.heavy(*s, scan)
		if !ok {
			continue
		}
		root := t
		if t.Parent != nil {
			root = a.tables[*t.Parent]
		}
		for _, c := range index.Candidates(scan, t) {
			if _, served := index.Serving(t, c); served {
				continue
			}
			c = c.Moved(root.Table)
			at := slices.IndexFunc(out, func(o trial) bool { return o.Same(c) })
			if at < 0 {
				at = len(out)
				out = append(out, trial{Candidate: c, table: root, statement: s.QueryID})
			}
			out[at].places = append(out[at].places, place{scan, t})
		}
	}
	return out
}

// best is the index that makes the statement cheapest beside those chosen; nil
// when none helps enough.
func (a *adviser) best(ctx context.Context, s *Advice, options []trial, before float64, chosen []index.Candidate) (*trial, error) {
	var all []trial
	for _, t := range options {
		t.before = before
		ok, err := a.try(ctx, s, &t, chosen)
		if err != nil {
			return nil, err
		}
		if ok && t.gain() >= leastGain {
			all = append(all, t)
		}
	}
	return cheapest(all), nil
}

// cheapest is the trial to take: of those about as cheap as the cheapest, the
// one with the fewest keys.
func cheapest(all []trial) *trial {
	var best *trial
	for i := range all {
		if best == nil || all[i].after < best.after {
			best = &all[i]
		}
	}
	for i := range all {
		if all[i].after <= closeTo*best.after && len(all[i].Keys) < len(best.Keys) {
			return &all[i]
		}
	}
	return best
}

// try predicts what one index would do; false when the planner would not use it.
func (a *adviser) try(ctx context.Context, s *Advice, t *trial, chosen []index.Candidate) (bool, error) {
	measured := t.measured(s)
	if a.db.Hypothetical() {
		root, err := a.plan(ctx, s.search, slices.Concat(chosen, t.indexes())...)
		var refused Refusal
		switch {
		case errors.As(err, &refused):
			return false, nil
		case err != nil:
			return false, err
		}
		t.method, t.after = Hypopg, root.TotalCost
		used := len(root.Find((*explain.Node).Hypothetical)) > len(chosen)
		if used && t.gain() >= leastGain || !measured {
			return used, nil
		}
	}
	t.method, t.after = Estimate, a.estimate(s, t)
	if measured {
		t.method = Measured
	}
	return !slices.ContainsFunc(t.places, func(p place) bool { return p.scan.Type != explain.SeqScan }), nil
}

// fewer is how many times fewer rows than the plan assumes calls must have
// returned for the generic plan to be disbelieved.
const fewer = 10

// measured tells whether calls returned far fewer rows than the scan is planned
// for, where what a call returns is what the scan finds.
func (t trial) measured(s *Advice) bool {
	return len(t.places) == 1 && t.places[0].scan.Whole && s.Kind == statement.Select && max(1, s.PerCall(s.Rows))*fewer < t.places[0].scan.Rows
}

// estimate is the plan's cost with an index, by the planner's prices.
func (a *adviser) estimate(s *Advice, t *trial) float64 {
	after := s.root.TotalCost
	for _, p := range t.places {
		rows, times := p.scan.Rows, p.scan.Times
		if t.measured(s) {
			rows = max(1, s.PerCall(s.Rows))
		}
		if len(t.Keys) == t.Equal {
			rows = max(rows, t.Share*p.table.Rows)
		}
		if t.Join {
			rows = max(1, t.Share*p.table.Rows)
			for _, j := range p.scan.Joins {
				times = max(times, j.Rows)
			}
		}
		after += times*a.db.Costs().Lookup(p.table, rows) - p.scan.TotalCost*p.scan.Times
	}
	return max(after, a.db.Costs().Lookup(t.table, 1))
}
