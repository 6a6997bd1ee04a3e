// Package kubernetes is the stand-in for the Kubernetes provider: tables of
// what pulumi-kubernetes and the API server do with the objects Headroom
// declares. It reaches no cluster and reads no kubeconfig of the machine.
package kubernetes

import (
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Version is the version of the pulumi-kubernetes SDK in go.mod.
const Version = "4.30.0"

// pkCheck was read in September 2026.
const pkCheck = "pulumi-kubernetes provider/pkg/provider/provider.go @ 997c0a88 (Check)"

// autonamedAnnotation marks objects whose name the provider chose.
const autonamedAnnotation = "pulumi.com/autonamed"

// New makes the provider.
func New() *provider.Provider { return provider.New(Definition()) }

// Definition is the whole table.
func Definition() provider.Definition {
	return provider.Definition{
		Name: "kubernetes", Version: Version, Types: append(types(), monitoringTypes()...), Functions: map[string]provider.Function{},
		ConfigRules: configRules(), Prepare: prepare, Autonamed: autonamed,
		// A preview is a server-side dry run without the status.
		OmitComputed: true,
	}
}

func autonamed(in provider.Value) bool {
	return in.At(`metadata.annotations["` + autonamedAnnotation + `"]`).True()
}

// prepare names the object and puts it into the provider's namespace, as
// Check does (pulumi-kubernetes provider/pkg/metadata/naming.go @ 061d3708).
func prepare(c provider.Checking) (resource.PropertyMap, error) {
	if c.Type.Token == release {
		return nameRelease(c)
	}
	metadata := resource.PropertyMap{}
	if m := c.News["metadata"]; m.IsObject() {
		metadata = m.ObjectValue().Copy()
	} else if !m.IsNull() {
		return c.News, nil // unknown or secret as a whole: nothing can be added
	}
	if name := metadata["name"]; name.IsNull() && !isPatch(c.Type.Token) {
		chosen, err := pickName(c)
		if err != nil {
			return nil, err
		}
		metadata["name"] = chosen
		metadata["annotations"] = annotate(metadata["annotations"])
	}
	if namespace := c.Config.At("namespace"); metadata["namespace"].IsNull() && namespace.IsText() && c.Type.Token != priorityClass {
		metadata["namespace"] = resource.NewStringProperty(namespace.Text())
	}
	c.News["metadata"] = resource.NewObjectProperty(metadata)
	return c.News, nil
}

func pickName(c provider.Checking) (resource.PropertyValue, error) {
	if olds := provider.Of(c.Olds); autonamed(olds) {
		return resource.NewStringProperty(olds.At("metadata.name").Text()), nil
	}
	name, err := resource.NewUniqueName(c.Seed, c.Name+"-", 8, 0, nil)
	return resource.NewStringProperty(name), err
}

func annotate(annotations resource.PropertyValue) resource.PropertyValue {
	all := resource.PropertyMap{}
	if annotations.IsObject() {
		all = annotations.ObjectValue().Copy()
	}
	all[autonamedAnnotation] = resource.NewStringProperty("true")
	return resource.NewObjectProperty(all)
}

func isPatch(token string) bool { return strings.HasSuffix(token, "Patch") }

// identity is group, kind, namespace and name: no two objects share them.
func identity(in provider.Value) string {
	name := in.At("metadata.name").Text()
	if name == "" || in.At("metadata.namespace").Unknown() {
		return ""
	}
	group, _, _ := strings.Cut(in.At("apiVersion").Text(), "/")
	return group + "/" + in.At("kind").Text() + ":" + objectID(in)
}

// clusterWide objects lie in no namespace.
func clusterWide(in provider.Value) bool { return in.At("kind").Text() == "PriorityClass" }

// objectID is the id pulumi-kubernetes gives: namespace and name.
func objectID(in provider.Value) string {
	if clusterWide(in) {
		return in.At("metadata.name").Text()
	}
	namespace := in.At("metadata.namespace").Text()
	if namespace == "" {
		namespace = "default"
	}
	return namespace + "/" + in.At("metadata.name").Text()
}
