package source

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/policies/rules"
)

// state is a resource as the engine writes it
// (github.com/pulumi/pulumi sdk/go/common/apitype/core.go ResourceV3, v3.259).
type state struct {
	URN                  string              `json:"urn"`
	Type                 string              `json:"type"`
	Delete               bool                `json:"delete"`
	External             bool                `json:"external"`
	Protect              bool                `json:"protect"`
	IgnoreChanges        []string            `json:"ignoreChanges"`
	PropertyDependencies map[string][]string `json:"propertyDependencies"`
	Inputs               map[string]any      `json:"inputs"`
	Outputs              map[string]any      `json:"outputs"`
}

// resource is nothing for what the program only reads or is about to be gone.
func (s state) resource() (rules.Resource, bool) {
	// The logical name is what follows the fourth pair of colons, and may hold more.
	parts := strings.SplitN(s.URN, "::", 4)
	name := parts[len(parts)-1]
	if s.URN == "" || s.Type == "" || s.Delete || s.External || strings.HasPrefix(name, spec.LivePrefix) {
		return rules.Resource{}, false
	}
	return rules.Resource{
		URN: s.URN, Type: s.Type, Name: name,
		// Only where an input is not known does the output stand in for it: the
		// outputs also hold what the cloud filled in.
		Inputs:     rules.Fill(rules.From(s.Inputs), rules.From(s.Outputs)),
		Options:    rules.Options{Known: true, Protect: s.Protect, IgnoreChanges: s.IgnoreChanges},
		References: s.PropertyDependencies,
	}, true
}

// gone are the steps after which nothing is left of a resource.
var gone = []string{"delete", "delete-replaced", "read", "read-replacement", "discard", "discard-replaced", "remove-pending-replace"}

// preview reads what `pulumi preview --json` prints. A replacement comes in
// several steps of one URN; the last one counts.
func preview(data []byte) ([]rules.Resource, error) {
	var form struct {
		Steps []struct {
			Op       string `json:"op"`
			NewState *state `json:"newState"`
		} `json:"steps"`
	}
	if err := json.Unmarshal(data, &form); err != nil {
		return nil, fmt.Errorf("looks like a preview, but: %w", err)
	}
	var states []state
	for _, step := range form.Steps {
		if step.NewState == nil || slices.Contains(gone, step.Op) {
			continue
		}
		if i := slices.IndexFunc(states, func(s state) bool { return s.URN == step.NewState.URN }); i >= 0 {
			states[i] = *step.NewState
			continue
		}
		states = append(states, *step.NewState)
	}
	return resources(states)
}

// export reads what `pulumi stack export` prints.
func export(data []byte) ([]rules.Resource, error) {
	var form struct {
		Deployment struct {
			Resources []state `json:"resources"`
		} `json:"deployment"`
	}
	if err := json.Unmarshal(data, &form); err != nil {
		return nil, fmt.Errorf("looks like a state export, but: %w", err)
	}
	return resources(form.Deployment.Resources)
}

func resources(states []state) ([]rules.Resource, error) {
	var all []rules.Resource
	for _, s := range states {
		if r, ok := s.resource(); ok {
			all = append(all, r)
		}
	}
	if len(all) == 0 {
		return nil, ErrNothing
	}
	return all, nil
}
