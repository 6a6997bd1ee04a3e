package seeds

import (
	"strings"

	"github.com/agencyos/headroom/capacity/effects"
	"github.com/agencyos/headroom/internal/standin/provider"
)

// kubernetes takes a manifest, or a List as kubectl prints it.
func (r *reader) kubernetes(file string, n int, object map[string]any) {
	if kind := text(object, "kind"); strings.HasSuffix(kind, "List") && object["items"] != nil {
		for _, item := range items(object["items"]) {
			r.kubernetes(file, n, item)
		}
		return
	}
	version, kind, name := text(object, "apiVersion"), text(object, "kind"), text(object, "metadata", "name")
	if version == "" || kind == "" || name == "" {
		r.problem(file, n, "must have apiVersion, kind and metadata.name, as kubectl get -o yaml prints them")
		return
	}
	token := "kubernetes:" + version + ":" + kind
	if !strings.Contains(version, "/") {
		token = "kubernetes:core/" + version + ":" + kind
	}
	if _, known := effects.Of(token); !known {
		r.seeds.Left[kind]++
		return
	}
	namespace := text(object, "metadata", "namespace")
	if namespace == "" {
		namespace = "default"
	}
	r.seeds.Objects = append(r.seeds.Objects, provider.Seed{Token: token, ID: namespace + "/" + name, Inputs: object})
}
