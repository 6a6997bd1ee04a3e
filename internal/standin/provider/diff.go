package provider

import (
	"encoding/json"
	"slices"
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// internalKey is where bridged providers note which inputs they filled in.
// It is bookkeeping and never a change.
const internalKey = "__defaults"

// diff compares the inputs a resource has with those it shall have. A change
// is an update unless a row of the type's table says it replaces. A value not
// known yet counts as a change: it may turn out to be one.
func (t Type) diff(config Value, olds, news resource.PropertyMap, autonamed bool) plugin.DiffResult {
	before, after := t.comparable(olds), t.comparable(news)
	changed := t.withoutKept(before, after).Diff(t.withoutSame(before, after))
	if changed == nil {
		return plugin.DiffResult{Changes: plugin.DiffNone}
	}
	detailed := plugin.NewDetailedDiffFromObjectDiff(changed, true)
	replaced := t.markReplacements(config, Of(after), t.foldSets(detailed))
	sort.Slice(replaced, func(i, j int) bool { return replaced[i] < replaced[j] })
	return plugin.DiffResult{
		Changes:             plugin.DiffSome,
		DetailedDiff:        detailed,
		ReplaceKeys:         replaced,
		ChangedKeys:         changed.ChangedKeys(),
		DeleteBeforeReplace: len(replaced) > 0 && (t.DeletesFirst || !autonamed && t.sameIdentity(before, after)),
	}
}

// withoutKept drops the inputs that stay as they are because the program leaves
// them out.
func (t Type) withoutKept(before, after resource.PropertyMap) resource.PropertyMap {
	out := clone(before)
	for _, name := range t.Keeps {
		if key := resource.PropertyKey(name); after[key].IsNull() {
			delete(out, key)
		}
	}
	return out
}

// withoutSame gives inputs that the provider takes for unchanged their old value.
func (t Type) withoutSame(before, after resource.PropertyMap) resource.PropertyMap {
	if t.Same == nil {
		return after
	}
	out := after.Copy()
	for key, old := range before {
		if _, stated := after[key]; stated && t.Same(string(key), Of(before), Of(after)) {
			out[key] = old
		}
	}
	return out
}

// markReplacements turns each matching change into a replacement and answers
// the paths that do so.
func (t Type) markReplacements(
	config, inputs Value, detailed map[string]plugin.PropertyDiff,
) (keys []resource.PropertyKey) {
	for path, change := range detailed {
		parsed, err := resource.ParsePropertyPath(path)
		if err != nil || !t.replaces(config, inputs, parsed, change.Kind) {
			continue
		}
		detailed[path] = plugin.PropertyDiff{Kind: change.Kind.AsReplace(), InputDiff: true}
		keys = append(keys, resource.PropertyKey(path))
	}
	return keys
}

func (t Type) replaces(config, inputs Value, changed resource.PropertyPath, kind plugin.DiffKind) bool {
	return slices.ContainsFunc(t.ReplaceOn, func(row Replace) bool {
		path, err := resource.ParsePropertyPath(row.Path)
		if err != nil || row.Unless != nil && row.Unless(config, inputs) ||
			row.AddedOrRemoved && kind == plugin.DiffUpdate {
			return false
		}
		// A change above the row, such as the whole of "metadata", holds it too.
		return path.Contains(changed) || changed.Contains(path)
	})
}

// sameIdentity tells whether the replacement would need the name the old
// object still holds.
func (t Type) sameIdentity(olds, news resource.PropertyMap) bool {
	if t.Identity == nil {
		return false
	}
	name := t.Identity(Of(olds))
	return name != "" && name == t.Identity(Of(news))
}

// comparable drops wrappers, nulls and bookkeeping, and puts lists without
// order into a fixed one.
func (t Type) comparable(m resource.PropertyMap) resource.PropertyMap {
	out := plainMap(m)
	delete(out, internalKey)
	for _, name := range t.Sets {
		key := resource.PropertyKey(name)
		if set, ok := out[key]; ok && set.IsArray() {
			out[key] = resource.NewArrayProperty(sorted(set.ArrayValue()))
		}
	}
	return out
}

func sorted(list []resource.PropertyValue) []resource.PropertyValue {
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b resource.PropertyValue) int {
		return slices.Compare(text(a), text(b))
	})
	return out
}

func text(v resource.PropertyValue) []byte {
	b, err := json.Marshal(v.MapRepl(nil, func(p resource.PropertyValue) (any, bool) {
		return "unknown", p.IsComputed()
	}))
	if err != nil {
		return nil
	}
	return b
}

// foldSets reports a change inside a list without order as a change of the
// list: positions mean nothing there.
func (t Type) foldSets(detailed map[string]plugin.PropertyDiff) map[string]plugin.PropertyDiff {
	for path := range detailed {
		parsed, err := resource.ParsePropertyPath(path)
		if err != nil || len(parsed) < 2 {
			continue
		}
		name, ok := parsed[0].(string)
		if !ok || !slices.Contains(t.Sets, name) {
			continue
		}
		delete(detailed, path)
		detailed[name] = plugin.PropertyDiff{Kind: plugin.DiffUpdate, InputDiff: true}
	}
	return detailed
}
