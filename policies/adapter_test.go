package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/agencyos/headroom/policies/rules"
)

// everyKind has every kind of property where rules look for values.
func everyKind(computed resource.PropertyValue) resource.PropertyMap {
	return database(resource.PropertyMap{
		"storageEncrypted":      computed,
		"deletionProtection":    resource.MakeSecret(computed),
		"skipFinalSnapshot":     resource.NewAssetProperty(&asset.Asset{Text: "x", Sig: resource.AssetSig}),
		"publiclyAccessible":    resource.NewArchiveProperty(&archive.Archive{Path: ".", Sig: resource.ArchiveSig}),
		"backupRetentionPeriod": resource.NewArrayProperty([]resource.PropertyValue{computed}),
		"replicateSourceDb":     resource.NewNullProperty(),
		"instanceClass":         resource.NewObjectProperty(resource.PropertyMap{"x": computed}),
	})
}

func TestFromValue(t *testing.T) {
	for name, c := range map[string]struct {
		reason string
		in     resource.PropertyValue
		want   rules.Value
	}{
		"Null":      {reason: "null is absent", in: resource.NewNullProperty(), want: rules.Value{}},
		"Computed":  {reason: "not known yet", in: resource.MakeComputed(resource.NewStringProperty("")), want: rules.Unknown()},
		"Secret":    {reason: "closed even where its text is known", in: resource.MakeSecret(resource.NewStringProperty("x")), want: rules.Secret()},
		"Output":    {reason: "not known yet", in: resource.NewOutputProperty(resource.Output{}), want: rules.Unknown()},
		"Resolved":  {reason: "known", in: resource.NewOutputProperty(resource.Output{Known: true, Element: resource.NewNumberProperty(3)}), want: rules.Number(3)},
		"Hidden":    {reason: "a secret output is a secret", in: resource.NewOutputProperty(resource.Output{Known: true, Secret: true, Element: resource.NewNumberProperty(3)}), want: rules.Secret()},
		"Asset":     {reason: "a file has no parts", in: resource.NewAssetProperty(&asset.Asset{Text: "x"}), want: rules.Opaque()},
		"Reference": {reason: "a resource has no parts", in: resource.MakeCustomResourceReference("urn:pulumi:a::b::c::d", "id", ""), want: rules.Opaque()},
		"Tree": {reason: "lists and maps go on", in: resource.NewObjectProperty(resource.PropertyMap{"a": resource.NewArrayProperty([]resource.PropertyValue{resource.NewBoolProperty(true)})}),
			want: rules.Object(map[string]rules.Value{"a": rules.List([]rules.Value{rules.Bool(true)})})},
	} {
		if diff := cmp.Diff(c.want, fromValue(c.in), cmp.AllowUnexported(rules.Value{})); diff != "" {
			t.Errorf("%s: %s (-want +got):\n%s", name, c.reason, diff)
		}
	}
}

// TestInputsWinOverOutputs: what the cloud filled in is not what the program
// declared, and what was not known stays answered by what came out.
func TestInputsWinOverOutputs(t *testing.T) {
	p := newPack(time.Now)
	urn := resource.URN("urn:pulumi:prod::shop::kubernetes:apps/v1:Deployment::api")
	one := plugin.AnalyzerResource{URN: urn, Type: "kubernetes:apps/v1:Deployment", Name: "api", Properties: resource.NewPropertyMapFromMap(map[string]any{
		"metadata": map[string]any{"name": "api"}, "spec": map[string]any{"x": resource.MakeComputed(resource.NewStringProperty(""))}})}
	if _, err := p.Analyze(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	live := one
	live.Properties = resource.NewPropertyMapFromMap(map[string]any{
		"metadata": map[string]any{"name": "api"}, "spec": map[string]any{"x": "known", "replicas": 7}})
	got := fromStackResource(plugin.AnalyzerStackResource{AnalyzerResource: live,
		PropertyDependencies: map[resource.PropertyKey][]resource.URN{"spec": {"urn:a"}}}, p.seen)
	want := rules.From(map[string]any{"metadata": map[string]any{"name": "api"}, "spec": map[string]any{"x": "known"}})
	if diff := cmp.Diff(want, got.Inputs, cmp.AllowUnexported(rules.Value{})); diff != "" || got.Observed {
		t.Errorf("inputs of a resource seen before, observed %v (-want +got):\n%s", got.Observed, diff)
	}
	if diff := cmp.Diff(map[string][]string{"spec": {"urn:a"}}, got.References); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
	if got := fromStackResource(plugin.AnalyzerStackResource{AnalyzerResource: live}, nil); !got.Observed {
		t.Error("a resource whose inputs were never seen is observed")
	}
}

// BenchmarkAnalyzeStack judges 200 resources through the adapter; the bar is
// 250 ms.
func BenchmarkAnalyzeStack(b *testing.B) {
	p := newPack(time.Now)
	resources := manyResources(200)
	for b.Loop() {
		for _, r := range resources {
			if _, err := p.Analyze(context.Background(), r.AnalyzerResource); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := p.AnalyzeStack(context.Background(), resources); err != nil {
			b.Fatal(err)
		}
	}
}

func manyResources(n int) []plugin.AnalyzerStackResource {
	var all []plugin.AnalyzerStackResource
	add := func(typ, name string, m map[string]any) {
		m["metadata"] = map[string]any{"name": name, "namespace": "shop"}
		all = append(all, plugin.AnalyzerStackResource{AnalyzerResource: plugin.AnalyzerResource{
			URN: resource.URN("urn:pulumi:prod::shop::" + typ + "::" + name), Type: tokens.Type(typ), Name: name,
			Properties: resource.NewPropertyMapFromMap(m)}})
	}
	for i := 0; len(all) < n; i++ {
		name := fmt.Sprintf("svc-%d", i)
		labels := map[string]any{"app": name}
		add("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", name, map[string]any{"spec": map[string]any{
			"minReplicas": 2, "maxReplicas": 20, "scaleTargetRef": map[string]any{"kind": "Deployment", "name": name}}})
		add("kubernetes:apps/v1:Deployment", name, map[string]any{"spec": map[string]any{"template": map[string]any{
			"metadata": map[string]any{"labels": labels},
			"spec": map[string]any{"containers": []any{map[string]any{"name": "app", "image": "example/app:1",
				"envFrom": []any{map[string]any{"configMapRef": map[string]any{"name": name + "-headroom"}}}}}}}}})
		add("kubernetes:core/v1:ConfigMap", name+"-headroom", map[string]any{"data": map[string]any{"DB_POOL_SIZE": "5"}})
		add("kubernetes:policy/v1:PodDisruptionBudget", name, map[string]any{"spec": map[string]any{
			"maxUnavailable": 1, "selector": map[string]any{"matchLabels": labels}}})
	}
	return all[:n]
}

// TestReadsAreNotJudged: a program that adopts an object reads it as well, and
// the engine shows the pack both alike.
func TestReadsAreNotJudged(t *testing.T) {
	p := newPack(time.Now)
	live := plugin.AnalyzerStackResource{AnalyzerResource: plugin.AnalyzerResource{
		URN: "urn:pulumi:prod::shop::aws:rds/instance:Instance::live:main", Type: "aws:rds/instance:Instance", Name: "live:main",
		Properties: resource.NewPropertyMapFromMap(map[string]any{"engine": "postgres", "storageEncrypted": false}),
	}}
	r, err := p.AnalyzeStack(t.Context(), []plugin.AnalyzerStackResource{live})
	if err != nil || len(r.Diagnostics) > 0 {
		t.Errorf("AnalyzeStack of what is only read = %v, %v, want no verdict", r.Diagnostics, err)
	}
	live.Name, live.URN = "main", "urn:pulumi:prod::shop::aws:rds/instance:Instance::main"
	if r, err = p.AnalyzeStack(t.Context(), []plugin.AnalyzerStackResource{live}); err != nil || len(r.Diagnostics) == 0 {
		t.Errorf("AnalyzeStack of the same as a declared resource = %v, %v, want it judged", r.Diagnostics, err)
	}
}
