// Package render writes what a program declares as files, for those who deploy
// with GitOps, kustomize or by hand instead of with Pulumi.
//
// Everything comes from the inputs the engine recorded, so the files are what
// `pulumi up` would apply. Secrets are never written.
package render

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/internal/standin"
)

// Files are rendered files by their path below the output directory.
type Files map[string][]byte

// Render makes the files of a program's resources. The notes say what was left
// out and why.
func Render(resources []standin.Resource) (Files, []string, error) {
	r := renderer{files: Files{}, scaled: targets(resources)}
	var problems []error
	for _, res := range resources {
		if err := r.add(res); err != nil {
			problems = append(problems, fmt.Errorf("%s %s: %w", res.Type, res.Name, err))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, nil, err
	}
	r.kustomization()
	return r.files, r.notes, nil
}

type renderer struct {
	files     Files
	notes     []string
	scaled    map[string]bool
	manifests []string
	patches   []string
}

// targets are the Deployments an autoscaler owns the replicas of.
func targets(resources []standin.Resource) map[string]bool {
	scaled := map[string]bool{}
	for _, r := range resources {
		if text(r.Inputs, "kind") == "HorizontalPodAutoscaler" {
			ref := text(r.Inputs, "spec", "scaleTargetRef", "kind") + "/" + text(r.Inputs, "spec", "scaleTargetRef", "name")
			scaled[text(r.Inputs, "metadata", "namespace")+"/"+ref] = true
		}
	}
	return scaled
}

func (r *renderer) add(res standin.Resource) error {
	if res.Type == release {
		return r.chart(res)
	}
	if !strings.HasPrefix(res.Type, "kubernetes:") || text(res.Inputs, "kind") == "" {
		return nil
	}
	kind, name := text(res.Inputs, "kind"), text(res.Inputs, "metadata", "name")
	if kind == "Secret" {
		r.notes = append(r.notes, fmt.Sprintf("Secret %s is not written: create it where your secrets live", name))
		return nil
	}
	patch := strings.HasSuffix(res.Type, "Patch")
	object, comments, err := r.object(res, kind)
	if err != nil {
		return err
	}
	path := fileName(kind, name, patch)
	if err := r.write(path, comments, object); err != nil {
		return err
	}
	if patch {
		r.patches = append(r.patches, path)
	} else {
		r.manifests = append(r.manifests, path)
	}
	if service, ok := strings.CutSuffix(name, "-headroom"); ok && kind == "ConfigMap" {
		r.settings(service, object)
	}
	return nil
}

func fileName(kind, name string, patch bool) string {
	switch {
	case patch:
		return fmt.Sprintf("kubernetes/%s-%s-patch.yaml", name, strings.ToLower(kind))
	case kind == "HorizontalPodAutoscaler":
		return fmt.Sprintf("kubernetes/%s-hpa.yaml", name)
	default:
		return fmt.Sprintf("kubernetes/%s-%s.yaml", name, strings.ToLower(kind))
	}
}

// object cleans the recorded inputs into a manifest.
func (r *renderer) object(res standin.Resource, kind string) (map[string]any, []string, error) {
	object, _ := copyOf(res.Inputs).(map[string]any)
	dropAnnotations(object)
	delete(object, "status")
	id := text(object, "metadata", "namespace") + "/" + kind + "/" + text(object, "metadata", "name")
	if spec, ok := object["spec"].(map[string]any); ok && r.scaled[id] {
		delete(spec, "replicas") // the autoscaler owns it
	}
	var comments []string
	if kind == "ConfigMap" {
		comments = dropUnknownData(object)
	}
	if path := find(object, standin.Unknown, ""); path != "" {
		return nil, nil, fmt.Errorf("%s is known only after a deployment, so the manifest would be incomplete", path)
	}
	if path := find(object, standin.Masked, ""); path != "" {
		return nil, nil, fmt.Errorf("%s is a secret; refer to a Secret instead of holding its value", path)
	}
	return object, comments, nil
}

// dropAnnotations removes what only Pulumi understands.
func dropAnnotations(object map[string]any) {
	metadata, ok := object["metadata"].(map[string]any)
	if !ok {
		return
	}
	annotations, ok := metadata["annotations"].(map[string]any)
	if !ok {
		return
	}
	maps.DeleteFunc(annotations, func(k string, _ any) bool { return strings.HasPrefix(k, "pulumi.com/") })
	if len(annotations) == 0 {
		delete(metadata, "annotations")
	}
}

// dropUnknownData leaves out the settings only a deployment can tell, and says
// so in the file.
func dropUnknownData(object map[string]any) (comments []string) {
	data, ok := object["data"].(map[string]any)
	if !ok {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(data)) {
		if data[key] == standin.Unknown {
			delete(data, key)
			comments = append(comments, key+" is known only after a deployment; set it here")
		}
	}
	return comments
}

func (r *renderer) write(path string, comments []string, object any) error {
	if _, taken := r.files[path]; taken {
		return fmt.Errorf("%s is written by another object of the same kind and name in another namespace", path)
	}
	body, err := yaml.Marshal(object)
	if err != nil {
		return fmt.Errorf("encoding %s: %w", path, err)
	}
	var out strings.Builder
	for _, c := range comments {
		out.WriteString("# " + c + "\n")
	}
	out.Write(body)
	r.files[path] = []byte(out.String())
	return nil
}

// kustomization lists the files. With patches of Deployments that live
// elsewhere it is a component, to be named under `components:` next to them: a
// kustomization of its own would find nothing to patch.
func (r *renderer) kustomization() {
	if len(r.manifests)+len(r.patches) == 0 {
		return
	}
	var out strings.Builder
	if len(r.patches) > 0 {
		out.WriteString("# Name this directory under `components:` of the kustomization that holds the Deployments.\n" +
			"apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n")
	} else {
		out.WriteString("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n")
	}
	list := func(title, item string, paths []string) {
		if len(paths) == 0 {
			return
		}
		slices.Sort(paths)
		out.WriteString(title + ":\n")
		for _, p := range paths {
			out.WriteString(item + strings.TrimPrefix(p, "kubernetes/") + "\n")
		}
	}
	list("resources", "  - ", r.manifests)
	list("patches", "  - path: ", r.patches)
	r.files["kubernetes/kustomization.yaml"] = []byte(out.String())
}

func text(m map[string]any, path ...string) string {
	var v any = m
	for _, p := range path {
		object, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = object[p]
	}
	s, _ := v.(string)
	return s
}

func copyOf(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = copyOf(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = copyOf(e)
		}
		return out
	default:
		return v
	}
}

// find answers the path of the first value that holds a marker.
func find(v any, marker, path string) string {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if found := find(v[k], marker, strings.TrimPrefix(path+"."+k, ".")); found != "" {
				return found
			}
		}
	case []any:
		for i, e := range v {
			if found := find(e, marker, fmt.Sprintf("%s[%d]", path, i)); found != "" {
				return found
			}
		}
	case string:
		if strings.Contains(v, marker) {
			return path
		}
	}
	return ""
}
