package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudfront"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/cdn"
)

// policies are named by Pulumi: CloudFront deletes none that is in use, so another
// one must be able to stand beside it.
func (b builder) policies(ctx *pulumi.Context, parent pulumi.Resource) (policies, error) {
	out := policies{cache: map[string]pulumi.StringInput{}}
	for _, p := range b.Plan.CloudFront.Policies {
		made, err := cloudfront.NewCachePolicy(ctx, b.name+"-"+p.Name, cachePolicy(p, b.Stack), pulumi.Parent(parent))
		if err != nil {
			return policies{}, fmt.Errorf("cache policy %s of %s: %w", p.Name, b.name, err)
		}
		out.cache[p.Name] = made.ID().ToStringOutput()
	}
	headers, err := cloudfront.NewResponseHeadersPolicy(ctx, b.name+"-media", headersPolicy(b.Stack), pulumi.Parent(parent))
	if err != nil {
		return policies{}, fmt.Errorf("response headers policy of %s: %w", b.name, err)
	}
	access, err := cloudfront.NewOriginAccessControl(ctx, b.name+"-media", &cloudfront.OriginAccessControlArgs{
		Description:                   pulumi.String("Signs requests to the media bucket of " + b.Stack),
		OriginAccessControlOriginType: pulumi.String("s3"), SigningBehavior: pulumi.String("always"), SigningProtocol: pulumi.String("sigv4"),
	}, pulumi.Parent(parent))
	if err != nil {
		return policies{}, fmt.Errorf("origin access control of %s: %w", b.name, err)
	}
	out.headers, out.access = headers.ID().ToStringOutput(), access.ID().ToStringOutput()
	return out, nil
}

// cachePolicy tells answers apart by nothing but the path and the encoding: files
// depend on nothing else, and no credential reaches the bucket.
func cachePolicy(p cdn.CachePolicy, stack string) *cloudfront.CachePolicyArgs {
	return &cloudfront.CachePolicyArgs{
		Comment: pulumi.String(fmt.Sprintf("%s of %s", p.Name, stack)),
		// A minimum would overrule no-store and private, and so keep what is personal.
		MinTtl: pulumi.Int(0), DefaultTtl: pulumi.Int(p.DefaultSeconds), MaxTtl: pulumi.Int(p.MaxSeconds),
		ParametersInCacheKeyAndForwardedToOrigin: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginArgs{
			EnableAcceptEncodingBrotli: pulumi.Bool(p.MaxSeconds > 0), EnableAcceptEncodingGzip: pulumi.Bool(p.MaxSeconds > 0),
			CookiesConfig:      cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfigArgs{CookieBehavior: pulumi.String("none")},
			HeadersConfig:      cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigArgs{HeaderBehavior: pulumi.String("none")},
			QueryStringsConfig: cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfigArgs{QueryStringBehavior: pulumi.String("none")},
		},
	}
}

// headersPolicy says nothing about caching: it would say it of errors too, and a
// missing file would stay missing in browsers. Each file says it itself.
func headersPolicy(stack string) *cloudfront.ResponseHeadersPolicyArgs {
	const year = 365 * 24 * 60 * 60
	return &cloudfront.ResponseHeadersPolicyArgs{
		Comment: pulumi.String("Static media of " + stack),
		SecurityHeadersConfig: cloudfront.ResponseHeadersPolicySecurityHeadersConfigArgs{
			ContentTypeOptions: cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentTypeOptionsArgs{Override: pulumi.Bool(true)},
			StrictTransportSecurity: cloudfront.ResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurityArgs{
				AccessControlMaxAgeSec: pulumi.Int(year), Override: pulumi.Bool(true),
			},
		},
		// Fonts, and images drawn by scripts, are read from other hosts. They are public.
		CorsConfig: cloudfront.ResponseHeadersPolicyCorsConfigArgs{
			AccessControlAllowCredentials: pulumi.Bool(false), OriginOverride: pulumi.Bool(false), AccessControlMaxAgeSec: pulumi.Int(86400),
			AccessControlAllowHeaders: cloudfront.ResponseHeadersPolicyCorsConfigAccessControlAllowHeadersArgs{Items: pulumi.ToStringArray([]string{"*"})},
			AccessControlAllowMethods: cloudfront.ResponseHeadersPolicyCorsConfigAccessControlAllowMethodsArgs{Items: pulumi.ToStringArray([]string{"GET", "HEAD"})},
			AccessControlAllowOrigins: cloudfront.ResponseHeadersPolicyCorsConfigAccessControlAllowOriginsArgs{Items: pulumi.ToStringArray([]string{"*"})},
		},
	}
}
