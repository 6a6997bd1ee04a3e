package tune

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/agencyos/headroom/capacity/plan"
)

// scores of every class.
func scores() *rapid.Generator[Score] {
	return rapid.Custom(func(t *rapid.T) Score {
		s := Score{Budget: 0.001, USDPerMonth: float64(rapid.IntRange(1, 9).Draw(t, "usd")), BrokenShare: float64(rapid.IntRange(0, 4).Draw(t, "broken")) / 2000}
		if rapid.IntRange(0, 3).Draw(t, "infeasible") == 0 {
			s.Violated, s.depth = []plan.Check{{ID: "x"}}, float64(rapid.IntRange(1, 3).Draw(t, "depth"))
		}
		s.partial = rapid.Bool().Draw(t, "partial")
		return s
	})
}

// better is an order: of three scores, no chain contradicts itself.
func TestBetterIsAnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := scores().Draw(t, "a"), scores().Draw(t, "b"), scores().Draw(t, "c")
		if better(a, b) != -better(b, a) {
			t.Fatalf("better(a, b) = %d, better(b, a) = %d", better(a, b), better(b, a))
		}
		if better(a, b) <= 0 && better(b, c) <= 0 && better(a, c) > 0 {
			t.Fatal("a ≤ b ≤ c, but a > c")
		}
		if a.Holds() && !b.Holds() && better(a, b) >= 0 {
			t.Fatal("what holds is not better than what does not")
		}
	})
}

// The front holds what nothing beats, and beats everything else.
func TestFront(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tried []candidate
		for _, s := range rapid.SliceOfN(scores(), 0, 30).Draw(t, "scores") {
			tried = append(tried, candidate{score: s})
		}
		out := front(tried)
		for i, c := range out {
			if !c.score.Feasible() || c.score.partial {
				t.Fatal("the front holds what was not replayed whole")
			}
			if i > 0 && (c.score.USDPerMonth <= out[i-1].score.USDPerMonth || c.score.BrokenShare >= out[i-1].score.BrokenShare) {
				t.Fatal("one on the front beats its neighbor")
			}
		}
		for _, c := range tried {
			if c.score.Feasible() && !c.score.partial && !slices.ContainsFunc(out, func(f candidate) bool {
				return f.score.USDPerMonth <= c.score.USDPerMonth && f.score.BrokenShare <= c.score.BrokenShare
			}) {
				t.Fatalf("nothing on the front is as good as %+v", c.score)
			}
		}
	})
}

func TestLadder(t *testing.T) {
	cases := map[string]struct {
		n, least, most int
		want           []int
	}{
		"every number where there are few": {3, 1, 5, []int{1, 2, 4, 5}},
		"ever wider where there are many":  {10, 9, 110, []int{9, 11, 14, 19, 26, 35, 46, 59, 74, 91, 110}},
		"nothing around a single one":      {4, 4, 4, nil},
		"down to a bound":                  {5, 0, 5, []int{0, 1, 2, 3, 4}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := ladder(c.n, c.least, c.most)
			slices.Sort(got)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("ladder(%d, %d, %d) (-want +got):\n%s", c.n, c.least, c.most, diff)
			}
		})
	}
}

// A ladder stays within its bounds, reaches them, and never repeats.
func TestLadderHoldsItsBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		least := rapid.IntRange(0, 100).Draw(t, "least")
		n := least + rapid.IntRange(0, 1000).Draw(t, "n")
		most := n + rapid.IntRange(0, 10000).Draw(t, "most")
		got := ladder(n, least, most)
		slices.Sort(got)
		if slices.Contains(got, n) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Fatalf("ladder(%d, %d, %d) = %v repeats", n, least, most, got)
		}
		if least < n && got[0] != least || most > n && got[len(got)-1] != most {
			t.Fatalf("ladder(%d, %d, %d) = %v does not end at its bounds", n, least, most, got)
		}
	})
}

func TestMatches(t *testing.T) {
	cases := map[string]struct {
		glob, path string
		want       bool
	}{
		"itself":            {"services.backend.pool.size", "services.backend.pool.size", true},
		"a group":           {"services.backend", "services.backend.pool.size", true},
		"a star":            {"services.*.pool", "services.backend.pool.size", true},
		"a star is a step":  {"*.size", "services.backend.pool.size", false},
		"no part of a step": {"services.back", "services.backend.pool.size", false},
		"brackets":          {"nodes.groups[0]", "nodes.groups[0].minSize", true},
		"other brackets":    {"nodes.groups[1]", "nodes.groups[0].minSize", false},
		"longer":            {"nodes.groups[0].minSize.x", "nodes.groups[0].minSize", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := matches(c.glob, c.path)
			if err != nil || got != c.want {
				t.Errorf("matches(%q, %q) = %v, %v, want %v", c.glob, c.path, got, err, c.want)
			}
		})
	}
}
