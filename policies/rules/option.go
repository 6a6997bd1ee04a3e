package rules

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Option is a setting of a rule that a person may change.
type Option struct {
	// Name as it stands in the configuration.
	Name string
	// What it decides, with its unit.
	What string
	// Default is a whole number or a list of texts, and so is every other value.
	Default any
	// Low and High bound a number.
	Low, High int
}

// Schema is the JSON schema of the option.
func (o Option) Schema() map[string]any {
	if list, ok := o.Default.([]string); ok {
		return map[string]any{"type": "array", "items": map[string]any{"type": "string"}, "default": toAny(list), "description": o.What}
	}
	return map[string]any{"type": "integer", "minimum": o.Low, "maximum": o.High, "default": o.Default, "description": o.What}
}

func toAny(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// accept turns a decoded JSON value into the option's own form.
func (o Option) accept(value any) (any, error) {
	if _, isList := o.Default.([]string); isList {
		return o.acceptList(value)
	}
	n, ok := value.(float64)
	if !ok || n != math.Trunc(n) || n < float64(o.Low) || n > float64(o.High) {
		return nil, fmt.Errorf("%v: must be a whole number from %d to %d", value, o.Low, o.High)
	}
	return int(n), nil
}

func (o Option) acceptList(value any) (any, error) {
	items, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("%v: must be a list of texts", value)
	}
	list := []string{}
	for _, item := range items {
		text, ok := item.(string)
		if !ok {
			return nil, fmt.Errorf("%v: must be a list of texts", value)
		}
		list = append(list, text)
	}
	return list, nil
}

// Input is what a rule judges and with which options.
type Input struct {
	Model
	options map[string]any
}

// whole is an option that is a number. A name that the rule does not declare is
// a mistake in the rule.
func (in Input) whole(name string) int { return in.options[name].(int) }

// texts is an option that is a list.
func (in Input) texts(name string) []string { return in.options[name].([]string) }

// optRelaxed names the stacks that may do without what only production needs.
const optRelaxed = "relaxedStacks"

func relaxedStacks() Option {
	return Option{Name: optRelaxed, What: "stacks that may do without", Default: []string{"dev", "local", "staging", "test"}}
}

// relaxed says that a resource is in a stack that may do without.
func (in Input) relaxed(r Resource) bool { return slices.Contains(in.texts(optRelaxed), stackOf(r)) }

// stackOf is the stack in a URN such as urn:pulumi:prod::shop::type::name; empty
// for a manifest.
func stackOf(r Resource) string {
	rest, ok := strings.CutPrefix(r.URN, "urn:pulumi:")
	if !ok {
		return ""
	}
	stack, _, _ := strings.Cut(rest, "::")
	return stack
}
