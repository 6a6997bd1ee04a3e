package seeds

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

const distribution = "aws:cloudfront/distribution:Distribution"

// The fields of a distribution that are inputs of the provider
// (https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html
// and the types it is made of, 2026-11; flattenDistributionConfig in
// terraform-provider-aws internal/service/cloudfront). CloudFront answers every
// field, so that an empty list, and a switch that is off by itself, say nothing.
var (
	configFields = map[string]string{
		"Comment": "comment", "DefaultRootObject": "defaultRootObject", "Enabled": "enabled", "IsIPV6Enabled": "isIpv6Enabled",
		"PriceClass": "priceClass", "WebACLId": "webAclId", "Aliases.Items": "aliases",
	}
	behaviorFields = map[string]string{
		"PathPattern": "pathPattern", "TargetOriginId": "targetOriginId", "ViewerProtocolPolicy": "viewerProtocolPolicy",
		"AllowedMethods.Items": "allowedMethods", "AllowedMethods.CachedMethods.Items": "cachedMethods", "Compress": "compress",
		"CachePolicyId": "cachePolicyId", "OriginRequestPolicyId": "originRequestPolicyId", "ResponseHeadersPolicyId": "responseHeadersPolicyId",
		"FieldLevelEncryptionId": "fieldLevelEncryptionId", "RealtimeLogConfigArn": "realtimeLogConfigArn",
	}
	behaviorSwitches = map[string]string{
		"SmoothStreaming": "smoothStreaming", "TrustedKeyGroups.Items": "trustedKeyGroups", "TrustedSigners.Items": "trustedSigners",
		"MinTTL": "minTtl", "DefaultTTL": "defaultTtl", "MaxTTL": "maxTtl",
	}
	originFields = map[string]string{
		"Id": "originId", "DomainName": "domainName", "OriginPath": "originPath", "OriginAccessControlId": "originAccessControlId",
	}
	customOriginFields = map[string]string{
		"HTTPPort": "httpPort", "HTTPSPort": "httpsPort", "OriginProtocolPolicy": "originProtocolPolicy",
		"OriginSslProtocols.Items": "originSslProtocols", "OriginReadTimeout": "originReadTimeout", "OriginKeepaliveTimeout": "originKeepaliveTimeout",
	}
	certificateFields = map[string]string{
		"ACMCertificateArn": "acmCertificateArn", "IAMCertificateId": "iamCertificateId", "SSLSupportMethod": "sslSupportMethod",
		"MinimumProtocolVersion": "minimumProtocolVersion",
	}
)

func cloudFrontDistribution(o map[string]any) provider.Seed {
	config := object(o, "DistributionConfig")
	if len(config) == 0 {
		return provider.Seed{}
	}
	in := copied(config, configFields)
	// The API answers HTTP2and3 for what it takes as http2and3.
	in["httpVersion"] = strings.ToLower(text(config, "HttpVersion"))
	in["origins"] = all(at(config, "Origins", "Items"), origin)
	in["defaultCacheBehavior"] = behavior(object(config, "DefaultCacheBehavior"))
	in["restrictions"] = map[string]any{"geoRestriction": said(copied(object(config, "Restrictions", "GeoRestriction"),
		map[string]string{"RestrictionType": "restrictionType", "Items": "locations"}))}
	in["viewerCertificate"] = viewerCertificate(object(config, "ViewerCertificate"))
	in["orderedCacheBehaviors"] = all(at(config, "CacheBehaviors", "Items"), behavior)
	in["customErrorResponses"] = all(at(config, "CustomErrorResponses", "Items"), errorResponse)
	if at(config, "Logging", "Enabled") == true {
		in["loggingConfig"] = copied(object(config, "Logging"), map[string]string{"Bucket": "bucket", "Prefix": "prefix", "IncludeCookies": "includeCookies"})
	}
	in = said(in)
	// Off by itself, and the one switch that makes another distribution: its default
	// stands where the program says nothing.
	in["staging"] = config["Staging"] == true
	out := copied(o, map[string]string{
		"ARN": "arn", "DomainName": "domainName", "Status": "status", "LastModifiedTime": "lastModifiedTime",
		"DistributionConfig.CallerReference": "callerReference",
	})
	// A block that is not there is read as an empty list.
	if in["orderedCacheBehaviors"] == nil {
		out["orderedCacheBehaviors"] = []any{}
	}
	return provider.Seed{Token: distribution, ID: text(o, "Id"), Inputs: in, Computed: out}
}

func origin(o map[string]any) map[string]any {
	out := copied(o, originFields)
	if identity := text(o, "S3OriginConfig", "OriginAccessIdentity"); identity != "" {
		out["s3OriginConfig"] = map[string]any{"originAccessIdentity": identity}
	}
	out["customOriginConfig"] = copied(object(o, "CustomOriginConfig"), customOriginFields)
	out["customHeaders"] = all(at(o, "CustomHeaders", "Items"), fields(map[string]string{"HeaderName": "name", "HeaderValue": "value"}))
	if at(o, "OriginShield", "Enabled") == true {
		out["originShield"] = copied(object(o, "OriginShield"), map[string]string{"Enabled": "enabled", "OriginShieldRegion": "originShieldRegion"})
	}
	// The defaults of both.
	for field, standard := range map[string]float64{"ConnectionAttempts": 3, "ConnectionTimeout": 10} {
		if n := o[field]; n != nil && n != standard {
			out[strings.ToLower(field[:1])+field[1:]] = n
		}
	}
	return said(out)
}

func behavior(o map[string]any) map[string]any {
	out := copied(o, behaviorSwitches)
	out["functionAssociations"] = all(at(o, "FunctionAssociations", "Items"), fields(map[string]string{"EventType": "eventType", "FunctionARN": "functionArn"}))
	out["lambdaFunctionAssociations"] = all(at(o, "LambdaFunctionAssociations", "Items"),
		fields(map[string]string{"EventType": "eventType", "LambdaFunctionARN": "lambdaArn", "IncludeBody": "includeBody"}))
	if old := object(o, "ForwardedValues"); old != nil {
		out["forwardedValues"] = forwarded(old)
	}
	out = said(out)
	maps.Copy(out, copied(o, behaviorFields))
	for _, methods := range []string{"allowedMethods", "cachedMethods"} {
		if set, ok := out[methods].([]any); ok {
			out[methods] = inOrder(set)
		}
	}
	return out
}

// inOrder puts what the API answers in any order into that of the names.
func inOrder(set []any) []any {
	return slices.SortedFunc(slices.Values(set), func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
}

// forwarded is what a behavior without policies passes on.
func forwarded(o map[string]any) map[string]any {
	out := said(copied(o, map[string]string{"Headers.Items": "headers", "QueryStringCacheKeys.Items": "queryStringCacheKeys"}))
	out["queryString"] = o["QueryString"] == true
	out["cookies"] = said(copied(object(o, "Cookies"), map[string]string{"Forward": "forward", "WhitelistedNames.Items": "whitelistedNames"}))
	return out
}

// viewerCertificate leaves out what CloudFront answers for its own certificate
// and takes from nobody.
func viewerCertificate(o map[string]any) map[string]any {
	if o["CloudFrontDefaultCertificate"] == true {
		return map[string]any{"cloudfrontDefaultCertificate": true}
	}
	return copied(o, certificateFields)
}

// errorResponse has its code as a text in the API and as a number here.
func errorResponse(o map[string]any) map[string]any {
	out := copied(o, map[string]string{"ErrorCode": "errorCode", "ErrorCachingMinTTL": "errorCachingMinTtl", "ResponsePagePath": "responsePagePath"})
	if code, err := strconv.ParseFloat(text(o, "ResponseCode"), 64); err == nil {
		out["responseCode"] = code
	}
	return out
}

// fields converts an object by its fields.
func fields(names map[string]string) func(map[string]any) map[string]any {
	return func(o map[string]any) map[string]any { return copied(o, names) }
}

// all converts every object of a list.
func all(v any, convert func(map[string]any) map[string]any) []any {
	out := []any{}
	for _, item := range items(v) {
		out = append(out, convert(item))
	}
	return out
}

func object(o map[string]any, path ...string) map[string]any {
	found, _ := at(o, path...).(map[string]any)
	return found
}

// said leaves out what says nothing.
func said(from map[string]any) map[string]any {
	for key, v := range from {
		if empty(v) {
			delete(from, key)
		}
	}
	return from
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case bool:
		return !v
	case float64:
		return v == 0
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}
