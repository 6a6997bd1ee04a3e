package cloudflare

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

const (
	tf            = "terraform-provider-cloudflare v4.51.0 "
	tfSettings    = tf + "internal/sdkv2provider/resource_cloudflare_zone_settings_override.go and its schema"
	tfRecord      = tf + "internal/sdkv2provider/resource_cloudflare_record.go"
	browserTTLs   = "https://developers.cloudflare.com/api/resources/zones/subresources/settings/ browser_cache_ttl, 2026-11"
	plansFile     = "github.com/cloudflare/cloudflare-docs src/content/plans/index.json, 2026-11"
	oneCredential = tf + "internal/framework/provider/provider.go, ConflictsWith of api_key, api_token and api_user_service_key"
)

func problem(path, format string, args ...any) []provider.Problem {
	return []provider.Problem{{Path: path, Text: fmt.Sprintf(format, args...)}}
}

// oneOf allows a closed set of texts.
func oneOf(path string, in provider.Value, allowed ...string) []provider.Problem {
	if v := in.At(path); v.IsText() && !slices.Contains(allowed, v.Text()) {
		return problem(path, "must be one of %s", strings.Join(allowed, ", "))
	}
	return nil
}

func configRules() []provider.Rule {
	return []provider.Rule{{
		ID: "cf-credentials", Source: oneCredential,
		Test: func(config, _ provider.Value) []provider.Problem {
			n := 0
			for _, name := range []string{"apiKey", "apiToken", "apiUserServiceKey"} {
				if config.At(name).Present() {
					n++
				}
			}
			if n != 1 {
				return problem("", "exactly one of apiKey, apiToken and apiUserServiceKey must be set, not %d", n)
			}
			return nil
		},
	}}
}

// own refuses zones that the token may not change.
func (z Zone) own() provider.Rule {
	return provider.Rule{
		ID:     "cf-zone",
		Source: "https://developers.cloudflare.com/fundamentals/api/troubleshooting/ code 7003, and 403 of a token without the zone, 2026-11",
		Test: func(_, in provider.Value) []provider.Problem {
			if id := in.At("zoneId"); id.IsText() && id.Text() != z.ID {
				return problem("zoneId", "Could not route to /zones/%s, perhaps your object identifier is invalid? (7003)", id.Text())
			}
			return nil
		},
	}
}

func (z Zone) tieredRules() []provider.Rule {
	return []provider.Rule{
		{
			ID: "cf-tiered-type", Source: tf + "internal/sdkv2provider/schema_cloudflare_tiered_cache.go",
			Test: func(_, in provider.Value) []provider.Problem {
				return oneOf("cacheType", in, "generic", "smart", "off")
			},
		},
		{
			ID: "cf-tiered-plan", Source: plansFile,
			Test: func(_, in provider.Value) []provider.Problem {
				if in.At("cacheType").Text() == "generic" && z.Plan != "enterprise" {
					return problem("cacheType", "not entitled: the generic topology needs the enterprise plan")
				}
				return nil
			},
		},
	}
}

// switches are settings that are "on" or "off", numbers and others apart. Those
// that some plans cannot change are listed in gated.
var switches = []string{
	"alwaysOnline", "alwaysUseHttps", "automaticHttpsRewrites", "brotli", "browserCheck", "developmentMode", "earlyHints",
	"emailObfuscation", "hotlinkProtection", "http2", "http3", "ipGeolocation", "ipv6", "mirage", "opportunisticEncryption",
	"opportunisticOnion", "orangeToOrange", "originErrorPagePassThru", "prefetchPreload", "privacyPass", "responseBuffering",
	"rocketLoader", "serverSideExclude", "sortQueryStringForCache", "tlsClientAuth", "trueClientIpHeader", "waf", "webp", "websockets", "zeroRtt",
}

// gated are settings that a plan only reads: the API answers 1006 or an error of
// the whole resource (cloudflare/terraform-provider-cloudflare#512, #1117, #1297, #1987).
var gated = map[string]string{
	"mirage": "pro", "polish": "pro", "waf": "pro", "webp": "pro", "imageResizing": "business", "prefetchPreload": "enterprise",
	"responseBuffering": "enterprise", "sortQueryStringForCache": "enterprise", "trueClientIpHeader": "enterprise",
	"originErrorPagePassThru": "enterprise", "proxyReadTimeout": "enterprise",
}

var plans = []string{"free", "pro", "business", "enterprise"}

// includes says whether the zone's plan is at least another one.
func (z Zone) includes(plan string) bool {
	return slices.Index(plans, z.Plan) >= slices.Index(plans, plan)
}

var allowedTTLs = []float64{
	0, 30, 60, 120, 300, 1200, 1800, 3600, 7200, 10800, 14400, 18000, 28800, 43200, 57600, 72000, 86400, 172800, 259200,
	345600, 432000, 691200, 1382400, 2073600, 2678400, 5356800, 16070400, 31536000,
}

func (z Zone) settingsRules() []provider.Rule {
	return []provider.Rule{
		{
			ID: "cf-setting-switch", Source: tfSettings,
			Test: func(_, in provider.Value) (found []provider.Problem) {
				for _, name := range switches {
					found = append(found, oneOf("settings."+name, in, "on", "off")...)
				}
				return found
			},
		},
		{
			ID: "cf-setting-browser-ttl", Source: tfSettings + "; " + browserTTLs,
			Test: func(_, in provider.Value) []provider.Problem {
				if n, ok := in.At("settings.browserCacheTtl").Number(); ok && !slices.Contains(allowedTTLs, n) {
					return problem("settings.browserCacheTtl", "must be one of the times that Cloudflare offers, such as 0 (respect existing headers), 60 or 14400")
				}
				return nil
			},
		},
		{
			ID: "cf-setting-plan", Source: plansFile + "; cloudflare/terraform-provider-cloudflare#512, #1117, #1297, #1987",
			Test: func(_, in provider.Value) (found []provider.Problem) {
				for _, name := range slices.Sorted(maps.Keys(gated)) {
					if in.At("settings."+name).Present() && !z.includes(gated[name]) {
						found = append(found, problem("settings."+name, "is read-only on the %s plan; it needs %s", z.Plan, gated[name])...)
					}
				}
				return found
			},
		},
		{
			ID: "cf-setting-retired", Source: "cloudflare/terraform-provider-cloudflare#3646 (minify), docs/resources/zone_settings_override.md (mobile_redirect)",
			Test: func(_, in provider.Value) (found []provider.Problem) {
				for _, name := range []string{"minify", "mobileRedirect"} {
					if in.At("settings." + name).Present() {
						found = append(found, problem("settings."+name, "no longer exists; leave it out")...)
					}
				}
				return found
			},
		},
	}
}

func recordRules() []provider.Rule {
	return []provider.Rule{
		{
			ID: "cf-record-content", Source: tfRecord + ", ExactlyOneOf content, data and value",
			Test: func(_, in provider.Value) []provider.Problem {
				n := 0
				for _, name := range []string{"content", "data", "value"} {
					if in.At(name).Present() {
						n++
					}
				}
				if n != 1 {
					return problem("", "exactly one of content, data and value must be set, not %d", n)
				}
				return nil
			},
		},
		{
			ID: "cf-record-ttl", Source: tfRecord + ", resourceCloudflareRecordCreate; https://developers.cloudflare.com/dns/manage-dns-records/reference/ttl/, 2026-11",
			Test: recordTTL,
		},
		{
			ID: "cf-record-type", Source: tf + "internal/sdkv2provider/schema_cloudflare_record.go",
			Test: func(_, in provider.Value) []provider.Problem {
				return oneOf("type", in, "A", "AAAA", "CAA", "CNAME", "TXT", "SRV", "LOC", "MX", "NS", "SPF", "CERT", "DNSKEY", "DS",
					"NAPTR", "SMIMEA", "SSHFP", "TLSA", "URI", "PTR", "HTTPS", "SVCB")
			},
		},
		{
			ID: "cf-record-name", Source: tf + "internal/sdkv2provider/schema_cloudflare_record.go, StateFunc of name",
			Test: func(_, in provider.Value) []provider.Problem {
				if name := in.At("name").Text(); name != strings.ToLower(name) {
					return problem("name", "is kept in lower case, so that every refresh differs; write it so")
				}
				return nil
			},
		},
		{
			ID: "cf-record-dot", Source: "cloudflare/terraform-provider-cloudflare PR #1124 (ACM validation records)",
			Test: func(_, in provider.Value) []provider.Problem {
				if strings.HasSuffix(in.At("content").Text(), ".") {
					return problem("content", "ends in a dot that Cloudflare drops; leave it out")
				}
				return nil
			},
		},
	}
}

func recordTTL(_, in provider.Value) []provider.Problem {
	ttl, ok := in.At("ttl").Number()
	switch {
	case !ok || ttl == 1:
		return nil
	case in.At("proxied").True():
		return problem("ttl", "must be set to 1 when proxied is true, or left out")
	case ttl < 60 || ttl > 86400:
		return problem("ttl", "must be 1 (automatic) or between 60 and 86400")
	}
	return nil
}
