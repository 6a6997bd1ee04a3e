package tune

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// Run searches the settings of a stack. The error is about its input; that
// nothing holds the SLO is a Verdict.
func Run(ctx context.Context, stack spec.Stack, base baseline.Baseline, o Options) (Result, error) {
	s, err := newSearch(stack, base, o)
	if err != nil {
		return Result{}, err
	}
	if err := s.run(ctx); err != nil {
		return Result{}, err
	}
	return s.conclude(ctx)
}

func newSearch(stack spec.Stack, base baseline.Baseline, o Options) (*search, error) {
	o, err := o.withDefaults(stack)
	if err != nil {
		return nil, err
	}
	sp, err := spaceOf(stack, base, o)
	if err != nil {
		return nil, err
	}
	e := &evaluator{space: sp, base: base, today: o.Today, seed: o.Seed, workers: o.Workers, budget: 1 - stack.SLO.Availability.Ratio(), memo: map[string]Score{}}
	for _, t := range o.Traces {
		e.whole = append(e.whole, t.Curve)
	}
	if e.peaks, err = peaksOf(e.whole, stack); err != nil {
		return nil, err
	}
	e.peakShare = area(e.peaks) / area(e.whole)
	return &search{evaluator: e, options: o, random: rand.New(rand.NewPCG(o.Seed, searchStream)), seen: map[string]bool{},
		confirmations: map[string]Confirmation{}}, nil
}

// searchStream is the stream of the search's own random numbers.
const searchStream = 0x7e4e

// spaceOf are the knobs that may be turned.
func spaceOf(stack spec.Stack, base baseline.Baseline, o Options) (space, error) {
	lean := plan.Options{Today: o.Today, Lean: true}
	p, err := plan.New(stack, base, lean)
	if err != nil {
		return space{}, err
	}
	var types [][]string
	for i := range stack.Nodes.Groups {
		types = append(types, typesFor(stack, i, func(name string) bool {
			other := stack
			other.Nodes.Groups = slices.Clone(stack.Nodes.Groups)
			other.Nodes.Groups[i].InstanceTypes = []string{name}
			q, err := plan.New(other, base, lean)
			return err == nil && holdsLargest(other, q, i)
		}))
	}
	sp, err := newSpace(stack, p, types).only(o.Only)
	if err == nil && len(sp.knobs) == 0 {
		err = errors.New("the stack has no setting to turn")
	}
	return sp, err
}

// run spends the budget.
func (s *search) run(ctx context.Context) error {
	var err error
	if s.current, err = s.one(ctx, s.standing()); err != nil {
		return err
	}
	s.seen[s.standing().key()] = true
	s.tried = append(s.tried, candidate{s.standing(), s.current})
	if err := s.screen(ctx); err != nil {
		return err
	}
	return s.evolve(ctx)
}

// conclude confirms the best and explains it.
func (s *search) conclude(ctx context.Context) (Result, error) {
	out := Result{Stack: s.stack.Name, Seed: s.seed, Changes: []Change{}, Refused: []TradeOff{}, Infeasible: infeasibleOf(s.tried),
		TradeOffs: s.tradeOffs(), Knobs: s.knobInfo(), Tried: len(s.tried)}
	for _, t := range s.options.Traces {
		out.Traces = append(out.Traces, TraceInfo{t.Name, t.Curve.Duration().Hours(), t.Curve.Max()})
	}
	for _, c := range s.tried {
		if c.score.Feasible() && !c.score.partial {
			out.Replayed++
		}
	}
	var err error
	if out.Current, err = s.outcome(ctx, s.standing()); err != nil {
		return out, err
	}
	winner, err := s.winner(ctx, &out)
	if err != nil {
		return out, err
	}
	switch {
	case winner != nil:
		out.Verdict = Improved
		best, err := s.outcome(ctx, winner)
		if err != nil {
			return out, err
		}
		out.Best = &best
		out.Changes, err = s.explain(ctx, winner)
		return out, err
	case out.Current.Holds:
		out.Verdict = Kept
		out.Best = &out.Current
	default:
		out.Verdict = Nothing
		out.Breaks, err = s.breaks(ctx, out)
	}
	return out, err
}

// outcome is a configuration replayed on everything, and request by request when
// the fluid holds.
func (s *search) outcome(ctx context.Context, c config) (Outcome, error) {
	score, err := s.one(ctx, c)
	if err != nil || !score.Holds() {
		return Outcome{Score: score}, err
	}
	confirmation, err := s.confirmed(ctx, c)
	return Outcome{Score: score, Holds: confirmation.Holds, Confirmation: &confirmation}, err
}

// winner is the cheapest configuration that is confirmed and worth its changes;
// nil when the settings as they stand are, or when nothing is.
func (s *search) winner(ctx context.Context, out *Result) (config, error) {
	holding := s.holding()
	asked := map[string]bool{}
	var refused []Score
	for n := range holding {
		c := holding[n]
		if out.Current.Holds && c.score.USDPerMonth > out.Current.USDPerMonth*(1-worthIt) {
			break
		}
		if len(refused) >= 2*s.options.Top || alike(c.score, refused) {
			continue
		}
		short, err := s.reduce(ctx, c.config)
		if err != nil {
			return nil, err
		}
		if len(short.changed()) == 0 || asked[short.key()] {
			continue
		}
		asked[short.key()] = true
		s.options.Progress("confirming", len(asked), 2*s.options.Top)
		confirmation, err := s.confirmed(ctx, short)
		if err != nil {
			return nil, err
		}
		if confirmation.Holds {
			return short, nil
		}
		score, err := s.one(ctx, short)
		if err != nil {
			return nil, err
		}
		refused = append(refused, c.score, score)
		row := s.tradeOff(candidate{short, score})
		row.Holds, row.BrokenShare, row.ViolationSeconds, row.P99Ms = false, confirmation.BrokenShare, confirmation.ViolationSeconds(), confirmation.P99Ms()
		out.Refused = append(out.Refused, row)
	}
	return nil, nil
}

// holding are the candidates that hold, the cheapest first.
func (s *search) holding() []candidate {
	var out []candidate
	for _, c := range s.tried {
		if c.score.Holds() {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return better(a.score, b.score) })
	return out
}

// alike says whether a score is so close to a refused one that it would be
// refused too: it costs no more and breaks no less.
func alike(s Score, refused []Score) bool {
	return slices.ContainsFunc(refused, func(r Score) bool {
		return s.USDPerMonth <= r.USDPerMonth*(1+worthIt) && s.BrokenShare >= r.BrokenShare/2
	})
}

// breaks says which promise breaks when nothing holds: that of the configuration
// that came closest.
func (s *search) breaks(ctx context.Context, out Result) (string, error) {
	closest := s.best(1)[0]
	score, err := s.one(ctx, closest.config)
	if err != nil {
		return "", err
	}
	if !score.Feasible() {
		return violatedText(score.Violated), nil
	}
	text := ""
	if score.Holds() { // request by request, it did not
		row := out.Current.Confirmation
		if len(out.Refused) > 0 || row == nil {
			c, err := s.confirmed(ctx, closest.config)
			if err != nil {
				return "", err
			}
			row = &c
		}
		score = exchangeShares(score, *row)
		text = ", request by request"
	}
	service, seconds, failed := score.weakest()
	return breaks(service, seconds, failed, score) + text, nil
}

// exchangeShares is a score with the figures of a confirmation.
func exchangeShares(s Score, c Confirmation) Score {
	s.Services, s.BrokenShare = c.Services, c.BrokenShare
	return s
}
