package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/cmd/preview/changes"
	"github.com/agencyos/headroom/internal/standin"
)

// verdict is what a preview comes to, besides what the engine says.
type verdict struct {
	changes  []changes.Change
	refusals []changes.Refusal
	// add are the lines of the stack file that adopt what is in the way.
	add string
}

// judge holds a preview against what is live.
func judge(f flags, program Program, r standin.Result) (verdict, error) {
	v := verdict{changes: changes.Of(r, program.Setting)}
	policy, err := program.policy(f)
	if err != nil {
		return v, err
	}
	today := time.Now()
	v.refusals = changes.Judge(v.changes, func(urn string) bool { return policy.Replaceable(urn, today) })
	v.refusals = append(v.refusals, collided(program, r)...)
	v.add, err = snippet(v.refusals)
	return v, err
}

// collided are the resources that meet live objects, each with the settings that
// adopt what it meets.
func collided(program Program, r standin.Result) []changes.Refusal {
	parents := map[string]string{}
	for _, resource := range r.Resources {
		parents[resource.URN] = resource.Parent
	}
	var found []changes.Refusal
	for _, c := range r.Collisions {
		urn, kind := string(c.URN), c.Token[strings.LastIndex(c.Token, ":")+1:]
		refusal := changes.Refusal{Resource: c.URN.Name(), URN: urn, Why: fmt.Sprintf("meets %s %s, which %s", kind, c.ID, c.Why)}
		switch refusal.Set = program.adoption(urn, parents[urn], c.ID); {
		case c.ID == "":
			refusal.Why, refusal.Set = fmt.Sprintf("(%s) %s", kind, c.Why), nil
			if path := program.pointer(urn, parents[urn]); path != "" && c.Value != "" {
				refusal.Set = []spec.Setting{{Path: path, Value: c.Value}}
			} else if path != "" {
				refusal.Do = []string{"set " + path}
			}
		case len(refusal.Set) == 0:
			refusal.Do = []string{"nothing can adopt it: take it away, or rename the resource"}
		}
		found = append(found, refusal)
	}
	return found
}

// snippet writes the settings of refusals as they stand in a stack file.
func snippet(refusals []changes.Refusal) (string, error) {
	raw := map[string]json.RawMessage{}
	for _, r := range refusals {
		for _, s := range r.Set {
			var err error
			if raw, err = spec.Set(raw, s.Path, s.Value); err != nil {
				return "", err
			}
		}
	}
	var out strings.Builder
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		text, err := yaml.JSONToYAML(raw[key])
		if err != nil {
			return "", fmt.Errorf("writing the lines to add: %w", err)
		}
		fmt.Fprintf(&out, "  %s:%s:\n", spec.Namespace, key)
		for line := range strings.Lines(string(text)) {
			out.WriteString("    " + line)
		}
	}
	return out.String(), nil
}

// refusal is the error of a preview that must not go on; nil where nothing is
// refused.
func (v verdict) refusal(f flags) error {
	if len(v.refusals) == 0 {
		return nil
	}
	var hints []string
	for _, r := range v.refusals {
		hints = append(hints, r.String())
		for _, do := range r.Do {
			hints = append(hints, "  "+do)
		}
	}
	if v.add != "" {
		hints = append(hints, fmt.Sprintf("add to Pulumi.%s.yaml under config:", f.stack))
		for line := range strings.Lines(v.add) { // a hint stands two spaces in, as the lines do
			hints = append(hints, strings.TrimSuffix(strings.TrimPrefix(line, "  "), "\n"))
		}
	}
	return &standin.Hinted{Err: violated{errors.New(count(len(v.refusals)))}, Hints: hints}
}

func count(n int) string {
	if n == 1 {
		return "1 change must not happen, and nothing was changed"
	}
	return fmt.Sprintf("%d changes must not happen, and nothing was changed", n)
}
