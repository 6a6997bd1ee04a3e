package tune

import (
	"cmp"
	"slices"

	"github.com/agencyos/headroom/capacity/plan"
)

// Verdict is what a search found.
type Verdict string

// The verdicts.
const (
	// Improved: there is something better than the settings as they stand.
	Improved Verdict = "improved"
	// Kept: nothing beats the settings as they stand.
	Kept Verdict = "kept"
	// Nothing that was tried holds the SLO.
	Nothing Verdict = "nothing"
)

// Result is what a search found.
type Result struct {
	Stack   string  `json:"stack"`
	Seed    uint64  `json:"seed"`
	Verdict Verdict `json:"verdict"`
	// Traces that the settings must hold.
	Traces []TraceInfo `json:"traces"`
	// Current are the settings as they stand, Best those found; nil when nothing
	// holds.
	Current Outcome  `json:"current"`
	Best    *Outcome `json:"best"`
	// Changes from the settings as they stand to the best, each with its reason.
	Changes []Change `json:"changes"`
	// TradeOffs that no other configuration beats in both cost and broken share.
	TradeOffs []TradeOff `json:"tradeOffs"`
	// Infeasible are the checks that were violated, the most frequent first.
	Infeasible []Infeasible `json:"infeasible"`
	// Refused are configurations that the fluid replay accepted and the replay
	// request by request did not.
	Refused []TradeOff `json:"refused"`
	// Breaks says which promise breaks when nothing holds.
	Breaks string `json:"breaks,omitempty"`
	// Knobs that were turned and what each does on its own.
	Knobs []KnobInfo `json:"knobs"`
	// Tried configurations of the search, Replayed of them on whole traces.
	Tried    int `json:"tried"`
	Replayed int `json:"replayed"`
}

// TraceInfo is a trace in short.
type TraceInfo struct {
	Name  string  `json:"name"`
	Hours float64 `json:"hours"`
	// Peak in multiples of today's.
	Peak float64 `json:"peak"`
}

// Outcome is what settings came to.
type Outcome struct {
	Score
	// Holds says whether every check holds and so does the SLO, fluid and request
	// by request.
	Holds bool `json:"holds"`
	// Confirmation is nil where the fluid replay broke the SLO already.
	Confirmation *Confirmation `json:"confirmation"`
}

// TradeOff is one configuration in short.
type TradeOff struct {
	USDPerMonth      float64 `json:"usdPerMonth"`
	BrokenShare      float64 `json:"brokenShare"`
	ViolationSeconds float64 `json:"violationSeconds"`
	P99Ms            float64 `json:"p99Ms"`
	PeakNodes        int     `json:"peakNodes"`
	// Holds says whether the fluid replay holds the SLO.
	Holds bool `json:"holds"`
	// Changes without reasons.
	Changes []Change `json:"changes"`
}

// Infeasible is a check and how often it was violated.
type Infeasible struct {
	Check string `json:"check"`
	Times int    `json:"times"`
	// Example of what it lacked.
	Example string `json:"example"`
}

// KnobInfo is a knob with the largest effects that it has on its own.
type KnobInfo struct {
	Path   string   `json:"path"`
	From   string   `json:"from"`
	Values []string `json:"values"`
	// USDPerMonth and BrokenShare by which it moves the settings as they stand.
	USDPerMonth float64 `json:"usdPerMonth"`
	BrokenShare float64 `json:"brokenShare"`
}

// infeasible counts violated checks.
func infeasibleOf(tried []candidate) []Infeasible {
	at := map[string]int{}
	out := []Infeasible{}
	for _, c := range tried {
		for _, v := range c.score.Violated {
			i, known := at[v.ID]
			if !known {
				i = len(out)
				at[v.ID] = i
				out = append(out, Infeasible{Check: v.ID, Example: inWords(v)})
			}
			out[i].Times++
		}
	}
	slices.SortStableFunc(out, func(a, b Infeasible) int { return cmp.Compare(b.Times, a.Times) })
	return out
}

func (s *search) tradeOff(c candidate) TradeOff {
	return TradeOff{USDPerMonth: c.score.USDPerMonth, BrokenShare: c.score.BrokenShare, ViolationSeconds: c.score.ViolationSeconds(),
		P99Ms: c.score.P99Ms(), PeakNodes: c.score.PeakNodes, Holds: c.score.Holds(), Changes: s.diff(c.config)}
}

// tradeOffs are the part of the front around the cheapest that holds.
func (s *search) tradeOffs() []TradeOff {
	all := front(s.tried)
	first := slices.IndexFunc(all, func(c candidate) bool { return c.score.Holds() })
	if first < 0 {
		first = len(all) - 1
	}
	most := s.options.Top
	from := max(0, min(first-most/2, len(all)-most))
	out := []TradeOff{}
	for _, c := range all[from:min(from+most, len(all))] {
		out = append(out, s.tradeOff(c))
	}
	return out
}

func (s *search) knobInfo() []KnobInfo {
	var out []KnobInfo
	for i := range s.knobs {
		k := &s.knobs[i]
		info := KnobInfo{Path: k.Path, From: k.From}
		for _, v := range k.values {
			info.Values = append(info.Values, v.text)
		}
		if i < len(s.effects) {
			info.USDPerMonth, info.BrokenShare = s.effects[i].usd, s.effects[i].broken
		}
		out = append(out, info)
	}
	return out
}

// violatedText names violated checks.
func violatedText(checks []plan.Check) string {
	return checks[0].ID + " is violated: " + inWords(checks[0])
}

// Matters are the knobs that move cost or promises most on their own.
func (r Result) Matters(most int) []KnobInfo {
	out := slices.DeleteFunc(slices.Clone(r.Knobs), func(k KnobInfo) bool { return k.USDPerMonth < 1 && k.BrokenShare == 0 })
	slices.SortStableFunc(out, func(a, b KnobInfo) int {
		return cmp.Or(cmp.Compare(b.USDPerMonth, a.USDPerMonth), cmp.Compare(b.BrokenShare, a.BrokenShare))
	})
	return out[:min(most, len(out))]
}
