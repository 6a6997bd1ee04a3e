package edge

import (
	"fmt"
	"strings"

	"github.com/agencyos/headroom/capacity/cdn"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/check"
)

// longestName leaves room in the shortest limit of the names made from it: that of
// a log delivery, 60, less what is appended.
const longestName = 60 - len("-logs") - len("-0123456")

// validate refuses what Cloudflare or AWS would refuse at the end of a long apply,
// or accept and break later.
func (b builder) validate() error {
	c := check.Checker{}
	c.Require(b.name != "" && len(b.name) <= longestName, "edge", b.name, fmt.Sprintf("must have a name of at most %d characters", longestName), "")
	if z := b.zone(); z != nil {
		b.validateZone(&c, *z)
	}
	if m := b.media(); m != nil {
		b.validateMedia(&c, *m)
	}
	return c.Err()
}

func (b builder) validateZone(c *check.Checker, z spec.Cloudflare) {
	const at = "edge.cloudflare"
	c.Require(b.Stack != "" && !strings.Contains(b.Stack, " "), "stack", b.Stack, "must name the stack, which marks its rules", "")
	c.Require(z.ZoneID != "", at+".zoneId", "", "must be set", "")
	c.Require(z.CachePhase.Mode != spec.Adopt || z.CachePhase.RulesetID != "", at+".cachePhase.rulesetId", "", "must be the live ruleset's id", "")
	c.Require(z.HeaderPhase.Mode != spec.Adopt || z.HeaderPhase.RulesetID != "", at+".headerPhase.rulesetId", "", "must be the live ruleset's id", "")
	if b.Plan.Cloudflare == nil {
		c.Require(false, at, "", "has no plan", "derive the plan from the same stack file")
		return
	}
	c.Require(b.Plan.Cloudflare.ID == z.ZoneID, at+".zoneId", b.Plan.Cloudflare.ID, "is not what the stack file sets", "derive the plan from the same stack file")
	for _, r := range b.Plan.Cloudflare.CacheRules {
		c.Require(r.EdgeSeconds == 0 || r.Cache, at+".rules", r.Ref, "has an edge TTL and keeps nothing", "")
		c.Require(cdn.Owns(b.Stack, r.Ref), at+".rules", r.Ref, "is not marked as a rule of "+b.Stack, "derive the plan from the same stack file")
	}
}

func (b builder) validateMedia(c *check.Checker, m spec.CloudFront) {
	const at = "edge.cloudfront"
	c.Require(b.Global != nil, "provider", "", "must be an AWS provider for us-east-1", "")
	c.Require(b.Cluster.Region != "", "cluster.region", "", "must be set for a distribution", "the bucket lies there")
	c.Require(m.Mode != spec.Adopt || m.ID != "", at+".id", "", "must be the live distribution's id", "")
	c.Require(m.Bucket.Mode == spec.Managed || m.Bucket.Name != "", at+".bucket.name", "", "must be set unless the bucket is managed", "")
	c.Require(b.Plan.CloudFront != nil && len(b.Plan.CloudFront.Behaviors) > 0, at, "", "has no plan", "derive the plan from the same stack file")
	zoneID := ""
	if b.Spec.Cloudflare != nil {
		zoneID = b.Spec.Cloudflare.ZoneID
	}
	c.Require(!m.Records() || zoneID != "", "edge.cloudflare.zoneId", "", "must be set for DNS records of the distribution", "")
	for i, alias := range m.Aliases {
		for _, other := range m.Aliases {
			// Both would be validated by one record, made twice.
			c.Require(m.CertificateARN != "" || other != "*."+alias, fmt.Sprintf("%s.aliases[%d]", at, i), alias,
				"must not stand beside its wildcard", "name a certificate by certificateArn")
		}
	}
}
