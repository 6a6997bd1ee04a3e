package baseline

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/agencyos/headroom/capacity/text"
)

// walker compares a JSON tree with the Go type it is meant for and collects every
// value of a wrong type: the JSON reader stops at the first, and does not know the
// keys of maps on the way.
type walker struct{ found Problems }

// readable is the text without its values of wrong types, and what is wrong with
// those; ok is false for what is no JSON at all.
func readable(data []byte) (clean []byte, wrong Problems, ok bool) {
	var tree any
	decoder := stdjson.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	err := decoder.Decode(&tree)
	var w walker
	if err == nil {
		tree, _ = w.walk("", tree, reflect.TypeFor[Baseline]())
		clean, err = stdjson.Marshal(tree)
	}
	return clean, w.found, err == nil && len(w.found) > 0
}

// walk returns the node without what is wrong below it, and whether it is kept. A
// null leaves a key out, as for the JSON reader.
func (w *walker) walk(path string, node any, t reflect.Type) (any, bool) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch v := node.(type) {
	case nil:
		return nil, true
	case map[string]any:
		if t.Kind() == reflect.Struct || t.Kind() == reflect.Map {
			return w.object(path, v, t), true
		}
	case []any:
		if t.Kind() == reflect.Slice {
			return w.list(path, v, t.Elem()), true
		}
	case stdjson.Number:
		if want, ok := number(v, t.Kind()); want != "" {
			return node, ok || w.wrong(path, node, want)
		}
	default:
		if reflect.TypeOf(node).Kind() == t.Kind() { // a text, or true or false
			return node, true
		}
	}
	return nil, w.wrong(path, node, kindOf(t))
}

// number says what a number of a kind must be, and whether this one is; a kind that
// is no number wants nothing.
func number(n stdjson.Number, kind reflect.Kind) (want string, ok bool) {
	switch kind {
	case reflect.Float64:
		_, err := n.Float64()
		return "a number of at most 1e9", err == nil
	case reflect.Int:
		_, err := strconv.Atoi(n.String())
		return "a whole number", err == nil
	}
	return "", false
}

// object keeps unknown keys: reading it again reports them.
func (w *walker) object(path string, in map[string]any, t reflect.Type) map[string]any {
	out := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(in)) {
		child, known := below(t, key)
		if !known {
			out[key] = in[key]
		} else if node, ok := w.walk(join(path, key), in[key], child); ok {
			out[key] = node
		}
	}
	return out
}

func (w *walker) list(path string, in []any, t reflect.Type) []any {
	var out []any
	for i, item := range in {
		if node, ok := w.walk(fmt.Sprintf("%s[%d]", path, i), item, t); ok {
			out = append(out, node)
		}
	}
	return out
}

// wrong reports a value; it is false, for what is not kept.
func (w *walker) wrong(path string, node any, want string) bool {
	p := Problem{Path: path, Value: shown(node), Rule: "must be " + want}
	if strings.HasPrefix(want, "a number") || strings.HasPrefix(want, "a whole number") {
		p.Fix = "write figures as plain numbers: no quotes, the key names the unit"
	}
	w.found = append(w.found, p)
	return false
}

func shown(node any) string {
	if word, ok := node.(string); ok {
		return quote(word)
	}
	raw, err := stdjson.Marshal(node)
	if err != nil {
		return fmt.Sprintf("%T", node)
	}
	return text.Printable(shorten(string(raw)))
}

// below is the type at a key of a map, or of a struct that has it.
func below(t reflect.Type, key string) (reflect.Type, bool) {
	if t.Kind() == reflect.Map {
		return t.Elem(), true
	}
	if i := slices.Index(keysOf(t), key); i >= 0 { // of a plain value there are none
		return t.Field(i).Type, true
	}
	return nil, false
}

// keysOf a struct; a map has any, and a plain value none.
func keysOf(t reflect.Type) []string {
	if t.Kind() != reflect.Struct {
		return nil
	}
	var keys []string
	for i := range t.NumField() {
		key, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		keys = append(keys, key)
	}
	return keys
}

func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Float64:
		return "a number"
	case reflect.Int:
		return "a whole number"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "text in quotes"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}

var plainKey = strings.NewReplacer(".", "", "[", "", " ", "", `"`, "", "/", "")

// join is a path as the problems of Validate spell it: what is no plain key stands
// in brackets.
func join(path, key string) string {
	switch {
	case plainKey.Replace(key) != key || printable(key) != key || key == "":
		return path + "[" + quote(key) + "]"
	case path == "":
		return key
	}
	return path + "." + key
}

// within says whether a path is at or under another.
func within(path, under string) bool {
	rest, ok := strings.CutPrefix(path, under)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// without drops the problems at, under and above what could not be read, which is
// reported once, as that.
func (ps Problems) without(unread Problems) Problems {
	return slices.DeleteFunc(slices.Clone(ps), func(p Problem) bool {
		return slices.ContainsFunc(unread, func(u Problem) bool { return within(p.Path, u.Path) || within(u.Path, p.Path) })
	})
}
