package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/cdn"
	"github.com/agencyos/headroom/capacity/spec"
)

// originID tells the one origin to the behaviors.
const originID = "media"

// Policies that AWS keeps
// (github.com/awsdocs/amazon-cloudfront-developer-guide doc_source/using-managed-*.md @ 1c964d4, 2026-11).
const (
	cachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
	// corsS3Origin passes on only what a bucket's own CORS rules look at. Passing
	// the Host on would break the signature.
	corsS3Origin = "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf"
)

// declareMedia declares bucket, distribution, logs and names.
func (b builder) declareMedia(ctx *pulumi.Context, e *Edge) error {
	none := pulumi.String("").ToStringOutput()
	e.MediaDomain, e.MediaBucket, e.DistributionID = none, none, none
	m := b.media()
	if m == nil {
		return nil
	}
	files, err := b.filesBucket(ctx, e)
	if err != nil {
		return err
	}
	certificate, err := b.certificate(ctx, e)
	if err != nil {
		return err
	}
	distribution, err := b.distribution(ctx, e, files, certificate)
	if err != nil {
		return err
	}
	if m.Bucket.Mode == spec.Managed {
		if err := b.policy(ctx, e, b.name+"-media", files, readBy(files, distribution)); err != nil {
			return err
		}
	}
	e.MediaDomain, e.MediaBucket, e.DistributionID = distribution.DomainName, files.name, distribution.ID().ToStringOutput()
	if err := b.logs(ctx, e, distribution); err != nil {
		return err
	}
	return b.aliasRecords(ctx, e, distribution)
}

// readBy lets one distribution read, and no other of any account. It may not list:
// a request for "/" would show every file.
func readBy(files store, d *cloudfront.Distribution) pulumi.Map {
	return statement("ReadByDistribution", "Allow", service("cloudfront.amazonaws.com"), pulumi.String("s3:GetObject"),
		pulumi.Sprintf("%s/*", files.arn), pulumi.Map{"StringEquals": pulumi.Map{"aws:SourceArn": d.Arn}})
}

// policies are what the behaviors refer to, by rule.
type policies struct {
	cache   map[string]pulumi.StringInput
	headers pulumi.StringInput
	access  pulumi.StringInput
}

func (b builder) distribution(ctx *pulumi.Context, parent pulumi.Resource, files store, certificate pulumi.StringInput) (*cloudfront.Distribution, error) {
	m := b.media()
	p, err := b.policies(ctx, parent)
	if err != nil {
		return nil, err
	}
	name, args := b.name+"-media", b.renderDistribution(files, p)
	args.ViewerCertificate = viewerCertificate(certificate)
	if args.Comment, err = b.comment(ctx, parent, name); err != nil {
		return nil, err
	}
	distribution, err := cloudfront.NewDistribution(ctx, name, args, pulumi.IgnoreChanges(keptOfDistributions),
		b.owned(parent, leaf{distributionType, name}, m.Mode, m.ID, keptOfAdopted...))
	if err != nil {
		return nil, fmt.Errorf("distribution %s: %w", b.name, err)
	}
	return distribution, nil
}

func (b builder) renderDistribution(files store, p policies) *cloudfront.DistributionArgs {
	m, behaviors := b.media(), b.Plan.CloudFront.Behaviors
	last := len(behaviors) - 1
	args := &cloudfront.DistributionArgs{
		Enabled: pulumi.Bool(true), Aliases: pulumi.ToStringArray(m.Aliases),
		HttpVersion: pulumi.String("http2and3"), IsIpv6Enabled: pulumi.Bool(true), PriceClass: pulumi.String(priceClasses[m.PriceClass]),
		// Minutes of waiting would prove nothing: locations change one after another.
		WaitForDeployment: pulumi.Bool(false),
		Origins: cloudfront.DistributionOriginArray{cloudfront.DistributionOriginArgs{
			OriginId: pulumi.String(originID), DomainName: files.domain, OriginAccessControlId: p.access, OriginShield: b.shield(),
		}},
		DefaultCacheBehavior: defaultBehavior(behavior(behaviors[last], p)),
		Restrictions: cloudfront.DistributionRestrictionsArgs{
			GeoRestriction: cloudfront.DistributionRestrictionsGeoRestrictionArgs{RestrictionType: pulumi.String("none")},
		},
	}
	var ordered cloudfront.DistributionOrderedCacheBehaviorArray
	for _, r := range behaviors[:last] {
		ordered = append(ordered, behavior(r, p))
	}
	if len(ordered) > 0 {
		args.OrderedCacheBehaviors = ordered
	}
	// S3 answers 403 for a file that is not there. It must be found soon after its upload.
	for _, code := range []int{403, 404} {
		args.CustomErrorResponses = append(errorResponses(args), cloudfront.DistributionCustomErrorResponseArgs{
			ErrorCode: pulumi.Int(code), ErrorCachingMinTtl: pulumi.Int(10),
		})
	}
	return args
}

func errorResponses(args *cloudfront.DistributionArgs) cloudfront.DistributionCustomErrorResponseArray {
	list, _ := args.CustomErrorResponses.(cloudfront.DistributionCustomErrorResponseArray)
	return list
}

var priceClasses = map[spec.PriceClass]string{
	spec.PriceClass100: "PriceClass_100", spec.PriceClass200: "PriceClass_200", spec.PriceClassAll: "PriceClass_All",
}

// shield is in the bucket's region, or nearest to it.
func (b builder) shield() cloudfront.DistributionOriginOriginShieldPtrInput {
	region := cdn.ShieldRegion(b.Cluster.Region)
	if s := b.media().OriginShield; s != nil && !*s || region == "" {
		return nil
	}
	return cloudfront.DistributionOriginOriginShieldArgs{Enabled: pulumi.Bool(true), OriginShieldRegion: pulumi.String(region)}
}

// behavior never has times of its own: they are in the cache policy, and both
// together are refused.
func behavior(r cdn.Behavior, p policies) cloudfront.DistributionOrderedCacheBehaviorArgs {
	methods := pulumi.ToStringArray([]string{"GET", "HEAD"})
	var policy pulumi.StringInput = pulumi.String(cachingDisabled)
	if r.Policy != "" {
		policy = p.cache[r.Policy]
	}
	return cloudfront.DistributionOrderedCacheBehaviorArgs{
		PathPattern: pulumi.String(r.Pattern), TargetOriginId: pulumi.String(originID), AllowedMethods: methods, CachedMethods: methods,
		ViewerProtocolPolicy: pulumi.String("redirect-to-https"), Compress: pulumi.Bool(r.Policy != ""),
		CachePolicyId: policy.ToStringOutput().ToStringPtrOutput(), OriginRequestPolicyId: pulumi.String(corsS3Origin),
		ResponseHeadersPolicyId: p.headers.ToStringOutput().ToStringPtrOutput(),
	}
}

// defaultBehavior is the same without a pattern.
func defaultBehavior(b cloudfront.DistributionOrderedCacheBehaviorArgs) cloudfront.DistributionDefaultCacheBehaviorArgs {
	return cloudfront.DistributionDefaultCacheBehaviorArgs{
		TargetOriginId: b.TargetOriginId, AllowedMethods: b.AllowedMethods, CachedMethods: b.CachedMethods,
		ViewerProtocolPolicy: b.ViewerProtocolPolicy, Compress: b.Compress, CachePolicyId: b.CachePolicyId,
		OriginRequestPolicyId: b.OriginRequestPolicyId, ResponseHeadersPolicyId: b.ResponseHeadersPolicyId,
	}
}

// viewerCertificate is the distribution's own where it has a name of its own.
func viewerCertificate(arn pulumi.StringInput) cloudfront.DistributionViewerCertificateInput {
	if arn == nil {
		return cloudfront.DistributionViewerCertificateArgs{CloudfrontDefaultCertificate: pulumi.Bool(true)}
	}
	return cloudfront.DistributionViewerCertificateArgs{
		AcmCertificateArn: arn.ToStringOutput().ToStringPtrOutput(), SslSupportMethod: pulumi.String("sni-only"),
		MinimumProtocolVersion: pulumi.String("TLSv1.2_2021"),
	}
}
