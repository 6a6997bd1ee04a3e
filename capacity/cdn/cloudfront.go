package cdn

import (
	"github.com/agencyos/headroom/capacity/spec"
)

// Distribution is everything that a CloudFront distribution and the files behind
// it are told.
type Distribution struct {
	// Behaviors in CloudFront's order: the first match wins, the last is the
	// default.
	Behaviors []Behavior `json:"behaviors"`
	// Policies of the behaviors that keep answers.
	Policies []CachePolicy `json:"cachePolicies"`
	// Objects are how files must be uploaded: CloudFront and browsers read a
	// file's own Cache-Control. The first match wins.
	Objects []Object `json:"objects"`
}

// Behavior is one cache behavior.
type Behavior struct {
	Rule  string     `json:"rule"`
	Class spec.Class `json:"class"`
	// Pattern of paths; empty for the default behavior.
	Pattern string `json:"pattern,omitempty"`
	// Policy by name; empty keeps nothing.
	Policy string `json:"cachePolicy,omitempty"`
}

// CachePolicy bounds how long answers are kept. Its minimum is always 0: a higher
// one would overrule no-store and private
// (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html, 2026-11).
type CachePolicy struct {
	Name string `json:"name"`
	// DefaultSeconds are for files without a Cache-Control.
	DefaultSeconds int `json:"defaultSeconds"`
	// MaxSeconds are at least the longest stale window, which they cap (same page).
	MaxSeconds int `json:"maxSeconds"`
}

// Object is how the files of a path are uploaded.
type Object struct {
	Rule string `json:"rule"`
	Path string `json:"path"`
	// Except are paths below that another entry is for.
	Except       []string `json:"except,omitempty"`
	CacheControl string   `json:"cacheControl"`
}

// DefaultRule is the name of what no rule is for; it is kept nowhere.
const DefaultRule = "default"

// NewDistribution renders the rules of a distribution.
func NewDistribution(rules []spec.CacheRule) Distribution {
	var out Distribution
	first := firstMatch(rules)
	for i, r := range first {
		b := Behavior{Rule: r.Name, Class: r.Class, Pattern: pattern(r.Path)}
		if r.Class != spec.Private {
			b.Policy = r.Name
			out.Policies = append(out.Policies, policyOf(r))
		}
		out.Behaviors = append(out.Behaviors, b)
		out.Objects = append(out.Objects, Object{Rule: r.Name, Path: r.Path, Except: inside(r.Path, first[:i]), CacheControl: object(r)})
	}
	return out
}

// firstMatch turns rules of which the last match wins around, and ends with one
// for everything.
func firstMatch(rules []spec.CacheRule) []spec.CacheRule {
	last := ordered(rules)
	out := make([]spec.CacheRule, 0, len(last)+1)
	var whole *spec.CacheRule
	for i := len(last) - 1; i >= 0; i-- {
		switch {
		case last[i].Path != "/":
			out = append(out, last[i])
		case whole == nil:
			whole = &last[i]
		}
	}
	if whole == nil {
		whole = &spec.CacheRule{Name: DefaultRule, Path: "/", Class: spec.Private}
	}
	return append(out, *whole)
}

// pattern is CloudFront's: * stands for any characters, slashes too.
func pattern(path string) string {
	switch {
	case path == "/":
		return ""
	case below(path):
		return path + "*"
	}
	return path
}

// inside are the paths of earlier rules that a path contains.
func inside(path string, earlier []spec.CacheRule) []string {
	var out []string
	for _, r := range earlier {
		if under(r.Path, path) {
			out = append(out, r.Path)
		}
	}
	return out
}

func policyOf(r spec.CacheRule) CachePolicy {
	l := LifeOf(r)
	return CachePolicy{Name: r.Name, DefaultSeconds: Seconds(l.Edge), MaxSeconds: Seconds(l.Edge + max(l.Stale, l.OnError))}
}

// object is what a file says itself. CloudFront takes s-maxage over max-age and
// combines it with the stale windows; a browser takes max-age. The distribution
// passes no credentials on, so that no answer is for one caller only.
func object(r spec.CacheRule) string {
	if r.Class == spec.Private || r.Class == spec.Immutable {
		return browser(r)
	}
	l := LifeOf(r)
	return directives(age("max-age", l.Browser), age("s-maxage", l.Edge), l.stale())
}
