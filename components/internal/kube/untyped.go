package kube

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Untyped hands a plain value with JSON tags to Pulumi, where the SDK has no type
// for it: chart values and custom resources.
func Untyped(value any) (pulumi.Map, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("writing %T: %w", value, err)
	}
	var tree map[string]any
	if err := json.Unmarshal(text, &tree); err != nil {
		return nil, fmt.Errorf("reading %T: %w", value, err)
	}
	return input(tree).(pulumi.Map), nil
}

// input is a JSON value as an input; a null stays out of objects.
func input(node any) pulumi.Input {
	switch node := node.(type) {
	case map[string]any:
		out := pulumi.Map{}
		for key, value := range node {
			if value != nil {
				out[key] = input(value)
			}
		}
		return out
	case []any:
		out := pulumi.Array{}
		for _, value := range node {
			out = append(out, input(value))
		}
		return out
	case string:
		return pulumi.String(node)
	case bool:
		return pulumi.Bool(node)
	case float64:
		return pulumi.Float64(node)
	default:
		return pulumi.String("")
	}
}
