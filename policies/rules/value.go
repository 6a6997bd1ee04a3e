package rules

import (
	"encoding/json"
	"sort"
	"strings"
)

// kind is the form of a value.
type kind uint8

const (
	absent kind = iota
	unknown
	secret
	boolean
	number
	text
	list
	object
	opaque
)

// Value is one node of a property tree. The zero value is absent. No method
// panics, whatever the shape.
type Value struct {
	kind kind
	data any
}

// Unknown is a value that exists but is not known yet.
func Unknown() Value { return Value{kind: unknown} }

// Secret is a value that rules do not read, so that no message can leak it.
func Secret() Value { return Value{kind: secret} }

// Opaque is a value that is known and has no parts, such as a file.
func Opaque() Value { return Value{kind: opaque} }

// Bool is a known truth value.
func Bool(b bool) Value { return Value{boolean, b} }

// Number is a known number.
func Number(n float64) Value { return Value{number, n} }

// Text is a known text, unless it is what the engine writes in place of a value
// that is not known, or of a secret that it could not decrypt.
func Text(s string) Value {
	switch s {
	case unknownSentinel:
		return Unknown()
	case redacted:
		return Secret()
	}
	return Value{text, s}
}

// List is a list of values.
func List(items []Value) Value { return Value{list, items} }

// Object is a map of values.
func Object(fields map[string]Value) Value { return Value{object, fields} }

// The engine's marks inside JSON
// (github.com/pulumi/pulumi sdk/go/common/resource/properties.go, v3.259).
const (
	unknownSentinel = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
	signatureKey    = "4dabf18193072939515e22adb298388d"
	secretSignature = "1b47061264138c4ac30d75fd1eb44270"
	outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
	redacted        = "[secret]"
)

// From reads decoded JSON or YAML: a manifest, a state export, a preview. The
// engine's marks for unknown and secret values keep their meaning.
func From(node any) Value {
	switch v := node.(type) {
	case nil:
		return Value{}
	case Value:
		return v
	case bool:
		return Bool(v)
	case float64:
		return Number(v)
	case int:
		return Number(float64(v))
	case int64:
		return Number(float64(v))
	case json.Number:
		n, err := v.Float64()
		if err != nil {
			return Opaque()
		}
		return Number(n)
	case string:
		return Text(v)
	case []any:
		return fromList(v)
	case map[string]any:
		return fromMap(v)
	default:
		return Opaque()
	}
}

func fromList(in []any) Value {
	items := make([]Value, len(in))
	for i, item := range in {
		items[i] = From(item)
	}
	return List(items)
}

func fromMap(in map[string]any) Value {
	switch sig, _ := in[signatureKey].(string); sig {
	case "":
	case secretSignature:
		return Secret()
	case outputSignature:
		if isSecret, _ := in["secret"].(bool); isSecret {
			return Secret()
		}
		if in["value"] == nil {
			return Unknown()
		}
		return From(in["value"])
	default:
		return Opaque()
	}
	fields := make(map[string]Value, len(in))
	for key, item := range in {
		fields[key] = From(item)
	}
	return Object(fields)
}

// Get follows keys through maps. Below an unknown or secret value everything is
// unknown or secret; below anything else without such a key it is absent.
func (v Value) Get(keys ...string) Value {
	for _, key := range keys {
		switch v.kind {
		case object:
			v = v.data.(map[string]Value)[key]
		case unknown, secret:
			return v
		default:
			return Value{}
		}
	}
	return v
}

// Items are the items of a list; nil for anything else.
func (v Value) Items() []Value {
	items, _ := v.data.([]Value)
	return items
}

// Keys are the sorted keys of a map; nil for anything else.
func (v Value) Keys() []string {
	fields, _ := v.data.(map[string]Value)
	keys := make([]string, 0, len(fields))
	for key := range fields {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// Absent says that there is no value, or null.
func (v Value) Absent() bool { return v.kind == absent }

// Unknown says that the value is not known yet.
func (v Value) Unknown() bool { return v.kind == unknown }

// Secret says that the value may not be read.
func (v Value) Secret() bool { return v.kind == secret }

// Known says that there is a value and it can be read.
func (v Value) Known() bool { return v.kind > secret }

// Tree is the value as decoded JSON, for a reader of its own. What is not known
// yet, or may not be read, is a text in parentheses that says so.
func (v Value) Tree() any {
	switch v.kind {
	case unknown:
		return "(not known yet)"
	case secret:
		return "(secret)"
	case object:
		fields := make(map[string]any, len(v.Keys()))
		for _, key := range v.Keys() {
			fields[key] = v.Get(key).Tree()
		}
		return fields
	case list:
		items := make([]any, 0, len(v.Items()))
		for _, item := range v.Items() {
			items = append(items, item.Tree())
		}
		return items
	}
	return v.data
}

// text is the text of a known text.
func (v Value) text() (string, bool) {
	s, ok := v.data.(string)
	return s, ok
}

// name is the text of what names something; a blank names nothing.
func (v Value) name() string {
	s, _ := v.text()
	if strings.TrimSpace(s) == "" {
		return ""
	}
	return s
}

// Fill completes a tree of inputs with a tree of outputs: only where an input is
// unknown does the output of the same place stand in for it. What the inputs
// leave out stays out, because outputs also hold what the cloud filled in.
func Fill(inputs, outputs Value) Value {
	switch {
	case inputs.Unknown() && !outputs.Absent():
		return outputs
	case inputs.kind == object && outputs.kind == object:
		fields := make(map[string]Value, len(inputs.data.(map[string]Value)))
		for key, field := range inputs.data.(map[string]Value) {
			fields[key] = Fill(field, outputs.Get(key))
		}
		return Object(fields)
	case inputs.kind == list && len(inputs.Items()) == len(outputs.Items()):
		items := make([]Value, len(inputs.Items()))
		for i, item := range inputs.Items() {
			items[i] = Fill(item, outputs.Items()[i])
		}
		return List(items)
	}
	return inputs
}
