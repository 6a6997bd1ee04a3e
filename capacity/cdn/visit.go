package cdn

import (
	"net/url"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/spec"
)

// CacheControl is the header that every cache reads.
const CacheControl = cacheControl

// Visit is what a browser must be told at an address.
type Visit struct {
	// Rule that is for it, or [DefaultRule].
	Rule string
	// CacheControl that a good answer has there.
	CacheControl string
	// SignedIn is the same for a request with an Authorization header; empty where
	// the edge passes no credentials on.
	SignedIn string
}

// Visited is what a stack's edge must answer at an address. It is false for
// addresses of which the stack file does not say who serves them, such as those
// of projects on Vercel.
func Visited(s spec.Stack, at *url.URL) (Visit, bool) {
	host, path := strings.ToLower(at.Hostname()), at.EscapedPath()
	if path == "" {
		path = "/"
	}
	if c := s.Edge.CloudFront; c != nil && slices.Contains(lower(c.Aliases), host) {
		for _, r := range firstMatch(c.Rules) {
			if r.Path == "/" || under(path, r.Path) {
				return Visit{Rule: r.Name, CacheControl: object(r)}, true
			}
		}
	}
	if s.Edge.Cloudflare == nil {
		return Visit{}, false
	}
	z := zone{hosts: lower(s.ZoneHosts()), rules: ordered(s.Edge.Cloudflare.Rules)}
	for _, r := range slices.Backward(z.rules) {
		if slices.Contains(z.hostsOf(r), host) && (r.Path == "/" || under(path, r.Path)) {
			return Visit{Rule: r.Name, CacheControl: browser(r), SignedIn: never}, true
		}
	}
	return Visit{}, false
}
