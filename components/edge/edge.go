// Package edge declares what answers before the cluster does: the cache and
// header rules of a Cloudflare zone, and a CloudFront distribution with its bucket
// for static media. It is the only package that imports the Cloudflare SDK, which
// takes longer to compile than the rest of the program.
package edge

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/adopt"
)

const typeToken = "headroom:edge:Edge"

// Args are what the edge is made of.
type Args struct {
	// Stack marks the rules of this program in a zone that others share.
	Stack string
	// Cluster gives the account and the region of the bucket.
	Cluster spec.Cluster
	// Spec is the edge of the stack file, Plan what the plan rendered for it.
	Spec spec.Edge
	Plan plan.Edge
	// Global is the AWS provider for us-east-1: CloudFront reads certificates and
	// delivers logs only there. It is required with a distribution.
	Global pulumi.ProviderResource
	// Protect tells, by type and name, which of phases, distribution and buckets
	// Pulumi must not delete; nil protects all.
	Protect func(resource, name string) bool
}

// Edge is a zone and a distribution. What is external it only knows.
type Edge struct {
	pulumi.ResourceState

	// MediaDomain is where the distribution answers, MediaBucket where its files
	// go, and DistributionID what an invalidation names. Empty when external.
	MediaDomain    pulumi.StringOutput `pulumi:"mediaDomain"`
	MediaBucket    pulumi.StringOutput `pulumi:"mediaBucket"`
	DistributionID pulumi.StringOutput `pulumi:"distributionId"`
}

// New declares an edge.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Edge, error) {
	b := builder{name: name, Args: args}
	if err := b.validate(); err != nil {
		return nil, err
	}
	e := &Edge{}
	if err := ctx.RegisterComponentResourceV2(typeToken, name, b.recorded(), e, opts...); err != nil {
		return nil, fmt.Errorf("edge %s: %w", name, err)
	}
	if b.zone() != nil {
		if err := b.declareZone(ctx, e); err != nil {
			return nil, err
		}
	}
	if err := b.declareMedia(ctx, e); err != nil {
		return nil, err
	}
	return e, ctx.RegisterResourceOutputs(e, e.outputs())
}

func (e *Edge) outputs() pulumi.Map {
	return pulumi.Map{"mediaDomain": e.MediaDomain, "mediaBucket": e.MediaBucket, "distributionId": e.DistributionID}
}

// builder is an edge with its name.
type builder struct {
	Args
	name string
}

// zone is nil where nothing of a zone is touched.
func (b builder) zone() *spec.Cloudflare {
	if z := b.Spec.Cloudflare; z != nil && z.Touched() {
		return z
	}
	return nil
}

// media is nil where the distribution is others'.
func (b builder) media() *spec.CloudFront {
	if m := b.Spec.CloudFront; m != nil && m.Mode != spec.External {
		return m
	}
	return nil
}

// recorded are the decisions that the state keeps for policies and audits.
func (b builder) recorded() pulumi.Map {
	out := pulumi.Map{}
	if z := b.zone(); z != nil {
		out["zone"], out["zonePlan"] = pulumi.String(z.Zone), pulumi.String(z.Plan)
		out["cachePhase"], out["headerPhase"], out["settings"] = pulumi.String(z.CachePhase.Mode), pulumi.String(z.HeaderPhase.Mode), pulumi.String(z.Settings)
	}
	if m := b.media(); m != nil {
		out["distribution"], out["bucket"] = pulumi.String(m.Mode), pulumi.String(m.Bucket.Mode)
	}
	return out
}

// leaf is one resource by type and name.
type leaf struct{ resource, name string }

// The types of what keeps something.
const (
	rulesetType      = "cloudflare:index/ruleset:Ruleset"
	bucketType       = "aws:s3/bucketV2:BucketV2"
	distributionType = "aws:cloudfront/distribution:Distribution"
)

func (b builder) protection(l leaf) pulumi.ResourceOption {
	return pulumi.Protect(b.Protect == nil || b.Protect(l.resource, l.name))
}

// owned are the options of a leaf that may be a live object, with what others
// keep of one, and the protection of what holds something.
func (b builder) owned(parent pulumi.Resource, leaf leaf, mode spec.Mode, id string, keep ...string) pulumi.ResourceOption {
	opts := []pulumi.ResourceOption{pulumi.Parent(parent), b.protection(leaf)}
	if mode == spec.Adopt {
		// What was there before this program stays when it leaves.
		opts = append(opts, adopt.Options(id, keep...), pulumi.RetainOnDelete(true))
	}
	return pulumi.Composite(opts...)
}
