package aws_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/agencyos/headroom/internal/standin/aws"
	"github.com/agencyos/headroom/internal/standin/provider"
	"github.com/agencyos/headroom/internal/standin/providertest"
)

const (
	distribution     = "aws:cloudfront/distribution:Distribution"
	cachePolicy      = "aws:cloudfront/cachePolicy:CachePolicy"
	headersPolicy    = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
	accessControl    = "aws:cloudfront/originAccessControl:OriginAccessControl"
	certificate      = "aws:acm/certificate:Certificate"
	validation       = "aws:acm/certificateValidation:CertificateValidation"
	logSource        = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
	logDestination   = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
	logDelivery      = "aws:cloudwatch/logDelivery:LogDelivery"
	bucket           = "aws:s3/bucketV2:BucketV2"
	bucketPolicy     = "aws:s3/bucketPolicy:BucketPolicy"
	bucketOwnership  = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	bucketPublic     = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	bucketLifecycle  = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	bucketEncryption = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	bucketVersioning = "aws:s3/bucketVersioningV2:BucketVersioningV2"
)

type object = map[string]any

const (
	arnHere      = "arn:aws:acm:us-east-1:111122223333:certificate/a"
	arnElsewhere = "arn:aws:acm:eu-west-1:111122223333:certificate/a"
	openPolicy   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"}]}`
)

func behavior(more object) object {
	b := object{
		"targetOriginId": "media", "viewerProtocolPolicy": "redirect-to-https", "allowedMethods": []any{"HEAD", "GET"},
		"cachedMethods": []any{"GET", "HEAD"}, "cachePolicyId": "policy", "compress": true,
	}
	for k, v := range more {
		b[k] = v
	}
	return b
}

// goodEdge are inputs that CloudFront, S3, ACM and CloudWatch accept.
func goodEdge(token string) object {
	none := func(name string) object { return object{name: "none"} }
	return map[string]object{
		distribution: {
			"enabled": true, "aliases": []any{"media.example.com"}, "httpVersion": "http2and3", "priceClass": "PriceClass_100",
			"origins": []any{object{
				"originId": "media", "domainName": "a.s3.us-east-1.amazonaws.com", "originAccessControlId": "E1",
				"originShield": object{"enabled": true, "originShieldRegion": "us-east-1"},
			}},
			"defaultCacheBehavior":  behavior(nil),
			"orderedCacheBehaviors": []any{behavior(object{"pathPattern": "/a/*"})},
			"customErrorResponses":  []any{object{"errorCode": 404.0, "errorCachingMinTtl": 10.0}},
			"restrictions":          object{"geoRestriction": object{"restrictionType": "none"}},
			"viewerCertificate":     object{"acmCertificateArn": arnHere, "sslSupportMethod": "sni-only", "minimumProtocolVersion": "TLSv1.2_2021"},
		},
		cachePolicy: {
			"name": "a", "minTtl": 0.0, "defaultTtl": 60.0, "maxTtl": 3600.0, "parametersInCacheKeyAndForwardedToOrigin": object{
				"enableAcceptEncodingBrotli": true, "enableAcceptEncodingGzip": true, "cookiesConfig": none("cookieBehavior"),
				"headersConfig": none("headerBehavior"), "queryStringsConfig": none("queryStringBehavior"),
			},
		},
		headersPolicy: {
			"name": "a", "securityHeadersConfig": object{"contentTypeOptions": object{"override": true}},
			"customHeadersConfig": object{"items": []any{object{"header": "Timing-Allow-Origin", "value": "*", "override": false}}},
			"corsConfig": object{
				"accessControlAllowCredentials": false, "accessControlAllowHeaders": object{"items": []any{"*"}},
				"accessControlAllowMethods": object{"items": []any{"GET"}}, "accessControlAllowOrigins": object{"items": []any{"*"}}, "originOverride": true,
			},
		},
		accessControl:    {"name": "a", "originAccessControlOriginType": "s3", "signingBehavior": "always", "signingProtocol": "sigv4"},
		certificate:      {"domainName": "media.example.com", "subjectAlternativeNames": []any{"*.example.com"}, "validationMethod": "DNS"},
		validation:       {"certificateArn": arnHere, "validationRecordFqdns": []any{"_a.media.example.com"}},
		logSource:        {"name": "a", "logType": "ACCESS_LOGS", "resourceArn": "arn:aws:cloudfront::111122223333:distribution/E1"},
		logDestination:   {"name": "a", "outputFormat": "json", "deliveryDestinationConfiguration": object{"destinationResourceArn": "arn:aws:s3:::logs"}},
		logDelivery:      {"deliverySourceName": "a", "deliveryDestinationArn": "arn:aws:logs:us-east-1:111122223333:delivery-destination:a", "s3DeliveryConfigurations": []any{object{"suffixPath": "/a"}}},
		bucket:           {"bucket": "a-bucket"},
		bucketPolicy:     {"bucket": "a-bucket", "policy": openPolicy},
		bucketOwnership:  {"bucket": "a-bucket", "rule": object{"objectOwnership": "BucketOwnerEnforced"}},
		bucketPublic:     {"bucket": "a-bucket", "blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true},
		bucketEncryption: {"bucket": "a-bucket", "rules": []any{object{"applyServerSideEncryptionByDefault": object{"sseAlgorithm": "AES256"}}}},
		bucketVersioning: {"bucket": "a-bucket", "versioningConfiguration": object{"status": "Enabled"}},
		bucketLifecycle: {"bucket": "a-bucket", "rules": []any{object{
			"id": "old", "status": "Enabled", "filter": object{"prefix": ""}, "noncurrentVersionExpiration": object{"noncurrentDays": 30.0},
		}}},
	}[token]
}

// changed are good inputs with some paths set, or removed by nil.
func changed(t *testing.T, token string, change object) resource.PropertyMap {
	t.Helper()
	return providertest.Changed(t, good(token), change)
}

// checkIn checks inputs by a provider of a region.
func checkIn(t *testing.T, region, token string, in resource.PropertyMap) []string {
	t.Helper()
	p, ctx := aws.New(aws.Account{}), provider.NewConnection(t.Context())
	if _, err := p.Configure(ctx, plugin.ConfigureRequest{Inputs: resource.PropertyMap{"region": resource.NewProperty(region)}}); err != nil {
		t.Fatal(err)
	}
	r, err := p.Check(ctx, plugin.CheckRequest{Type: tokens.Type(token), Name: "x", News: in, RandomSeed: []byte("seed")})
	if err != nil {
		t.Fatalf("Check(%s): %v", token, err)
	}
	return providertest.Refused(r.Failures)
}

func many(n int, item func(int) any) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = item(i)
	}
	return out
}

type edgeCase struct {
	reason string
	token  string
	change object
	want   []string
}

var edgeCases = map[string]edgeCase{
	"HTTPVersion":          {"there are four", distribution, object{"httpVersion": "http4"}, []string{"cloudfront-words"}},
	"Comment":              {"128 characters", distribution, object{"comment": strings.Repeat("a", 129)}, []string{"cloudfront-words"}},
	"CommentFits":          {"128 characters", distribution, object{"comment": strings.Repeat("a", 128)}, nil},
	"OddMethods":           {"methods come in sets", distribution, object{"defaultCacheBehavior.allowedMethods": []any{"GET", "POST"}}, []string{"cloudfront-behavior"}},
	"CachedPost":           {"only reads are kept", distribution, object{"orderedCacheBehaviors[0].cachedMethods": []any{"GET", "HEAD", "OPTIONS"}}, []string{"cloudfront-behavior"}},
	"UnknownOrigin":        {"a behavior names an origin", distribution, object{"defaultCacheBehavior.targetOriginId": "other"}, []string{"cloudfront-behavior"}},
	"BothPolicies":         {"the older way and the newer", distribution, object{"defaultCacheBehavior.forwardedValues": object{"queryString": false}}, []string{"cloudfront-legacy"}},
	"NoPolicy":             {"and not neither", distribution, object{"orderedCacheBehaviors[0].cachePolicyId": nil}, []string{"cloudfront-legacy"}},
	"TTLBesidePolicy":      {"a policy holds the times", distribution, object{"defaultCacheBehavior.maxTtl": 60.0}, []string{"cloudfront-legacy"}},
	"PolicyUnknown":        {"an id not known yet is one", distribution, object{"defaultCacheBehavior.cachePolicyId": unknown}, nil},
	"NoPattern":            {"only the default has none", distribution, object{"orderedCacheBehaviors[0].pathPattern": nil}, []string{"cloudfront-patterns"}},
	"PatternTwice":         {"the second would never match", distribution, object{"orderedCacheBehaviors": many(2, func(int) any { return behavior(object{"pathPattern": "/a/*"}) })}, []string{"cloudfront-patterns"}},
	"Attempts":             {"three at most", distribution, object{"origins[0].connectionAttempts": 4.0}, []string{"cloudfront-origin"}},
	"NoDomain":             {"an origin has a name", distribution, object{"origins[0].domainName": nil}, []string{"cloudfront-origin"}},
	"WebsiteEndpoint":      {"it takes no signature", distribution, object{"origins[0].domainName": "a.s3-website-us-east-1.amazonaws.com"}, []string{"cloudfront-oac"}},
	"IdentityToo":          {"the older way and the newer", distribution, object{"origins[0].s3OriginConfig": object{"originAccessIdentity": "origin-access-identity/cloudfront/E"}}, []string{"cloudfront-oac"}},
	"NoIdentity":           {"an empty one is none", distribution, object{"origins[0].s3OriginConfig": object{"originAccessIdentity": ""}}, nil},
	"CustomOrigin":         {"an access control signs for S3", distribution, object{"origins[0].customOriginConfig": object{"httpPort": 80.0}}, []string{"cloudfront-oac"}},
	"ShieldRegion":         {"not every region has one", distribution, object{"origins[0].originShield.originShieldRegion": "eu-north-1"}, []string{"cloudfront-shield"}},
	"ShieldOff":            {"what is off needs no region", distribution, object{"origins[0].originShield": object{"enabled": false}}, nil},
	"DefaultForAlias":      {"the default certificate covers no alias", distribution, object{"viewerCertificate": object{"cloudfrontDefaultCertificate": true}}, []string{"cloudfront-certificate"}},
	"DefaultAlone":         {"without an alias it is enough", distribution, object{"viewerCertificate": object{"cloudfrontDefaultCertificate": true}, "aliases": nil}, nil},
	"DefaultWithProtocol":  {"its protocol is CloudFront's", distribution, object{"viewerCertificate": object{"cloudfrontDefaultCertificate": true, "minimumProtocolVersion": "TLSv1.2_2021"}, "aliases": nil}, []string{"cloudfront-certificate"}},
	"CertificateElsewhere": {"CloudFront reads them in us-east-1", distribution, object{"viewerCertificate.acmCertificateArn": arnElsewhere}, []string{"cloudfront-certificate"}},
	"CertificateUnknown":   {"an ARN not known yet may be right", distribution, object{"viewerCertificate.acmCertificateArn": unknown}, nil},
	"NoSupportMethod":      {"SNI or an address", distribution, object{"viewerCertificate.sslSupportMethod": nil}, []string{"cloudfront-certificate"}},
	"OddProtocol":          {"a closed set", distribution, object{"viewerCertificate.minimumProtocolVersion": "TLSv1.2"}, []string{"cloudfront-certificate"}},
	"ManyAliases":          {"100", distribution, object{"aliases": many(101, func(i int) any { return fmt.Sprintf("m%d.example.com", i) })}, []string{"cloudfront-quota"}},
	"ManyBehaviors": {"75 with the default one", distribution, object{"orderedCacheBehaviors": many(75, func(i int) any {
		return behavior(object{"pathPattern": fmt.Sprintf("/%d/*", i)})
	})}, []string{"cloudfront-quota"}},
	"OddError":           {"only some can be replaced", distribution, object{"customErrorResponses[0].errorCode": 418.0}, []string{"cloudfront-errors"}},
	"PageWithoutCode":    {"a page has a code", distribution, object{"customErrorResponses[0].responsePagePath": "/404.html"}, []string{"cloudfront-errors"}},
	"NoOrigins":          {"required", distribution, object{"origins": nil, "defaultCacheBehavior": unknown, "orderedCacheBehaviors": nil}, []string{"origins is required"}},
	"PolicyName":         {"no dots", cachePolicy, object{"name": "a.b"}, []string{"cloudfront-policy-name"}},
	"HeadersPolicyName":  {"no blanks", headersPolicy, object{"name": "a b"}, []string{"cloudfront-policy-name"}},
	"MinAboveDefault":    {"times rise", cachePolicy, object{"minTtl": 61.0}, []string{"cloudfront-policy-ttl"}},
	"DefaultAboveMax":    {"times rise", cachePolicy, object{"defaultTtl": 3601.0}, []string{"cloudfront-policy-ttl"}},
	"AllEqual":           {"they may be equal", cachePolicy, object{"defaultTtl": 3600.0}, nil},
	"NoneWithItems":      {"none is none", cachePolicy, object{"parametersInCacheKeyAndForwardedToOrigin.headersConfig.headers": object{"items": []any{"Origin"}}}, []string{"cloudfront-policy-key"}},
	"ListWithoutItems":   {"a list lists", cachePolicy, object{"parametersInCacheKeyAndForwardedToOrigin.cookiesConfig.cookieBehavior": "whitelist"}, []string{"cloudfront-policy-key"}},
	"AllHeaders":         {"a cache key holds no header unnamed", cachePolicy, object{"parametersInCacheKeyAndForwardedToOrigin.headersConfig.headerBehavior": "all"}, []string{"cloudfront-policy-key"}},
	"DisabledCompressed": {"what is not kept has no variants", cachePolicy, object{"defaultTtl": 0.0, "maxTtl": 0.0}, []string{"cloudfront-policy-disabled", "cloudfront-policy-disabled"}},
	"DisabledKeyed": {"nor a key", cachePolicy, object{"defaultTtl": 0.0, "maxTtl": 0.0, "parametersInCacheKeyAndForwardedToOrigin.enableAcceptEncodingBrotli": false,
		"parametersInCacheKeyAndForwardedToOrigin.enableAcceptEncodingGzip": false, "parametersInCacheKeyAndForwardedToOrigin.queryStringsConfig.queryStringBehavior": "all"}, []string{"cloudfront-policy-disabled"}},
	"NoHeaders":        {"a policy says something", headersPolicy, object{"securityHeadersConfig": nil, "customHeadersConfig": nil, "corsConfig": nil}, []string{"cloudfront-headers-any"}},
	"OwnSetting":       {"security headers have settings", headersPolicy, object{"customHeadersConfig.items[0].header": "Strict-Transport-Security"}, []string{"cloudfront-headers-custom"}},
	"NoOverride":       {"required", headersPolicy, object{"customHeadersConfig.items[0].override": nil}, []string{"cloudfront-headers-custom"}},
	"SecurityOverride": {"required", headersPolicy, object{"securityHeadersConfig.contentTypeOptions": object{}}, []string{"cloudfront-headers-override"}},
	"StarWithCookies":  {"browsers refuse it", headersPolicy, object{"corsConfig.accessControlAllowCredentials": true, "corsConfig.accessControlAllowHeaders": object{"items": []any{"Range"}}}, []string{"cloudfront-headers-cors"}},
	"NoOrigin":         {"required", headersPolicy, object{"corsConfig.accessControlAllowOrigins": nil}, []string{"cloudfront-headers-cors"}},
	"AccessType":       {"a closed set", accessControl, object{"originAccessControlOriginType": "ec2"}, []string{"cloudfront-access-words"}},
	"AccessName":       {"64 characters", accessControl, object{"name": strings.Repeat("a", 65)}, []string{"cloudfront-access-words"}},
	"DomainDot":        {"no dot at its end", certificate, object{"domainName": "media.example.com."}, []string{"acm-domain"}},
	"SANUpper":         {"lower case", certificate, object{"subjectAlternativeNames[0]": "*.Example.com"}, []string{"acm-domain"}},
	"NoMethod":         {"somebody proves it", certificate, object{"validationMethod": nil}, []string{"acm-method"}},
	"OddMethod":        {"a closed set", certificate, object{"validationMethod": "FAX"}, []string{"acm-method"}},
	"ShortName":        {"a full name is compared", validation, object{"validationRecordFqdns[0]": "_a"}, []string{"acm-validated-names"}},
	"OddLogType":       {"a distribution has one kind", logSource, object{"logType": "ERROR_LOGS"}, []string{"logs-cloudfront-source"}},
	"OddFormat":        {"a closed set", logDestination, object{"outputFormat": "yaml"}, []string{"logs-destination"}},
	"NoTarget":         {"required", logDestination, object{"deliveryDestinationConfiguration": object{}}, []string{"logs-destination"}},
	"TwoTargets":       {"one", logDelivery, object{"s3DeliveryConfigurations": many(2, func(int) any { return object{"suffixPath": "/b"} })}, []string{"logs-delivery"}},
	"BucketUpper":      {"lower case", bucket, object{"bucket": "A-bucket"}, []string{"s3-bucket-name"}},
	"BucketAddress":    {"no address", bucket, object{"bucket": "10.0.0.1"}, []string{"s3-bucket-name"}},
	"BucketUnknown":    {"a name not known yet may be right", bucket, object{"bucket": unknown}, nil},
	"BothNames":        {"a name and a prefix conflict", bucket, object{"bucketPrefix": "a-"}, []string{"s3-bucket-prefix"}},
	"InlineACL":        {"the provider warns", bucket, object{"acl": "private"}, []string{"s3-bucket-inline"}},
	"NotJSON":          {"a policy is JSON", bucketPolicy, object{"policy": "allow all"}, []string{"s3-policy"}},
	"NoPrincipal":      {"a bucket's policy says who", bucketPolicy, object{"policy": strings.Replace(openPolicy, `"Principal":"*",`, "", 1)}, []string{"s3-policy"}},
	"PolicyNotKnown":   {"a policy not known yet may be right", bucketPolicy, object{"policy": unknown}, nil},
	"OddOwner":         {"a closed set", bucketOwnership, object{"rule.objectOwnership": "Me"}, []string{"s3-ownership"}},
	"OddCipher":        {"a closed set", bucketEncryption, object{"rules[0].applyServerSideEncryptionByDefault.sseAlgorithm": "ROT13"}, []string{"s3-encryption"}},
	"KeyWithoutKMS":    {"S3's own cipher has no key of yours", bucketEncryption, object{"rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId": "key"}, []string{"s3-encryption"}},
	"OddStatus":        {"a closed set", bucketVersioning, object{"versioningConfiguration.status": "On"}, []string{"s3-versioning"}},
	"NoFilter":         {"the provider warns", bucketLifecycle, object{"rules[0].filter": nil}, []string{"s3-lifecycle"}},
	"NoAction":         {"a rule does something", bucketLifecycle, object{"rules[0].noncurrentVersionExpiration": nil}, []string{"s3-lifecycle"}},
	"ZeroDays":         {"a day at least", bucketLifecycle, object{"rules[0].noncurrentVersionExpiration.noncurrentDays": 0.0}, []string{"s3-lifecycle"}},
}

func TestEdgeRules(t *testing.T) {
	for name, tc := range edgeCases {
		t.Run(name, func(t *testing.T) {
			if got := checkIn(t, "us-east-1", tc.token, changed(t, tc.token, tc.change)); !cmp.Equal(tc.want, got) {
				t.Errorf("%s: Check(%s, %v) breaks %v, want exactly %v", tc.reason, tc.token, tc.change, got, tc.want)
			}
		})
	}
}

// A rule that no case breaks could be anything.
func TestEveryEdgeRuleRefusesSomething(t *testing.T) {
	broken := map[string]bool{}
	for _, tc := range edgeCases {
		for _, id := range tc.want {
			broken[id] = true
		}
	}
	for _, row := range aws.Definition(aws.Account{}).Types {
		if goodEdge(row.Token) == nil {
			continue
		}
		for _, rule := range row.Rules {
			if !broken[rule.ID] {
				t.Errorf("%s: no case breaks %s", row.Token, rule.ID)
			}
		}
	}
}

func TestLogsOfADistributionAreDeliveredFromOneRegion(t *testing.T) {
	in := func() resource.PropertyMap { return changed(t, logSource, nil) }
	if got := checkIn(t, "eu-west-1", logSource, in()); !cmp.Equal([]string{"logs-cloudfront-source"}, got) {
		t.Errorf("a source made in eu-west-1 breaks %v, want logs-cloudfront-source", got)
	}
	if got := checkIn(t, "us-east-1", logSource, in()); got != nil {
		t.Errorf("a source made in us-east-1 breaks %v, want nothing", got)
	}
}

func TestEdgeReplacements(t *testing.T) {
	cases := map[string]struct {
		reason string
		token  string
		change object
		want   []string
	}{
		"Behaviors":    {"a distribution changes in place", distribution, object{"defaultCacheBehavior.compress": false}, nil},
		"Aliases":      {"its names too", distribution, object{"aliases": []any{"a.example.com"}}, nil},
		"Staging":      {"a staging one is another", distribution, object{"staging": true}, []string{"staging"}},
		"PolicyTimes":  {"a policy changes in place", cachePolicy, object{"maxTtl": 7200.0}, nil},
		"PolicyRename": {"it is renamed in place", cachePolicy, object{"name": "b"}, nil},
		"HeadersName":  {"so is one for headers", headersPolicy, object{"name": "b"}, nil},
		"AccessName":   {"and an access control", accessControl, object{"name": "b"}, nil},
		"Bucket":       {"a bucket is its name", bucket, object{"bucket": "b-bucket"}, []string{"bucket"}},
		"BucketTags":   {"tags change in place", bucket, object{"tags": object{"a": "b"}}, nil},
		"BucketOfPart": {"a setting belongs to its bucket", bucketPublic, object{"bucket": "b-bucket"}, []string{"bucket"}},
		"Versioning":   {"settings change in place", bucketVersioning, object{"versioningConfiguration.status": "Suspended"}, nil},
		"Domain":       {"a certificate is for its names", certificate, object{"domainName": "m.example.com"}, []string{"domainName"}},
		"Validated":    {"a validation is for its certificate", validation, object{"certificateArn": arnElsewhere}, []string{"certificateArn"}},
		"LogFormat":    {"a destination has one format", logDestination, object{"outputFormat": "plain"}, []string{"outputFormat"}},
		"LogOf":        {"a source is for one distribution", logSource, object{"resourceArn": "arn:aws:cloudfront::111122223333:distribution/E2"}, []string{"resourceArn"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r, err := aws.New(aws.Account{}).Diff(t.Context(), plugin.DiffRequest{
				Type: tokens.Type(tc.token), OldInputs: changed(t, tc.token, nil), NewInputs: changed(t, tc.token, tc.change),
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, k := range r.ReplaceKeys {
				got = append(got, string(k))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || r.Changes != plugin.DiffSome {
				t.Errorf("%s: Diff(%s, %v) replaces (-want +got):\n%s; changes %v, want some", tc.reason, tc.token, tc.change, diff, r.Changes)
			}
		})
	}
}

func TestMintedAtTheEdge(t *testing.T) {
	p := aws.New(aws.Account{ID: "111122223333"})
	create := func(token string) map[string]any {
		urn := resource.URN("urn:pulumi:s::p::" + token + "::x")
		r, err := p.Create(t.Context(), plugin.CreateRequest{URN: urn, Type: urn.Type(), Properties: changed(t, token, nil)})
		if err != nil {
			t.Fatal(err)
		}
		return r.Properties.Mappable()
	}
	if got := create(bucket)["bucketRegionalDomainName"]; got != "a-bucket.s3.us-east-1.amazonaws.com" {
		t.Errorf("bucketRegionalDomainName = %v", got)
	}
	d := create(distribution)
	if domain, _ := d["domainName"].(string); !strings.HasSuffix(domain, ".cloudfront.net") || d["hostedZoneId"] != "Z2FDTNDATAQYW2" {
		t.Errorf("a distribution is at %v in zone %v", d["domainName"], d["hostedZoneId"])
	}
	options, _ := create(certificate)["domainValidationOptions"].([]any)
	if len(options) != 2 {
		t.Fatalf("a certificate of two names has %d validation records", len(options))
	}
	for _, o := range options {
		record, _ := o.(map[string]any)
		if name, _ := record["resourceRecordName"].(string); !strings.HasSuffix(name, ".example.com.") || strings.Contains(name, "*") {
			t.Errorf("the validation record is %q, want it under the domain, with the trailing dot of ACM", name)
		}
	}
	if _, err := p.Create(t.Context(), plugin.CreateRequest{URN: "urn:pulumi:s::p::" + distribution + "::y", Type: distribution, Properties: changed(t, distribution, nil)}); err == nil {
		t.Error("two distributions may have the same alias")
	}
}
