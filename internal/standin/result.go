package standin

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Result is what one operation did, by the engine's own events.
type Result struct {
	// Resources are those of the program, sorted by URN.
	Resources []Resource
	// Steps are the operations planned or done, in order, without "same".
	Steps []Step
	// Changes counts operations by kind: create, update, replace, same, delete.
	Changes map[string]int
	// Collisions are resources of a preview that meet live objects of others.
	Collisions []provider.Collision
	// Violations are the policies broken.
	Violations []Violation
	// Diagnostics are the errors reported, one line or block each.
	Diagnostics []string
}

// Resource is one resource as the engine sees it. Secrets are masked by the
// engine; an unknown value reads as [Unknown].
type Resource struct {
	URN, Type, Name, Parent string
	Inputs                  map[string]any
	// Ignores are the inputs whose changes the program ignores: they stay what
	// they are.
	Ignores []string
}

// Step is one operation on one resource.
type Step struct {
	Op, URN, Type, Name string
	// ID of the object, once it is known.
	ID string
	// Parent is the URN of the component it belongs to.
	Parent string
	// Diffs are the inputs that differ, Replaces those that replace.
	Diffs, Replaces []string
	// Old and New are the inputs before and after; nil where there are none. In
	// an import both are those of the live object.
	Old, New map[string]any
	// After is the object as the provider answers it, or would after an update.
	After map[string]any
	// Protected is set while Pulumi refuses to delete the object.
	Protected bool
}

// Violation is one broken policy.
type Violation struct {
	Policy  string `json:"policy"`
	Pack    string `json:"pack"`
	Level   string `json:"level"`
	URN     string `json:"urn"`
	Message string `json:"message"`
}

// Mandatory tells whether the violation stops a deployment.
func (v Violation) Mandatory() bool { return v.Level == string(apitype.Mandatory) }

const (
	// Unknown stands for a value that only a deployment can tell.
	Unknown = plugin.UnknownStringValue
	// Masked stands for a secret.
	Masked = "[secret]"
)

// NoChanges tells whether the operation left everything as it was.
func (r Result) NoChanges() bool { return len(r.Steps) == 0 }
