package plan

import (
	"strings"

	"github.com/agencyos/headroom/capacity/cdn"
	"github.com/agencyos/headroom/capacity/spec"
)

// edgeLimits proves that everything an edge is told fits what it takes. CDNs
// refuse the rest only when it is applied, or keep it and do something else.
func (w world) edgeLimits(float64) []Part {
	var parts []Part
	if zone := w.plan.Edge.Cloudflare; zone != nil {
		parts = zoneLimits(*w.stack.Edge.Cloudflare, *zone)
	}
	if d := w.plan.Edge.CloudFront; d != nil {
		parts = append(parts,
			AtMost("cloudfront behaviors", float64(len(d.Behaviors)), cdn.MaxBehaviors, "behaviors", "one for each rule and the default; CloudFront's quota of a distribution"),
			AtMost("cloudfront aliases", float64(len(w.stack.Edge.CloudFront.Aliases)), cdn.MaxAliases, "names", "CloudFront's quota of a distribution"),
			AtMost("cloudfront cache policies", float64(len(d.Policies)), cdn.MaxCachePolicies, "policies", "one for each rule that keeps answers; CloudFront's quota of an account, all distributions together"))
	}
	if v := w.stack.Edge.Vercel; v != nil {
		for _, p := range v.Projects {
			parts = append(parts, vercelLimits(p, w.plan.Edge.Vercel[p.Name])...)
		}
	}
	return parts
}

// zoneLimits are those of a Cloudflare plan.
func zoneLimits(c spec.Cloudflare, zone cdn.Zone) []Part {
	limit := cdn.LimitsOf(c.Plan)
	const own = "%d of this stack, with the one for requests with credentials, + %d others in the zone; the %s plan has %d"
	parts := []Part{
		AtMost("cloudflare rules", float64(len(zone.CacheRules)+c.OtherRules), float64(limit.CacheRules), "rules",
			own, len(zone.CacheRules), c.OtherRules, c.Plan, limit.CacheRules),
		AtMost("cloudflare transform rules", float64(len(zone.HeaderRules)+c.OtherTransforms), float64(limit.TransformRules), "rules",
			own, len(zone.HeaderRules), c.OtherTransforms, c.Plan, limit.TransformRules),
		AtMost("cloudflare expression", float64(longestExpression(zone)), cdn.MaxExpression, "characters", "the longest expression of a rule"),
	}
	if c.TieredCache == spec.TieredGeneric {
		parts = append(parts, AtMost("cloudflare tiered cache", 1, allowed(limit.GenericTieredCache, 1), "generic topologies", "the %s plan's against tieredCache", c.Plan))
	}
	for _, r := range c.Rules {
		if r.EdgeTTL != nil && *r.EdgeTTL > 0 {
			parts = append(parts, AtMost(under("cloudflare", r.Name), limit.MinEdgeTTL.Seconds(), r.EdgeTTL.Seconds(), "s",
				"the %s plan's shortest edge TTL against edgeTtl", c.Plan))
		}
		if len(r.QueryKeys) > 0 {
			parts = append(parts, AtMost(under("cloudflare", r.Name, "query keys"), float64(len(r.QueryKeys)), allowed(limit.QueryKeys, cdn.MaxQueryKeys), "keys",
				"the %s plan's query parameters in a cache key", c.Plan))
		}
	}
	return parts
}

// allowed is a limit, or nothing for who may not use it.
func allowed(ok bool, limit float64) float64 {
	if !ok {
		return 0
	}
	return limit
}

func longestExpression(zone cdn.Zone) int {
	longest := 0
	for _, r := range zone.CacheRules {
		longest = max(longest, len(r.Expression))
	}
	for _, r := range zone.HeaderRules {
		longest = max(longest, len(r.Expression))
	}
	return longest
}

func vercelLimits(p spec.VercelProject, file cdn.Vercel) []Part {
	at, source := under("vercel", p.Name), 0
	for _, e := range file.Headers {
		source = max(source, len(e.Source))
	}
	return []Part{
		AtMost(at, float64(len(file.Headers)), cdn.MaxVercelEntries, "entries", "header entries of one vercel.json"),
		AtMost(under(at, "pattern"), float64(source), cdn.MaxVercelSource, "characters", "the longest pattern of a vercel.json"),
	}
}

// edgeAdvice says what to change of the CDN that the tightest part is about, and
// the smallest plan of the zone at which everything fits. A plan is bought, not
// set, so that it is no fix by itself.
func (in input) edgeAdvice(c Check) string {
	switch {
	case strings.HasPrefix(c.Subject, "cloudfront"):
		return "remove rules or aliases, or ask AWS for a higher quota"
	case strings.HasPrefix(c.Subject, "vercel"):
		return "remove rules of the project, or shorten their paths"
	}
	text, rules := zoneAdvice(c.Subject), *in.derive().plan.Edge.Cloudflare
	for _, name := range in.stack.Edge.Cloudflare.Plan.Values() {
		zone := *in.stack.Edge.Cloudflare
		zone.Plan = spec.CloudflarePlan(name)
		if NewCheck(EdgeLimits, zoneLimits(zone, rules)).OK {
			return text + ", or move the zone to the " + name + " plan (edge.cloudflare.plan)"
		}
	}
	return text
}

func zoneAdvice(subject string) string {
	switch {
	case strings.HasSuffix(subject, " rules"):
		return "remove rules"
	case strings.HasSuffix(subject, " query keys"):
		return "list fewer queryKeys, or set ignoreQuery instead"
	case subject == "cloudflare tiered cache":
		return "set edge.cloudflare.tieredCache to smart"
	case subject == "cloudflare expression":
		return "join rules under a common path"
	}
	return "raise edgeTtl of the rule, or leave it out so that the origin's max-age counts"
}
