package tune

import (
	"cmp"
	"slices"
)

// front are the candidates that no other beats in both cost and broken share, the
// cheapest first. Equal ones are told once, the one that was found first.
func front(tried []candidate) []candidate {
	var whole []candidate
	for _, c := range tried {
		if c.score.Feasible() && !c.score.partial {
			whole = append(whole, c)
		}
	}
	slices.SortStableFunc(whole, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.score.USDPerMonth, b.score.USDPerMonth), cmp.Compare(a.score.BrokenShare, b.score.BrokenShare))
	})
	var out []candidate
	for _, c := range whole {
		if len(out) == 0 || c.score.BrokenShare < out[len(out)-1].score.BrokenShare {
			out = append(out, c)
		}
	}
	return out
}
