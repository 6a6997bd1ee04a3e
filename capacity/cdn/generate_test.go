package cdn

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"pgregory.net/rapid"

	"github.com/agencyos/headroom/capacity/spec"
)

// paths and hosts are few, so that random rules overlap and random requests hit
// them.
var (
	paths = []string{"/", "/a/", "/a/b/", "/a/b/c.js", "/a/x.html", "/account/", "/account/me", "/d/"}
	hosts = []string{"app.example.com", "api.example.com"}
)

// class draws a class.
func class(t *rapid.T) spec.Class {
	return spec.Class(rapid.SampledFrom(spec.Class("").Values()).Draw(t, "class"))
}

// drawRules are rules that the stack file accepts.
func drawRules(t *rapid.T, zoned bool) []spec.CacheRule {
	var rules []spec.CacheRule
	for i := range rapid.IntRange(0, 6).Draw(t, "rules") {
		r := spec.CacheRule{Name: fmt.Sprintf("r%d", i), Path: rapid.SampledFrom(paths).Draw(t, "path"), Class: class(t)}
		if zoned && rapid.Bool().Draw(t, "with host") {
			r.Host = rapid.SampledFrom(hosts).Draw(t, "host")
		}
		if r.Class != spec.Private {
			r.EdgeTTL = drawTime(t, "edgeTtl", 0, 40*24*time.Hour)
			r.StaleWhileRevalidate = drawTime(t, "stale", 0, 40*24*time.Hour)
		}
		rules = append(rules, r)
	}
	return accepted(rules)
}

func drawTime(t *rapid.T, name string, low, high time.Duration) *spec.Duration {
	if !rapid.Bool().Draw(t, name+" set") {
		return nil
	}
	d := spec.Duration(time.Duration(rapid.Int64Range(int64(low/time.Second), int64(high/time.Second)).Draw(t, name)) * time.Second)
	return &d
}

// accepted drops rules until the stack file accepts the rest.
func accepted(rules []spec.CacheRule) []spec.CacheRule {
	for {
		_, err := decode(rules, []string{})
		var problems spec.Problems
		if !errors.As(err, &problems) {
			return rules
		}
		at := 0
		if _, err := fmt.Sscanf(problems[0].Path, "edge.cloudflare.rules[%d]", &at); err != nil {
			panic(problems)
		}
		rules = append(rules[:at:at], rules[at+1:]...)
	}
}

const base = `config:
  headroom:cluster: { context: kind, version: "1.35" }
  headroom:services:
    app: { port: 80, peakRps: 1, resources: { requests: { cpu: 1, memory: 1Gi } }, ingress: { host: app.example.com } }
    api: { port: 80, peakRps: 1, resources: { requests: { cpu: 1, memory: 1Gi } }, ingress: { host: api.example.com } }
  headroom:nodes: { groups: [{ name: a, fixed: { cpu: 4, memory: 8Gi, pods: 110 }, minSize: 1, maxSize: 1 }] }
`

var parsed = sync.OnceValues(func() (map[string]json.RawMessage, error) { return spec.Raw([]byte(base)) })

// decode is a stack with a zone of the rules.
func decode(rules []spec.CacheRule, cookies []string) (spec.Stack, error) {
	raw, err := parsed()
	if err != nil {
		return spec.Stack{}, err
	}
	raw = maps.Clone(raw)
	if raw["edge"], err = json.Marshal(map[string]any{
		"sessionCookies": cookies,
		"cloudflare":     map[string]any{"zone": "example.com", "plan": "business", "rules": append([]spec.CacheRule{}, rules...)},
	}); err != nil {
		return spec.Stack{}, err
	}
	return spec.Decode("prod", raw)
}

// stackOf is a stack with a zone of rules that are accepted.
func stackOf(rules []spec.CacheRule, cookies []string) spec.Stack {
	s, err := decode(rules, append([]string{}, cookies...))
	if err != nil {
		panic(err)
	}
	return s
}

// request is what a CDN sees.
type request struct {
	host, path string
	authorized bool
	cookie     string
	status     int
}

func drawRequest(t *rapid.T) request {
	path := rapid.SampledFrom(paths).Draw(t, "request path")
	if strings.HasSuffix(path, "/") {
		path += rapid.SampledFrom([]string{"", "x", "b/y", "c.js"}).Draw(t, "below")
	}
	return request{
		host: rapid.SampledFrom(hosts).Draw(t, "request host"), path: path,
		authorized: rapid.Bool().Draw(t, "authorized"),
		cookie:     rapid.SampledFrom([]string{"", "theme=dark", "session=1", "theme=dark; sid=2"}).Draw(t, "cookie"),
		status:     rapid.SampledFrom([]int{200, 404, 500}).Draw(t, "status"),
	}
}

// sessions are the cookies of the tests.
var sessions = []string{"session", "sid"}

func (r request) signedIn() bool {
	for c := range strings.SplitSeq(r.cookie, "; ") {
		name, _, _ := strings.Cut(c, "=")
		for _, s := range sessions {
			if name == s {
				return true
			}
		}
	}
	return false
}

// winner is the rule for a request, straight from the words of the stack file:
// a private one if any matches, else the last that matches.
func winner(rules []spec.CacheRule, host, path string) (spec.CacheRule, bool) {
	var found spec.CacheRule
	ok := false
	for _, r := range rules {
		under := strings.HasSuffix(r.Path, "/") && strings.HasPrefix(path, r.Path)
		if r.Host != "" && r.Host != host || path != r.Path && !under {
			continue
		}
		if !ok || found.Class != spec.Private {
			found, ok = r, true
		}
	}
	return found, ok
}
