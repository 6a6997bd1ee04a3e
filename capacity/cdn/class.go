// Package cdn says to every CDN, in its own words, how long which answers may be
// kept.
//
// One table of path classes is rendered for Cloudflare, CloudFront, Vercel and an
// nginx origin. The headers differ because the same header means different
// things: s-maxage beside stale-while-revalidate is recommended on Vercel, fine
// on CloudFront, and switches stale-while-revalidate off on Cloudflare.
//
// Two promises hold on every CDN. An answer to a request that carries
// credentials is never kept, and stale copies may be served while fresh ones are
// fetched wherever a class allows it.
package cdn

import (
	"strings"
	"time"

	"github.com/agencyos/headroom/capacity/spec"
)

// Life is how long an answer stays good.
type Life struct {
	// Browser and Edge are how long each uses its copy without asking.
	Browser, Edge time.Duration
	// Stale is how much longer the edge serves its copy while it fetches a fresh
	// one, OnError while the origin fails.
	Stale, OnError time.Duration
}

// year is the longest that a cache is expected to keep anything
// (https://www.rfc-editor.org/rfc/rfc9111#section-1.2.2).
const year = 365 * 24 * time.Hour

// lives are the defaults by class. Except for the year they are planning choices:
// a page shows an edit within minutes, an API within one, and both outlive a day
// of a failing origin. Private has no life.
var lives = map[spec.Class]Life{
	spec.Immutable: {Browser: year, Edge: year},
	spec.Media:     {Browser: time.Hour, Edge: 30 * 24 * time.Hour, Stale: 24 * time.Hour, OnError: 24 * time.Hour},
	spec.Page:      {Edge: 5 * time.Minute, Stale: 24 * time.Hour, OnError: 24 * time.Hour},
	spec.API:       {Edge: time.Minute, Stale: 5 * time.Minute, OnError: 24 * time.Hour},
}

// LifeOf is the life of what a rule is for. A browser never uses its copy for
// longer than the edge, unless the content cannot change.
func LifeOf(r spec.CacheRule) Life {
	l := lives[r.Class]
	if r.EdgeTTL != nil {
		l.Edge = time.Duration(*r.EdgeTTL)
	}
	if r.Class != spec.Immutable {
		l.Browser = min(l.Browser, l.Edge)
	}
	if r.StaleWhileRevalidate != nil {
		l.Stale = time.Duration(*r.StaleWhileRevalidate)
	}
	return l
}

// personal says whether answers of a class may depend on who asks, so that one
// for a signed-in visitor must not be kept. Files are the same for everyone.
func personal(c spec.Class) bool { return c == spec.Page || c == spec.API }

// ordered puts private rules last, because the last match wins and nothing may
// win over them. The others keep their order.
func ordered(rules []spec.CacheRule) []spec.CacheRule {
	var cached, private []spec.CacheRule
	for _, r := range rules {
		if r.Class == spec.Private {
			private = append(private, r)
		} else {
			cached = append(cached, r)
		}
	}
	return append(cached, private...)
}

// below says whether a path stands for everything below it.
func below(path string) bool { return strings.HasSuffix(path, "/") }

// under says whether a path is another one or below it.
func under(path, other string) bool {
	return path == other || below(other) && strings.HasPrefix(path, other)
}
