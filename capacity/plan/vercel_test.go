package plan

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/spec"
)

func TestVercelCache(t *testing.T) {
	hour, week := spec.Duration(time.Hour), spec.Duration(7*24*time.Hour)
	for name, tc := range map[string]struct {
		reason string
		in     spec.CacheRule
		want   []VercelHeader
	}{
		"Immutable": {"a hashed asset never changes", spec.CacheRule{Kind: spec.Immutable},
			[]VercelHeader{{"Cache-Control", "public, max-age=31536000, immutable"}, {"Vercel-CDN-Cache-Control", "public, max-age=31536000, immutable"}}},
		"Private": {"nothing keeps a copy", spec.CacheRule{Kind: spec.Private},
			[]VercelHeader{{"Cache-Control", "private, no-store"}, {"Vercel-CDN-Cache-Control", "private, no-store"}}},
		"PublicDefault": {"a day fresh, five minutes stale", spec.CacheRule{Kind: spec.Public}, []VercelHeader{
			{"Cache-Control", "public, max-age=0, must-revalidate"},
			{"Vercel-CDN-Cache-Control", "max-age=86400, stale-while-revalidate=300, stale-if-error=86400"}}},
		"PublicStated": {"as the rule says; browsers always ask", spec.CacheRule{Kind: spec.Public, EdgeTTL: &hour, StaleWhileRevalidate: &week}, []VercelHeader{
			{"Cache-Control", "public, max-age=0, must-revalidate"},
			{"Vercel-CDN-Cache-Control", "max-age=3600, stale-while-revalidate=604800, stale-if-error=86400"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, vercelCache(tc.in)); diff != "" {
				t.Errorf("%s\nvercelCache(%+v) (-want +got):\n%s", tc.reason, tc.in, diff)
			}
		})
	}
}

func TestVercelPattern(t *testing.T) {
	for path, want := range map[string]string{"/": "/(.*)", "/assets/": "/assets/(.*)", "/docs": "/docs/(.*)"} {
		if got := vercelPattern(path); got != want {
			t.Errorf("vercelPattern(%q) = %q, want %q", path, got, want)
		}
	}
}
