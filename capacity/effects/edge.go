package effects

import "slices"

// Sources of the rows of the edge. A commit is of hashicorp/terraform-provider-aws
// or cloudflare/terraform-provider-cloudflare, read in November 2026.
const (
	tfDistribution = "terraform-provider-aws internal/service/cloudfront/distribution.go @ acde5882, and staging in the 5.x series (ForceNew fields; settings outside the API)"
	tfCachePolicy  = "terraform-provider-aws internal/service/cloudfront/cache_policy.go @ 01c08000 (no ForceNew field)"
	tfHeaderPolicy = "terraform-provider-aws internal/service/cloudfront/response_headers_policy.go (no ForceNew field), 2026-11"
	tfOAC          = "terraform-provider-aws internal/service/cloudfront/origin_access_control.go @ 01c08000 (no ForceNew field)"
	tfBucket       = "terraform-provider-aws internal/service/s3/bucket.go, schema in the 5.x series (ForceNew fields; Optional and Computed ones)"
	tfBucketPart   = "terraform-provider-aws internal/service/s3/bucket_*.go, schemas in the 5.x series (ForceNew fields)"
	tfCertificate  = "terraform-provider-aws internal/service/acm/certificate.go, schema in the 5.x series (ForceNew fields)"
	tfValidation   = "terraform-provider-aws internal/service/acm/certificate_validation.go, schema in the 5.x series (ForceNew fields)"
	tfDelivery     = "terraform-provider-aws internal/service/logs/delivery*.go @ 1e67cc5d (RequiresReplace)"

	cloudFrontChange = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToUpdateDistribution.html, 2026-11"

	tfRuleset = "terraform-provider-cloudflare internal/framework/service/rulesets/{schema,resource}.go @ v4.51.0, 2026-11 (RequiresReplace: name, phase)"
	tfZone    = "terraform-provider-cloudflare internal/sdkv2provider/schema_cloudflare_zone_settings_override.go @ v4.51.0, 2026-11 (ForceNew: zone_id)"
	tfTiered  = "terraform-provider-cloudflare internal/sdkv2provider/schema_cloudflare_tiered_cache.go @ 9e6b2247 (ForceNew: zone_id)"
	tfRecord  = "terraform-provider-cloudflare internal/sdkv2provider/schema_cloudflare_record.go @ 24ed8430 (ForceNew: name, type, zone_id)"
)

var edgeTypes = slices.Concat(cloudFrontTypes, bucketTypes, []Type{
	{
		Token: "aws:acm/certificate:Certificate", Source: tfCertificate,
		Rows: on(Replace, "", "certificateAuthorityArn", "domainName", "keyAlgorithm", "subjectAlternativeNames",
			"validationMethod", "validationOptions"),
		Keeps: []string{"domainName", "keyAlgorithm", "subjectAlternativeNames", "validationMethod"},
		InUse: "ACM deletes no certificate that a distribution uses",
	},
	{Token: "aws:acm/certificateValidation:CertificateValidation", Source: tfValidation, Rows: on(Replace, "", "certificateArn", "validationRecordFqdns")},
	{Token: "aws:cloudwatch/logDeliverySource:LogDeliverySource", Source: tfDelivery, Rows: on(Replace, "", "logType", "name", "resourceArn")},
	// The destination's ARN replaces only when it is one of another service.
	{Token: "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination", Source: tfDelivery, Rows: on(Replace, "", "name", "outputFormat")},
	{Token: "aws:cloudwatch/logDelivery:LogDelivery", Source: tfDelivery, Rows: on(Replace, "", "deliveryDestinationArn", "deliverySourceName")},
})

// What a distribution uses cannot go before it: PolicyInUse and its kind
// (terraform-aws-modules/terraform-aws-cloudfront#135, #107, #61).
var cloudFrontTypes = []Type{
	{
		Token: "aws:cloudfront/distribution:Distribution", Source: tfDistribution,
		Rows: append(on(Replace, "", "staging"), []Row{
			{Path: "waitForDeployment", Effect: None, Note: "a setting of Pulumi; nothing in AWS changes", Source: tfDistribution},
			{Path: "retainOnDelete", Effect: None, Note: "a setting of Pulumi; nothing in AWS changes", Source: tfDistribution},
			{Path: "defaultCacheBehavior", Effect: Update, Note: "reaches every location within minutes; what is kept stays until it is stale", Source: cloudFrontChange},
			{Path: "orderedCacheBehaviors", Effect: Update, Note: "reaches every location within minutes; what is kept stays until it is stale", Source: cloudFrontChange},
			{Path: "origins", Effect: Update, Note: "reaches every location within minutes; what is kept stays until it is stale", Source: cloudFrontChange},
		}...),
		Keys:  map[string]string{"origins": "originId", "orderedCacheBehaviors": "pathPattern"},
		Holds: "the domain name that DNS records point at, and everything it keeps",
	},
	{Token: "aws:cloudfront/cachePolicy:CachePolicy", Source: tfCachePolicy, InUse: "CloudFront deletes no policy that a distribution uses"},
	{Token: "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy", Source: tfHeaderPolicy, Keeps: []string{"etag"}, InUse: "CloudFront deletes no policy that a distribution uses"},
	{Token: "aws:cloudfront/originAccessControl:OriginAccessControl", Source: tfOAC, InUse: "CloudFront deletes no access control that a distribution uses"},
}

var bucketTypes = []Type{
	{
		Token: "aws:s3/bucketV2:BucketV2", Source: tfBucket, Holds: "every file in it",
		Rows: append(on(Replace, "", "bucket", "bucketPrefix", "objectLockEnabled"),
			Row{Path: "forceDestroy", Effect: None, Note: "a setting of Pulumi; nothing in AWS changes", Source: tfBucket}),
		Keeps: []string{"accelerationStatus", "acl", "bucket", "bucketPrefix", "corsRules", "grants", "lifecycleRules", "loggings",
			"objectLockConfiguration", "objectLockEnabled", "policy", "replicationConfigurations", "requestPayer",
			"serverSideEncryptionConfigurations", "versionings", "websites"},
	},
	bucketPart("bucketOwnershipControls:BucketOwnershipControls"),
	bucketPart("bucketPolicy:BucketPolicy"),
	bucketPart("bucketPublicAccessBlock:BucketPublicAccessBlock"),
	bucketPart("bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", "expectedBucketOwner"),
	bucketPart("bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2", "expectedBucketOwner"),
	bucketPart("bucketVersioningV2:BucketVersioningV2", "expectedBucketOwner"),
}

// bucketPart is one setting of a bucket.
func bucketPart(name string, more ...string) Type {
	return Type{Token: "aws:s3/" + name, Source: tfBucketPart, Rows: on(Replace, "", append([]string{"bucket"}, more...)...)}
}

var cloudflareTypes = []Type{
	{
		Token: "cloudflare:index/ruleset:Ruleset", Source: tfRuleset, Rows: on(Replace, "", "name", "phase"),
		Keys:  map[string]string{"rules": "ref"},
		Holds: "every rule of the zone's phase, those of others among them",
	},
	{Token: "cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride", Source: tfZone, Rows: on(Replace, "", "zoneId")},
	{Token: "cloudflare:index/tieredCache:TieredCache", Source: tfTiered, Rows: on(Replace, "", "zoneId")},
	{
		Token: "cloudflare:index/record:Record", Source: tfRecord, Rows: on(Replace, "", "name", "type", "zoneId"),
		Keeps: []string{"content", "ttl", "value"},
	},
}
