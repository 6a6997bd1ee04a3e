package kubernetes

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// managerEntry is one manager of an object with the fields it set.
type managerEntry struct {
	manager, subresource string
	fields               fieldSet
}

// fieldSet is a fieldsV1 tree: f:<name> is a field, k:<json> an element of a
// list by its keys, v:<json> one by its value
// (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management, 2026-11).
type fieldSet map[string]any

// managed are the entries of metadata.managedFields; kubectl prints them only
// with --show-managed-fields.
func managed(raw resource.PropertyMap) []managerEntry {
	var all []managerEntry
	for _, item := range provider.Of(raw).At("metadata.managedFields").List() {
		var fields fieldSet
		if json.Unmarshal([]byte(item.At("fieldsV1").String()), &fields) != nil {
			continue
		}
		all = append(all, managerEntry{manager: item.At("manager").Text(), subresource: item.At("subresource").Text(), fields: fields})
	}
	return all
}

// extract takes the fields of a set out of a live value; null where there are
// none.
func (f fieldSet) extract(live resource.PropertyValue) resource.PropertyValue {
	if f.leaf() {
		return live
	}
	switch {
	case live.IsObject():
		return f.extractFields(live.ObjectValue())
	case live.IsArray():
		return f.extractElements(live.ArrayValue())
	}
	return resource.NewNullProperty()
}

// leaf tells whether the set stands for the whole value.
func (f fieldSet) leaf() bool {
	for key := range f {
		if key != "." {
			return false
		}
	}
	return true
}

func (f fieldSet) extractFields(live resource.PropertyMap) resource.PropertyValue {
	out := resource.PropertyMap{}
	for key, below := range f {
		name, ok := strings.CutPrefix(key, "f:")
		have, there := live[resource.PropertyKey(name)]
		if !ok || !there {
			continue
		}
		if v := sub(below).extract(have); !v.IsNull() {
			out[resource.PropertyKey(name)] = v
		}
	}
	if len(out) == 0 {
		return resource.NewNullProperty()
	}
	return resource.NewObjectProperty(out)
}

func (f fieldSet) extractElements(live []resource.PropertyValue) resource.PropertyValue {
	var out []resource.PropertyValue
	for _, element := range live {
		for key, below := range f {
			text, ok := strings.CutPrefix(key, "k:")
			var keys map[string]any
			if !ok || !element.IsObject() || json.Unmarshal([]byte(text), &keys) != nil {
				continue
			}
			names, like := split(keys)
			if find([]resource.PropertyValue{element}, names, like) < 0 {
				continue
			}
			v := sub(below).extract(element)
			if !v.IsObject() {
				v = resource.NewObjectProperty(resource.PropertyMap{})
			}
			out = append(out, join(nil, like, v))
		}
	}
	if len(out) == 0 {
		return resource.NewNullProperty()
	}
	return resource.NewArrayProperty(out)
}

func split(keys map[string]any) ([]string, resource.PropertyValue) {
	var names []string
	for name := range keys {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, resource.NewPropertyValue(keys)
}

func sub(v any) fieldSet {
	m, _ := v.(map[string]any)
	return m
}
