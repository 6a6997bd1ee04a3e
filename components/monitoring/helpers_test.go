package monitoring

import (
	"os"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/componenttest"
)

// planned are the arguments for a committed stack with changed settings.
func planned(t *testing.T, stack string, sets ...[2]string) Args {
	t.Helper()
	raw, err := spec.Raw(read(t, "../../Pulumi."+stack+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range sets {
		if raw, err = spec.Set(raw, set[0], set[1]); err != nil {
			t.Fatal(err)
		}
	}
	s, err := spec.Decode(stack, raw)
	if err != nil {
		t.Fatal(err)
	}
	base, err := baseline.Decode(read(t, "../../baselines/"+stack+".json"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(s, base, plan.Options{Today: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Lean: true})
	if err != nil {
		t.Fatal(err)
	}
	return Args{Spec: s, Plan: p, DatabaseHost: pulumi.String("db.example"), DatabaseID: pulumi.String("db-1"),
		CacheHost: pulumi.String("cache.example"), DistributionID: pulumi.String("E1")}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// declared is what the component registers.
func declared(t *testing.T, args Args) *componenttest.Recorder {
	t.Helper()
	r := &componenttest.Recorder{Outputs: map[string]resource.PropertyMap{
		"aws:iam/role:Role": {"name": resource.NewProperty("reader"), "arn": resource.NewProperty("arn:aws:iam::1:role/reader")}}}
	if err := run(r, args); err != nil {
		t.Fatal(err)
	}
	return r
}

func run(r *componenttest.Recorder, args Args) error {
	return r.Run(args.Spec.Name, func(ctx *pulumi.Context) error {
		_, err := New(ctx, "web-monitoring", args)
		return err
	})
}

// named is one resource by type and name.
func named(t *testing.T, r *componenttest.Recorder, token, name string) componenttest.Resource {
	t.Helper()
	for _, one := range r.Resources() {
		if one.Type == token && one.Name == name {
			return one
		}
	}
	t.Fatalf("there is no %s %s", token, name)
	return componenttest.Resource{}
}
