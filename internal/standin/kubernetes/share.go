package kubernetes

import (
	"encoding/json"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Sources of what happens to an object that others write to as well.
//
// The provider reads an imported object whole, less what only the server sets
// (Read), and applies on the server (ssaUpdate). Before it first applies, it
// takes over what kubectl manages (fixCSAFieldManagers), so that kubectl's
// fields go when the program does not state them; those of other managers stay,
// and a conflict with them is refused unless the object asks for force.
const (
	pkRead  = "pulumi-kubernetes provider/pkg/provider/provider.go @ 010f5d8e (Read, pruneLiveState)"
	pkApply = "pulumi-kubernetes provider/pkg/await/await.go @ 0012b9d2 (ssaUpdate, fixCSAFieldManagers, patchForce)"
	k8sSSA  = "https://kubernetes.io/docs/reference/using-api/server-side-apply/, 2026-11"
)

const (
	lastApplied = "kubectl.kubernetes.io/last-applied-configuration"
	revision    = "deployment.kubernetes.io/revision"
	patchForce  = "pulumi.com/patchForce"
)

func sharing() *provider.Sharing {
	return &provider.Sharing{Seen: seen, Apply: apply, Shape: shape, Source: pkRead + "; " + pkApply + "; " + k8sSSA}
}

// seen sorts a live object: inputs, status, and who manages what. Without
// managedFields only kubectl is known, by the annotation it leaves.
func seen(raw resource.PropertyMap) provider.Shared {
	out := provider.Shared{Inputs: resource.PropertyMap{}, Computed: resource.PropertyMap{}, Owned: resource.PropertyMap{}}
	for key, value := range raw {
		if key == "status" {
			out.Computed[key] = value
			continue
		}
		out.Inputs[key] = value
	}
	if raw["metadata"].IsObject() {
		out.Inputs["metadata"] = cleanMetadata(raw["metadata"].ObjectValue())
	}
	live := resource.NewObjectProperty(out.Inputs)
	if entries := managed(raw); len(entries) > 0 {
		out.Others = map[string]resource.PropertyMap{}
		for _, e := range entries {
			fields := e.fields.extract(live)
			switch {
			case !fields.IsObject():
			case strings.HasPrefix(e.manager, "kubectl") || e.manager == "before-first-apply":
				out.Owned = join(nil, resource.NewObjectProperty(out.Owned), fields).ObjectValue()
			case e.subresource == "":
				out.Others[e.manager] = join(nil, resource.NewObjectProperty(out.Others[e.manager]), fields).ObjectValue()
			}
		}
		return out
	}
	out.Owned = applied(raw)
	return out
}

// cleanMetadata drops what only the server sets.
func cleanMetadata(metadata resource.PropertyMap) resource.PropertyValue {
	out := metadata.Copy()
	for _, key := range []resource.PropertyKey{"creationTimestamp", "generation", "managedFields", "resourceVersion", "uid", "selfLink"} {
		delete(out, key)
	}
	if out["annotations"].IsObject() {
		annotations := out["annotations"].ObjectValue().Copy()
		delete(annotations, lastApplied)
		delete(annotations, revision)
		out["annotations"] = resource.NewObjectProperty(annotations)
		if len(annotations) == 0 {
			delete(out, "annotations")
		}
	}
	return resource.NewObjectProperty(out)
}

// applied is what kubectl applied last, by its annotation.
func applied(raw resource.PropertyMap) resource.PropertyMap {
	text := provider.Of(raw).At(`metadata.annotations["` + lastApplied + `"]`).Text()
	var object map[string]any
	if text == "" || json.Unmarshal([]byte(text), &object) != nil {
		return resource.PropertyMap{}
	}
	return resource.NewPropertyMapFromMap(object)
}

// shape restricts a live object to what the program states, as a refresh does.
func shape(live, inputs resource.PropertyMap) resource.PropertyMap {
	return within(resource.NewObjectProperty(live), resource.NewObjectProperty(inputs)).ObjectValue()
}

// within keeps of a live value the keys that the stated one has. Lists are
// compared by position; what is live beyond the stated ones shows.
func within(live, stated resource.PropertyValue) resource.PropertyValue {
	switch {
	case live.IsObject() && stated.IsObject():
		out := resource.PropertyMap{}
		for key, want := range stated.ObjectValue() {
			if have, ok := live.ObjectValue()[key]; ok {
				out[key] = within(have, want)
			}
		}
		return resource.NewObjectProperty(out)
	case live.IsArray() && stated.IsArray():
		out := make([]resource.PropertyValue, len(live.ArrayValue()))
		for i, have := range live.ArrayValue() {
			if out[i] = have; i < len(stated.ArrayValue()) {
				out[i] = within(have, stated.ArrayValue()[i])
			}
		}
		return resource.NewArrayProperty(out)
	}
	return live
}
