package edge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/adopt"
)

// What stays of any distribution: an owner of firewalls attaches the ACL to it, and
// would be fought with in every update. And of an adopted one: whatever else the
// plan says nothing about. A root object, error pages, logs and countries that went
// would be missed by visitors at once.
var (
	keptOfDistributions = []string{"webAclId"}
	keptOfAdopted       = append([]string{"comment", "continuousDeploymentPolicyId", "customErrorResponses", "defaultRootObject", "loggingConfig",
		"restrictions"}, adopt.Tags...)
)

// comment of a distribution: for an adopted one, which keeps its own, only once it is
// read and is found to lose nothing by the rules of the stack. No lookup tells as
// much as reading it.
func (b builder) comment(ctx *pulumi.Context, parent pulumi.Resource, name string) (pulumi.StringInput, error) {
	m, own := b.media(), pulumi.String("Static media of "+b.Stack)
	if m.Mode != spec.Adopt {
		return own, nil
	}
	live, err := cloudfront.GetDistribution(ctx, adopt.Reading(name), pulumi.ID(m.ID), nil, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("live distribution %s (edge.cloudfront.id): %w", m.ID, err)
	}
	paths := pulumi.All(live.DefaultCacheBehavior, live.OrderedCacheBehaviors, live.Origins).ApplyT(admitsPaths(*m))
	names := live.Aliases.ApplyT(func(live []string) spec.Problems { return admitsAliases(*m, live) })
	// Names that are not set are unknown in a preview, and paths must be judged there.
	return pulumi.All(pulumi.All(paths, names).ApplyT(refuse), pulumi.All(paths).ApplyT(refuse)).
		ApplyT(func([]any) string { return string(own) }).(pulumi.StringOutput), nil
}

// refuse fails with all that was found.
func refuse(parts []any) (bool, error) {
	var all spec.Problems
	for _, part := range parts {
		found, _ := part.(spec.Problems)
		all = append(all, found...)
	}
	if len(all) > 0 {
		return false, all
	}
	return true, nil
}

// admitsPaths refuses a distribution of which something would end or open.
func admitsPaths(m spec.CloudFront) func(args []any) spec.Problems {
	return func(args []any) spec.Problems {
		first, _ := args[0].(cloudfront.DistributionDefaultCacheBehavior)
		ordered, _ := args[1].([]cloudfront.DistributionOrderedCacheBehavior)
		origins, _ := args[2].([]cloudfront.DistributionOrigin)
		found := append(admitsOrigins(m, origins), admitsBehavior(m, "*", asOrdered(first))...)
		for _, one := range ordered {
			found = append(found, admitsBehavior(m, one.PathPattern, one)...)
		}
		return found
	}
}

// asOrdered has what is looked at of a behavior.
func asOrdered(b cloudfront.DistributionDefaultCacheBehavior) cloudfront.DistributionOrderedCacheBehavior {
	out := cloudfront.DistributionOrderedCacheBehavior{TrustedKeyGroups: b.TrustedKeyGroups, TrustedSigners: b.TrustedSigners}
	for _, f := range b.FunctionAssociations {
		out.FunctionAssociations = append(out.FunctionAssociations, cloudfront.DistributionOrderedCacheBehaviorFunctionAssociation(f))
	}
	for _, f := range b.LambdaFunctionAssociations {
		out.LambdaFunctionAssociations = append(out.LambdaFunctionAssociations, cloudfront.DistributionOrderedCacheBehaviorLambdaFunctionAssociation(f))
	}
	return out
}

const leaveIt = "leave it to its owner: set edge.cloudfront.mode to external"

func liveProblem(m spec.CloudFront, format string, args ...any) spec.Problem {
	return spec.Problem{Path: "edge.cloudfront.id", Value: m.ID, Rule: fmt.Sprintf(format, args...), Fix: leaveIt}
}

// admitsOrigins refuses paths that would end: the stack's rules know one origin,
// which is the root of the bucket.
func admitsOrigins(m spec.CloudFront, origins []cloudfront.DistributionOrigin) (found spec.Problems) {
	for _, o := range origins {
		path := ""
		if o.OriginPath != nil {
			path = *o.OriginPath
		}
		switch {
		case o.CustomOriginConfig != nil || o.VpcOriginConfig != nil || !strings.HasPrefix(o.DomainName, m.Bucket.Name+".s3."):
			found = append(found, liveProblem(m, "also serves from %s, which is not the bucket %s: those paths would end", o.DomainName, m.Bucket.Name))
		case path != "":
			found = append(found, liveProblem(m, "serves from %s below %s, and the stack's rules from its root: every file would be missing", o.DomainName, path))
		}
	}
	return found
}

// admitsBehavior refuses what would be open to everybody, or no longer run.
func admitsBehavior(m spec.CloudFront, pattern string, b cloudfront.DistributionOrderedCacheBehavior) (found spec.Problems) {
	if signers := slices.Concat(b.TrustedKeyGroups, b.TrustedSigners); len(signers) > 0 {
		found = append(found, liveProblem(m, "asks for signed requests under %s (signers %s): the files would be open to everybody", pattern, strings.Join(signers, ", ")))
	}
	var functions []string
	for _, f := range b.FunctionAssociations {
		functions = append(functions, f.FunctionArn)
	}
	for _, f := range b.LambdaFunctionAssociations {
		functions = append(functions, f.LambdaArn)
	}
	if len(functions) > 0 {
		found = append(found, liveProblem(m, "runs %s under %s, which would no longer run", strings.Join(functions, ", "), pattern))
	}
	return found
}

// admitsAliases refuses names that would no longer answer.
func admitsAliases(m spec.CloudFront, live []string) (found spec.Problems) {
	for _, alias := range live {
		if !slices.Contains(m.Aliases, alias) {
			found = append(found, spec.Problem{Path: "edge.cloudfront.aliases", Value: strings.Join(m.Aliases, ", "),
				Rule: fmt.Sprintf("leaves out %s, for which the live distribution answers", alias), Fix: "add it, or take it from the distribution first"})
		}
	}
	return found
}
