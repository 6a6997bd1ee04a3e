package compare

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/baseline"
)

// Input is one value of the stack file or the baseline that differs.
type Input struct {
	// Path such as "database.instanceClass"; what was measured starts with
	// "baseline.".
	Path string `json:"path"`
	// From and To; nil where there is no value.
	From any `json:"from"`
	To   any `json:"to"`

	steps []string
	gone  bool
}

// tree holds the keys of a stack file, and the baseline below one of its own.
type tree map[string]any

const measuredKey = "baseline"

// told are the facts of a baseline that no number depends on.
var told = []string{"stack", "source", "date"}

func inputsOf(s Side) (tree, error) {
	if _, err := baseline.Decode(s.Baseline); err != nil {
		return nil, err
	}
	t := tree{}
	for key, text := range s.Raw {
		var value any
		if err := json.Unmarshal(text, &value); err != nil {
			return nil, fmt.Errorf("%s is not valid JSON: %w", key, err)
		}
		t[key] = value
	}
	var measured any
	if err := json.Unmarshal(s.Baseline, &measured); err != nil {
		return nil, fmt.Errorf("the baseline is not valid JSON: %w", err)
	}
	t[measuredKey] = measured
	return t, nil
}

// differing are the inputs that differ, by path. An object that is on one side
// alone is one input.
func differing(from, to tree) []Input {
	out := []Input{}
	walk(map[string]any(from), map[string]any(to), nil, func(in Input) {
		if len(in.steps) != 2 || in.steps[0] != measuredKey || !slices.Contains(told, in.steps[1]) {
			out = append(out, in)
		}
	})
	return out
}

func walk(from, to any, steps []string, found func(Input)) {
	a, b := children(from), children(to)
	if a == nil || b == nil {
		if !reflect.DeepEqual(from, to) {
			found(Input{Path: pathOf(steps), From: from, To: to, steps: slices.Clone(steps), gone: to == nil})
		}
		return
	}
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		walk(a[key], b[key], append(steps, key), found)
	}
}

// children of an object; nil for everything else. A list is one value: its
// elements have no names that would stay theirs.
func children(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func pathOf(steps []string) string {
	var b strings.Builder
	for i, step := range steps {
		switch {
		case strings.ContainsAny(step, `.["`):
			fmt.Fprintf(&b, "[%q]", step)
		case i > 0:
			b.WriteString("." + step)
		default:
			b.WriteString(step)
		}
	}
	return b.String()
}

// with is the tree with one input changed; the tree itself stays.
func (t tree) with(in Input) tree {
	return put(map[string]any(t), in, in.steps)
}

func put(m map[string]any, in Input, steps []string) map[string]any {
	out := maps.Clone(m)
	if out == nil {
		out = map[string]any{}
	}
	switch {
	case len(steps) > 1:
		out[steps[0]] = put(children(out[steps[0]]), in, steps[1:])
	case in.gone:
		delete(out, steps[0])
	default:
		out[steps[0]] = in.To
	}
	return out
}
