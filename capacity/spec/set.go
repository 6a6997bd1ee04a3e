package spec

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/catalog"
)

// Set changes one value of the raw config, as "services.backend.workers=3" does
// on the command line. The value is written as in the stack file. It returns a
// new map.
func Set(raw map[string]json.RawMessage, path, value string) (map[string]json.RawMessage, error) {
	steps, err := parsePath(path)
	if err != nil {
		return nil, err
	}
	leaf, err := yaml.YAMLToJSON([]byte(value))
	if err != nil {
		return nil, Problems{{Path: path, Value: clip(value), Rule: "is not a value", Fix: "write it as in the stack file"}}
	}
	out := make(map[string]json.RawMessage, len(raw)+1)
	for k, v := range raw {
		out[k] = v
	}
	var node any
	if text, ok := out[steps[0]]; ok {
		if err := json.Unmarshal(text, &node); err != nil {
			return nil, Problems{{Path: steps[0], Rule: "must be a map of settings"}}
		}
	}
	node, err = place(node, steps[1:], leaf, path)
	if err != nil {
		return nil, err
	}
	out[steps[0]], err = json.Marshal(node)
	return out, err
}

// Change is [Set] in a whole stack file: a setting of a service that is not there is
// refused, since a slip in its name would begin a new one, which lacks everything.
func Change(raw map[string]json.RawMessage, path, value string) (map[string]json.RawMessage, error) {
	if p := noService(raw, path); p != nil {
		return nil, Problems{*p}
	}
	return Set(raw, path, value)
}

func noService(raw map[string]json.RawMessage, path string) *Problem {
	steps, err := parsePath(path)
	if err != nil || steps[0] != "services" || len(steps) < 3 {
		return nil
	}
	var services map[string]json.RawMessage
	if err := json.Unmarshal(raw["services"], &services); err != nil || len(services) == 0 || services[steps[1]] != nil {
		return nil
	}
	names := sortedKeys(services)
	fix := catalog.Meant(steps[1], names)
	if fix == "" {
		fix = "services here: " + strings.Join(names, ", ") + "; a new one is set whole"
	}
	return &Problem{Path: "services." + steps[1], Rule: "is not there", Fix: fix}
}

// pricePath leads to keys that are type names and hold dots themselves.
const pricePath = "budget.prices."

// parsePath splits "nodes.groups[0].maxSize" into its steps.
func parsePath(path string) ([]string, error) {
	if name, ok := strings.CutPrefix(path, pricePath); ok && name != "" {
		return []string{"budget", "prices", name}, nil
	}
	steps := strings.Split(strings.NewReplacer("[", ".", "]", "").Replace(path), ".")
	for _, s := range steps {
		if s == "" {
			return nil, Problems{{Path: path, Rule: "is not a path", Fix: "write it as services.backend.workers=3 or nodes.groups[0].maxSize=30"}}
		}
	}
	return steps, nil
}

// place puts the leaf under the steps, making maps on the way.
func place(node any, steps []string, leaf json.RawMessage, path string) (any, error) {
	if len(steps) == 0 {
		return leaf, nil
	}
	switch n := node.(type) {
	case nil:
		child, err := place(nil, steps[1:], leaf, path)
		return map[string]any{steps[0]: child}, err
	case map[string]any:
		child, err := place(n[steps[0]], steps[1:], leaf, path)
		n[steps[0]] = child
		return n, err
	case []any:
		i, err := strconv.Atoi(steps[0])
		if err != nil || i < 0 || i >= len(n) {
			return nil, Problems{{Path: path, Rule: fmt.Sprintf("has no element [%s]", steps[0]), Fix: fmt.Sprintf("the list has %d", len(n))}}
		}
		n[i], err = place(n[i], steps[1:], leaf, path)
		return n, err
	}
	return nil, Problems{{Path: path, Rule: "goes below a plain value", Fix: "shorten the path"}}
}
