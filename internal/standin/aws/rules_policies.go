package aws

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

var policyName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

func cachePolicyRules() []provider.Rule {
	const api = cfAPI + "API_CachePolicyConfig.html, 2026-11"
	return []provider.Rule{
		{ID: "cloudfront-policy-name", Source: api, Test: policyNamed},
		{ID: "cloudfront-policy-ttl", Source: api + " MinTTL, DefaultTTL, MaxTTL", Test: policyTTL},
		{ID: "cloudfront-policy-key", Source: cfAPI + "API_ParametersInCacheKeyAndForwardedToOrigin.html, 2026-11", Test: policyKey},
		{ID: "cloudfront-policy-disabled", Source: api + ": without caching nothing is part of a cache key", Test: policyDisabled},
	}
}

func policyNamed(_, in provider.Value) []provider.Problem {
	if name := in.At("name"); name.IsText() && !policyName.MatchString(name.Text()) {
		return problem("name", "must hold 1 to 128 letters, digits, - and _")
	}
	return nil
}

func policyTTL(_, in provider.Value) []provider.Problem {
	least, _ := in.At("minTtl").Number()
	usual, _ := in.At("defaultTtl").Number()
	most, _ := in.At("maxTtl").Number()
	switch {
	case least < 0 || most > 3153600000:
		return problem("minTtl", "must not be negative, and maxTtl not above 100 years")
	case least > usual:
		return problem("minTtl", "InvalidArgument: must not be above defaultTtl (%.0f)", usual)
	case usual > most:
		return problem("defaultTtl", "InvalidArgument: must not be above maxTtl (%.0f)", most)
	}
	return nil
}

const keyPath = "parametersInCacheKeyAndForwardedToOrigin"

// keyParts are the parts of a cache key: where, which words, and its items.
var keyParts = []struct {
	config, behavior, items string
	allowed                 []string
}{
	{"cookiesConfig", "cookieBehavior", "cookies", []string{"none", "whitelist", "allExcept", "all"}},
	{"headersConfig", "headerBehavior", "headers", []string{"none", "whitelist"}},
	{"queryStringsConfig", "queryStringBehavior", "queryStrings", []string{"none", "whitelist", "allExcept", "all"}},
}

func policyKey(_, in provider.Value) (found []provider.Problem) {
	if in.At(keyPath).Unknown() {
		return nil
	}
	for _, p := range keyParts {
		at := keyPath + "." + p.config
		behavior := in.At(at + "." + p.behavior).Text()
		items := len(in.At(at + "." + p.items + ".items").List())
		listed := behavior == "whitelist" || behavior == "allExcept"
		switch {
		case !slices.Contains(p.allowed, behavior):
			found = append(found, problem(at+"."+p.behavior, "must be one of %s", strings.Join(p.allowed, ", "))...)
		case listed && items == 0:
			found = append(found, problem(at+"."+p.items, "must list items for %s", behavior)...)
		case !listed && items > 0:
			found = append(found, problem(at+"."+p.items, "takes no items for %s", behavior)...)
		}
	}
	return found
}

func policyDisabled(_, in provider.Value) (found []provider.Problem) {
	if most, ok := in.At("maxTtl").Number(); !ok || most > 0 {
		return nil
	}
	for _, name := range []string{"enableAcceptEncodingBrotli", "enableAcceptEncodingGzip"} {
		if in.At(keyPath + "." + name).True() {
			found = append(found, problem(keyPath+"."+name, "InvalidArgument: is not allowed for a policy with caching disabled")...)
		}
	}
	for _, p := range keyParts {
		if b := in.At(keyPath + "." + p.config + "." + p.behavior); b.IsText() && b.Text() != "none" {
			found = append(found, problem(keyPath+"."+p.config+"."+p.behavior, "InvalidArgument: must be none for a policy with caching disabled")...)
		}
	}
	return found
}

// ownHeaders have settings of their own and cannot be custom ones.
var ownHeaders = []string{"content-security-policy", "referrer-policy", "strict-transport-security", "x-content-type-options",
	"x-frame-options", "x-xss-protection", "access-control-allow-credentials", "access-control-allow-headers",
	"access-control-allow-methods", "access-control-allow-origin", "access-control-expose-headers", "access-control-max-age"}

func headersPolicyRules() []provider.Rule {
	const tfPolicy = "terraform-provider-aws internal/service/cloudfront/response_headers_policy.go, AtLeastOneOf and Required, 2026-11"
	const guide = cfGuide + "understanding-response-headers-policies.html, 2026-11"
	return []provider.Rule{
		{ID: "cloudfront-policy-name", Source: cfAPI + "API_ResponseHeadersPolicyConfig.html, 2026-11", Test: policyNamed},
		{ID: "cloudfront-headers-any", Source: tfPolicy, Test: anyHeaders},
		{ID: "cloudfront-headers-custom", Source: tfPolicy + "; " + guide, Test: customHeaders},
		{ID: "cloudfront-headers-override", Source: tfPolicy, Test: statedOverride},
		{ID: "cloudfront-headers-cors", Source: cfAPI + "API_ResponseHeadersPolicyCorsConfig.html, 2026-11", Test: corsConfig},
	}
}

func anyHeaders(_, in provider.Value) []provider.Problem {
	for _, name := range []string{"corsConfig", "customHeadersConfig", "removeHeadersConfig", "securityHeadersConfig", "serverTimingHeadersConfig"} {
		if in.At(name).Present() {
			return nil
		}
	}
	return problem("", "one of corsConfig, customHeadersConfig, removeHeadersConfig, securityHeadersConfig and serverTimingHeadersConfig must be set")
}

func customHeaders(_, in provider.Value) (found []provider.Problem) {
	items := in.At("customHeadersConfig.items").List()
	if len(items) > 10 {
		found = append(found, problem("customHeadersConfig.items", "TooManyCustomHeadersInResponseHeadersPolicy: 10 at most, not %d", len(items))...)
	}
	for i, h := range items {
		at := fmt.Sprintf("customHeadersConfig.items[%d]", i)
		if slices.Contains(ownHeaders, strings.ToLower(h.At("header").Text())) {
			found = append(found, problem(at+".header", "InvalidArgument: has a setting of its own")...)
		}
		for _, name := range []string{"header", "override", "value"} {
			if !h.At(name).Present() {
				found = append(found, problem(at+"."+name, "is required")...)
			}
		}
	}
	return found
}

func statedOverride(_, in provider.Value) (found []provider.Problem) {
	headers := in.At("securityHeadersConfig").Map()
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if headers[name].Known() && !headers[name].At("override").Present() {
			found = append(found, problem("securityHeadersConfig."+name+".override", "is required")...)
		}
	}
	return found
}

func corsConfig(_, in provider.Value) (found []provider.Problem) {
	const at = "corsConfig"
	c := in.At(at)
	if !c.Present() || c.Unknown() {
		return nil
	}
	for _, name := range []string{"accessControlAllowCredentials", "accessControlAllowHeaders", "accessControlAllowMethods", "accessControlAllowOrigins", "originOverride"} {
		if !c.At(name).Present() {
			found = append(found, problem(at+"."+name, "is required")...)
		}
	}
	for _, name := range []string{"accessControlAllowHeaders", "accessControlAllowOrigins"} {
		star := slices.ContainsFunc(c.At(name+".items").List(), func(v provider.Value) bool { return v.Text() == "*" })
		if star && c.At("accessControlAllowCredentials").True() {
			found = append(found, problem(at+"."+name, "InvalidArgument: must not be * where credentials are allowed")...)
		}
	}
	return found
}

func accessControlRules() []provider.Rule {
	const tfOAC = "terraform-provider-aws internal/service/cloudfront/origin_access_control.go @ 01c08000 ValidateFunc"
	return []provider.Rule{{
		ID: "cloudfront-access-words", Source: tfOAC + "; " + cfAPI + "API_OriginAccessControlConfig.html, 2026-11",
		Test: func(_, in provider.Value) []provider.Problem {
			found := within("originAccessControlOriginType", in, "s3", "mediastore", "lambda", "mediapackagev2")
			found = append(found, within("signingBehavior", in, "always", "never", "no-override")...)
			found = append(found, within("signingProtocol", in, "sigv4")...)
			if n := len(in.At("name").Text()); n > 64 {
				found = append(found, problem("name", "must not exceed 64 characters")...)
			}
			return found
		},
	}}
}

func certificateRules() []provider.Rule {
	const api = "https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html, 2026-11"
	domain := regexp.MustCompile(`^(\*\.)?(([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])\.)+([a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])$`)
	return []provider.Rule{
		{
			ID: "acm-domain", Source: api + "; terraform-provider-aws internal/service/acm/certificate.go: no trailing dot",
			Test: func(_, in provider.Value) (found []provider.Problem) {
				paths := []string{"domainName"}
				for i := range in.At("subjectAlternativeNames").List() {
					paths = append(paths, fmt.Sprintf("subjectAlternativeNames[%d]", i))
				}
				for _, path := range paths {
					if v := in.At(path); v.IsText() && !domain.MatchString(v.Text()) {
						found = append(found, problem(path, "must be a domain name in lower case, without a dot at its end")...)
					}
				}
				return found
			},
		},
		{
			ID: "acm-method", Source: api + " ValidationMethod",
			Test: func(_, in provider.Value) []provider.Problem {
				if in.At("domainName").Present() && !in.At("validationMethod").Present() && !in.At("certificateAuthorityArn").Present() {
					return problem("validationMethod", "is required for a requested certificate")
				}
				return within("validationMethod", in, "DNS", "EMAIL", "HTTP", "NONE")
			},
		},
	}
}

func validationRules() []provider.Rule {
	return []provider.Rule{{
		ID: "acm-validated-names", Source: "terraform-provider-aws internal/service/acm/certificate_validation.go, resourceCertificateValidationCreate",
		Test: func(_, in provider.Value) (found []provider.Problem) {
			for i, v := range in.At("validationRecordFqdns").List() {
				if v.IsText() && !strings.Contains(v.Text(), ".") {
					found = append(found, problem(fmt.Sprintf("validationRecordFqdns[%d]", i), "missing DNS validation record: a full name is compared")...)
				}
			}
			return found
		},
	}}
}

func (a Account) logSourceRules() []provider.Rule {
	return []provider.Rule{{
		ID: "logs-cloudfront-source", Source: cfGuide + "standard-logging.html: the source of a distribution is made in us-east-1, 2026-11",
		Test: func(config, in provider.Value) []provider.Problem {
			if !strings.Contains(in.At("resourceArn").Text(), ":cloudfront:") {
				return nil
			}
			if region := a.region(config); region != globalRegion {
				return problem("resourceArn", "ValidationException: a distribution is a source only in us-east-1, not in %s", region)
			}
			return within("logType", in, "ACCESS_LOGS")
		},
	}}
}

func logDestinationRules() []provider.Rule {
	return []provider.Rule{{
		ID: "logs-destination", Source: "terraform-provider-aws internal/service/logs/delivery_destination.go @ 1e67cc5d; https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutDeliveryDestination.html, 2026-11",
		Test: func(_, in provider.Value) []provider.Problem {
			found := within("outputFormat", in, "json", "plain", "w3c", "raw", "parquet")
			if !in.At("deliveryDestinationConfiguration.destinationResourceArn").Present() && !in.At("deliveryDestinationConfiguration").Unknown() {
				found = append(found, problem("deliveryDestinationConfiguration.destinationResourceArn", "is required")...)
			}
			if len(in.At("name").Text()) > 60 {
				found = append(found, problem("name", "must not exceed 60 characters")...)
			}
			return found
		},
	}}
}

func logDeliveryRules() []provider.Rule {
	return []provider.Rule{{
		ID: "logs-delivery", Source: "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateDelivery.html, 2026-11",
		Test: func(_, in provider.Value) []provider.Problem {
			if n := len(in.At("s3DeliveryConfigurations").List()); n > 1 {
				return problem("s3DeliveryConfigurations", "must not have more than one element")
			}
			if len(in.At("fieldDelimiter").Text()) > 5 {
				return problem("fieldDelimiter", "must not exceed 5 characters")
			}
			return nil
		},
	}}
}
