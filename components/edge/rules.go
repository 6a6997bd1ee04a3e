package edge

import (
	"github.com/pulumi/pulumi-cloudflare/sdk/v5/go/cloudflare"

	"github.com/agencyos/headroom/capacity/cdn"
)

// rule has everything stated that the provider would fill in and report as a
// change: ref, description and whether it is on.
func rule(ref, description, expression, action string, parameters cloudflare.RulesetRuleActionParameters) cloudflare.RulesetRule {
	return cloudflare.RulesetRule{
		Ref: &ref, Description: &description, Enabled: new(true), Expression: expression, Action: &action, ActionParameters: &parameters,
	}
}

func cacheRules(rules []cdn.CacheRule) []cloudflare.RulesetRule {
	var out []cloudflare.RulesetRule
	for _, r := range rules {
		out = append(out, rule(r.Ref, r.Description, r.Expression, "set_cache_settings", cacheSettings(r)))
	}
	return out
}

// cacheSettings of a rule that keeps nothing say only that.
func cacheSettings(r cdn.CacheRule) cloudflare.RulesetRuleActionParameters {
	if !r.Cache {
		return cloudflare.RulesetRuleActionParameters{Cache: new(false)}
	}
	return cloudflare.RulesetRuleActionParameters{
		Cache: new(true), EdgeTtl: edgeTTL(r.EdgeSeconds), CacheKey: cacheKey(r),
		// The header rules tell browsers; here nothing may overrule the origin.
		BrowserTtl: &cloudflare.RulesetRuleActionParametersBrowserTtl{Mode: "respect_origin"},
		ServeStale: &cloudflare.RulesetRuleActionParametersServeStale{DisableStaleWhileUpdating: new(false)},
	}
}

// edgeTTL overrides the origin, but keeps no error: a page that failed once must
// not fail for as long as it would be kept.
func edgeTTL(seconds int) *cloudflare.RulesetRuleActionParametersEdgeTtl {
	if seconds == 0 {
		return &cloudflare.RulesetRuleActionParametersEdgeTtl{Mode: "respect_origin"}
	}
	const noStore = -1
	return &cloudflare.RulesetRuleActionParametersEdgeTtl{
		Mode: "override_origin", Default: &seconds,
		StatusCodeTtls: []cloudflare.RulesetRuleActionParametersEdgeTtlStatusCodeTtl{{
			StatusCodeRanges: []cloudflare.RulesetRuleActionParametersEdgeTtlStatusCodeTtlStatusCodeRange{{From: new(400)}},
			Value:            new(noStore),
		}},
	}
}

func cacheKey(r cdn.CacheRule) *cloudflare.RulesetRuleActionParametersCacheKey {
	query := cloudflare.RulesetRuleActionParametersCacheKeyCustomKeyQueryString{Includes: r.QueryKeys}
	switch {
	case r.IgnoreQuery:
		query.Excludes = []string{"*"}
	case len(r.QueryKeys) == 0:
		return nil
	}
	return &cloudflare.RulesetRuleActionParametersCacheKey{
		CustomKey: &cloudflare.RulesetRuleActionParametersCacheKeyCustomKey{QueryString: &query},
	}
}

func headerRules(rules []cdn.HeaderRule) []cloudflare.RulesetRule {
	var out []cloudflare.RulesetRule
	for _, r := range rules {
		var headers []cloudflare.RulesetRuleActionParametersHeader
		for _, h := range r.Set { // Sorted, as the provider keeps them.
			headers = append(headers, cloudflare.RulesetRuleActionParametersHeader{Name: new(h.Name), Operation: new("set"), Value: new(h.Value)})
		}
		out = append(out, rule(r.Ref, r.Description, r.Expression, "rewrite", cloudflare.RulesetRuleActionParameters{Headers: headers}))
	}
	return out
}
