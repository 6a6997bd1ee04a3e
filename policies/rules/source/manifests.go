package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/agencyos/headroom/policies/rules"
)

// manifests reads the Kubernetes objects of a file of YAML or JSON documents.
func manifests(name string, data []byte) ([]rules.Resource, error) {
	var all []rules.Resource
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var document yaml.Node
		err := decoder.Decode(&document)
		switch {
		case errors.Is(err, io.EOF) && len(all) == 0:
			return nil, ErrNothing
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, unreadable(err, data)
		}
		objects, err := object(name, &document)
		if err != nil {
			return nil, unreadable(err, data)
		}
		all = append(all, objects...)
	}
}

// unreadable says what to do about the template of a chart, which is YAML only
// once it is rendered.
func unreadable(err error, data []byte) error {
	hint := ""
	if bytes.Contains(data, []byte("{{")) {
		hint = "; it looks like a template: render it first, by helm template or kustomize build"
	}
	return fmt.Errorf("is no YAML: %s%s", strings.Join(strings.Fields(err.Error()), " "), hint)
}

// object reads one document, or the objects of a List. What has no apiVersion
// and kind is something else, such as the values of a chart.
func object(name string, document *yaml.Node) ([]rules.Resource, error) {
	node := document
	if node.Kind == yaml.DocumentNode && len(node.Content) == 1 {
		node = node.Content[0]
	}
	if node.Kind != yaml.MappingNode {
		return nil, nil
	}
	var tree map[string]any
	if err := node.Decode(&tree); err != nil {
		return nil, err
	}
	version, _ := tree["apiVersion"].(string)
	kind, _ := tree["kind"].(string)
	if version == "" || kind == "" {
		return nil, nil
	}
	if items, ok := field(node, "items"); ok && strings.HasSuffix(kind, "List") {
		var all []rules.Resource
		for _, item := range items.Content {
			objects, err := object(name, item)
			if err != nil {
				return nil, err
			}
			all = append(all, objects...)
		}
		return all, nil
	}
	delete(tree, "status")
	return []rules.Resource{{
		URN: fmt.Sprintf("%s:%d", name, node.Line), Type: rules.KubernetesType(version, kind+patch(kind, tree)), Name: ownName(tree), Inputs: rules.From(tree),
	}}, nil
}

// patch ends the kind of what Kustomize lays over an object of another owner: a
// Deployment has a selector, without which no API server takes it.
func patch(kind string, tree map[string]any) string {
	spec, _ := tree["spec"].(map[string]any)
	if _, whole := spec["selector"]; kind != "Deployment" || whole {
		return ""
	}
	return "Patch"
}

func field(node *yaml.Node, key string) (*yaml.Node, bool) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1], true
		}
	}
	return nil, false
}

func ownName(tree map[string]any) string {
	meta, _ := tree["metadata"].(map[string]any)
	name, _ := meta["name"].(string)
	return name
}
