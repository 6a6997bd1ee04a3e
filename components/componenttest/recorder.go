// Package componenttest runs components against Pulumi's mocks and keeps what
// they registered, so that tests judge intent: inputs and resource options.
package componenttest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Resource is one registered resource.
type Resource struct {
	// Type token and logical name.
	Type, Name string
	// Custom is false for a component.
	Custom bool
	// Parent URN, "" at the top.
	Parent string
	// Inputs as plain Go values; a secret is masked.
	Inputs map[string]any
	// Read is set for what the program only reads, under the ID.
	Read bool
	ID   string
	// Import, Protect, IgnoreChanges, DependsOn, Timeouts and Provider are options.
	Import        string
	Protect       bool
	IgnoreChanges []string
	DependsOn     []string
	CreateTimeout string
	Provider      string
	// RetainOnDelete and DeleteBeforeReplace are options too.
	RetainOnDelete, DeleteBeforeReplace bool
}

// Recorder is a mock engine. Registrations arrive on many goroutines.
type Recorder struct {
	// Outputs adds computed properties by type token.
	Outputs map[string]resource.PropertyMap
	// Calls answers functions by token.
	Calls map[string]resource.PropertyMap

	mu        sync.Mutex
	resources []Resource
	called    []string
}

// NewResource records a registration.
func (r *Recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	seen := Resource{Type: args.TypeToken, Name: args.Name, Custom: args.Custom, Inputs: plain(args.Inputs), Provider: args.Provider}
	if args.ReadRPC != nil {
		seen.Read, seen.ID = true, args.ID
	}
	if rpc := args.RegisterRPC; rpc != nil {
		seen.Import = rpc.GetImportId()
		seen.Parent, seen.Protect = rpc.GetParent(), rpc.GetProtect()
		seen.IgnoreChanges, seen.DependsOn = rpc.GetIgnoreChanges(), rpc.GetDependencies()
		seen.CreateTimeout = rpc.GetCustomTimeouts().GetCreate()
		seen.RetainOnDelete, seen.DeleteBeforeReplace = rpc.GetRetainOnDelete(), rpc.GetDeleteBeforeReplace()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.resources = append(r.resources, seen)
	state := args.Inputs.Copy()
	maps.Copy(state, r.Outputs[args.TypeToken])
	return args.Name + "-id", state, nil
}

// Call answers a function from Calls.
func (r *Recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.called = append(r.called, args.Token)
	answer, ok := r.Calls[args.Token]
	if !ok {
		return nil, fmt.Errorf("the recorder has no answer for %s", args.Token)
	}
	return answer, nil
}

// Run runs a program in project headroom and returns its error. Read the
// recorder only after that.
func (r *Recorder) Run(stack string, program pulumi.RunFunc, opts ...pulumi.RunOption) error {
	return pulumi.RunErr(program, append([]pulumi.RunOption{pulumi.WithMocks("headroom", stack, r)}, opts...)...)
}

// Resources are all registrations but the stack's own, sorted by type and name.
func (r *Recorder) Resources() []Resource {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []Resource
	for _, one := range r.resources {
		if one.Type != "pulumi:pulumi:Stack" {
			out = append(out, one)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		return out[i].Type+"\x00"+out[i].Name < out[j].Type+"\x00"+out[j].Name
	})
	return out
}

// Called are the functions that were called.
func (r *Recorder) Called() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.called)
}

// Only is the one resource of a type; an error says how many there are.
func (r *Recorder) Only(token string) (Resource, error) {
	var found []Resource
	for _, one := range r.Resources() {
		if one.Type == token && !one.Read {
			found = append(found, one)
		}
	}
	if len(found) != 1 {
		return Resource{}, fmt.Errorf("found %d resources of type %s, want 1", len(found), token)
	}
	return found[0], nil
}

// Types are the type tokens of the registered resources, sorted.
func (r *Recorder) Types() []string {
	var out []string
	for _, one := range r.Resources() {
		if !one.Read {
			out = append(out, one.Type)
		}
	}
	return out
}

// At follows a path such as "spec.template.spec.containers.0.image". A key that
// holds dots stands in brackets: "metadata.annotations.[example.com/x]".
func (r Resource) At(path string) any {
	var at any = r.Inputs
	for _, key := range split(path) {
		switch node := at.(type) {
		case map[string]any:
			at = node[key]
		case []any:
			i := 0
			if _, err := fmt.Sscan(key, &i); err != nil || i >= len(node) {
				return nil
			}
			at = node[i]
		default:
			return nil
		}
	}
	return at
}

func split(path string) []string {
	var keys []string
	for path != "" {
		var key string
		if strings.HasPrefix(path, "[") {
			key, path, _ = strings.Cut(path[1:], "]")
			path = strings.TrimPrefix(path, ".")
		} else {
			key, path, _ = strings.Cut(path, ".")
		}
		keys = append(keys, key)
	}
	return keys
}

// Golden is the resource list as text that diffs well: sorted, keys sorted,
// secrets masked.
func (r *Recorder) Golden() (string, error) {
	var b strings.Builder
	for _, one := range r.Resources() {
		inputs, err := json.MarshalIndent(abridged(one.Inputs), "", "  ")
		if err != nil {
			return "", fmt.Errorf("writing the inputs of %s: %w", one.Name, err)
		}
		fmt.Fprintf(&b, "%s %s%s\n%s\n\n", one.Type, one.Name, one.options(), inputs)
	}
	return b.String(), nil
}

// options are the set resource options on one line.
func (r Resource) options() string {
	out := ""
	if r.Read {
		out += " reads=" + r.ID
	}
	if r.Import != "" {
		out += " import=" + r.Import
	}
	if r.Protect {
		out += " protect"
	}
	if len(r.IgnoreChanges) > 0 {
		out += " ignoreChanges=" + strings.Join(r.IgnoreChanges, ",")
	}
	if r.CreateTimeout != "" {
		out += " timeout=" + r.CreateTimeout
	}
	if r.RetainOnDelete {
		out += " retainOnDelete"
	}
	if r.DeleteBeforeReplace {
		out += " deleteBeforeReplace"
	}
	return out
}

func plain(in resource.PropertyMap) map[string]any {
	return in.MapRepl(nil, func(v resource.PropertyValue) (any, bool) {
		switch {
		case v.IsSecret():
			return "[secret]", true
		case v.IsComputed(), v.IsOutput() && !v.OutputValue().Known:
			return "[unknown]", true
		case v.IsOutput() && v.OutputValue().Secret:
			return "[secret]", true
		}
		return nil, false
	})
}
