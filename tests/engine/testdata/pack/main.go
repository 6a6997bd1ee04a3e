// The pack of the engine tests: it forbids one thing, so that a test can tell
// a working pack from one that is not run.
package main

import (
	"context"
	"fmt"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"
)

func main() {
	err := policyx.Main(func(*pulumi.Context) (policyx.PolicyPack, error) {
		rule := policyx.NewResourceValidationPolicy("few-replicas", policyx.ResourceValidationPolicyArgs{
			Description:      "autoscalers stay below fifty replicas",
			EnforcementLevel: policyx.EnforcementLevelMandatory,
			ValidateResource: few,
		})
		return policyx.NewPolicyPack("test", semver.MustParse("1.0.0"), policyx.EnforcementLevelMandatory, []policyx.Policy{rule})
	})
	if err != nil {
		fmt.Println(err)
	}
}

func few(_ context.Context, args policyx.ResourceValidationArgs) error {
	if args.Resource.Type != "kubernetes:autoscaling/v2:HorizontalPodAutoscaler" {
		return nil
	}
	spec := args.Resource.Properties.Get("spec")
	if !spec.IsMap() {
		return nil
	}
	if n := spec.AsMap().Get("maxReplicas"); n.IsNumber() && n.AsNumber() >= 50 {
		args.Manager.ReportViolation(fmt.Sprintf("maxReplicas = %v: must be below 50", n.AsNumber()), "")
	}
	return nil
}
