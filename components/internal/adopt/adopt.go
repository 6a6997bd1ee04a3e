// Package adopt takes over live objects: every leaf resource of every component
// passes its options through [Options], with the live id of the stack file.
//
// Without an id the resource is created. With one, Pulumi imports it: the engine
// reads the live object, takes it for the old state and goes on as with any
// change, so that one preview shows the import and what differs (pulumi/pulumi
// #19339, from engine 3.174.0). The id stays in the stack file afterwards: the
// engine refuses to replace what says where it came from.
//
// A component that adopts a further type needs three things. The leaf's name and
// every other input that replaces it must be those of the live object, so that
// nothing differs that cannot be changed (package capacity/effects has the
// table). What others own is among the kept inputs. And stacks/adoptable.go has
// a row that says where the stack file holds the id.
package adopt

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/spec"
)

// Metadata are labels and annotations of a Kubernetes object: others set them
// as well, and the provider would drop kubectl's.
var Metadata = []string{"metadata.labels", "metadata.annotations"}

// Tags of an AWS resource.
var Tags = []string{"tags", "tagsAll"}

// Options are those of a leaf resource. The kept inputs of a live object stay
// whose they are; on a created one they are the program's.
func Options(id string, keep ...string) pulumi.ResourceOption {
	if id == "" {
		return pulumi.Composite()
	}
	return pulumi.Composite(pulumi.Import(pulumi.ID(id)), pulumi.IgnoreChanges(keep))
}

// Object is [Options] for a Kubernetes object.
func Object(id spec.ObjectID, keep ...string) pulumi.ResourceOption {
	return Options(string(id), keep...)
}

// Reading is the logical name under which a program reads a live object that it
// adopts: by it the policy pack tells what is read from what is declared.
func Reading(name string) string { return spec.LivePrefix + name }
