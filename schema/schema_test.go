package schema

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/invopop/jsonschema"

	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/spec"
)

const file = "stack.schema.json"

func TestSchemaIsFresh(t *testing.T) {
	want, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	golden.Text(t, file, string(want))
}

// generate reflects over the stack file's types; the fields' comments become
// descriptions.
func generate() ([]byte, error) {
	r := jsonschema.Reflector{Mapper: leaf, RequiredFromJSONSchemaTags: true}
	if err := r.AddGoComments("github.com/agencyos/headroom/schema", "../capacity/spec"); err != nil {
		return nil, err
	}
	stack := r.Reflect(spec.Stack{})
	root := stack.Definitions["Stack"]
	delete(stack.Definitions, "Stack")
	config := jsonschema.NewProperties()
	for pair := root.Properties.Oldest(); pair != nil; pair = pair.Next() {
		config.Set(spec.Namespace+":"+pair.Key, pair.Value)
	}
	for _, key := range spec.SecretKeys {
		config.Set(spec.Namespace+":"+key, &jsonschema.Schema{Description: "A secret; set it with pulumi config set --secret."})
	}
	out := &jsonschema.Schema{Version: jsonschema.Version, Title: "Headroom stack file", Type: "object",
		Definitions: stack.Definitions, Properties: jsonschema.NewProperties()}
	out.Properties.Set("config", &jsonschema.Schema{Type: "object", Properties: config,
		PatternProperties:    map[string]*jsonschema.Schema{"^(?!" + spec.Namespace + ":)": {}},
		AdditionalProperties: jsonschema.FalseSchema})
	text, err := json.MarshalIndent(out, "", "  ")
	return append(text, '\n'), err
}

// leaf describes what a person writes for quantities and enums.
func leaf(t reflect.Type) *jsonschema.Schema {
	switch q := reflect.New(t).Elem().Interface().(type) {
	case spec.RPS, spec.USD:
		return &jsonschema.Schema{Type: "number", Minimum: "0"}
	case spec.MilliCPU:
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "string", Pattern: q.Form()}, {Type: "number", Minimum: "0"}}}
	case interface{ Form() string }:
		return &jsonschema.Schema{Type: "string", Pattern: q.Form()}
	case interface{ Values() []string }:
		values := make([]any, 0, len(q.Values()))
		for _, v := range q.Values() {
			values = append(values, v)
		}
		return &jsonschema.Schema{Type: "string", Enum: values}
	}
	return nil
}

// TestSchemaDescribesEveryField keeps editors helpful: a field without a
// comment has no hover text.
func TestSchemaDescribesEveryField(t *testing.T) {
	var root struct {
		Defs map[string]struct {
			Properties map[string]struct {
				Description string `json:"description"`
				Ref         string `json:"$ref"`
			} `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Stack, &root); err != nil {
		t.Fatal(err)
	}
	bare := map[string]bool{"Amounts": true, "PodAmounts": true, "Addons": true}
	for name, def := range root.Defs {
		for key, p := range def.Properties {
			if p.Description == "" && p.Ref == "" && !bare[name] {
				t.Errorf("%s.%s has no description: comment the field in capacity/spec", name, key)
			}
		}
	}
}
