package tune

import (
	"context"
	"math/rand/v2"
	"slices"
)

const (
	// generation is how many configurations are tried at once. It is fixed, so
	// that the search does not depend on the number of workers.
	generation = 32
	// parents are the best configurations, from which new ones are made.
	parents = 12
	// closeBy of every generation are neighbors of the best configuration.
	closeBy = 12
	// attempts to find a configuration that was not tried before.
	attempts = 200
)

// closer are the shares of the budget after which the search looks closer.
var closer = []float64{0.5, 0.7, 0.85}

// search is a search under way.
type search struct {
	*evaluator
	options Options
	random  *rand.Rand
	current Score
	effects []effect
	weights []float64
	// tried are all configurations in the order of their trial.
	tried []candidate
	seen  map[string]bool
	// confirmations by configuration.
	confirmations map[string]Confirmation
}

// candidate is a configuration and its score.
type candidate struct {
	config config
	score  Score
}

// standing is the configuration that changes nothing.
func (s *search) standing() config { return make(config, len(s.knobs)) }

// left is what remains of the budget.
func (s *search) left() int { return s.options.Budget - len(s.tried) }

// try scores new configurations: first the peaks, then everything for those that
// may hold the SLO and for the better half of the others.
func (s *search) try(ctx context.Context, stage string, configs []config) ([]Score, error) {
	scores := make([]Score, len(configs))
	for from := 0; from < len(configs); from += generation {
		batch := configs[from:min(from+generation, len(configs))]
		got, err := s.halve(ctx, batch)
		if err != nil {
			return nil, err
		}
		copy(scores[from:], got)
		for i, c := range batch {
			s.seen[c.key()] = true
			s.tried = append(s.tried, candidate{c, got[i]})
		}
		s.options.Progress(stage, min(len(s.tried), s.options.Budget), s.options.Budget)
	}
	return scores, nil
}

// halve scores a batch on the peaks, and then its survivors on everything.
func (s *search) halve(ctx context.Context, batch []config) ([]Score, error) {
	scores, err := s.all(ctx, batch, onlyPeak)
	if err != nil {
		return nil, err
	}
	var breaking, onward []int
	for i, score := range scores {
		switch {
		case !score.Feasible() || !score.partial:
		case score.BrokenShare <= score.Budget:
			onward = append(onward, i)
		default:
			breaking = append(breaking, i)
		}
	}
	slices.SortStableFunc(breaking, func(a, b int) int { return better(scores[a], scores[b]) })
	onward = append(onward, breaking[:(len(breaking)+1)/2]...)
	slices.Sort(onward)
	var survivors []config
	for _, i := range onward {
		survivors = append(survivors, batch[i])
	}
	whole, err := s.all(ctx, survivors, everything)
	if err != nil {
		return nil, err
	}
	for n, i := range onward {
		scores[i] = whole[n]
	}
	return scores, nil
}

// evolve spends the rest of the budget on neighbors and children of the best.
func (s *search) evolve(ctx context.Context) error {
	looked := 0
	for s.left() > 0 {
		if spent := 1 - float64(s.left())/float64(s.options.Budget); looked < len(closer) && spent >= closer[looked] {
			s.lookCloser()
			looked++
		}
		next := s.next(min(generation, s.left()))
		if len(next) == 0 {
			return nil // every configuration was tried
		}
		if _, err := s.try(ctx, "searching", next); err != nil {
			return err
		}
	}
	return nil
}

// lookCloser lets every knob try the numbers around the best configuration.
func (s *search) lookCloser() {
	best := s.best(1)[0].config
	for i := range s.knobs {
		k := &s.knobs[i]
		k.add(k.finer(best[i])...)
	}
}

// next makes up to n configurations that were not tried.
func (s *search) next(n int) []config {
	pool := s.best(parents)
	var out []config
	made := map[string]bool{}
	add := func(c config) {
		if key := c.key(); !s.seen[key] && !made[key] && len(out) < n && s.valid(c) {
			made[key] = true
			out = append(out, c)
		}
	}
	for _, c := range s.neighbors(pool[0].config, min(n, closeBy)) {
		add(c)
	}
	for try := 0; len(out) < n && try < attempts; try++ {
		add(s.child(pool))
	}
	return out
}

// best are the n best configurations so far and the front of the trade-offs.
func (s *search) best(n int) []candidate {
	sorted := slices.Clone(s.tried)
	slices.SortStableFunc(sorted, func(a, b candidate) int { return better(a.score, b.score) })
	out := sorted[:min(n, len(sorted))]
	return append(slices.Clone(out), front(s.tried)...)
}

// neighbors are up to n untried configurations one choice away from c, in a
// random order.
func (s *search) neighbors(c config, n int) []config {
	var out []config
	for _, knob := range s.random.Perm(len(s.knobs)) {
		for _, choice := range s.knobs[knob].steps(c[knob]) {
			if near := s.turn(c, knob, choice); len(out) < n && !s.seen[near.key()] {
				out = append(out, near)
			}
		}
	}
	return out
}

// child crosses two configurations and turns a few knobs.
func (s *search) child(pool []candidate) config {
	a, b := s.pick(pool), s.pick(pool)
	out := slices.Clone(a)
	for i := range out {
		if s.random.IntN(2) == 0 {
			out[i] = b[i]
		}
	}
	for range 1 + s.random.IntN(3) {
		knob := s.weighted()
		if s.random.IntN(2) == 0 {
			steps := s.knobs[knob].steps(out[knob])
			out = s.turn(out, knob, steps[s.random.IntN(len(steps))])
		} else {
			out = s.turn(out, knob, s.random.IntN(s.knobs[knob].choices()))
		}
	}
	return out
}

// pick prefers the better half.
func (s *search) pick(pool []candidate) config {
	i, j := s.random.IntN(len(pool)), s.random.IntN(len(pool))
	return pool[min(i, j)].config
}

// weighted is a knob by its weight.
func (s *search) weighted() int {
	total := 0.0
	for _, w := range s.weights {
		total += w
	}
	at := s.random.Float64() * total
	for i, w := range s.weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(s.weights) - 1
}
