package cdn

import (
	"github.com/agencyos/headroom/capacity/spec"
)

// Vercel is the content of one project's vercel.json.
type Vercel struct {
	Schema  string        `json:"$schema"`
	Headers []VercelEntry `json:"headers"`
}

// VercelEntry are the headers of the paths that a pattern matches. Where two
// patterns match, the later one wins.
type VercelEntry struct {
	Source string `json:"source"`
	// Has limits the entry to requests that have all of it.
	Has     []VercelCondition `json:"has,omitempty"`
	Headers []VercelHeader    `json:"headers"`
}

// VercelCondition is one thing that a request has.
type VercelCondition struct {
	Type string `json:"type"`
	Key  string `json:"key"`
}

// VercelHeader is one response header.
type VercelHeader struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

const (
	vercelSchema = "https://openapi.vercel.sh/vercel.json"
	// vercelEdge is consumed by Vercel and never sent on. It wins over
	// Cache-Control, so that browsers are told less than the edge
	// (https://vercel.com/docs/caching/cache-control-headers, 2026-04).
	vercelEdge = "Vercel-CDN-Cache-Control"
)

// VercelNames are the headers of vercel.json that Headroom owns.
func VercelNames() []string { return []string{cacheControl, "CDN-Cache-Control", vercelEdge} }

// NewVercel renders the rules of a project. Vercel never keeps the answer to a
// request with an Authorization header, but it does with a cookie
// (https://vercel.com/docs/caching/cdn-cache, 2026-04): each personal rule is
// followed by what holds for visitors with a session.
func NewVercel(rules []spec.CacheRule, cookies []string) Vercel {
	out := Vercel{Schema: vercelSchema, Headers: []VercelEntry{}}
	for _, r := range ordered(rules) {
		source := vercelSource(r.Path)
		out.Headers = append(out.Headers, VercelEntry{Source: source, Headers: vercelHeaders(browser(r), edge(r))})
		if !personal(r.Class) {
			continue
		}
		for _, name := range cookies {
			out.Headers = append(out.Headers, VercelEntry{Source: source, Has: []VercelCondition{{"cookie", name}}, Headers: vercelHeaders(never, never)})
		}
	}
	return out
}

// vercelSource is a pattern of path-to-regexp; a path holds none of its signs.
func vercelSource(path string) string {
	if below(path) {
		return path + "(.*)"
	}
	return path
}

// vercelHeaders sets both, or the edge's would remain from a broader rule.
func vercelHeaders(browser, edge string) []VercelHeader {
	var out []VercelHeader
	for _, h := range sorted(Header{cacheControl, browser}, Header{vercelEdge, edge}) {
		out = append(out, VercelHeader{h.Name, h.Value})
	}
	return out
}
