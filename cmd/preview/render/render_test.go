package render

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/internal/standin"
)

func object(kind, name string, extra map[string]any) standin.Resource {
	inputs := map[string]any{
		"apiVersion": "v1", "kind": kind,
		"metadata": map[string]any{"name": name, "annotations": map[string]any{"pulumi.com/skipAwait": "true"}},
	}
	for k, v := range extra {
		inputs[k] = v
	}
	return standin.Resource{Type: "kubernetes:test/v1:" + kind, Name: name, Inputs: inputs}
}

func TestRender(t *testing.T) {
	cases := map[string]struct {
		reason    string
		resources []standin.Resource
		files     map[string]string
		notes     int
		err       string
	}{
		"Clean": {
			reason:    "annotations only Pulumi understands are dropped",
			resources: []standin.Resource{object("ServiceAccount", "a", nil)},
			files:     map[string]string{"kubernetes/a-serviceaccount.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: a\n"},
		},
		"OtherProviders": {
			reason:    "only Kubernetes objects are manifests",
			resources: []standin.Resource{{Type: "aws:rds/instance:Instance", Name: "db", Inputs: map[string]any{"kind": "x"}}},
		},
		"Secret": {
			reason:    "a Secret is never written",
			resources: []standin.Resource{object("Secret", "a", map[string]any{"data": standin.Masked})},
			notes:     1,
		},
		"SecretInside": {
			reason:    "nor is a secret inside another object",
			resources: []standin.Resource{object("ConfigMap", "a", map[string]any{"data": map[string]any{"K": standin.Masked}})},
			err:       "data.K is a secret",
		},
		"UnknownSetting": {
			reason: "a setting only a deployment can tell is left out, and the file says so",
			resources: []standin.Resource{object("ConfigMap", "a", map[string]any{
				"data": map[string]any{"DB_HOST": standin.Unknown, "POOL": "1"},
			})},
			files: map[string]string{
				"kubernetes/a-configmap.yaml": "# DB_HOST is known only after a deployment; set it here\n" +
					"apiVersion: v1\ndata:\n  POOL: \"1\"\nkind: ConfigMap\nmetadata:\n  name: a\n",
			},
		},
		"UnknownElsewhere": {
			reason:    "a manifest with a hole is not written",
			resources: []standin.Resource{object("Service", "a", map[string]any{"spec": map[string]any{"ports": []any{standin.Unknown}}})},
			err:       "spec.ports[0] is known only after a deployment",
		},
		"Chart": {
			reason: "a chart is written as its values, with the command that installs it",
			resources: []standin.Resource{{Type: release, Name: "x", Inputs: map[string]any{
				"name": "a", "namespace": "kube-system", "chart": "metrics-server", "version": "1.2.3",
				"repositoryOpts": map[string]any{"repo": "https://example.com"}, "values": map[string]any{"replicas": 2.0},
			}}},
			files: map[string]string{"helm/a.yaml": "# helm upgrade --install a metrics-server --repo https://example.com --version 1.2.3 " +
				"--namespace kube-system --values helm/a.yaml\nreplicas: 2\n"},
		},
		"ChartSecret": {
			reason:    "a secret in values is never written",
			resources: []standin.Resource{{Type: release, Name: "x", Inputs: map[string]any{"name": "a", "values": map[string]any{"password": standin.Masked}}}},
			err:       "values.password is a secret",
		},
		"ChartUnknown": {
			reason:    "values with a hole are not written",
			resources: []standin.Resource{{Type: release, Name: "x", Inputs: map[string]any{"name": "a", "values": map[string]any{"role": standin.Unknown}}}},
			err:       "values.role is known only after a deployment",
		},
		"Twins": {
			reason: "two objects cannot share a file",
			resources: []standin.Resource{
				object("Service", "a", nil), object("Service", "a", nil),
			},
			err: "another namespace",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			files, notes, err := Render(tc.resources)
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) {
					t.Fatalf("%s: Render() = %v, want an error with %q", tc.reason, err, tc.err)
				}
				return
			}
			if err != nil || len(notes) != tc.notes {
				t.Fatalf("%s: Render() = %v, notes %v; want %d notes", tc.reason, err, notes, tc.notes)
			}
			got := map[string]string{}
			for path, data := range files {
				if path != "kubernetes/kustomization.yaml" {
					got[path] = string(data)
				}
			}
			if tc.files == nil {
				tc.files = map[string]string{}
			}
			if diff := cmp.Diff(tc.files, got); diff != "" {
				t.Errorf("%s: Render() (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestPatchesMakeAComponent(t *testing.T) {
	patch := object("Deployment", "web", map[string]any{"spec": map[string]any{"minReadySeconds": 5.0}})
	patch.Type += "Patch"
	files, _, err := Render([]standin.Resource{patch, object("Service", "a", nil)})
	if err != nil {
		t.Fatal(err)
	}
	want := `# Name this directory under ` + "`components:`" + ` of the kustomization that holds the Deployments.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
resources:
  - a-service.yaml
patches:
  - path: web-deployment-patch.yaml
`
	if diff := cmp.Diff(want, string(files["kubernetes/kustomization.yaml"])); diff != "" {
		t.Errorf("kustomization of a patch (-want +got):\n%s", diff)
	}
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	if err := Write(dir, Files{"a/one": []byte("1"), "b/two": []byte("2")}, false); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(dir, "a", "mine")
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, Files{"a/one": []byte("changed")}, false); err != nil {
		t.Fatalf("the second render: %v", err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "a", "one")); err != nil || string(got) != "changed" {
		t.Errorf("a/one = %q, %v; want what the second render wrote", got, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "b", "two")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("b/two is still there (%v) although the second render does not write it", err)
	}
	if _, err := os.Stat(mine); err != nil {
		t.Errorf("a file no render made is gone: %v", err)
	}
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(foreign, Files{"a": nil}, false); !errors.Is(err, ErrForeign) {
		t.Errorf("Write() into a directory of others = %v, want ErrForeign", err)
	}
	if err := Write(foreign, Files{"a": nil}, true); err != nil {
		t.Errorf("Write() with force = %v", err)
	}
	if err := Write(t.TempDir(), Files{"../a": nil}, false); err == nil {
		t.Error("Write() follows a path out of the directory")
	}
}
