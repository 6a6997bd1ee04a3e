package plan

import (
	"fmt"
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/spec"
)

// Vercel is the content of one project's vercel.json.
type Vercel struct {
	Schema  string          `json:"$schema"`
	Headers []VercelHeaders `json:"headers"`
}

// VercelHeaders are the headers of the paths that a pattern matches. Where two
// patterns match, the later one wins.
type VercelHeaders struct {
	Source  string         `json:"source"`
	Headers []VercelHeader `json:"headers"`
}

// VercelHeader is one response header.
type VercelHeader struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

const (
	vercelSchema = "https://openapi.vercel.sh/vercel.json"
	// immutableAge is a year, the longest that RFC 9111 caches are expected to keep.
	immutableAge = 365 * 24 * time.Hour
	// staleIfError serves a stale copy while the origin fails. A planning choice.
	staleIfError = 24 * time.Hour
	// defaultEdgeTTL and defaultStale are those of a public rule that states none.
	defaultEdgeTTL = spec.Duration(24 * time.Hour)
	defaultStale   = spec.Duration(5 * time.Minute)
)

// vercel renders the cache rules of every project.
func (d *draft) vercel() {
	if d.stack.Edge.Vercel == nil {
		return
	}
	d.plan.Edge.Vercel = map[string]Vercel{}
	for _, p := range d.stack.Edge.Vercel.Projects {
		out := Vercel{Schema: vercelSchema}
		for _, r := range p.Rules {
			out.Headers = append(out.Headers, VercelHeaders{Source: vercelPattern(r.Path), Headers: vercelCache(r)})
		}
		d.plan.Edge.Vercel[p.Name] = out
	}
}

// vercelPattern matches everything under a path.
func vercelPattern(path string) string { return strings.TrimSuffix(path, "/") + "/(.*)" }

// vercelBoth tells edge and browser the same. A rule sets both headers, or the
// edge's would remain from a broader rule.
func vercelBoth(value string) []VercelHeader {
	return []VercelHeader{{"Cache-Control", value}, {"Vercel-CDN-Cache-Control", value}}
}

// vercelCache are the headers of one rule. The CDN has a header of its own that
// Vercel consumes, so that browsers are told less than the edge
// (https://vercel.com/docs/caching/cache-control-headers, 2026-04).
func vercelCache(r spec.CacheRule) []VercelHeader {
	switch r.Kind {
	case spec.Immutable:
		return vercelBoth(fmt.Sprintf("public, max-age=%.0f, immutable", immutableAge.Seconds()))
	case spec.Private:
		return vercelBoth("private, no-store")
	}
	ttl, stale := defaultEdgeTTL, defaultStale
	if r.EdgeTTL != nil {
		ttl = *r.EdgeTTL
	}
	if r.StaleWhileRevalidate != nil {
		stale = *r.StaleWhileRevalidate
	}
	return []VercelHeader{
		{"Cache-Control", "public, max-age=0, must-revalidate"},
		{"Vercel-CDN-Cache-Control", fmt.Sprintf("max-age=%.0f, stale-while-revalidate=%.0f, stale-if-error=%.0f",
			ttl.Seconds(), stale.Seconds(), staleIfError.Seconds())},
	}
}
