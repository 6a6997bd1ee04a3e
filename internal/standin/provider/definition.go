// Package provider is a Pulumi resource provider made of tables.
//
// A [Definition] lists the resource types of one real provider: which inputs
// replace a resource, which outputs it computes, and what it refuses. Every
// row names the source it was read from. [Provider] serves a definition to the
// Pulumi engine over gRPC and keeps the created objects in memory, so that
// preview, update, refresh and destroy behave as they do against the real
// thing, without an account or a cluster.
package provider

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Definition describes one stand-in provider.
type Definition struct {
	// Name is the package name the engine asks for, such as "aws".
	Name string
	// Version is the version of the SDK the program links. Any other version
	// makes the engine warn.
	Version string
	// Types are the resource types the program may declare.
	Types []Type
	// Functions answer the invokes the program makes, by token.
	Functions map[string]Function
	// ConfigRules judge the configuration of an explicit provider resource.
	ConfigRules []Rule
	// Prepare fills what the real provider fills in Check for every type:
	// names, namespaces, defaults.
	Prepare func(Checking) (resource.PropertyMap, error)
	// Autonamed tells whether the provider chose the resource's name itself.
	// Only a name the program fixed forces delete-before-replace.
	Autonamed func(Value) bool
	// OmitComputed leaves computed outputs out of a preview instead of
	// answering them as unknown.
	OmitComputed bool
}

// Type is one row of the table of resource types.
type Type struct {
	Token string
	// ReplaceOn are the inputs whose change replaces the resource.
	ReplaceOn []Replace
	// Source is where ReplaceOn, Keeps, Required and Sets were read.
	Source string
	// Keeps are inputs that stay as they are when a program leaves them out.
	Keeps []string
	// Required are inputs without which the provider refuses the resource.
	Required []string
	// Sets are list inputs without order.
	Sets []string
	// Defaults are the inputs the provider fills in when absent.
	Defaults map[string]any
	// Autoname is the input the provider names by itself when absent.
	Autoname *Autoname
	// Secrets are inputs and outputs that are always secret.
	Secrets []string
	// Rules are what the provider and its API refuse.
	Rules []Rule
	// Same tells whether the provider takes a changed input for no change.
	Same func(path string, old, inputs Value) bool
	// Identity is the name the outside world knows the object by. Two objects
	// cannot have the same one. Empty means the type has none.
	Identity func(Value) string
	// Alias is the identity that the id of an import stands for, and ImportID that
	// id, where it is not the object's own.
	Alias    func(id string) string
	ImportID func(Value) string
	// Unwrap takes the object's own id out of the id of an import that says more,
	// such as where the object lies.
	Unwrap func(id string) string
	// DeletesFirst is a provider that never has the old and the new object at once.
	DeletesFirst bool
	// Sharing is how others write to the same object; nil where nobody does.
	Sharing *Sharing
	// Rivals are live objects that work against one that the program declares.
	Rivals func(all []Live, declared Live) []Rival
	// Renews are the computed outputs that an update changes, such as a version.
	Renews func(live Value) map[string]any
	// Mint makes the id and the computed outputs of a new object.
	Mint func(Minting) (id string, computed map[string]any)
}

// Replace is one input whose change replaces the resource.
type Replace struct {
	// Path may hold "*" for any index or key.
	Path string
	// AddedOrRemoved limits the row to an input that appears or goes away; a
	// changed value then updates in place.
	AddedOrRemoved bool
	// Unless withdraws the row, as provider settings sometimes do.
	Unless func(config, inputs Value) bool
}

// On lists inputs whose change always replaces.
func On(paths ...string) []Replace {
	rows := make([]Replace, len(paths))
	for i, p := range paths {
		rows[i] = Replace{Path: p}
	}
	return rows
}

// Autoname is how a provider names a resource that has no name.
type Autoname struct {
	Property string
	// Unless are inputs that make the name unnecessary, such as a prefix.
	Unless []string
	// Separator stands between the logical name and the random suffix.
	Separator string
	// Random is the number of random characters, Max the longest name.
	Random, Max int
}

// Moment is when a rule applies.
type Moment int

const (
	// OnCheck rules are judged on the inputs, in preview and before an update.
	OnCheck Moment = iota
	// OnCreate rules are judged on the inputs of a new object, in preview too.
	OnCreate
	// OnDelete rules are judged on the live object when it is to be deleted.
	OnDelete
	// OnUpdate rules are judged on the object as it shall be; Between sees the
	// live one as well.
	OnUpdate
)

// Rule is one thing the real provider or its API refuses.
type Rule struct {
	ID     string
	When   Moment
	Source string
	// Test returns the problems of known inputs. Unknown inputs have none yet.
	Test func(config, inputs Value) []Problem
	// Between replaces Test in an OnUpdate rule.
	Between func(old, inputs Value) []Problem
}

// Problem is one violation: where, with which value, and what to do.
type Problem struct {
	Path string
	Text string
}

// Function answers one invoke.
type Function func(Call) (map[string]any, error)

// Call is what a function may look at.
type Call struct {
	Config, Args Value
	// Find answers a live object by its id or the id of its import.
	Find func(token, id string) (Value, bool)
	// List answers every live object of a type, by id.
	List func(token string) map[string]Value
}

// Checking is what Prepare may look at.
type Checking struct {
	Type   Type
	Name   string
	Olds   resource.PropertyMap
	News   resource.PropertyMap
	Seed   []byte
	Config Value
}

// Minting is what Mint may look at.
type Minting struct {
	Name   string
	Inputs Value
	Config Value
	// Hex answers n random-looking hexadecimal digits, the same ones each time
	// the same resource is created in the same order.
	Hex func(n int) string
}
