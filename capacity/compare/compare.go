// Package compare tells what a change of a stack moves in its plan, and which
// input moves what.
package compare

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// Side is a stack before or after the change.
type Side struct {
	// Name of the side for people, such as a revision; Stack is the stack's name.
	Name, Stack string
	// Raw is the configuration of the stack file, Baseline the text of the measured
	// facts.
	Raw      map[string]json.RawMessage
	Baseline []byte
}

// Comparison is what moves between two sides. Its JSON is an interface: fields
// are only added.
type Comparison struct {
	From string `json:"from"`
	To   string `json:"to"`
	// Headroom before and after.
	Headroom Pair[plan.Headroom] `json:"headroom"`
	// Cost per month in USD.
	Cost Costs `json:"cost"`
	// Inputs that differ, of the stack file and of the baseline.
	Inputs []Input `json:"inputs"`
	// Numbers of the plan that moved.
	Numbers []Number `json:"numbers"`
	// Checks that moved.
	Checks []Check `json:"checks"`
	// Plans are the whole plans of both sides.
	Plans Pair[plan.Plan] `json:"-"`
}

// Pair is a value on both sides.
type Pair[T any] struct {
	From T `json:"from"`
	To   T `json:"to"`
}

// Costs per month in USD; see [plan.Cost].
type Costs struct {
	FloorUSD    Pair[float64] `json:"floorUsd"`
	ExpectedUSD Pair[float64] `json:"expectedUsd"`
	CeilingUSD  Pair[float64] `json:"ceilingUsd"`
	// Unknown are the types without a price, which no sum holds.
	Unknown Pair[[]string] `json:"unknownPrices"`
}

// Number is a derived number that moved.
type Number struct {
	Path string `json:"path"`
	// From and To are empty where the number is not on that side.
	From string `json:"from"`
	To   string `json:"to"`
	// Why is its formula afterwards.
	Why string `json:"why"`
	// Because are the inputs that move it when they change alone. It is empty where
	// only several together do.
	Because []string `json:"because"`
}

// Check is a check whose outcome or figures moved.
type Check struct {
	ID    string            `json:"id"`
	OK    Pair[bool]        `json:"ok"`
	Have  Pair[plan.Amount] `json:"have"`
	Limit Pair[plan.Amount] `json:"limit"`
	Unit  string            `json:"unit"`
}

// Compare derives both plans and what lies between them. The plan afterwards is
// answered as well.
func Compare(from, to Side, today time.Time) (Comparison, plan.Plan, error) {
	before, err := inputsOf(from)
	if err != nil {
		return Comparison{}, plan.Plan{}, fmt.Errorf("%s:\n%w", from.Name, err)
	}
	after, err := inputsOf(to)
	if err != nil {
		return Comparison{}, plan.Plan{}, fmt.Errorf("%s:\n%w", to.Name, err)
	}
	old, err := before.plan(from.Stack, today)
	if err != nil {
		return Comparison{}, plan.Plan{}, fmt.Errorf("%s:\n%w", from.Name, err)
	}
	p, err := after.plan(to.Stack, today)
	if err != nil {
		return Comparison{}, plan.Plan{}, fmt.Errorf("%s:\n%w", to.Name, err)
	}
	c := Comparison{
		From: from.Name, To: to.Name, Headroom: Pair[plan.Headroom]{old.Headroom, p.Headroom},
		Cost: Costs{
			FloorUSD:    Pair[float64]{old.Cost.FloorUSD, p.Cost.FloorUSD},
			ExpectedUSD: Pair[float64]{old.Cost.ExpectedUSD, p.Cost.ExpectedUSD},
			CeilingUSD:  Pair[float64]{old.Cost.CeilingUSD, p.Cost.CeilingUSD},
			Unknown:     Pair[[]string]{old.Cost.Unknown, p.Cost.Unknown},
		},
		Inputs: differing(before, after), Numbers: numbers(old, p), Checks: checks(old, p), Plans: Pair[plan.Plan]{old, p},
	}
	c.attribute(before, old, from.Stack, today)
	return c, p, nil
}

// plan of a tree of inputs.
func (t tree) plan(stack string, today time.Time) (plan.Plan, error) {
	raw := map[string]json.RawMessage{}
	for key, value := range t {
		text, err := json.Marshal(value)
		if err != nil {
			return plan.Plan{}, err
		}
		raw[key] = text
	}
	measured := raw[measuredKey]
	delete(raw, measuredKey)
	s, err := spec.Decode(stack, raw)
	if err != nil {
		return plan.Plan{}, err
	}
	base, err := baseline.Decode(measured)
	if err != nil {
		return plan.Plan{}, err
	}
	return plan.New(s, base, plan.Options{Today: today})
}

// attribute changes one input at a time and notes which numbers move by it.
func (c *Comparison) attribute(before tree, old plan.Plan, stack string, today time.Time) {
	if len(c.Numbers) == 0 {
		return
	}
	for _, in := range c.Inputs {
		changed, err := before.with(in).plan(stack, today)
		if err != nil {
			continue // alone it makes no valid stack, so it moves nothing alone
		}
		moved := map[string]bool{}
		for _, n := range numbers(old, changed) {
			moved[n.Path] = true
		}
		for i, n := range c.Numbers {
			if moved[n.Path] {
				c.Numbers[i].Because = append(c.Numbers[i].Because, in.Path)
			}
		}
	}
}

// numbers that differ, in the order of the plan afterwards; what is gone is last.
func numbers(old, p plan.Plan) []Number {
	before := map[string]plan.Number{}
	for _, n := range old.Numbers {
		before[n.Path] = n
	}
	out := []Number{}
	for _, n := range p.Numbers {
		if was := before[n.Path]; was.Value != n.Value {
			out = append(out, Number{Path: n.Path, From: was.Value, To: n.Value, Why: n.Why, Because: []string{}})
		}
		delete(before, n.Path)
	}
	for _, n := range old.Numbers {
		if _, gone := before[n.Path]; gone {
			out = append(out, Number{Path: n.Path, From: n.Value, Because: []string{}})
		}
	}
	return out
}

// checks that differ.
func checks(old, p plan.Plan) []Check {
	before := map[string]plan.Check{}
	for _, c := range old.Checks {
		before[c.ID] = c
	}
	out := []Check{}
	for _, c := range p.Checks {
		was, ok := before[c.ID]
		if ok && (was.OK != c.OK || was.Have != c.Have || was.Limit != c.Limit) {
			out = append(out, Check{
				ID: c.ID, OK: Pair[bool]{was.OK, c.OK}, Have: Pair[plan.Amount]{was.Have, c.Have}, Limit: Pair[plan.Amount]{was.Limit, c.Limit}, Unit: c.Unit,
			})
		}
	}
	return out
}
