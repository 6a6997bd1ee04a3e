package spec

// Edge is what answers before the cluster does.
type Edge struct {
	// Cloudflare zone in front of the services.
	Cloudflare *Cloudflare `json:"cloudflare,omitempty"`
	// CloudFront distribution for static media.
	CloudFront *CloudFront `json:"cloudfront,omitempty"`
	// Vercel projects for docs and marketing.
	Vercel *Vercel `json:"vercel,omitempty"`
}

// Cloudflare is one zone.
type Cloudflare struct {
	// Mode of the zone's cache rules. Default: external.
	Mode Mode `json:"mode,omitempty"`
	// Zone such as "example.com".
	Zone string `json:"zone"`
	// ZoneID of the zone; required unless external.
	ZoneID string `json:"zoneId,omitempty"`
	// Plan of the zone; it bounds rules and TTLs.
	Plan CloudflarePlan `json:"plan"`
	// OtherRules are cache rules of the zone that Headroom does not own; they
	// count against the plan. Default: 0.
	OtherRules int `json:"otherRules,omitempty"`
	// Rules for caching, broad first; the last match wins.
	Rules []CacheRule `json:"rules,omitempty"`
}

// CloudflarePlan is the plan of a zone.
type CloudflarePlan string

// The plans.
const (
	PlanFree       CloudflarePlan = "free"
	PlanPro        CloudflarePlan = "pro"
	PlanBusiness   CloudflarePlan = "business"
	PlanEnterprise CloudflarePlan = "enterprise"
)

// Values are the allowed plans.
func (CloudflarePlan) Values() []string {
	return []string{string(PlanFree), string(PlanPro), string(PlanBusiness), string(PlanEnterprise)}
}

// CloudFront is one distribution.
type CloudFront struct {
	// Mode of the distribution. Default: external.
	Mode Mode `json:"mode,omitempty"`
	// ID of the live distribution; required when adopted.
	ID string `json:"id,omitempty"`
	// Aliases such as "media.example.com".
	Aliases []string `json:"aliases,omitempty"`
	// PriceClass of the distribution. Default: 100.
	PriceClass PriceClass `json:"priceClass,omitempty"`
	// Rules for caching, broad first; the last match wins.
	Rules []CacheRule `json:"rules,omitempty"`
}

// PriceClass is the set of edge locations that a distribution uses.
type PriceClass string

// The price classes.
const (
	PriceClass100 PriceClass = "100"
	PriceClass200 PriceClass = "200"
	PriceClassAll PriceClass = "all"
)

// Values are the allowed price classes.
func (PriceClass) Values() []string {
	return []string{string(PriceClass100), string(PriceClass200), string(PriceClassAll)}
}

// Vercel are the edge-hosted projects.
type Vercel struct {
	// Projects by folder under apps/.
	Projects []VercelProject `json:"projects"`
}

// VercelProject is one project whose vercel.json is rendered.
type VercelProject struct {
	// Name such as "docs"; the file is apps/<name>/vercel.json.
	Name string `json:"name"`
	// Rules for caching, broad first; the last match wins.
	Rules []CacheRule `json:"rules,omitempty"`
}

// CacheRule says how long paths stay fresh and stale.
type CacheRule struct {
	// Name of the rule.
	Name string `json:"name"`
	// Path prefix such as "/assets/".
	Path string `json:"path"`
	// Kind of content.
	Kind CacheKind `json:"kind"`
	// EdgeTTL that the CDN keeps a fresh copy. Default: 24h for public, 0 for private.
	EdgeTTL *Duration `json:"edgeTtl,omitempty"`
	// StaleWhileRevalidate that a stale copy is served while a fresh one is
	// fetched. Default: 5m for public.
	StaleWhileRevalidate *Duration `json:"staleWhileRevalidate,omitempty"`
}

// CacheKind is a kind of cached content.
type CacheKind string

// The kinds of content.
const (
	// Immutable is a hashed asset, fresh for a year.
	Immutable CacheKind = "immutable"
	// Public is the same for everyone and revalidated.
	Public CacheKind = "public"
	// Private is never cached.
	Private CacheKind = "private"
)

// Values are the allowed kinds.
func (CacheKind) Values() []string {
	return []string{string(Immutable), string(Public), string(Private)}
}
