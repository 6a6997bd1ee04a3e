package changes

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/agencyos/headroom/capacity/effects"
	"github.com/agencyos/headroom/internal/standin"
)

// differences are the inputs that differ in one step, by what the engine says
// differs and by the table of effects.
func differences(step standin.Step) []Difference {
	row, _ := effects.Of(step.Type)
	found := map[string]Difference{}
	for _, path := range step.Diffs {
		if list, _, _ := strings.Cut(path, "["); row.Keys[list] != "" {
			for _, d := range elements(row, list, row.Keys[list], step) {
				found[d.Field] = d
			}
			continue
		}
		p := locate(path, step.Old, step.New)
		change := effects.Change{Path: p.path, Old: p.old, New: p.wanted}
		d := Difference{Field: p.field, Live: p.old, Wanted: p.wanted}
		d.Effect, d.Note = row.InPlace(change)
		switch {
		case replacing(step, path):
			d.Effect, d.Note = effects.Replace, "another object takes its place"
		case d.Wanted == nil && remains(step.After, p.path, d.Live):
			d.Effect, d.Note = effects.None, "stays: others set it"
		}
		if before, seen := found[d.Field]; !seen || d.Effect.Worse(before.Effect) {
			found[d.Field] = d
		}
	}
	return slices.SortedFunc(maps.Values(found), byField)
}

// replacing tells whether an input is one of those that replace.
func replacing(step standin.Step, path string) bool {
	return slices.ContainsFunc(step.Replaces, func(key string) bool {
		return key == path || strings.HasPrefix(path, key+".") || strings.HasPrefix(path, key+"[") || strings.HasPrefix(key, path+".")
	})
}

// remains tells whether the object still has a value after the step, although
// the program states none.
func remains(after map[string]any, path string, live any) bool {
	return live != nil && reflect.DeepEqual(lookup(after, effects.Steps(path)), live)
}

// elements compares two lists element by element.
func elements(row effects.Type, path, key string, step standin.Step) []Difference {
	before, after := keyed(lookup(step.Old, effects.Steps(path)), key), keyed(lookup(step.New, effects.Steps(path)), key)
	var out []Difference
	for _, name := range slices.Sorted(maps.Keys(union(before, after))) {
		if reflect.DeepEqual(before[name], after[name]) {
			continue
		}
		d := Difference{Field: path + "[" + name + "]", Live: value(before[name]), Wanted: value(after[name])}
		d.Effect, d.Note = row.InPlace(effects.Change{Path: d.Field, Old: before[name], New: after[name]})
		if after[name] == nil && parameter(before[name]) {
			d.Note = strings.TrimPrefix(d.Note+"; its default comes back", "; ")
		}
		out = append(out, d)
	}
	return out
}

// parameter says that an element is a name with a value, which has a default.
func parameter(element any) bool {
	m, _ := element.(map[string]any)
	return m["value"] != nil
}

// value of a parameter, or else the whole element; nil stays nil.
func value(element any) any {
	if parameter(element) {
		return element.(map[string]any)["value"]
	}
	return element
}

func keyed(list any, key string) map[string]any {
	out := map[string]any{}
	items, _ := list.([]any)
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			out[fmt.Sprint(m[key])] = item
		}
	}
	return out
}

func union(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// place is where two objects differ: as far down as a person can follow.
type place struct {
	path, field string
	old, wanted any
}

// locate follows a path through both objects. At a list it goes on where both
// elements have one name, and ends at the list where they do not: positions say
// nothing to a person.
func locate(path string, old, wanted map[string]any) place {
	p := place{old: old, wanted: wanted}
	if old == nil {
		p.old = nil
	}
	for _, step := range effects.Steps(path) {
		index, err := strconv.Atoi(step)
		_, oldList := p.old.([]any)
		_, newList := p.wanted.([]any)
		if err != nil || !oldList && !newList {
			p.path, p.field = dotted(p.path, step), dotted(p.field, step)
			p.old, p.wanted = child(p.old, step), child(p.wanted, step)
			continue
		}
		a, b := at(p.old, index), at(p.wanted, index)
		name := sharedName(a, b)
		if name == "" {
			return p
		}
		p.path, p.field, p.old, p.wanted = p.path+"["+step+"]", p.field+"["+name+"]", a, b
		if a == nil || b == nil {
			return p
		}
	}
	return p
}

// sharedName is the name of an element on both sides, or on the only one it is on.
func sharedName(a, b any) string {
	if a != nil && b != nil && nameOf(a) != nameOf(b) {
		return ""
	}
	return cmp.Or(nameOf(a), nameOf(b))
}

func dotted(path, step string) string {
	if strings.ContainsAny(step, "./") {
		return path + `["` + step + `"]`
	}
	return strings.TrimPrefix(path+"."+step, ".")
}

func child(v any, key string) any {
	m, _ := v.(map[string]any)
	return m[key]
}

func at(v any, i int) any {
	list, _ := v.([]any)
	if i < 0 || i >= len(list) {
		return nil
	}
	return list[i]
}

func nameOf(v any) string {
	m, _ := v.(map[string]any)
	name, _ := m["name"].(string)
	return name
}

func lookup(v any, steps []string) any {
	for _, step := range steps {
		if index, err := strconv.Atoi(step); err == nil {
			if _, ok := v.([]any); ok {
				v = at(v, index)
				continue
			}
		}
		v = child(v, step)
	}
	return v
}

// stays adds to an import what the program would state otherwise and leaves to
// its owner.
func (c *Change) stays(r standin.Result) {
	if !c.Imported {
		return
	}
	for _, resource := range r.Resources {
		if resource.URN != c.URN {
			continue
		}
		for _, path := range resource.Ignores {
			live := lookup(resource.Inputs, effects.Steps(path))
			if live != nil && live != "" && !reflect.DeepEqual(live, []any{}) && !reflect.DeepEqual(live, map[string]any{}) {
				c.Differences = append(c.Differences, Difference{Field: path, Live: live, Wanted: nil, Effect: effects.None, Note: "stays whose it is"})
			}
		}
	}
}
