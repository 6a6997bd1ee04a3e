package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// MaxFileBytes bounds a stack file; a real one is a few kilobytes.
const MaxFileBytes = 256 << 10

// Decode reads the raw values of the headroom config keys, as Pulumi hands
// them over, into a stack with defaults filled in. The error is Problems: all
// of them at once.
func Decode(name string, raw map[string]json.RawMessage) (Stack, error) {
	tree := map[string]any{}
	var unreadable Problems
	for _, key := range sortedKeys(raw) {
		if slices.Contains(SecretKeys, key) {
			unreadable.plainSecret(key, raw[key])
			continue
		}
		var node any
		if err := json.Unmarshal(raw[key], &node); err != nil {
			unreadable.add(key, string(raw[key]), "must be a map of settings", "write it as YAML under "+Namespace+":"+key)
			continue
		}
		tree[key] = node
	}
	return decodeTree(name, tree, unreadable)
}

// DecodeFile reads a Pulumi.<stack>.yaml as the command line does, without
// Pulumi.
func DecodeFile(name string, data []byte) (Stack, error) {
	raw, err := Raw(data)
	if err != nil {
		return Stack{}, err
	}
	return Decode(name, raw)
}

// Raw picks the headroom keys out of the text of a Pulumi.<stack>.yaml.
func Raw(data []byte) (map[string]json.RawMessage, error) {
	if len(data) > MaxFileBytes {
		return nil, Problems{{Rule: fmt.Sprintf("the stack file has %d bytes, more than %d", len(data), MaxFileBytes),
			Fix: "check that this is a Pulumi stack file"}}
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, Problems{{Rule: "the stack file is empty", Fix: "start from Pulumi.prod.yaml"}}
	}
	text, err := yaml.YAMLToJSONStrict(data)
	if err != nil {
		return nil, Problems{{Rule: "the stack file is not valid YAML", Fix: clipLine(err)}}
	}
	var file struct {
		Config map[string]json.RawMessage `json:"config"`
	}
	if err := json.Unmarshal(text, &file); err != nil || file.Config == nil {
		return nil, Problems{{Path: "config", Rule: "must be a map of settings", Fix: "put every headroom: key under config:"}}
	}
	raw := map[string]json.RawMessage{}
	for key, value := range file.Config {
		if short, ok := strings.CutPrefix(key, Namespace+":"); ok {
			raw[short] = value
		}
	}
	if len(raw) == 0 {
		return nil, Problems{{Path: "config", Rule: "has no " + Namespace + ": key", Fix: "start from Pulumi.prod.yaml"}}
	}
	return raw, nil
}

// plainSecret refuses a secret that stands in the file unencrypted. Pulumi's own
// form is a map with the key secure.
func (ps *Problems) plainSecret(key string, raw json.RawMessage) {
	var sealed struct {
		Secure string `json:"secure"`
	}
	if json.Unmarshal(raw, &sealed) != nil || sealed.Secure == "" {
		ps.add(key, "…", "stands in plain text", "remove it and run pulumi config set --secret "+Namespace+":"+key)
	}
}

func decodeTree(name string, tree map[string]any, problems Problems) (Stack, error) {
	w := walker{problems: problems}
	clean, _ := w.walk("", tree, reflect.TypeFor[Stack]())
	text, err := json.Marshal(clean)
	if err != nil {
		return Stack{}, append(w.problems, Problem{Rule: err.Error()})
	}
	stack := Stack{}
	strict, err := kjson.UnmarshalStrict(text, &stack)
	for _, e := range append(strict, err) {
		if e != nil {
			w.problems.add("", nil, e.Error(), "")
		}
	}
	stack.Name = name
	stack = stack.withDefaults()
	return stack, slices.Concat(w.problems, stack.validate().without(w.problems)).err()
}

// clipLine is an error on one line.
func clipLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
