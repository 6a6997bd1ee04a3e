package tune

import (
	"context"
	"math"
)

// screenShare of the budget goes into finding out which knobs matter.
const screenShare = 0.25

// effect is what one knob does on its own, from the settings as they stand.
type effect struct {
	// usd is the largest change of the monthly cost, broken that of the broken
	// share, depth that of what the plan's checks lack.
	usd, broken, depth float64
}

func (e effect) none() bool { return e.usd == 0 && e.broken == 0 && e.depth == 0 }

// trial is one knob at one choice.
type trial struct{ knob, choice int }

// trials are choices of every knob in turn: the neighbors of the setting as it
// stands first, then the ends, then what lies between, as many as there may be.
func (sp space) trials(most int) []trial {
	var out []trial
	for turn := 0; len(out) < most; turn++ {
		before := len(out)
		for i, k := range sp.knobs {
			if order := outward(len(k.values)); turn < len(order) && len(out) < most {
				out = append(out, trial{i, 1 + order[turn]})
			}
		}
		if len(out) == before {
			break
		}
	}
	return out
}

// outward orders n choices: the middle two, the ends, then the others.
func outward(n int) []int {
	var out []int
	seen := make([]bool, n)
	add := func(i int) {
		if i >= 0 && i < n && !seen[i] {
			seen[i] = true
			out = append(out, i)
		}
	}
	for _, i := range []int{(n - 1) / 2, n / 2, 0, n - 1} {
		add(i)
	}
	for i := range n {
		add(i)
	}
	return out
}

// screen turns every knob on its own.
func (s *search) screen(ctx context.Context) error {
	trials := s.trials(max(1, int(screenShare*float64(s.options.Budget))))
	var configs []config
	var made []trial
	for _, t := range trials {
		c := s.turn(s.standing(), t.knob, t.choice)
		if s.valid(c) && !s.seen[c.key()] {
			configs, made = append(configs, c), append(made, t)
		}
	}
	scores, err := s.try(ctx, "screening", configs)
	if err != nil {
		return err
	}
	s.effects = make([]effect, len(s.knobs))
	base := s.current
	for i, t := range made {
		e, got := &s.effects[t.knob], scores[i]
		e.depth = math.Max(e.depth, math.Abs(got.depth-base.depth))
		if got.Feasible() && base.Feasible() {
			e.broken = math.Max(e.broken, math.Abs(got.BrokenShare-base.BrokenShare))
			if !got.partial {
				e.usd = math.Max(e.usd, math.Abs(got.USDPerMonth-base.USDPerMonth))
			}
		}
	}
	s.weigh()
	return nil
}

// weigh makes the knobs that do something on their own turn more often; the
// others keep a small chance, because some matter only together.
func (s *search) weigh() {
	s.weights = make([]float64, len(s.knobs))
	for i, e := range s.effects {
		switch {
		case e.usd > 0:
			s.weights[i] = 4
		case !e.none():
			s.weights[i] = 2
		default:
			s.weights[i] = 0.5
		}
	}
}
