package cdn

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/spec"
)

func duration(d time.Duration) *spec.Duration { return (*spec.Duration)(&d) }

// every is a set of rules with one of each class, and what is special.
func every() []spec.CacheRule {
	return []spec.CacheRule{
		{Name: "pages", Host: "app.example.com", Path: "/", Class: spec.Page, EdgeTTL: duration(time.Minute), StaleWhileRevalidate: duration(5 * time.Minute), IgnoreQuery: true},
		{Name: "items", Host: "api.example.com", Path: "/api/items/", Class: spec.API, QueryKeys: []string{"page", "sort"}},
		{Name: "account", Path: "/account/", Class: spec.Private},
		{Name: "assets", Path: "/assets/", Class: spec.Immutable, EdgeTTL: duration(30 * 24 * time.Hour)},
		{Name: "images", Path: "/images/", Class: spec.Media},
		{Name: "robots", Path: "/robots.txt", Class: spec.Media, EdgeTTL: duration(time.Hour)},
	}
}

// unzoned are the rules without what only a zone knows.
func unzoned() []spec.CacheRule {
	rules := every()
	for i := range rules {
		rules[i].Host, rules[i].IgnoreQuery, rules[i].QueryKeys = "", false, nil
	}
	return rules
}

func TestCloudflareGolden(t *testing.T) {
	golden.JSON(t, "testdata/cloudflare.golden.json", NewZone(stackOf(every(), []string{"session", "__Host-id"})))
}

func TestCloudFrontGolden(t *testing.T) {
	golden.JSON(t, "testdata/cloudfront.golden.json", NewDistribution(unzoned()))
}

func TestVercelGolden(t *testing.T) {
	golden.JSON(t, "testdata/vercel.golden.json", NewVercel(unzoned(), []string{"session"}))
}

func TestNginxGolden(t *testing.T) {
	cookies := []string{"session", "__Host-id"}
	golden.Text(t, "testdata/nginx.golden.conf", NewZone(stackOf(every(), cookies)).Nginx(cookies))
}

// A plan's shortest edge TTL decides whether a rule can override the origin.
func TestEdgeSecondsFollowThePlan(t *testing.T) {
	for name, tc := range map[string]struct {
		reason string
		plan   spec.CloudflarePlan
		ttl    time.Duration
		want   int
	}{
		"FreeShort":     {"two hours are its shortest; the origin's max-age counts", spec.PlanFree, time.Hour, 0},
		"FreeLong":      {"from two hours on the rule decides", spec.PlanFree, 2 * time.Hour, 7200},
		"ProShort":      {"an hour is its shortest", spec.PlanPro, 59 * time.Minute, 0},
		"BusinessShort": {"a second is its shortest", spec.PlanBusiness, time.Second, 1},
		"BusinessNone":  {"zero cannot be set by a rule", spec.PlanBusiness, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := stackOf([]spec.CacheRule{{Name: "a", Path: "/", Class: spec.Page, EdgeTTL: duration(tc.ttl)}}, nil)
			s.Edge.Cloudflare.Plan = tc.plan
			if got := NewZone(s).CacheRules[0].EdgeSeconds; got != tc.want {
				t.Errorf("%s: edgeSeconds of %s on %s = %d, want %d", tc.reason, tc.ttl, tc.plan, got, tc.want)
			}
		})
	}
}

func TestOwns(t *testing.T) {
	for name, tc := range map[string]struct {
		reason, stack, ref string
		want               bool
	}{
		"Own":         {"a rule of the stack", "prod", "headroom_prod_assets", true},
		"SignedIn":    {"the stack's own last rule", "prod", "headroom_prod_signed-in", true},
		"OtherStack":  {"another stack in the same zone", "prod", "headroom_staging_assets", false},
		"LongerName":  {"another stack whose name begins the same", "prod", "headroom_prod_eu_assets", false},
		"ShorterName": {"and the other way round", "prod_eu", "headroom_prod_assets", false},
		"Foreign":     {"a rule of the dashboard", "prod", "0a1b2c3d4e5f60718293a4b5c6d7e8f9", false},
		"NoRef":       {"a rule without a ref", "prod", "", false},
	} {
		if got := Owns(tc.stack, tc.ref); got != tc.want {
			t.Errorf("%s: %s\nOwns(%q, %q) = %v, want %v", name, tc.reason, tc.stack, tc.ref, got, tc.want)
		}
	}
}

// A stack without rules has nothing to tell, not even a last rule.
func TestNoRules(t *testing.T) {
	if z := NewZone(stackOf(nil, nil)); len(z.CacheRules)+len(z.HeaderRules)+len(z.Origin) > 0 {
		t.Errorf("NewZone() of no rules = %+v, want none", z)
	}
	want := Distribution{
		Behaviors: []Behavior{{Rule: DefaultRule, Class: spec.Private}},
		Objects:   []Object{{Rule: DefaultRule, Path: "/", CacheControl: "private, no-store"}},
	}
	if diff := cmp.Diff(want, NewDistribution(nil)); diff != "" {
		t.Errorf("NewDistribution() of no rules keeps something (-want +got):\n%s", diff)
	}
}

// vercelProblems judges a vercel.json by the documented form.
func vercelProblems(t *testing.T, text string) error {
	t.Helper()
	schema, err := jsonschema.Compile("testdata/vercel.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}

func TestVercelHasTheDocumentedForm(t *testing.T) {
	for name, v := range map[string]Vercel{"all": NewVercel(unzoned(), []string{"a", "b"}), "none": NewVercel(nil, nil)} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := vercelProblems(t, string(text)); err != nil {
			t.Errorf("vercel.json of %s rules: %v", name, err)
		}
	}
}

// The schema would be worthless if it accepted what Vercel refuses.
func TestVercelSchemaRefuses(t *testing.T) {
	entry := func(source, header string) string {
		return `{"headers": [{"source": "` + source + `", "headers": [` + header + `]}]}`
	}
	good := `{"key": "Cache-Control", "value": "max-age=0"}`
	for name, tc := range map[string]struct{ reason, text string }{
		"QueryInSource": {"a pattern has no query string", entry("/a?b=1", good)},
		"NoHeaders":     {"an entry without effect", entry("/a", "")},
		"NoValue":       {"key and value are required", entry("/a", `{"key": "Cache-Control"}`)},
		"Reserved":      {"Vercel's own headers", entry("/a", `{"key": "server", "value": "x"}`)},
		"UnknownField":  {"a typo", `{"headers": [{"source": "/a", "header": []}]}`},
		"CookieNoKey":   {"a cookie has a name", `{"headers": [{"source": "/a", "headers": [` + good + `], "has": [{"type": "cookie"}]}]}`},
		"HostWithKey":   {"a host has only a value", `{"headers": [{"source": "/a", "headers": [` + good + `], "has": [{"type": "host", "key": "a", "value": "b"}]}]}`},
		"LongSource":    {"4096 characters", entry("/"+strings.Repeat("a", 4096), good)},
	} {
		if vercelProblems(t, tc.text) == nil {
			t.Errorf("%s: %s\n%s is accepted", name, tc.reason, tc.text)
		}
	}
	if err := vercelProblems(t, entry("/a", good)); err != nil {
		t.Errorf("a plain entry is refused: %v", err)
	}
}
