package aws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

const (
	cfTF        = "terraform-provider-aws internal/service/cloudfront/distribution.go @ acde5882"
	cfAPI       = "https://docs.aws.amazon.com/cloudfront/latest/APIReference/"
	cfGuide     = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"
	cfBehaviors = cfAPI + "API_CacheBehavior.html, 2026-11"
)

// distributionRules is what CloudFront and the provider refuse of a distribution.
func distributionRules() []provider.Rule {
	return []provider.Rule{
		{ID: "cloudfront-words", Source: cfTF + " ValidateFunc of http_version, price_class, comment", Test: distributionWords},
		{ID: "cloudfront-behavior", Source: cfTF + "; " + cfBehaviors, Test: eachBehavior(behaviorShape)},
		{ID: "cloudfront-legacy", Source: cfBehaviors + "; pulumi/pulumi-aws#1364", Test: eachBehavior(legacyBehavior)},
		{ID: "cloudfront-patterns", Source: cfBehaviors + " PathPattern", Test: patterns},
		{ID: "cloudfront-origin", Source: cfTF + " ValidateFunc of connection_attempts, connection_timeout", Test: eachOrigin(originShape)},
		{ID: "cloudfront-oac", Source: cfAPI + "API_Origin.html; pulumi/examples#1296: the website endpoint takes no signature, 2026-11", Test: eachOrigin(originAccess)},
		{ID: "cloudfront-shield", Source: "github.com/awsdocs/amazon-cloudfront-developer-guide doc_source/origin-shield.md @ 5915a3a6", Test: eachOrigin(originShield)},
		{ID: "cloudfront-certificate", Source: cfAPI + "API_ViewerCertificate.html; pulumi/pulumi-aws#5649, hashicorp/terraform-provider-aws#34950, 2026-11", Test: viewerCertificate},
		{ID: "cloudfront-quota", Source: cfGuide + "cloudfront-limits.html, 2026-11", Test: distributionQuota},
		{ID: "cloudfront-errors", Source: cfAPI + "API_CustomErrorResponse.html, 2026-11", Test: errorResponses},
	}
}

func within(path string, in provider.Value, allowed ...string) []provider.Problem {
	if v := in.At(path); v.IsText() && !slices.Contains(allowed, v.Text()) {
		return problem(path, "must be one of %s", strings.Join(allowed, ", "))
	}
	return nil
}

func distributionWords(_, in provider.Value) []provider.Problem {
	found := within("httpVersion", in, "http1.1", "http2", "http3", "http2and3")
	found = append(found, within("priceClass", in, "PriceClass_100", "PriceClass_200", "PriceClass_All")...)
	found = append(found, within("restrictions.geoRestriction.restrictionType", in, "none", "whitelist", "blacklist")...)
	if len(in.At("comment").Text()) > 128 {
		found = append(found, problem("comment", "must not exceed 128 characters")...)
	}
	return found
}

// eachBehavior judges the default behavior and all others.
func eachBehavior(test func(at string, in, b provider.Value) []provider.Problem) func(config, in provider.Value) []provider.Problem {
	return func(_, in provider.Value) []provider.Problem {
		found := test("defaultCacheBehavior", in, in.At("defaultCacheBehavior"))
		for i, b := range in.At("orderedCacheBehaviors").List() {
			found = append(found, test(fmt.Sprintf("orderedCacheBehaviors[%d]", i), in, b)...)
		}
		return found
	}
}

// methods that a behavior may allow, and those that it may keep.
var (
	methodSets = [][]string{{"GET", "HEAD"}, {"GET", "HEAD", "OPTIONS"}, {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}}
	cachedSets = methodSets[:2]
)

func methods(v provider.Value) []string {
	var out []string
	for _, m := range v.List() {
		out = append(out, m.Text())
	}
	slices.Sort(out)
	return out
}

func isSet(have []string, sets [][]string) bool {
	return slices.ContainsFunc(sets, func(s []string) bool { return slices.Equal(s, have) })
}

func behaviorShape(at string, in, b provider.Value) []provider.Problem {
	if !b.Present() || b.Unknown() {
		return nil
	}
	found := within(at+".viewerProtocolPolicy", in, "allow-all", "https-only", "redirect-to-https")
	allowed, cached := methods(b.At("allowedMethods")), methods(b.At("cachedMethods"))
	if !isSet(allowed, methodSets) {
		found = append(found, problem(at+".allowedMethods", "must be GET and HEAD, with OPTIONS, or all seven")...)
	}
	if !isSet(cached, cachedSets) || len(cached) > len(allowed) {
		found = append(found, problem(at+".cachedMethods", "must be GET and HEAD, or with OPTIONS where that is allowed")...)
	}
	target := b.At("targetOriginId").Text()
	if known := slices.ContainsFunc(in.At("origins").List(), func(o provider.Value) bool { return o.At("originId").Text() == target }); !known {
		found = append(found, problem(at+".targetOriginId", "NoSuchOrigin: names no origin of the distribution")...)
	}
	return found
}

// legacyBehavior keeps policies and the settings before them apart.
func legacyBehavior(at string, _, b provider.Value) (found []provider.Problem) {
	policy, legacy := b.At("cachePolicyId").Present(), b.At("forwardedValues").Present()
	switch {
	case !b.Present() || b.Unknown():
		return nil
	case policy == legacy:
		return problem(at, "InvalidArgument: needs cachePolicyId, or the older forwardedValues, and not both")
	case !policy:
		return nil
	}
	for _, name := range []string{"minTtl", "defaultTtl", "maxTtl"} {
		if n, ok := b.At(name).Number(); ok && n != 0 {
			found = append(found, problem(at+"."+name, "InvalidArgument: cannot be used with a cache policy; set it there")...)
		}
	}
	return found
}

func patterns(_, in provider.Value) (found []provider.Problem) {
	seen := map[string]bool{}
	for i, b := range in.At("orderedCacheBehaviors").List() {
		at, pattern := fmt.Sprintf("orderedCacheBehaviors[%d].pathPattern", i), b.At("pathPattern").Text()
		switch {
		case pattern == "" || len(pattern) > 255:
			found = append(found, problem(at, "is required and must not exceed 255 characters")...)
		case seen[pattern]:
			found = append(found, problem(at, "stands twice")...)
		}
		seen[pattern] = true
	}
	return found
}

func eachOrigin(test func(at string, o provider.Value) []provider.Problem) func(config, in provider.Value) []provider.Problem {
	return func(_, in provider.Value) (found []provider.Problem) {
		for i, o := range in.At("origins").List() {
			found = append(found, test(fmt.Sprintf("origins[%d]", i), o)...)
		}
		return found
	}
}

func originShape(at string, o provider.Value) (found []provider.Problem) {
	for _, name := range []string{"domainName", "originId"} {
		if !o.At(name).Present() {
			found = append(found, problem(at+"."+name, "is required")...)
		}
	}
	if n, ok := o.At("connectionAttempts").Number(); ok && (n < 1 || n > 3) {
		found = append(found, problem(at+".connectionAttempts", "must be between 1 and 3")...)
	}
	if n, ok := o.At("connectionTimeout").Number(); ok && (n < 1 || n > 10) {
		found = append(found, problem(at+".connectionTimeout", "must be between 1 and 10")...)
	}
	return found
}

func originAccess(at string, o provider.Value) []provider.Problem {
	identity := o.At("s3OriginConfig.originAccessIdentity")
	switch {
	case strings.Contains(o.At("domainName").Text(), ".s3-website"):
		return problem(at+".domainName", "is a website endpoint, which takes neither TLS nor a signature; use the bucket's regional domain name")
	case o.At("originAccessControlId").Present() && identity.Present() && identity.Text() != "":
		return problem(at+".originAccessControlId", "InvalidArgument: cannot stand beside s3OriginConfig.originAccessIdentity")
	case o.At("originAccessControlId").Present() && o.At("customOriginConfig").Present():
		return problem(at+".originAccessControlId", "InvalidArgument: is for an S3 origin, not for customOriginConfig")
	}
	return nil
}

var shieldRegions = []string{"us-east-1", "us-east-2", "us-west-2", "ap-south-1", "ap-northeast-1", "ap-northeast-2",
	"ap-southeast-1", "ap-southeast-2", "eu-central-1", "eu-west-1", "eu-west-2", "sa-east-1"}

func originShield(at string, o provider.Value) []provider.Problem {
	shield := o.At("originShield")
	region := shield.At("originShieldRegion")
	switch {
	case !shield.At("enabled").True() || region.Unknown():
		return nil
	case !slices.Contains(shieldRegions, region.Text()):
		return problem(at+".originShield.originShieldRegion", "must be a region that offers Origin Shield: %s", strings.Join(shieldRegions, ", "))
	}
	return nil
}

var protocols = []string{"SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016", "TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"}

func viewerCertificate(_, in provider.Value) []provider.Problem {
	const at = "viewerCertificate"
	c := in.At(at)
	if c.Unknown() {
		return nil
	}
	arn, own := c.At("acmCertificateArn"), c.At("acmCertificateArn").Present() || c.At("iamCertificateId").Present()
	standard := c.At("cloudfrontDefaultCertificate").True()
	switch {
	case standard == own:
		return problem(at, "needs cloudfrontDefaultCertificate or a certificate of your own, and not both")
	case standard && len(in.At("aliases").List()) > 0:
		return problem("aliases", "InvalidViewerCertificate: the default certificate covers no alias")
	case standard && c.At("minimumProtocolVersion").Present():
		return problem(at+".minimumProtocolVersion", "cannot be chosen for the default certificate")
	case arn.IsText() && strings.Split(arn.Text()+":::", ":")[3] != globalRegion:
		return problem(at+".acmCertificateArn", "InvalidViewerCertificate: the certificate isn't in us-east-1 region")
	case own && !slices.Contains([]string{"sni-only", "vip", "static-ip"}, c.At("sslSupportMethod").Text()):
		return problem(at+".sslSupportMethod", "must be sni-only, vip or static-ip for a certificate of your own")
	}
	return within(at+".minimumProtocolVersion", in, protocols...)
}

func distributionQuota(_, in provider.Value) (found []provider.Problem) {
	if n := len(in.At("aliases").List()); n > 100 {
		found = append(found, problem("aliases", "TooManyDistributionCNAMEs: 100 of a distribution, not %d", n)...)
	}
	if n := len(in.At("orderedCacheBehaviors").List()) + 1; n > 75 {
		found = append(found, problem("orderedCacheBehaviors", "TooManyCacheBehaviors: 75 of a distribution with the default one, not %d", n)...)
	}
	return found
}

var errorCodes = []float64{400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}

func errorResponses(_, in provider.Value) (found []provider.Problem) {
	for i, e := range in.At("customErrorResponses").List() {
		at := fmt.Sprintf("customErrorResponses[%d]", i)
		if code, ok := e.At("errorCode").Number(); !ok || !slices.Contains(errorCodes, code) {
			found = append(found, problem(at+".errorCode", "must be a code that CloudFront can replace")...)
		}
		if e.At("responseCode").Present() != e.At("responsePagePath").Present() {
			found = append(found, problem(at+".responsePagePath", "must stand beside responseCode")...)
		}
	}
	return found
}
