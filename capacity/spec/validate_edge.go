package spec

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

var (
	zoneID         = regexp.MustCompile(`^[0-9a-f]{32}$`)
	cookieName     = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	queryKey       = regexp.MustCompile(`^[A-Za-z0-9_.~-]+$`)
	cachePath      = regexp.MustCompile(`^/[A-Za-z0-9._~/-]*$`)
	certificate    = regexp.MustCompile(`^arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[0-9a-f-]+$`)
	distributionID = regexp.MustCompile(`^E[A-Z0-9]{7,}$`)
	bucketName     = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)
)

func (e Edge) validate(ps *Problems) {
	for i, name := range e.SessionCookies {
		ps.require(cookieName.MatchString(name), fmt.Sprintf("edge.sessionCookies[%d]", i), name,
			"must be a cookie's name of letters, digits, - and _", "")
	}
	if e.Cloudflare != nil {
		e.Cloudflare.validate(ps)
	}
	if e.CloudFront != nil {
		e.CloudFront.validate(ps, e.Cloudflare)
	}
	if e.Vercel != nil {
		for i, p := range e.Vercel.Projects {
			at := fmt.Sprintf("edge.vercel.projects[%d]", i)
			ps.require(dnsLabel.MatchString(p.Name), at+".name", p.Name, "must be a lower-case name", "")
			validateRules(ps, at+".rules", p.Rules)
			elsewhere(ps, at+".rules", p.Rules)
			frozen(ps, at+".rules", p.Rules)
		}
	}
}

func (c Cloudflare) validate(ps *Problems) {
	const at = "edge.cloudflare"
	oneOf(ps, at+".mode", c.Mode)
	oneOf(ps, at+".plan", c.Plan)
	ps.require(hostName.MatchString(c.Zone), at+".zone", c.Zone, "must be a domain such as example.com", "")
	ps.require(c.ZoneID == "" || zoneID.MatchString(c.ZoneID), at+".zoneId", c.ZoneID, "must be 32 hexadecimal digits", "copy it from the zone's overview")
	ps.require(!c.Touched() || c.ZoneID != "", at+".zoneId", nil, "must be set unless everything of the zone is external", "")
	ps.require(c.OtherRules >= 0, at+".otherRules", c.OtherRules, "must not be negative", "")
	ps.require(c.OtherTransforms >= 0, at+".otherTransforms", c.OtherTransforms, "must not be negative", "")
	for name, p := range map[string]Phase{"cachePhase": c.CachePhase, "headerPhase": c.HeaderPhase} {
		oneOf(ps, at+"."+name+".mode", p.Mode)
		ps.adopted(at+"."+name+".rulesetId", p.Mode, p.RulesetID)
	}
	ps.require(c.Settings == Managed || c.Settings == External, at+".settings", string(c.Settings), "must be managed or external", "")
	if c.TieredCache != "" {
		oneOf(ps, at+".tieredCache", c.TieredCache)
	}
	validateRules(ps, at+".rules", c.Rules)
	frozen(ps, at+".rules", c.Rules)
	for i, r := range c.Rules {
		here := fmt.Sprintf("%s.rules[%d]", at, i)
		ps.require(r.Host == "" || c.Contains(r.Host), here+".host", r.Host, "must be the zone "+c.Zone+" or a name inside it", "")
		ps.require(r.Name != SignedInRule, here+".name", r.Name, "is the name of Headroom's own rule for requests with credentials", "")
	}
}

func (c CloudFront) validate(ps *Problems, zone *Cloudflare) {
	const at = "edge.cloudfront"
	oneOf(ps, at+".mode", c.Mode)
	oneOf(ps, at+".priceClass", c.PriceClass)
	ps.adopted(at+".id", c.Mode, c.ID)
	ps.require(c.ID == "" || distributionID.MatchString(c.ID), at+".id", c.ID, `must be a distribution's id such as "E2QWRUHAPOMQZL"`, "")
	oneOf(ps, at+".bucket.mode", c.Bucket.Mode)
	ps.require(c.Bucket.Name == "" || bucketName.MatchString(c.Bucket.Name), at+".bucket.name", c.Bucket.Name,
		"must be 3 to 63 lower-case letters, digits and hyphens", "a dot breaks TLS to the bucket")
	ps.require(c.Mode == External || c.Bucket.Mode == Managed || c.Bucket.Name != "", at+".bucket.name", nil, "must be set unless the bucket is managed",
		"aws cloudfront get-distribution tells the bucket of a live distribution under Origins")
	ps.require(c.CertificateARN == "" || certificate.MatchString(c.CertificateARN), at+".certificateArn", c.CertificateARN,
		"must be an ACM certificate in us-east-1", "CloudFront reads certificates only there")
	ps.require(c.DNS == Managed || c.DNS == External, at+".dns", string(c.DNS), "must be managed or external", "")
	c.validateAliases(ps, zone)
	validateRules(ps, at+".rules", c.Rules)
	elsewhere(ps, at+".rules", c.Rules)
}

// validateAliases makes sure that somebody can prove the names to be ours.
func (c CloudFront) validateAliases(ps *Problems, zone *Cloudflare) {
	requests, records := c.requestsCertificate(), c.writesRecords()
	keyed := zone != nil && zone.ZoneID != ""
	for i, alias := range c.Aliases {
		at := fmt.Sprintf("edge.cloudfront.aliases[%d]", i)
		ps.require(hostName.MatchString(alias) && strings.Contains(alias, "."), at, alias, "must be a name such as media.example.com", "")
		ps.require(!requests && !records || zone == nil || zone.Contains(alias), at, alias, "must lie in the Cloudflare zone", "or set certificateArn and dns: external")
	}
	ps.require(!requests || keyed, "edge.cloudfront.certificateArn", nil,
		"must be set: without edge.cloudflare.zoneId nobody can validate a certificate", "")
	ps.require(!records || keyed, "edge.cloudfront.dns", string(c.DNS), "needs edge.cloudflare.zoneId", "or set it to external")
}

// requestsCertificate tells whether a certificate is to be made for the aliases.
func (c CloudFront) requestsCertificate() bool {
	return c.Mode != External && c.CertificateARN == "" && len(c.Aliases) > 0
}

// writesRecords tells whether DNS records are to be made for the aliases.
func (c CloudFront) writesRecords() bool { return c.Mode != External && c.DNS == Managed }

func validateRules(ps *Problems, at string, rules []CacheRule) {
	names := map[string]bool{}
	for i, r := range rules {
		here := fmt.Sprintf("%s[%d]", at, i)
		ps.require(dnsLabel.MatchString(r.Name), here+".name", r.Name, "must be a lower-case name", "")
		ps.require(!names[r.Name], here+".name", r.Name, "must be unique in its list", "the CDN knows the rule by it")
		names[r.Name] = true
		r.validate(ps, here)
		for _, other := range rules {
			ps.require(r.Class == Private || other.Class != Private || !other.covers(r), here+".path", r.Path,
				fmt.Sprintf("lies inside the private rule %s, which always wins", other.Name), "narrow the private path")
		}
		for _, later := range rules[i+1:] {
			ps.require(r.Class == Private || later.Class == Private || !later.covers(r), here, r.Path,
				fmt.Sprintf("never applies: the later rule %s covers %s, and the last match wins", later.Name, later.Path), "put broad rules first")
		}
	}
}

func (r CacheRule) validate(ps *Problems, at string) {
	ps.require(cachePath.MatchString(r.Path), at+".path", r.Path, "must start with / and hold letters, digits and . _ ~ - /", "")
	oneOf(ps, at+".class", r.Class)
	ps.require(r.Class != Private || r.EdgeTTL == nil && r.StaleWhileRevalidate == nil, at, nil,
		"is private and must have no edgeTtl and no staleWhileRevalidate", "")
	r.validateTimes(ps, at)
	ps.require(r.Class != Private || !r.IgnoreQuery && len(r.QueryKeys) == 0, at, nil, "is private and needs no cache key", "")
	ps.require(!r.IgnoreQuery || len(r.QueryKeys) == 0, at+".queryKeys", nil, "must not stand beside ignoreQuery", "")
	for i, key := range r.QueryKeys {
		ps.require(queryKey.MatchString(key), fmt.Sprintf("%s.queryKeys[%d]", at, i), key, "must be a parameter's name", "")
	}
}

// longestKept is what Vercel keeps an answer at most, and the longest that HTTP
// ever advised (https://vercel.com/docs/caching/cdn-cache, 2026-11; RFC 2616 §14.21).
const longestKept = Duration(365 * 24 * time.Hour)

func (r CacheRule) validateTimes(ps *Problems, at string) {
	for key, d := range map[string]*Duration{"edgeTtl": r.EdgeTTL, "staleWhileRevalidate": r.StaleWhileRevalidate} {
		ps.require(d == nil || *d >= 0, at+"."+key, d, "must not be negative", "")
		ps.require(d == nil || *d <= longestKept, at+"."+key, d, "must be at most 8760h (a year)", "no CDN keeps an answer longer")
	}
}

// covers says whether every request that the other rule is for is one of this
// rule.
func (r CacheRule) covers(other CacheRule) bool {
	if r.Host != "" && r.Host != other.Host {
		return false
	}
	return r.Path == other.Path || strings.HasSuffix(r.Path, "/") && strings.HasPrefix(other.Path, r.Path)
}

// frozen refuses a year in the browser for what must be able to change: a page
// that every visit starts from, or the service worker that updates the rest.
func frozen(ps *Problems, at string, rules []CacheRule) {
	workers := []string{"sw.js", "service-worker.js"}
	for i, r := range rules {
		name := path.Base(r.Path)
		entry := r.Path == "/" || strings.HasSuffix(name, ".html") || slices.Contains(workers, name)
		ps.require(r.Class != Immutable || !entry, fmt.Sprintf("%s[%d].class", at, i), string(r.Class),
			"would freeze "+r.Path+" in every browser for a year", "use page, or narrow the path to hashed files")
	}
}

// elsewhere refuses what only a Cloudflare zone knows.
func elsewhere(ps *Problems, at string, rules []CacheRule) {
	for i, r := range rules {
		here := fmt.Sprintf("%s[%d]", at, i)
		ps.require(r.Host == "", here+".host", r.Host, "is only for the rules of the Cloudflare zone", "")
		ps.require(!r.IgnoreQuery && len(r.QueryKeys) == 0, here, nil, "has a cache key, which is only for the Cloudflare zone", "")
	}
}
