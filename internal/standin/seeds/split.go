package seeds

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// split reads the documents of a file, each as JSON would have it. JSON may
// follow JSON, as when the answers of several commands are kept in one file.
func split(data []byte) ([]any, error) {
	if documents, ok := splitJSON(data); ok {
		return documents, nil
	}
	var documents []any
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var node yaml.Node
		if err := decoder.Decode(&node); errors.Is(err, io.EOF) {
			return documents, nil
		} else if err != nil {
			return nil, err
		}
		keepText(&node)
		var document any
		if err := node.Decode(&document); err != nil {
			return nil, err
		}
		if document != nil {
			documents = append(documents, plain(document))
		}
	}
}

// splitJSON is false for anything else than JSON: YAML in flow style looks much
// like it.
func splitJSON(data []byte) ([]any, bool) {
	var documents []any
	for decoder := json.NewDecoder(bytes.NewReader(data)); ; {
		var document any
		err := decoder.Decode(&document)
		switch {
		case errors.Is(err, io.EOF):
			return documents, len(documents) > 0
		case err != nil:
			return nil, false
		}
		documents = append(documents, document)
	}
}

// keepText keeps dates what they are in the file.
func keepText(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!timestamp" {
		n.Tag = "!!str"
	}
	for _, child := range n.Content {
		keepText(child)
	}
}

// plain turns what YAML knows and JSON does not into what JSON knows.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			v[key] = plain(value)
		}
		return v
	case map[any]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			out[fmt.Sprint(key)] = plain(value)
		}
		return out
	case []any:
		for i, value := range v {
			v[i] = plain(value)
		}
		return v
	case int:
		return float64(v)
	case int64:
		return float64(v)
	case uint64:
		return float64(v)
	}
	return v
}
