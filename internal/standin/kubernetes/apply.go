package kubernetes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// listKeys are the lists whose elements fields tell apart; every other list is
// one value (listType and listMapKey in github.com/kubernetes/api
// core/v1/types.go, v0.36). Indices are left out of the paths.
var listKeys = map[string][]string{
	"imagePullSecrets":                               {"name"},
	"metadata.ownerReferences":                       {"uid"},
	"secrets":                                        {"name"},
	"spec.ports":                                     {"port", "protocol"},
	"spec.template.spec.containers":                  {"name"},
	"spec.template.spec.containers.env":              {"name"},
	"spec.template.spec.containers.ports":            {"containerPort", "protocol"},
	"spec.template.spec.containers.volumeMounts":     {"mountPath"},
	"spec.template.spec.hostAliases":                 {"ip"},
	"spec.template.spec.imagePullSecrets":            {"name"},
	"spec.template.spec.initContainers":              {"name"},
	"spec.template.spec.initContainers.env":          {"name"},
	"spec.template.spec.initContainers.ports":        {"containerPort", "protocol"},
	"spec.template.spec.initContainers.volumeMounts": {"mountPath"},
	"spec.template.spec.topologySpreadConstraints":   {"topologyKey", "whenUnsatisfiable"},
	"spec.template.spec.volumes":                     {"name"},
}

// apply is a server-side apply of the program's inputs.
func apply(o provider.Shared, news resource.PropertyMap) (resource.PropertyMap, error) {
	live, stated := resource.NewObjectProperty(o.Inputs), resource.NewObjectProperty(news)
	if !provider.Of(news).At(`metadata.annotations["` + patchForce + `"]`).True() {
		if err := conflicts(o.Others, news); err != nil {
			return nil, err
		}
	}
	if left := drop(nil, live, resource.NewObjectProperty(o.Owned), stated); left.IsObject() {
		live = left
	} else {
		live = resource.NewObjectProperty(resource.PropertyMap{})
	}
	return join(nil, live, stated).ObjectValue(), nil
}

// conflicts names the fields that another manager set to another value.
func conflicts(others map[string]resource.PropertyMap, news resource.PropertyMap) error {
	var found []string
	for manager, fields := range others {
		for _, field := range clash(nil, resource.NewObjectProperty(fields), resource.NewObjectProperty(news)) {
			found = append(found, fmt.Sprintf("%s, which %s set", field, manager))
		}
	}
	if len(found) == 0 {
		return nil
	}
	slices.Sort(found)
	return fmt.Errorf("server-side apply conflicts over %s; take the field out of that delivery, and hand it over once "+
		"as components/service/README.md says", strings.Join(found, " and "))
}

// clash are the paths of leaves that both state differently.
func clash(path []string, theirs, ours resource.PropertyValue) []string {
	keys := listKeys[strings.Join(path, ".")]
	switch {
	case theirs.IsObject() && ours.IsObject():
		var found []string
		for key, value := range ours.ObjectValue() {
			if their, ok := theirs.ObjectValue()[key]; ok {
				found = append(found, clash(append(slices.Clone(path), string(key)), their, value)...)
			}
		}
		return found
	case theirs.IsArray() && ours.IsArray() && keys != nil:
		var found []string
		for _, value := range ours.ArrayValue() {
			if i := find(theirs.ArrayValue(), keys, value); i >= 0 {
				found = append(found, clash(path, theirs.ArrayValue()[i], value)...)
			}
		}
		return found
	case theirs.DeepEquals(ours):
		return nil
	}
	return []string{strings.Join(path, ".")}
}

// drop takes out of a live value what the program owned and states no more. It
// answers null when nothing is left.
func drop(path []string, live, owned, stated resource.PropertyValue) resource.PropertyValue {
	keys := listKeys[strings.Join(path, ".")]
	switch {
	case live.IsObject() && owned.IsObject():
		return dropFields(path, live.ObjectValue(), owned.ObjectValue(), stated)
	case live.IsArray() && owned.IsArray() && keys != nil:
		return dropElements(path, keys, live.ArrayValue(), owned.ArrayValue(), stated)
	case stated.IsNull():
		return stated
	}
	return live
}

func dropFields(path []string, live, owned resource.PropertyMap, stated resource.PropertyValue) resource.PropertyValue {
	out := live.Copy()
	for key, mine := range owned {
		have, ok := live[key]
		if !ok {
			continue
		}
		var want resource.PropertyValue
		if stated.IsObject() {
			want = stated.ObjectValue()[key]
		}
		if left := drop(append(slices.Clone(path), string(key)), have, mine, want); left.IsNull() {
			delete(out, key)
		} else {
			out[key] = left
		}
	}
	if len(out) == 0 && len(live) > 0 && stated.IsNull() {
		return resource.NewNullProperty()
	}
	return resource.NewObjectProperty(out)
}

// dropElements drops elements as a whole when only their keys are left.
func dropElements(path, keys []string, live, owned []resource.PropertyValue, stated resource.PropertyValue) resource.PropertyValue {
	var out []resource.PropertyValue
	for _, have := range live {
		i := find(owned, keys, have)
		if i < 0 {
			out = append(out, have)
			continue
		}
		var want resource.PropertyValue
		if stated.IsArray() {
			if j := find(stated.ArrayValue(), keys, have); j >= 0 {
				want = stated.ArrayValue()[j]
			}
		}
		if left := drop(path, have, owned[i], want); !left.IsNull() {
			out = append(out, left)
		}
	}
	if len(out) == 0 && stated.IsNull() {
		return resource.NewNullProperty()
	}
	return resource.NewArrayProperty(out)
}

// join puts stated values over live ones: maps by key, lists by their elements'
// keys, everything else as a whole.
func join(path []string, live, stated resource.PropertyValue) resource.PropertyValue {
	keys := listKeys[strings.Join(path, ".")]
	switch {
	case live.IsObject() && stated.IsObject():
		out := live.ObjectValue().Copy()
		for key, value := range stated.ObjectValue() {
			out[key] = join(append(slices.Clone(path), string(key)), out[key], value)
		}
		return resource.NewObjectProperty(out)
	case live.IsArray() && stated.IsArray() && keys != nil:
		out := slices.Clone(live.ArrayValue())
		for _, value := range stated.ArrayValue() {
			if i := find(out, keys, value); i >= 0 {
				out[i] = join(path, out[i], value)
			} else {
				out = append(out, value)
			}
		}
		return resource.NewArrayProperty(out)
	}
	return stated
}

// find is the place of the element with the same keys, -1 without one.
func find(list []resource.PropertyValue, keys []string, like resource.PropertyValue) int {
	if !like.IsObject() {
		return -1
	}
	return slices.IndexFunc(list, func(v resource.PropertyValue) bool {
		if !v.IsObject() {
			return false
		}
		for _, key := range keys {
			if !part(v, key).DeepEquals(part(like, key)) {
				return false
			}
		}
		return true
	})
}

// part is one key of an element; a port without a protocol is TCP.
func part(v resource.PropertyValue, key string) resource.PropertyValue {
	value := v.ObjectValue()[resource.PropertyKey(key)]
	if value.IsNull() && key == "protocol" {
		return resource.NewStringProperty("TCP")
	}
	return value
}
