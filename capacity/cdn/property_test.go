package cdn

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/agencyos/headroom/capacity/spec"
)

// says is the directives of a Cache-Control value.
func says(value string) map[string]int {
	out := map[string]int{}
	for d := range strings.SplitSeq(value, ",") {
		name, arg, _ := strings.Cut(strings.TrimSpace(d), "=")
		n, _ := strconv.Atoi(arg)
		out[name] = n
	}
	return out
}

func has(value string, names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { _, ok := says(value)[n]; return ok })
}

// shared says whether a shared cache may keep an answer, by RFC 9111 section 3
// and 3.5.
func shared(value string, authorized bool) bool {
	if has(value, "private", "no-store") {
		return false
	}
	return !authorized || has(value, "public", "s-maxage", "must-revalidate")
}

// mustMatch evaluates an expression.
func mustMatch(t *rapid.T, expression string, r request) bool {
	t.Helper()
	got, err := matches(expression, r)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return got
}

// cloudflareKeeps says whether the zone keeps the origin's answer, by its rules:
// the last match wins, an edge TTL overrides the origin
// (https://developers.cloudflare.com/cache/concepts/cache-control/).
func cloudflareKeeps(t *rapid.T, z Zone, r request, origin string) (kept, ruled bool) {
	var rule CacheRule
	for _, c := range z.CacheRules {
		if mustMatch(t, c.Expression, r) {
			rule, ruled = c, true
		}
	}
	if !ruled || !rule.Cache {
		return false, ruled
	}
	return rule.EdgeSeconds > 0 || shared(origin, r.authorized), true
}

// sent is what an origin that follows the table sends.
func sent(z Zone, rule string, credentials bool) string {
	for _, o := range z.Origin {
		if o.Rule == rule && credentials {
			return o.SignedIn
		}
		if o.Rule == rule {
			return o.Value
		}
	}
	return ""
}

// The promise of the package, on the zone: with its rules whatever the origin
// sends, and without them as long as the origin follows the table.
func TestCloudflareKeepsNothingPersonal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := drawRules(t, true)
		plan := spec.CloudflarePlan(rapid.SampledFrom(spec.PlanFree.Values()).Draw(t, "plan"))
		s := stackOf(rules, sessions)
		s.Edge.Cloudflare.Plan = plan
		z, r := NewZone(s), drawRequest(t)
		rule, ok := winner(rules, r.host, r.path)
		if !ok {
			return
		}
		credentials := r.authorized || r.signedIn() && personal(rule.Class)
		careless := rapid.SampledFrom([]string{"", "public, max-age=60", "max-age=60, s-maxage=60", sent(z, rule.Name, false)}).Draw(t, "origin")
		kept, ruled := cloudflareKeeps(t, z, r, careless)
		if !ruled {
			t.Fatalf("no rule for %+v although %s is", r, rule.Name)
		}
		if kept && (credentials || rule.Class == spec.Private) {
			t.Fatalf("%+v by rule %s (%s) is kept when the origin sends %q", r, rule.Name, rule.Class, careless)
		}
		if obedient := sent(z, rule.Name, credentials); shared(obedient, r.authorized) && (credentials || rule.Class == spec.Private) {
			t.Fatalf("without rules, %+v is kept: the origin sends %q", r, obedient)
		}
		if !credentials && rule.Class != spec.Private && !kept && careless != "" {
			t.Fatalf("%+v by rule %s (%s) is not kept, although the origin sends %q", r, rule.Name, rule.Class, careless)
		}
	})
}

// What a browser gets is what the winning rule says, and an error keeps its own.
func TestCloudflareTellsBrowsers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := drawRules(t, true)
		z, r := NewZone(stackOf(rules, sessions)), drawRequest(t)
		rule, ok := winner(rules, r.host, r.path)
		got := ""
		for _, h := range z.HeaderRules {
			if mustMatch(t, h.Expression, r) {
				got = h.Set[0].Value
			}
		}
		want := ""
		switch {
		case !ok && !(r.authorized && slices.ContainsFunc(rules, func(c spec.CacheRule) bool { return c.Host == "" || c.Host == r.host })):
		case r.authorized || r.signedIn() && personal(rule.Class) || rule.Class == spec.Private:
			want = never
		case r.status < 400:
			want = browser(rule)
		}
		// A rule for everything may have told an error of a private path so.
		if got != want {
			t.Fatalf("%+v: the browser is told %q, want %q", r, got, want)
		}
	})
}

func TestStaleCopiesSurviveOnEveryCDN(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := spec.CacheRule{Name: "r", Path: "/a/", Class: class(t)}
		if r.Class == spec.Private {
			return
		}
		r.EdgeTTL, r.StaleWhileRevalidate = drawTime(t, "edgeTtl", 0, year), drawTime(t, "stale", 0, year)
		want := Seconds(LifeOf(r).Stale)
		if r.Class == spec.Immutable {
			want = 0 // Nothing to fetch again.
		}
		window := func(cdn, value string) {
			if got := says(value)["stale-while-revalidate"]; got != want {
				t.Fatalf("%s: %q allows %d s of stale copies, want %d", cdn, value, got, want)
			}
		}
		origin := NewZone(stackOf([]spec.CacheRule{r}, nil)).Origin[0].Value
		window("Cloudflare", origin)
		if has(origin, "s-maxage", "must-revalidate", "proxy-revalidate", "no-cache") {
			t.Fatalf("Cloudflare serves nothing stale with %q", origin)
		}
		d := NewDistribution([]spec.CacheRule{r})
		window("CloudFront", d.Objects[0].CacheControl)
		if limit := d.Policies[0].MaxSeconds; limit < want || limit < says(d.Objects[0].CacheControl)["s-maxage"] {
			t.Fatalf("CloudFront caps %q at %d s", d.Objects[0].CacheControl, limit)
		}
		entry := NewVercel([]spec.CacheRule{r}, sessions).Headers[0].Headers
		window("Vercel", entry[1].Value)
		if entry[1].Key != "Vercel-CDN-Cache-Control" || has(entry[0].Value, "s-maxage", "stale-while-revalidate") {
			t.Fatalf("Vercel: browsers are told about the edge: %v", entry)
		}
	})
}

// The same rules choose the same one on every CDN, whichever way each orders them.
func TestEveryCDNChoosesTheSameRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := drawRules(t, false)
		r := drawRequest(t)
		rule, ok := winner(rules, r.host, r.path)
		if !ok {
			rule = spec.CacheRule{Name: DefaultRule, Class: spec.Private}
		}
		d := NewDistribution(rules)
		for i, b := range d.Behaviors {
			glob := "^" + strings.ReplaceAll(regexp.QuoteMeta(b.Pattern), `\*`, ".*") + "$"
			if b.Pattern != "" && !regexp.MustCompile(glob).MatchString(r.path) {
				continue
			}
			if b.Class != rule.Class || (b.Policy == "") != (rule.Class == spec.Private) || d.Objects[i].CacheControl != object(rule) {
				t.Fatalf("CloudFront: %s is for behavior %+v, want rule %s (%s)", r.path, b, rule.Name, rule.Class)
			}
			break
		}
		var got []VercelHeader
		for _, e := range NewVercel(rules, sessions).Headers {
			if len(e.Has) > 0 && !strings.Contains("; "+r.cookie, "; "+e.Has[0].Key+"=") {
				continue
			}
			if regexp.MustCompile("^" + e.Source + "$").MatchString(r.path) {
				got = e.Headers
			}
		}
		want := vercelHeaders(browser(rule), edge(rule))
		if r.signedIn() && personal(rule.Class) {
			want = vercelHeaders(never, never)
		}
		if ok && !slices.Equal(got, want) {
			t.Fatalf("Vercel: %s with cookie %q gets %v, want those of %s: %v", r.path, r.cookie, got, rule.Name, want)
		}
	})
}

func TestNginxSendsWhatTheZoneExpects(t *testing.T) {
	entry := regexp.MustCompile(`(?m)^    "~(.*)" "(.*)";$`)
	rapid.Check(t, func(t *rapid.T) {
		rules := drawRules(t, true)
		z, r := NewZone(stackOf(rules, sessions)), drawRequest(t)
		text := z.Nginx(sessions)
		_, table, _ := strings.Cut(text, "$headroom_cache_control {\n")
		visitor := ""
		if r.authorized || r.signedIn() {
			visitor = "signed-in"
		}
		got := ""
		for _, m := range entry.FindAllStringSubmatch(table, -1) {
			if regexp.MustCompile(m[1]).MatchString(fmt.Sprintf("%s %s%s", visitor, r.host, r.path)) {
				got = m[2]
				break
			}
		}
		want := ""
		if rule, ok := winner(rules, r.host, r.path); ok {
			want = sent(z, rule.Name, visitor != "")
		}
		if got != want {
			t.Fatalf("nginx sends %q for %+v, want %q\n%s", got, r, want, text)
		}
	})
}

// Downstream of every CDN stand caches of others: none may keep what is personal.
func TestBrowsersAreToldNothingThatOthersMayShare(t *testing.T) {
	for _, name := range spec.Class("").Values() {
		r := spec.CacheRule{Path: "/a/", Class: spec.Class(name)}
		if value := browser(r); shared(value, true) {
			t.Errorf("%s: %q lets any cache keep the answer to a request with credentials", name, value)
		}
		if r.Class == spec.Private && shared(browser(r), false) {
			t.Errorf("%s: %q lets others keep it", name, browser(r))
		}
	}
}

func TestHeadersAreSortedAndNamedOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, rule := range NewZone(stackOf(drawRules(t, true), sessions)).HeaderRules {
			if !slices.IsSortedFunc(rule.Set, func(a, b Header) int { return strings.Compare(a.Name, b.Name) }) {
				t.Fatalf("%s: %v is not in byte order", rule.Ref, rule.Set)
			}
			for i := 1; i < len(rule.Set); i++ {
				if rule.Set[i].Name == rule.Set[i-1].Name {
					t.Fatalf("%s: %s twice", rule.Ref, rule.Set[i].Name)
				}
			}
		}
	})
}
