package cdn

import (
	"fmt"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/spec"
)

// Zone is everything that a Cloudflare zone and the origin behind it are told.
type Zone struct {
	Name string              `json:"zone"`
	ID   string              `json:"zoneId,omitempty"`
	Plan spec.CloudflarePlan `json:"plan"`
	// CacheRules of the phase http_request_cache_settings. The last match wins:
	// broad ones first, those that keep nothing last.
	CacheRules []CacheRule `json:"cacheRules"`
	// HeaderRules of the phase http_response_headers_transform: what browsers are
	// told. Cloudflare itself reads what the origin sent.
	HeaderRules []HeaderRule `json:"headerRules"`
	// Origin is what the origin must send, in the order of the rules.
	Origin []OriginHeader `json:"origin"`
}

// CacheRule is one cache rule.
type CacheRule struct {
	Ref         string `json:"ref"`
	Description string `json:"description"`
	Expression  string `json:"expression"`
	// Cache makes answers eligible; without it they are never kept.
	Cache bool `json:"cache"`
	// EdgeSeconds overrides what the origin says; 0 respects it.
	EdgeSeconds int `json:"edgeSeconds,omitempty"`
	// IgnoreQuery and QueryKeys say what of the query tells answers apart.
	IgnoreQuery bool     `json:"ignoreQuery,omitempty"`
	QueryKeys   []string `json:"queryKeys,omitempty"`
}

// HeaderRule sets response headers on their way to the browser.
type HeaderRule struct {
	Ref         string   `json:"ref"`
	Description string   `json:"description"`
	Expression  string   `json:"expression"`
	Set         []Header `json:"set"`
}

// OriginHeader is the Cache-Control that the origin sends for a path.
type OriginHeader struct {
	Rule  string     `json:"rule"`
	Class spec.Class `json:"class"`
	Hosts []string   `json:"hosts"`
	Path  string     `json:"path"`
	Value string     `json:"cacheControl"`
	// SignedIn is the value for requests with credentials.
	SignedIn string `json:"cacheControlSignedIn"`
}

// zone is what rules are rendered from.
type zone struct {
	stack          string
	hosts, cookies []string
	rules          []spec.CacheRule
	minTTL         time.Duration
}

// NewZone renders the rules of a stack's Cloudflare zone.
func NewZone(s spec.Stack) Zone {
	c := s.Edge.Cloudflare
	z := zone{stack: s.Name, hosts: lower(s.ZoneHosts()), cookies: s.Edge.SessionCookies, rules: ordered(c.Rules), minTTL: LimitsOf(c.Plan).MinEdgeTTL}
	out := Zone{Name: c.Zone, ID: c.ZoneID, Plan: c.Plan}
	for _, r := range z.rules {
		out.CacheRules = append(out.CacheRules, z.cacheRule(r))
		out.HeaderRules = append(out.HeaderRules, z.headerRule(r))
		out.Origin = append(out.Origin, z.originHeader(r))
	}
	if len(z.rules) > 0 {
		which, why := z.withCredentials().String(), "Headroom: answers to requests with credentials are never kept"
		out.CacheRules = append(out.CacheRules, CacheRule{Ref: z.ref(spec.SignedInRule), Description: why, Expression: which})
		out.HeaderRules = append(out.HeaderRules, HeaderRule{Ref: z.ref(spec.SignedInRule), Description: why, Expression: which, Set: sorted(Header{cacheControl, never})})
	}
	return out
}

func lower(hosts []string) []string {
	out := make([]string, len(hosts))
	for i, h := range hosts {
		out[i] = strings.ToLower(h)
	}
	return out
}

// refPrefix marks the rules of Headroom, and of which stack, in a shared zone.
func refPrefix(stack string) string { return "headroom_" + stack + "_" }

func (z zone) ref(name string) string { return refPrefix(z.stack) + name }

// Owns says whether a live rule of a zone belongs to a stack, by its ref. A
// rule's name holds no underscore, so that no stack takes the rules of another
// one whose name begins the same.
func Owns(stack, ref string) bool {
	name, ours := strings.CutPrefix(ref, refPrefix(stack))
	return ours && !strings.Contains(name, "_")
}

func describe(r spec.CacheRule) string {
	return fmt.Sprintf("Headroom: %s, %s under %s", r.Name, r.Class, r.Path)
}

// cacheRule overrides the edge's time where the plan lets it; a shorter one is
// reachable only by what the origin says.
func (z zone) cacheRule(r spec.CacheRule) CacheRule {
	out := CacheRule{Ref: z.ref(r.Name), Description: describe(r), Expression: z.scope(r).String()}
	if r.Class == spec.Private {
		return out
	}
	out.Cache, out.IgnoreQuery, out.QueryKeys = true, r.IgnoreQuery, r.QueryKeys
	if ttl := LifeOf(r).Edge; ttl >= z.minTTL {
		out.EdgeSeconds = Seconds(ttl)
	}
	return out
}

// headerRule tells browsers less than the edge. An error keeps its own headers: a
// missing file must not stay missing for a year.
func (z zone) headerRule(r spec.CacheRule) HeaderRule {
	out := HeaderRule{Ref: z.ref(r.Name), Description: describe(r), Set: sorted(Header{cacheControl, browser(r)})}
	switch r.Class {
	case spec.Private:
		out.Expression = z.scope(r).String()
		return out
	case spec.Immutable, spec.Media:
		// A file is what its type says: no browser may take an upload for a script.
		out.Set = sorted(append(out.Set, Header{"X-Content-Type-Options", "nosniff"})...)
	}
	out.Expression = allOf{z.scope(r), succeeded{}}.String()
	return out
}

// originHeader is read by Cloudflare's own cache: stale copies are served only
// when the origin allows it, and s-maxage, must-revalidate and no-cache would
// forbid it (https://developers.cloudflare.com/cache/concepts/revalidation/, 2026-11).
func (z zone) originHeader(r spec.CacheRule) OriginHeader {
	out := OriginHeader{Rule: r.Name, Class: r.Class, Hosts: z.hostsOf(r), Path: r.Path, Value: edge(r), SignedIn: edge(r)}
	switch {
	case r.Class == spec.Immutable:
		// One header serves browser and edge; the edge's time is in the cache rule.
		out.Value, out.SignedIn = browser(r), browser(r)
	case personal(r.Class):
		out.SignedIn = never
	}
	return out
}
