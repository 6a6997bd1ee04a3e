// Package engine_test runs the real Pulumi engine on programs, with stand-in
// providers. It needs no account and no network.
package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/internal/standin"
	"github.com/agencyos/headroom/internal/standin/provider"
)

// open starts a session on the test project. The engine is found once: a test
// that finds none fails, it is not skipped.
func open(t *testing.T, program pulumi.RunFunc, change ...func(*standin.Options)) *standin.Session {
	t.Helper()
	opts := standin.Options{Dir: "testdata/project", Stack: "test", Program: program, Progress: t.Output()}
	for _, c := range change {
		c(&opts)
	}
	session, err := standin.Open(t.Context(), opts)
	if err != nil {
		t.Fatalf("standin.Open(...): %v", err)
	}
	t.Cleanup(func() {
		if err := session.Close(); err != nil {
			t.Errorf("session.Close(): %v", err)
		}
	})
	return session
}

// steps groups an operation's steps by kind, in a fixed order.
func steps(r standin.Result) map[string][]string {
	byOp := map[string][]string{}
	for _, s := range r.Steps {
		_, name, _ := strings.Cut(s.URN, "::headroom::")
		byOp[s.Op] = append(byOp[s.Op], name)
	}
	for _, names := range byOp {
		slices.Sort(names)
	}
	return byOp
}

// operation is one of a session.
type operation func(context.Context) (standin.Result, error)

func must(t *testing.T, what string, do operation) standin.Result {
	t.Helper()
	r, err := do(t.Context())
	if err != nil {
		t.Fatalf("%s: %v\n%s", what, err, strings.Join(r.Diagnostics, "\n"))
	}
	return r
}

func TestLifecycle(t *testing.T) {
	program := base()
	s := open(t, program.run)

	preview := must(t, "first preview", s.Preview)
	if got, want := preview.Changes["create"], len(preview.Resources); got != want || got == 0 {
		t.Errorf("first preview creates %d resources, want all %d: %v", got, want, preview.Changes)
	}
	must(t, "first up", s.Up)

	again := must(t, "preview after up", s.Preview)
	if diff := cmp.Diff(map[string][]string{}, steps(again)); diff != "" {
		t.Errorf("preview after up: an unchanged program changes something (-want +got):\n%s", diff)
	}

	program.maxReplicas, program.maxConns, program.poolSize, program.family = 20, "300", "8", "postgres17"
	s.SetProgram(program.run)
	// The family and the ConfigMap's data replace. The Deployment takes the
	// ConfigMap's name, which is gone for a moment, so the engine replaces it
	// as well: pulumi/pulumi-kubernetes#1567.
	replaced := []string{
		"aws:rds/parameterGroup:ParameterGroup::db", "kubernetes:apps/v1:Deployment::backend",
		"kubernetes:core/v1:ConfigMap::settings",
	}
	want := map[string][]string{
		"replace": replaced, "create-replacement": replaced, "delete-replaced": replaced,
		"update": {"aws:rds/instance:Instance::db", "kubernetes:autoscaling/v2:HorizontalPodAutoscaler::backend"},
	}
	if diff := cmp.Diff(want, steps(must(t, "changed preview", s.Preview))); diff != "" {
		t.Errorf("changed preview (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, steps(must(t, "changed up", s.Up))); diff != "" {
		t.Errorf("changed up (-want +got):\n%s", diff)
	}

	must(t, "destroy", s.Destroy)
	for name, p := range s.Providers {
		if left := p.Objects(); len(left) > 0 {
			t.Errorf("destroy leaves objects in %s: %v", name, left)
		}
	}
}

func TestRefusals(t *testing.T) {
	cases := map[string]struct {
		reason string
		change func(*sample)
		want   string
	}{
		"StaticParameter": {
			"RDS cannot apply max_connections at once", func(s *sample) { s.applyMethod = "immediate" },
			"InvalidParameterCombination: max_connections is static",
		},
		"Account": {
			"the provider admits another account", func(s *sample) { s.account = "1" },
			"AWS account ID not allowed: 210987654321",
		},
		"Window": {
			"an autoscaler's window ends at an hour", func(s *sample) { s.stabilization = 4000 },
			"spec.behavior.scaleDown.stabilizationWindowSeconds = 4000: must be between 0 and 3600",
		},
		"Name": {
			"two objects cannot share a name", func(s *sample) { s.secondName = "backend-headroom" },
			"AlreadyExists",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			program := base()
			tc.change(&program)
			r, err := open(t, program.run).Preview(t.Context())
			if !errors.Is(err, standin.ErrFailed) || !strings.Contains(strings.Join(r.Diagnostics, "\n"), tc.want) {
				t.Errorf("%s: Preview() = %v with\n%s\nwant a refusal with %q", tc.reason, err, strings.Join(r.Diagnostics, "\n"), tc.want)
			}
		})
	}
}

func TestProtectionHolds(t *testing.T) {
	program := base()
	program.protect = true
	s := open(t, program.run)
	must(t, "up", s.Up)
	if _, err := s.Destroy(t.Context()); err == nil {
		t.Fatal("destroy takes down a protected database")
	}
	if n, err := s.Unprotect(t.Context()); err != nil || n != 1 {
		t.Fatalf("Unprotect() = %d, %v; want one database", n, err)
	}
	must(t, "destroy after the protection is lifted", s.Destroy)
}

// TestSomeoneElseChanges proves that a refresh sees what is live: an
// autoscaler's replicas are left alone, an operator's change is undone.
func TestSomeoneElseChanges(t *testing.T) {
	s := open(t, base().run)
	must(t, "up", s.Up)
	set := func(token, path string, value float64) {
		at, err := resource.ParsePropertyPath(path)
		if err != nil {
			t.Fatal(err)
		}
		s.Providers["kubernetes"].Modify(func(has string, inputs resource.PropertyMap) bool {
			if has != token {
				return false
			}
			spec := resource.NewObjectProperty(inputs["spec"].ObjectValue().Copy())
			at.Set(spec, resource.NewNumberProperty(value))
			inputs["spec"] = spec
			return true
		})
	}
	set("kubernetes:apps/v1:Deployment", "replicas", 7)
	set("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "maxReplicas", 99)
	r := must(t, "preview after a refresh", s.Refreshed)
	want := map[string][]string{"update": {"kubernetes:autoscaling/v2:HorizontalPodAutoscaler::backend"}}
	if diff := cmp.Diff(want, steps(r)); diff != "" {
		t.Errorf("preview after others changed things (-want +got):\n%s", diff)
	}
}

// TestImport holds the engine to what adoption relies on: an import with other
// inputs than the live object's goes on as an update or a replacement in the
// same run, and what says where it came from is never replaced.
func TestImport(t *testing.T) {
	live := map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"name": "there", "namespace": "web", "labels": map[string]any{"team": "shop"}},
		"data":     map[string]any{"K": "v", "THEIRS": "1"},
	}
	const there = "kubernetes:core/v1:ConfigMap::there"
	program := func(mutable bool, data pulumi.StringMap, ignore ...string) pulumi.RunFunc {
		return func(ctx *pulumi.Context) error {
			cluster, err := kubernetes.NewProvider(ctx, "cluster", &kubernetes.ProviderArgs{EnableConfigMapMutable: pulumi.Bool(mutable)})
			if err != nil {
				return err
			}
			_, err = corev1.NewConfigMap(ctx, "there", &corev1.ConfigMapArgs{
				Metadata: &metav1.ObjectMetaArgs{Name: pulumi.String("there"), Namespace: pulumi.String("web")}, Data: data,
			}, pulumi.Import(pulumi.ID("web/there")), pulumi.IgnoreChanges(ignore), pulumi.Provider(cluster))
			return err
		}
	}
	same, other := pulumi.StringMap{"K": pulumi.String("v"), "THEIRS": pulumi.String("1")}, pulumi.StringMap{"K": pulumi.String("w")}
	s := open(t, program(true, same))
	if _, err := s.Preview(t.Context()); err == nil {
		t.Error("importing an object that does not exist is accepted")
	}
	kube := s.Providers["kubernetes"]
	if err := kube.Seed(provider.Seed{Token: "kubernetes:core/v1:ConfigMap", ID: "web/there", Inputs: live}); err != nil {
		t.Fatal(err)
	}
	ops := func(what string, want map[string][]string) standin.Result {
		t.Helper()
		r := must(t, what, s.Preview)
		got := withoutStack(steps(r))
		delete(got, "create") // the provider
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
		return r
	}
	s.SetProgram(program(true, same, "metadata.labels"))
	ops("equal inputs, and labels that stay", map[string][]string{"import": {there}})
	s.SetProgram(program(true, other))
	ops("other inputs", map[string][]string{"import": {there}, "update": {there}})
	s.SetProgram(program(false, other))
	ops("inputs that replace", map[string][]string{
		"import": {there}, "replace": {there}, "create-replacement": {there}, "delete-replaced": {there},
	})
	if r, err := s.Up(t.Context()); err == nil || !strings.Contains(strings.Join(r.Diagnostics, "\n"), "may not be replaced") {
		t.Errorf("up that replaces what it imports = %v with %v, want the engine to refuse it", err, r.Diagnostics)
	}
	s.SetProgram(program(true, other, "metadata.labels"))
	must(t, "up", s.Up)
	got, _ := kube.Find("kubernetes:core/v1:ConfigMap", "web/there")
	if data, labels := got.At("data").String(), got.At("metadata.labels").String(); data != `{"K":"w","THEIRS":"1"}` || labels != `{"team":"shop"}` {
		t.Errorf("after up the object has data %s and labels %s, want what others set untouched", data, labels)
	}
	must(t, "preview after up", s.Preview)
	if r := must(t, "refreshed preview", s.Refreshed); !r.NoChanges() {
		t.Errorf("a refreshed preview after the import changes %v", steps(r))
	}
}

func withoutStack(byOp map[string][]string) map[string][]string {
	for op, names := range byOp {
		names = slices.DeleteFunc(names, func(n string) bool { return strings.HasPrefix(n, "pulumi:") })
		if byOp[op] = names; len(names) == 0 {
			delete(byOp, op)
		}
	}
	return byOp
}

// TestNothingOfTheUsersIsTouched compares the project before and after, and
// looks for secrets where none belong.
func TestNothingOfTheUsersIsTouched(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/project")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	before := tree(t, dir)
	const password = "a-password-nobody-may-see"
	var out bytes.Buffer
	s := open(t, base().run, func(o *standin.Options) {
		o.Dir, o.Out, o.Secrets = dir, &out, map[string]string{"headroom:localPassword": password}
	})
	r := must(t, "preview", s.Preview)
	must(t, "up", s.Up)
	if shown, err := json.Marshal(r); err != nil || bytes.Contains(shown, []byte(password)) || strings.Contains(out.String(), password) {
		t.Errorf("the secret shows in the result or in the output (%v)", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close(): %v", err)
	}
	if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
		t.Errorf("the project changed (-before +after):\n%s", diff)
	}
	if left := tree(t, os.TempDir()); len(left) > 0 {
		t.Errorf("files are left behind: %v", slices.Sorted(maps.Keys(left)))
	}
}

func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := open(t, func(*pulumi.Context) error {
		cancel() // as Ctrl-C does, in the middle of a run
		time.Sleep(50 * time.Millisecond)
		return nil
	})
	if _, err := s.Preview(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Preview() when interrupted = %v, want context.Canceled", err)
	}
}

func TestPanicIsAnError(t *testing.T) {
	s := open(t, func(*pulumi.Context) error { panic("out of numbers") })
	r, err := s.Preview(t.Context())
	if err == nil || !strings.Contains(strings.Join(r.Diagnostics, "\n"), "the program panicked: out of numbers") {
		t.Errorf("Preview() of a panicking program = %v with %v", err, r.Diagnostics)
	}
}
