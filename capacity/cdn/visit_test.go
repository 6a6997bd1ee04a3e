package cdn

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/spec"
)

func TestVisited(t *testing.T) {
	s := spec.Stack{
		Services: map[string]spec.Service{"web": {Ingress: &spec.Ingress{Host: "www.example.com"}}},
		Edge: spec.Edge{
			Cloudflare: &spec.Cloudflare{Zone: "example.com", Rules: []spec.CacheRule{
				{Name: "account", Path: "/account/", Class: spec.Private},
				{Name: "pages", Path: "/", Class: spec.Page},
				{Name: "assets", Path: "/assets/", Class: spec.Immutable},
				{Name: "feed", Host: "API.example.com", Path: "/feed", Class: spec.API},
			}},
			CloudFront: &spec.CloudFront{Aliases: []string{"Media.example.com"}, Rules: []spec.CacheRule{
				{Name: "video", Path: "/video/", Class: spec.Media},
			}},
		},
	}
	const fixed = "max-age=31536000, immutable"
	for address, c := range map[string]struct {
		reason string
		want   *Visit
	}{
		"https://www.example.com":                 {"the whole host", &Visit{"pages", "max-age=0", never}},
		"https://WWW.example.com/assets/a.js?v=1": {"the last match wins, whatever the query", &Visit{"assets", fixed, never}},
		"https://www.example.com/account/me":      {"a private rule wins over all, wherever it stands", &Visit{"account", never, never}},
		"https://www.example.com/accountant":      {"a path is not below another one by its letters", &Visit{"pages", "max-age=0", never}},
		"https://api.example.com/feed":            {"a rule's own host", &Visit{"feed", "max-age=0", never}},
		"https://api.example.com/feeds":           {"nothing is said of the rest of that host", nil},
		"https://media.example.com/video/1.mp4":   {"files carry the header of their upload", &Visit{"video", "max-age=3600, s-maxage=2592000, stale-while-revalidate=86400, stale-if-error=86400", ""}},
		"https://media.example.com/other":         {"what no rule is for is kept nowhere", &Visit{DefaultRule, never, ""}},
		"https://docs.example.com/":               {"who serves it is not in the stack file", nil},
	} {
		at, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := Visited(s, at)
		if ok != (c.want != nil) {
			t.Errorf("%s: told %v: %s", address, ok, c.reason)
		} else if ok {
			if diff := cmp.Diff(*c.want, got); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", address, c.reason, diff)
			}
		}
	}
}
