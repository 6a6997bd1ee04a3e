package provider

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Value is a property as rules read it: secrets are unwrapped, and what is not
// known yet answers Unknown instead of a zero value.
type Value struct {
	v     resource.PropertyValue
	found bool
}

// Of wraps a property map.
func Of(m resource.PropertyMap) Value {
	return Value{v: resource.NewObjectProperty(m), found: m != nil}
}

// At reads a path such as "spec.metrics[0].type". An unknown on the way makes
// the result unknown, for it may turn out to hold anything.
func (v Value) At(path string) Value {
	parsed, err := resource.ParsePropertyPath(path)
	if err != nil {
		return Value{}
	}
	for _, step := range parsed {
		v = v.step(step)
	}
	return v
}

func (v Value) step(step any) Value {
	plain := bare(v.v)
	switch {
	case !v.found:
		return Value{}
	case plain.IsComputed():
		return Value{v: plain, found: true}
	case plain.IsObject():
		return v.key(plain, step)
	case plain.IsArray():
		i, ok := step.(int)
		if !ok || i < 0 || i >= len(plain.ArrayValue()) {
			return Value{}
		}
		return Value{v: plain.ArrayValue()[i], found: true}
	default:
		return Value{}
	}
}

func (v Value) key(object resource.PropertyValue, step any) Value {
	name, ok := step.(string)
	if !ok {
		return Value{}
	}
	found, ok := object.ObjectValue()[resource.PropertyKey(name)]
	if !ok || found.IsNull() {
		return Value{}
	}
	return Value{v: found, found: true}
}

// Present tells whether the property is set, known or not.
func (v Value) Present() bool { return v.found && !bare(v.v).IsNull() }

// Known tells whether the property is set and its value is known.
func (v Value) Known() bool { return v.Present() && !bare(v.v).ContainsUnknowns() }

// Unknown tells whether the property is set to something not known yet.
func (v Value) Unknown() bool { return v.Present() && bare(v.v).IsComputed() }

// Text is the string value, or "" when it is absent, unknown or no string.
func (v Value) Text() string {
	if p := bare(v.v); v.found && p.IsString() {
		return p.StringValue()
	}
	return ""
}

// IsText tells whether the property is a known string.
func (v Value) IsText() bool { return v.found && bare(v.v).IsString() }

// Number is the numeric value and whether there is one.
func (v Value) Number() (float64, bool) {
	if p := bare(v.v); v.found && p.IsNumber() {
		return p.NumberValue(), true
	}
	return 0, false
}

// True tells whether the property is true. Provider settings may arrive as
// the text "true".
func (v Value) True() bool {
	p := bare(v.v)
	return v.found && (p.IsBool() && p.BoolValue() || p.IsString() && p.StringValue() == "true")
}

// False tells whether the property is set to false.
func (v Value) False() bool {
	p := bare(v.v)
	return v.found && (p.IsBool() && !p.BoolValue() || p.IsString() && p.StringValue() == "false")
}

// List is the elements of a known list.
func (v Value) List() []Value {
	p := bare(v.v)
	if !v.found || !p.IsArray() {
		return nil
	}
	list := make([]Value, len(p.ArrayValue()))
	for i, e := range p.ArrayValue() {
		list[i] = Value{v: e, found: true}
	}
	return list
}

// Map is the properties of a known object.
func (v Value) Map() map[string]Value {
	p := bare(v.v)
	if !v.found || !p.IsObject() {
		return nil
	}
	m := map[string]Value{}
	for k, e := range p.ObjectValue() {
		if !e.IsNull() {
			m[string(k)] = Value{v: e, found: true}
		}
	}
	return m
}

// String shows the value in messages. A secret shows as such.
func (v Value) String() string {
	switch {
	case !v.found:
		return "absent"
	case v.v.IsSecret():
		return "[secret]"
	case v.Unknown():
		return "[unknown]"
	}
	if n, ok := v.Number(); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	text, err := json.Marshal(plain(v.v).MapRepl(nil, nil))
	if err != nil {
		return "?"
	}
	return string(text)
}

// configValue wraps provider settings. The engine sends nested settings as
// JSON text, so text that is a JSON list, object or boolean is decoded.
func configValue(m resource.PropertyMap) Value {
	decoded := resource.PropertyMap{}
	for k, v := range m {
		decoded[k] = v
		p := bare(v)
		if !p.IsString() || !strings.ContainsAny(p.StringValue()[:min(1, len(p.StringValue()))], "[{") {
			continue
		}
		var parsed any
		if json.Unmarshal([]byte(p.StringValue()), &parsed) == nil {
			decoded[k] = resource.NewPropertyValue(parsed)
		}
	}
	return Of(decoded)
}

// bare takes the secret and output wrappers off one value.
func bare(v resource.PropertyValue) resource.PropertyValue {
	for {
		switch {
		case v.IsSecret():
			v = v.SecretValue().Element
		case v.IsOutput():
			if !v.OutputValue().Known {
				return resource.MakeComputed(resource.NewStringProperty(""))
			}
			v = v.OutputValue().Element
		default:
			return v
		}
	}
}

// plain takes the wrappers off all the way down and drops nulls.
func plain(v resource.PropertyValue) resource.PropertyValue {
	v = bare(v)
	switch {
	case v.IsArray():
		list := make([]resource.PropertyValue, len(v.ArrayValue()))
		for i, e := range v.ArrayValue() {
			list[i] = plain(e)
		}
		return resource.NewArrayProperty(list)
	case v.IsObject():
		return resource.NewObjectProperty(plainMap(v.ObjectValue()))
	default:
		return v
	}
}

func plainMap(m resource.PropertyMap) resource.PropertyMap {
	out := resource.PropertyMap{}
	for k, v := range m {
		if p := plain(v); !p.IsNull() {
			out[k] = p
		}
	}
	return out
}
