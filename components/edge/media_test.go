package edge

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/componenttest"
)

// onlyMedia leaves the zone's rules to others; records still go into it.
var onlyMedia = []string{"edge.cloudflare.mode=external"}

func declareMedia(t *testing.T, sets ...string) *componenttest.Recorder {
	t.Helper()
	return declare(t, append(slices.Clone(onlyMedia), sets...)...)
}

func TestDistribution(t *testing.T) {
	one := componenttest.Only(t, declareMedia(t), distributionType)
	if !one.Protect || one.Import != "" {
		t.Errorf("protect %v, import %q; want it protected and created", one.Protect, one.Import)
	}
	files := map[string]any{
		"targetOriginId": "media", "allowedMethods": []any{"GET", "HEAD"}, "cachedMethods": []any{"GET", "HEAD"}, "compress": true,
		"viewerProtocolPolicy": "redirect-to-https", "cachePolicyId": "test-edge-images-id", "responseHeadersPolicyId": "test-edge-media-id",
		"originRequestPolicyId": "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
	}
	fonts, reports := maps.Clone(files), maps.Clone(files)
	fonts["pathPattern"], fonts["cachePolicyId"] = "/fonts/*", "test-edge-fonts-id"
	reports["pathPattern"], reports["cachePolicyId"], reports["compress"] = "/reports/*", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", false
	componenttest.Expect(t, one, map[string]any{
		"enabled": true, "aliases": []any{"media.example.com"}, "httpVersion": "http2and3", "isIpv6Enabled": true,
		"priceClass": "PriceClass_100", "waitForDeployment": false, "loggingConfig": nil, "retainOnDelete": nil,
		"defaultCacheBehavior": files, "orderedCacheBehaviors": []any{reports, fonts},
		"origins": []any{map[string]any{
			"originId": "media", "domainName": "the-bucket.s3.eu-north-1.amazonaws.com", "originAccessControlId": "test-edge-media-id",
			"originShield": map[string]any{"enabled": true, "originShieldRegion": "eu-west-2"}, // the nearest that offers one
		}},
		"viewerCertificate": map[string]any{
			"acmCertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/issued", "sslSupportMethod": "sni-only", "minimumProtocolVersion": "TLSv1.2_2021",
		},
		"customErrorResponses": []any{
			map[string]any{"errorCode": 403.0, "errorCachingMinTtl": 10.0}, map[string]any{"errorCode": 404.0, "errorCachingMinTtl": 10.0},
		},
		"restrictions": map[string]any{"geoRestriction": map[string]any{"restrictionType": "none"}},
	})
}

func TestDistributionChoices(t *testing.T) {
	for name, tc := range map[string]struct {
		reason string
		sets   []string
		want   map[string]any
	}{
		"NoShield":      {"it is charged per request", []string{"edge.cloudfront.originShield=false"}, map[string]any{"origins.0.originShield": nil}},
		"ShieldHere":    {"in the bucket's region where there is one", []string{"cluster.region=eu-west-1", "cluster.subnets[0].zone=eu-west-1a"}, map[string]any{"origins.0.originShield.originShieldRegion": "eu-west-1"}},
		"ShieldNowhere": {"and none where AWS names none", []string{"cluster.region=il-central-1", "cluster.subnets[0].zone=il-central-1a"}, map[string]any{"origins.0.originShield": nil}},
		"Everywhere":    {"all locations", []string{"edge.cloudfront.priceClass=all"}, map[string]any{"priceClass": "PriceClass_All"}},
		"NoRules":       {"what no rule is for is kept nowhere", []string{"edge.cloudfront.rules=[]"}, map[string]any{"defaultCacheBehavior.cachePolicyId": cachingDisabled, "orderedCacheBehaviors": nil}},
		"NoAlias": {"without a name of its own CloudFront's certificate is enough", []string{"edge.cloudfront.aliases=[]"},
			map[string]any{"viewerCertificate": map[string]any{"cloudfrontDefaultCertificate": true}}},
		"OwnCertificate": {"one that exists", []string{"edge.cloudfront.certificateArn=arn:aws:acm:us-east-1:111122223333:certificate/0a"},
			map[string]any{"viewerCertificate.acmCertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/0a"}},
		"OtherBucket": {"a bucket of others is only named", []string{"edge.cloudfront.bucket={mode: external, name: files}"},
			map[string]any{"origins.0.domainName": "files.s3.eu-north-1.amazonaws.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			componenttest.Expect(t, componenttest.Only(t, declareMedia(t, tc.sets...), distributionType), tc.want)
		})
	}
}

// Nothing that depends on who asks reaches the bucket, and no minimum keeps what
// must not be kept.
func TestCachePolicies(t *testing.T) {
	r := declareMedia(t)
	for name, most := range map[string]float64{"images": 31 * 86400, "fonts": 365 * 86400} {
		one := named(t, r, typeCachePolicy, "test-edge-"+name)
		componenttest.Expect(t, one, map[string]any{
			"name": nil, "minTtl": 0.0, "maxTtl": most, "parametersInCacheKeyAndForwardedToOrigin": map[string]any{
				"cookiesConfig": map[string]any{"cookieBehavior": "none"}, "headersConfig": map[string]any{"headerBehavior": "none"},
				"queryStringsConfig": map[string]any{"queryStringBehavior": "none"}, "enableAcceptEncodingBrotli": true, "enableAcceptEncodingGzip": true,
			},
		})
	}
	headers := componenttest.Only(t, r, typeHeaders)
	componenttest.Expect(t, headers, map[string]any{
		"customHeadersConfig":                                                  nil, // A Cache-Control here would be said of errors too.
		"securityHeadersConfig.contentTypeOptions.override":                    true,
		"securityHeadersConfig.strictTransportSecurity.accessControlMaxAgeSec": 31536000.0,
		"securityHeadersConfig.strictTransportSecurity.includeSubdomains":      nil,
		"corsConfig.accessControlAllowCredentials":                             false,
		"corsConfig.accessControlAllowOrigins.items":                           []any{"*"},
	})
	componenttest.Expect(t, componenttest.Only(t, r, typeAccess), map[string]any{"originAccessControlOriginType": "s3", "signingBehavior": "always", "signingProtocol": "sigv4"})
}

func TestBucketsArePrivate(t *testing.T) {
	r := declareMedia(t)
	for _, name := range []string{"test-edge-media", "test-edge-logs"} {
		one := named(t, r, bucketType, name)
		if !one.Protect {
			t.Errorf("%s is not protected", name)
		}
		componenttest.Expect(t, one, map[string]any{"forceDestroy": false, "acl": nil})
		componenttest.Expect(t, named(t, r, typePublic, name), map[string]any{
			"blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true,
		})
		componenttest.Expect(t, named(t, r, typeOwnership, name), map[string]any{"rule.objectOwnership": "BucketOwnerEnforced"})
		componenttest.Expect(t, named(t, r, typeEncryption, name), map[string]any{"rules.0.applyServerSideEncryptionByDefault.sseAlgorithm": "AES256"})
		componenttest.Expect(t, named(t, r, typeVersioning, name), map[string]any{"versioningConfiguration.status": "Enabled"})
		policy := named(t, r, typeBucketPolicy, name)
		if !slices.ContainsFunc(policy.DependsOn, func(urn string) bool { return strings.Contains(urn, "BucketPublicAccessBlock") }) {
			t.Errorf("the policy of %s does not wait until public policies are refused: %v", name, policy.DependsOn)
		}
	}
	componenttest.Expect(t, named(t, r, typeLifecycle, "test-edge-media"), map[string]any{
		"rules.0.status": "Enabled", "rules.0.filter": map[string]any{"prefix": ""}, "rules.0.expiration": nil,
		"rules.0.noncurrentVersionExpiration.noncurrentDays": 30.0, "rules.0.abortIncompleteMultipartUpload.daysAfterInitiation": 7.0,
	})
	componenttest.Expect(t, named(t, r, typeLifecycle, "test-edge-logs"), map[string]any{"rules.0.expiration.days": 90.0})
}

func statements(t *testing.T, r *componenttest.Recorder, name string) map[string]map[string]any {
	t.Helper()
	text, _ := named(t, r, typeBucketPolicy, name).At("policy").(string)
	var document struct{ Statement []map[string]any }
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatalf("policy %q: %v", text, err)
	}
	out := map[string]map[string]any{}
	for _, s := range document.Statement {
		out[s["Sid"].(string)] = s
	}
	return out
}

func TestBucketPolicies(t *testing.T) {
	r := declareMedia(t)
	media := statements(t, r, "test-edge-media")
	want := map[string]any{
		"Sid": "ReadByDistribution", "Effect": "Allow", "Principal": map[string]any{"Service": "cloudfront.amazonaws.com"},
		"Action": "s3:GetObject", "Resource": "arn:aws:s3:::the-bucket/*",
		"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceArn": "arn:aws:cloudfront::111122223333:distribution/E1"}},
	}
	if diff := cmp.Diff(want, media["ReadByDistribution"]); diff != "" {
		t.Errorf("who reads (-want +got):\n%s", diff)
	}
	logs := statements(t, r, "test-edge-logs")["WrittenByDelivery"]
	if diff := cmp.Diff(map[string]any{
		"StringEquals": map[string]any{"aws:SourceAccount": "111122223333", "s3:x-amz-acl": "bucket-owner-full-control"},
		"ArnLike":      map[string]any{"aws:SourceArn": "arn:aws:logs:us-east-1:111122223333:delivery-source:*"},
	}, logs["Condition"]); diff != "" {
		t.Errorf("who writes logs (-want +got):\n%s", diff)
	}
	for name, all := range map[string]map[string]map[string]any{"media": media, "logs": statements(t, r, "test-edge-logs")} {
		if len(all) != 2 || all["OnlyTLS"]["Effect"] != "Deny" {
			t.Errorf("%s: statements %v, want one and a denial without TLS", name, slices.Collect(maps.Keys(all)))
		}
	}
}

// What CloudFront reads only in us-east-1 is made by the provider for it.
func TestGlobalPartsAreMadeInOneRegion(t *testing.T) {
	r := declareMedia(t)
	for _, token := range []string{typeCertificate, typeValidation, typeLogSource, typeLogTarget, typeLogDelivery} {
		if one := componenttest.Only(t, r, token); !strings.Contains(one.Provider, "::global::") {
			t.Errorf("%s is made by %q, want the provider for us-east-1", token, one.Provider)
		}
	}
	for _, token := range []string{distributionType, typeHeaders, typeAccess} {
		if one := componenttest.Only(t, r, token); strings.Contains(one.Provider, "::global::") {
			t.Errorf("%s is made by the provider for us-east-1 and not by the stack's", token)
		}
	}
	componenttest.Expect(t, componenttest.Only(t, r, typeLogSource), map[string]any{"logType": "ACCESS_LOGS", "resourceArn": "arn:aws:cloudfront::111122223333:distribution/E1"})
	componenttest.Expect(t, componenttest.Only(t, r, typeLogDelivery), map[string]any{"deliverySourceName": "the-source", "deliveryDestinationArn": "the-destination"})
}

func TestCertificateAndRecords(t *testing.T) {
	r := declareMedia(t, "edge.cloudfront.aliases=[media.example.com, static.example.com]")
	componenttest.Expect(t, componenttest.Only(t, r, typeCertificate), map[string]any{
		"domainName": "media.example.com", "subjectAlternativeNames": []any{"static.example.com"}, "validationMethod": "DNS",
	})
	componenttest.Expect(t, componenttest.Only(t, r, typeValidation), map[string]any{
		"certificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/requested", "validationRecordFqdns": []any{"the.record", "the.record"},
	})
	// The dot is ACM's, and Cloudflare keeps short names in lower case.
	componenttest.Expect(t, named(t, r, typeRecord, "test-edge-proof-static.example.com"), map[string]any{
		"name": "_proof.static", "content": "_x.acm-validations.aws", "type": "CNAME", "proxied": false, "zoneId": zoneID,
	})
	componenttest.Expect(t, named(t, r, typeRecord, "test-edge-alias-media.example.com"), map[string]any{
		"name": "media", "content": "d1.cloudfront.net", "type": "CNAME", "proxied": false, "ttl": 300.0, "value": nil,
	})
}

func TestLabel(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"Inside": {"media.example.com", "media"}, "Deep": {"a.b.example.com", "a.b"}, "Apex": {"example.com", "@"},
		"Dot": {"_x.media.example.com.", "_x.media"}, "Upper": {"Media.Example.com", "media"}, "Elsewhere": {"media.other.example", "media.other.example"},
	} {
		if got := label(tc.in, "example.com"); got != tc.want {
			t.Errorf("%s: label(%q) = %q, want %q", name, tc.in, got, tc.want)
		}
	}
}

func count(r *componenttest.Recorder) map[string]int {
	out := map[string]int{}
	for _, one := range r.Resources() {
		if one.Custom && !one.Read && !strings.HasPrefix(one.Type, "pulumi:") {
			out[one.Type]++
		}
	}
	return out
}

func TestModesDeclareWhatTheStackFileHandsOver(t *testing.T) {
	for name, tc := range map[string]struct {
		reason string
		sets   []string
		want   map[string]int
	}{
		"External": {"nothing at all", []string{"edge.cloudflare.mode=external", "edge.cloudfront.mode=external"}, map[string]int{}},
		"Zone":     {"both phases and the settings", []string{onlyZone}, map[string]int{rulesetType: 2, typeSettings: 1, typeTiered: 1}},
		"OnePhase": {"the other one and the settings stay", []string{onlyZone, "edge.cloudflare.mode=external", "edge.cloudflare.cachePhase.mode=managed"}, map[string]int{rulesetType: 1}},
		"NoRules":  {"a phase without rules is not made", []string{onlyZone, "edge.cloudflare.rules=[]"}, map[string]int{typeSettings: 1, typeTiered: 1}},
		"Bucket": {"a bucket of others gets no settings and no policy", append([]string{"edge.cloudfront.bucket={mode: external, name: files}", "edge.cloudfront.aliases=[]"}, onlyMedia...),
			map[string]int{distributionType: 1, typeCachePolicy: 2, typeHeaders: 1, typeAccess: 1, bucketType: 1, typePublic: 1, typeOwnership: 1, typeEncryption: 1,
				typeVersioning: 1, typeLifecycle: 1, typeBucketPolicy: 1, typeLogSource: 1, typeLogTarget: 1, typeLogDelivery: 1}},
		"Records": {"names of others are not touched", append([]string{"edge.cloudfront.dns=external", "edge.cloudfront.certificateArn=arn:aws:acm:us-east-1:111122223333:certificate/0a"}, onlyMedia...),
			map[string]int{distributionType: 1, typeCachePolicy: 2, typeHeaders: 1, typeAccess: 1, bucketType: 2, typePublic: 2, typeOwnership: 2, typeEncryption: 2,
				typeVersioning: 2, typeLifecycle: 2, typeBucketPolicy: 2, typeLogSource: 1, typeLogTarget: 1, typeLogDelivery: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, count(declare(t, tc.sets...))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestAdoptedMedia(t *testing.T) {
	r := declareMedia(t, "edge.cloudfront.mode=adopt", "edge.cloudfront.id=E2QWRUHAPOMQZL", "edge.cloudfront.bucket.name=files")
	one := componenttest.Only(t, r, distributionType)
	if one.Import != "E2QWRUHAPOMQZL" || !one.RetainOnDelete || !one.Protect {
		t.Errorf("the distribution is adopted by %q, retained %v, protected %v", one.Import, one.RetainOnDelete, one.Protect)
	}
	files := named(t, r, bucketType, "test-edge-media")
	if files.Import != "files" || !files.RetainOnDelete {
		t.Errorf("the bucket is adopted by %q, retained %v", files.Import, files.RetainOnDelete)
	}
	componenttest.Expect(t, files, map[string]any{"bucket": "files"})
	for made, want := range map[*componenttest.Resource][]string{&one: append(slices.Clone(keptOfDistributions), keptOfAdopted...), &files: {"tags", "tagsAll"}} {
		if diff := cmp.Diff(want, made.IgnoreChanges); diff != "" {
			t.Errorf("%s: what others keep (-want +got):\n%s", made.Name, diff)
		}
	}
	for _, token := range []string{typeBucketPolicy, typeLifecycle} {
		for _, made := range r.Resources() {
			if made.Type == token && made.Name == "test-edge-media" {
				t.Errorf("%s is put over the one of the bucket's owner", token)
			}
		}
	}
	componenttest.Expect(t, named(t, r, typePublic, "test-edge-media"), map[string]any{"blockPublicPolicy": true})
}

// bad arguments are what no stack file gives, but another program could.
var bad = map[string]struct {
	reason string
	change func(*Args)
	want   string
}{
	"NoStack":         {"rules are marked by it", func(a *Args) { a.Stack = "" }, "stack"},
	"NoZoneID":        {"which zone?", func(a *Args) { a.Spec.Cloudflare.ZoneID = "" }, "edge.cloudflare.zoneId"},
	"NoZonePlan":      {"nothing was derived", func(a *Args) { a.Plan.Cloudflare = nil }, "edge.cloudflare"},
	"OtherZone":       {"a plan for another zone", func(a *Args) { a.Plan.Cloudflare.ID = "x" }, "edge.cloudflare.zoneId"},
	"OtherStack":      {"a plan for another stack", func(a *Args) { a.Stack = "other" }, "edge.cloudflare.rules"},
	"KeepsNothing":    {"a time for what is not kept", func(a *Args) { a.Plan.Cloudflare.CacheRules[3].EdgeSeconds = 60 }, "edge.cloudflare.rules"},
	"NoRulesetID":     {"which one?", func(a *Args) { a.Spec.Cloudflare.CachePhase.Mode = spec.Adopt }, "edge.cloudflare.cachePhase.rulesetId"},
	"NoHeadersID":     {"which one?", func(a *Args) { a.Spec.Cloudflare.HeaderPhase.Mode = spec.Adopt }, "edge.cloudflare.headerPhase.rulesetId"},
	"NoRegion":        {"the bucket lies there", func(a *Args) { a.Cluster.Region = "" }, "cluster.region"},
	"NoDistribution":  {"which one?", func(a *Args) { a.Spec.CloudFront.Mode = spec.Adopt }, "edge.cloudfront.id"},
	"NoBucket":        {"which one?", func(a *Args) { a.Spec.CloudFront.Bucket.Mode = spec.Adopt }, "edge.cloudfront.bucket.name"},
	"NoMediaPlan":     {"nothing was derived", func(a *Args) { a.Plan.CloudFront = nil }, "edge.cloudfront"},
	"RecordsNowhere":  {"records lie in a zone", func(a *Args) { a.Spec.Cloudflare = nil }, "edge.cloudflare.zoneId"},
	"ApexAndWildcard": {"one record would be made twice", func(a *Args) { a.Spec.CloudFront.Aliases = []string{"m.example.com", "*.m.example.com"} }, "edge.cloudfront.aliases[0]"},
}

func TestRefusals(t *testing.T) {
	for name, tc := range bad {
		t.Run(name, func(t *testing.T) {
			args := argsOf(declared(t))
			zone, media := *args.Spec.Cloudflare, *args.Spec.CloudFront
			args.Spec.Cloudflare, args.Spec.CloudFront = &zone, &media
			tc.change(&args)
			r, err := run(t, args, empty())
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("New() = %v, want it to name %s: %s", err, tc.want, tc.reason)
			}
			if n := len(count(r)); n > 0 {
				t.Errorf("New() declared %v before it refused", count(r))
			}
		})
	}
}

func TestNames(t *testing.T) {
	b := builder{name: strings.Repeat("a", longestName+1)}
	if err := b.validate(); err == nil || !strings.Contains(err.Error(), "edge = aaa") {
		t.Errorf("a name that AWS would cut off: %v, want it refused", err)
	}
	b.name = b.name[1:]
	if err := b.validate(); err != nil {
		t.Errorf("the longest name: %v", err)
	}
}

func TestGolden(t *testing.T) {
	text, err := declare(t).Golden()
	if err != nil {
		t.Fatal(err)
	}
	golden.Text(t, "testdata/edge.golden", text)
}
