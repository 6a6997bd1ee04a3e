package spec

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"sort"
	"strings"

	"github.com/agencyos/headroom/capacity/catalog"
)

// walker compares a JSON tree with the Go type it is meant for and collects
// every mismatch. encoding/json stops at the first bad value and matches keys
// in any case, and neither helps a person who has five typos.
type walker struct {
	problems Problems
}

// walk checks node against t and returns it without its unreadable parts.
func (w *walker) walk(path string, node any, t reflect.Type) (any, bool) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if node == nil {
		w.problems.add(path, "null", "must have a value", "remove the key or give it one")
		return nil, false
	}
	if m, ok := node.(map[string]any); ok && m["secure"] != nil {
		w.problems.add(path, "secure: …", "must not hold a secret",
			"store it as a Kubernetes Secret and name it by a secretRef")
		return nil, false
	}
	if q, ok := reflect.New(t).Interface().(quantity); ok {
		return w.quantity(path, node, q)
	}
	switch t.Kind() {
	case reflect.Struct:
		return w.object(path, node, t)
	case reflect.Map:
		return w.mapping(path, node, t)
	case reflect.Slice:
		return w.list(path, node, t)
	default:
		return w.leaf(path, node, t)
	}
}

func (w *walker) quantity(path string, node any, q quantity) (any, bool) {
	raw, err := json.Marshal(node)
	if err == nil {
		err = q.UnmarshalJSON(raw)
	}
	if err != nil {
		w.problems.add(path, string(raw), q.rule(), "")
		return nil, false
	}
	return node, true
}

func (w *walker) object(path string, node any, t reflect.Type) (any, bool) {
	in, ok := node.(map[string]any)
	if !ok {
		return w.mismatch(path, node, "must be a map of settings")
	}
	fields := fieldTypes(t)
	out := map[string]any{}
	for _, key := range sortedKeys(in) {
		at := join(path, key)
		field, known := fields[key]
		if !known {
			w.unknown(at, key, fields)
			continue
		}
		v, ok := w.walk(at, in[key], field.Type)
		if ok && field.Tag.Get(nonzero) != "" {
			ok = w.positive(at, v, field.Type)
		}
		if ok {
			out[key] = v
		}
	}
	return out, true
}

// nonzero tags a field whose default is not zero. Once decoded, a zero that a
// person wrote and a key that they left out look the same.
const nonzero = "nonzero"

// positive refuses a zero, or a struct with one in it.
func (w *walker) positive(path string, node any, t reflect.Type) bool {
	if in, ok := node.(map[string]any); ok {
		all, fields := true, fieldTypes(t)
		for _, key := range sortedKeys(in) {
			all = w.positive(join(path, key), in[key], fields[key].Type) && all
		}
		return all
	}
	value := reflect.New(t)
	raw, err := json.Marshal(node)
	if err == nil {
		err = json.Unmarshal(raw, value.Interface())
	}
	if err != nil || !value.Elem().IsZero() {
		return true // What cannot be read is reported elsewhere.
	}
	w.problems.add(path, node, "must be more than 0", "remove the key for the default")
	return false
}

func (w *walker) unknown(path, key string, fields map[string]reflect.StructField) {
	names := sortedKeys(fields)
	fix := catalog.Meant(key, names)
	if below := fieldBelow(key, fields); below != "" {
		fix = fmt.Sprintf("it is %s", below)
	}
	if fix == "" {
		fix = "known here: " + strings.Join(names, ", ")
	}
	w.problems.add(path, nil, "unknown key", fix)
}

// fieldBelow is the path of the key one step below, such as autoscaling.margin for
// margin; "" where it is nowhere, or not in one place.
func fieldBelow(key string, fields map[string]reflect.StructField) string {
	var found []string
	for _, name := range sortedKeys(fields) {
		if t := fields[name].Type; t.Kind() == reflect.Struct {
			if _, ok := fieldTypes(t)[key]; ok {
				found = append(found, join(name, key))
			}
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

func (w *walker) mapping(path string, node any, t reflect.Type) (any, bool) {
	in, ok := node.(map[string]any)
	if !ok {
		return w.mismatch(path, node, "must be a map of names")
	}
	out := map[string]any{}
	for _, key := range sortedKeys(in) {
		if v, ok := w.walk(join(path, key), in[key], t.Elem()); ok {
			out[key] = v
		}
	}
	return out, true
}

func (w *walker) list(path string, node any, t reflect.Type) (any, bool) {
	in, ok := node.([]any)
	if !ok {
		return w.mismatch(path, node, "must be a list")
	}
	out := make([]any, 0, len(in)) // An empty list is not an absent one.
	for i, item := range in {
		v, ok := w.walk(fmt.Sprintf("%s[%d]", path, i), item, t.Elem())
		if !ok {
			// Keeps the indexes of the items that follow.
			v = map[string]any{}
			if t.Elem().Kind() != reflect.Struct {
				v = reflect.Zero(t.Elem()).Interface()
			}
		}
		out = append(out, v)
	}
	return out, true
}

func (w *walker) leaf(path string, node any, t reflect.Type) (any, bool) {
	switch t.Kind() {
	case reflect.String:
		if _, ok := node.(string); !ok {
			return w.mismatch(path, node, "must be text in quotes")
		}
	case reflect.Bool:
		if _, ok := node.(bool); !ok {
			return w.mismatch(path, node, "must be true or false")
		}
	case reflect.Int:
		n, ok := node.(float64)
		if !ok || n != math.Trunc(n) {
			return w.mismatch(path, node, "must be a whole number without quotes")
		}
		if math.Abs(n) > math.MaxInt32 {
			return w.mismatch(path, node, fmt.Sprintf("must be a whole number of at most %d", math.MaxInt32))
		}
	case reflect.Float64:
		if _, ok := node.(float64); !ok {
			return w.mismatch(path, node, "must be a number without quotes")
		}
	default:
		return w.mismatch(path, node, "has a type that the stack file does not know")
	}
	return node, true
}

func (w *walker) mismatch(path string, node any, rule string) (any, bool) {
	raw, err := json.Marshal(node)
	if err != nil {
		raw = []byte(fmt.Sprint(node))
	}
	w.problems.add(path, string(raw), rule, "")
	return nil, false
}

// fieldTypes are the fields of a struct by their JSON keys.
func fieldTypes(t reflect.Type) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			fields[name] = t.Field(i)
		}
	}
	return fields
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
