package cdn

import (
	"time"

	"github.com/agencyos/headroom/capacity/spec"
)

// Limits of a Cloudflare plan. Cloudflare refuses what is beyond them only when
// it is applied.
type Limits struct {
	// CacheRules and TransformRules of a zone, all owners together.
	CacheRules, TransformRules int
	// MinEdgeTTL is the shortest that a cache rule may set.
	MinEdgeTTL time.Duration
	// QueryKeys in a cache key, and the generic tiered cache.
	QueryKeys, GenericTieredCache bool
}

// limits by plan (github.com/cloudflare/cloudflare-docs src/content/plans/index.json, 2026-11).
var limits = map[spec.CloudflarePlan]Limits{
	spec.PlanFree:       {CacheRules: 10, TransformRules: 10, MinEdgeTTL: 2 * time.Hour},
	spec.PlanPro:        {CacheRules: 25, TransformRules: 25, MinEdgeTTL: time.Hour},
	spec.PlanBusiness:   {CacheRules: 50, TransformRules: 50, MinEdgeTTL: time.Second},
	spec.PlanEnterprise: {CacheRules: 300, TransformRules: 300, MinEdgeTTL: time.Second, QueryKeys: true, GenericTieredCache: true},
}

// LimitsOf a plan; an unknown plan has none of anything.
func LimitsOf(p spec.CloudflarePlan) Limits { return limits[p] }

const (
	// MaxExpression is the longest expression of a rule in characters
	// (https://developers.cloudflare.com/ruleset-engine/rules-language/expressions/#maximum-length, 2026-11).
	MaxExpression = 4096
	// MaxQueryKeys are the most query parameters in a cache key
	// (https://developers.cloudflare.com/cache/how-to/cache-rules/settings/, 2026-11).
	MaxQueryKeys = 100
	// MaxBehaviors is CloudFront's default quota per distribution, as the two below
	// (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html, 2026-11).
	MaxBehaviors = 75
	// MaxAliases is the quota per distribution.
	MaxAliases = 100
	// MaxCachePolicies is the quota per account.
	MaxCachePolicies = 20
	// MaxVercelEntries are the header entries of one vercel.json
	// (github.com/vercel/vercel packages/routing-utils/src/schemas.ts, 2026-11).
	MaxVercelEntries = 2048
	// MaxVercelSource is the length of a pattern there, in characters.
	MaxVercelSource = 4096
)
