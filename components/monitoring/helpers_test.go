package monitoring

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/plan/plantest"
	"github.com/agencyos/headroom/components/componenttest"
)

// planned are the arguments for a committed stack with changed settings.
func planned(t *testing.T, stack string, sets ...string) Args {
	t.Helper()
	s, p := plantest.Committed(t, stack, sets...)
	return Args{Spec: s, Plan: p, DatabaseHost: pulumi.String("db.example"), DatabaseID: pulumi.String("db-1"),
		CacheHost: pulumi.String("cache.example"), DistributionID: pulumi.String("E1")}
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
