package source_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/policies/rules"
	"github.com/agencyos/headroom/policies/rules/source"
)

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// state is a resource as the engine writes it.
func state(name, more string) string {
	return fmt.Sprintf(`{"urn":"urn:pulumi:prod::shop::aws:rds/instance:Instance::%s","type":"aws:rds/instance:Instance"%s}`, name, more)
}

func resource(name string, options rules.Options, inputs map[string]any) rules.Resource {
	options.Known = true
	return rules.Resource{URN: "urn:pulumi:prod::shop::aws:rds/instance:Instance::" + name, Type: "aws:rds/instance:Instance", Name: name,
		Inputs: rules.Fill(rules.From(inputs), rules.Value{}), Options: options}
}

func TestRead(t *testing.T) {
	service := rules.Resource{URN: "f.yaml:1", Type: "kubernetes:core/v1:Service", Name: "api",
		Inputs: rules.From(map[string]any{"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": "api"}})}
	moved := service
	moved.URN = "f.yaml:3"
	for name, c := range map[string]struct {
		reason, in string
		want       []rules.Resource
		err        string
	}{
		"Manifest":  {reason: "one object", in: "apiVersion: v1\nkind: Service\nmetadata: {name: api}", want: []rules.Resource{service}},
		"Status":    {reason: "what a live object says of itself is not declared", in: "apiVersion: v1\nkind: Service\nmetadata: {name: api}\nstatus: {x: 1}", want: []rules.Resource{service}},
		"JSON":      {reason: "a manifest may be JSON", in: `{"apiVersion":"v1","kind":"Service","metadata":{"name":"api"}}`, want: []rules.Resource{service}},
		"Mark":      {reason: "a byte order mark is no content", in: "\xef\xbb\xbfapiVersion: v1\nkind: Service\nmetadata: {name: api}", want: []rules.Resource{service}},
		"Documents": {reason: "empty documents and values of charts are passed over", in: "x: 1\n---\napiVersion: v1\nkind: Service\nmetadata: {name: api}\n---\n", want: []rules.Resource{moved}},
		"List":      {reason: "a List is its items", in: "apiVersion: v1\nkind: ServiceList\nitems: [{apiVersion: v1, kind: Service, metadata: {name: api}}]", want: []rules.Resource{{URN: "f.yaml:3", Type: service.Type, Name: "api", Inputs: service.Inputs}}},
		"Patch": {reason: "what is laid over another owner's Deployment is judged as that", in: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec: {minReadySeconds: 5}",
			want: []rules.Resource{{URN: "f.yaml:1", Type: "kubernetes:apps/v1:DeploymentPatch", Name: "api", Inputs: rules.From(map[string]any{
				"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": "api"}, "spec": map[string]any{"minReadySeconds": 5}})}}},
		"Whole": {reason: "a selector makes it whole", in: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec: {selector: {}}",
			want: []rules.Resource{{URN: "f.yaml:1", Type: "kubernetes:apps/v1:Deployment", Name: "api", Inputs: rules.From(map[string]any{
				"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": "api"}, "spec": map[string]any{"selector": map[string]any{}}})}}},
		"Preview": {reason: "the last step of a replacement counts, what goes or is only read does not", in: `{"steps":[
			{"op":"create-replacement","newState":` + state("main", `,"inputs":{"a":1}`) + `},
			{"op":"replace","newState":` + state("main", `,"protect":true,"inputs":{"a":2}`) + `},
			{"op":"delete","oldState":` + state("old", "") + `},
			{"op":"read","newState":` + state("seen", "") + `},
			{"op":"same","newState":` + state("live:main", "") + `}]}`,
			want: []rules.Resource{resource("main", rules.Options{Protect: true}, map[string]any{"a": 2})}},
		"Export": {reason: "options come along, outputs fill only what is not known", in: `{"version":3,"deployment":{"resources":[
			` + state("main", `,"ignoreChanges":["x"],"inputs":{"a":"`+unknown+`"},"outputs":{"a":1,"b":2}`) + `,
			` + state("old", `,"delete":true`) + `,` + state("other", `,"external":true`) + `]}}`,
			want: []rules.Resource{resource("main", rules.Options{IgnoreChanges: []string{"x"}}, map[string]any{"a": 1})}},
		"Empty":       {reason: "nothing is in it", in: "", err: "neither Kubernetes objects nor"},
		"Values":      {reason: "no object is in it", in: "replicas: 2", err: "neither Kubernetes objects nor"},
		"EmptyExport": {reason: "an empty stack", in: `{"deployment":{"resources":[]}}`, err: "neither Kubernetes objects nor"},
		"Template":    {reason: "a chart's template is YAML only once it is rendered", in: "{{ if .Values.x }}\na: {{ .b }}\n{{ end }}: [", err: "render it first"},
		"Broken":      {reason: "no YAML", in: "a: [", err: "is no YAML"},
		"Truncated":   {reason: "half of a preview", in: `{"steps":[{"op":`, err: "is no YAML"},
		"WrongSteps":  {reason: "steps of another form", in: `{"steps":{"a":1}}`, err: "looks like a preview"},
		"WrongState":  {reason: "a deployment of another form", in: `{"deployment":[1]}`, err: "looks like a state export"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := source.Read("f.yaml", []byte(c.in))
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("%s: error %v, want one about %q", c.reason, err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatalf("%s: %v", c.reason, err)
			}
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(rules.Value{}, rules.Resource{})); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
}

// TestHostile reads what nobody would write. Nothing panics, and what is too
// large is refused before it is read.
func TestHostile(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000)
	for name, in := range map[string]string{
		"DeepState":    `{"deployment":{"resources":[` + state("main", `,"inputs":`+deep) + `]}}`,
		"DeepManifest": "apiVersion: apps/v1\nkind: Deployment\nspec: " + deep,
		"DeepList":     strings.Repeat("[", 20000),
		"Null":         `{"deployment":{"resources":[null,` + state("main", `,"inputs":null,"propertyDependencies":{"a":null}`) + `]}}`,
		"WrongTypes":   "apiVersion: apps/v1\nkind: Deployment\nmetadata: 3\nspec: {template: [1, {}], replicas: {}}",
		"Numbers":      "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nspec: {maxReplicas: .nan, minReplicas: -.inf, scaleTargetRef: {name: 7}}",
		"Keys":         "apiVersion: v1\nkind: ConfigMap\ndata: {1: a, true: b, ~: c, [a]: d}",
		"Alias":        "apiVersion: v1\nkind: ConfigMap\ndata: &a {x: *a}",
		"Large":        "apiVersion: v1\nkind: ConfigMap\ndata:\n" + strings.Repeat("  key: "+strings.Repeat("x", 1000)+"\n", 1) + "  big: " + strings.Repeat("y", 10<<20),
		"Laughs":       laughs(),
		"NoBytes":      "\x00\x01\x02",
	} {
		t.Run(name, func(t *testing.T) {
			all, err := source.Read("f.yaml", []byte(in))
			if err != nil {
				return
			}
			for _, f := range rules.Run(rules.NewModel(all), rules.All(), rules.RunOptions{Today: time.Now()}).Findings {
				if strings.Contains(f.Message, "the rule itself failed") {
					t.Errorf("%s: %s", f.Rule, f.Message)
				}
			}
		})
	}
	if _, err := source.Read("f.yaml", make([]byte, source.MaxBytes+1)); err == nil || errors.Is(err, source.ErrNothing) {
		t.Errorf("an input above the limit: %v, want it refused for its size", err)
	}
}

// laughs refers to itself so often that it would fill the memory.
func laughs() string {
	var out strings.Builder
	out.WriteString("apiVersion: v1\nkind: ConfigMap\na0: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&out, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9), ","))
	}
	return out.String()
}

// FuzzRead reads anything and judges what comes out.
func FuzzRead(f *testing.F) {
	f.Add([]byte("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {replicas: 2}"))
	f.Add([]byte(`{"steps":[{"op":"create","newState":` + state("main", `,"inputs":{"storageEncrypted":"`+unknown+`"}`) + `}]}`))
	f.Add([]byte(`{"deployment":{"resources":[` + state("main", "") + `]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := source.Read("f.yaml", data)
		if err != nil {
			return
		}
		for _, found := range rules.Run(rules.NewModel(all), rules.All(), rules.RunOptions{}).Findings {
			if strings.Contains(found.Message, "the rule itself failed") {
				t.Errorf("%s: %s", found.Rule, found.Message)
			}
		}
	})
}
