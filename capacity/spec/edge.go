package spec

// Edge is what answers before the cluster does.
type Edge struct {
	// SessionCookies are names of cookies that only signed-in visitors carry. A
	// page or an API answer for a request with one of them is never cached.
	// Default: [session], the cookie of Starlette's SessionMiddleware.
	SessionCookies []string `json:"sessionCookies,omitempty"`
	// Cloudflare zone in front of the services.
	Cloudflare *Cloudflare `json:"cloudflare,omitempty"`
	// CloudFront distribution for static media.
	CloudFront *CloudFront `json:"cloudfront,omitempty"`
	// Vercel projects for docs and marketing.
	Vercel *Vercel `json:"vercel,omitempty"`
}

// Cloudflare is one zone. It may be shared with others.
type Cloudflare struct {
	// Mode of the zone's phases and settings, where they state none of their own.
	// Default: external.
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
	// OtherTransforms are the zone's transform rules that Headroom does not own;
	// they count against the plan. Default: 0.
	OtherTransforms int `json:"otherTransforms,omitempty"`
	// CachePhase holds the zone's cache rules. It has one owner.
	CachePhase Phase `json:"cachePhase,omitzero"`
	// HeaderPhase holds the zone's response header rules. It has one owner.
	HeaderPhase Phase `json:"headerPhase,omitzero"`
	// Settings of the whole zone that caching depends on: managed or external.
	// Default: managed if mode is managed, else external.
	Settings Mode `json:"settings,omitempty"`
	// TieredCache lets edge locations ask each other before they ask the origin.
	// Default: smart where settings are managed.
	TieredCache TieredCache `json:"tieredCache,omitempty"`
	// Rules for caching, broad first; the last match wins, and private paths win
	// over all others.
	Rules []CacheRule `json:"rules,omitempty"`
}

// Phase is one entry point ruleset of a zone. Cloudflare allows one per phase.
type Phase struct {
	// Mode of the phase. Default: that of the zone.
	Mode Mode `json:"mode,omitempty"`
	// RulesetID of the live ruleset; required when adopted.
	RulesetID string `json:"rulesetId,omitempty"`
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

// TieredCache is a topology of edge locations.
type TieredCache string

// The topologies.
const (
	// TieredSmart lets Cloudflare choose one upper location per origin.
	TieredSmart TieredCache = "smart"
	// TieredGeneric uses all upper locations. It needs the enterprise plan.
	TieredGeneric TieredCache = "generic"
	// TieredOff makes every location ask the origin.
	TieredOff TieredCache = "off"
)

// Values are the allowed topologies.
func (TieredCache) Values() []string {
	return []string{string(TieredSmart), string(TieredGeneric), string(TieredOff)}
}

// CloudFront is one distribution and the bucket behind it.
type CloudFront struct {
	// Mode of the distribution. Default: external.
	Mode Mode `json:"mode,omitempty"`
	// ID of the live distribution; required when adopted.
	ID string `json:"id,omitempty"`
	// Aliases such as "media.example.com".
	Aliases []string `json:"aliases,omitempty"`
	// CertificateARN in us-east-1 that covers every alias. Default: one is
	// requested and validated by DNS records in the Cloudflare zone.
	CertificateARN string `json:"certificateArn,omitempty"`
	// DNS says who points the aliases at the distribution: managed makes records
	// in the Cloudflare zone. Default: external.
	DNS Mode `json:"dns,omitempty"`
	// PriceClass of the distribution. Default: 100.
	PriceClass PriceClass `json:"priceClass,omitempty"`
	// OriginShield puts one more cache before the bucket: one location fetches,
	// all others ask it. It is charged per request. Default: true.
	OriginShield *bool `json:"originShield,omitempty"`
	// Bucket that holds the files.
	Bucket Bucket `json:"bucket,omitzero"`
	// Rules for caching, broad first; the last match wins, and private paths win
	// over all others.
	Rules []CacheRule `json:"rules,omitempty"`
}

// Bucket is the S3 bucket of a distribution, in the stack's region.
type Bucket struct {
	// Mode of the bucket. Default: that of the distribution.
	Mode Mode `json:"mode,omitempty"`
	// Name of the bucket; required unless managed. Default: made up, unique.
	Name string `json:"name,omitempty"`
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
	// Rules for caching, broad first; the last match wins, and private paths win
	// over all others.
	Rules []CacheRule `json:"rules,omitempty"`
}
