package cloudflare

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// ttl holds a time to its mode; bypass is the one that keeps nothing.
func ttl(field, bypass string) func(at string, _, rule provider.Value) []provider.Problem {
	return func(at string, _, rule provider.Value) []provider.Problem {
		ttl, here := rule.At("actionParameters."+field), at+".actionParameters."+field
		if !ttl.Present() || ttl.Unknown() {
			return nil
		}
		seconds, set := ttl.At("default").Number()
		modes := []string{"override_origin", "respect_origin", bypass}
		switch mode := ttl.At("mode").Text(); {
		case !slices.Contains(modes, mode):
			return problem(here+".mode", "must be one of %s", strings.Join(modes, ", "))
		case mode == "override_origin" && (!set || seconds < 1):
			return problem(here+".default", "is required and must be at least 1 for override_origin")
		case mode == bypass && set:
			return problem(here+".default", "cannot be set for %s", bypass)
		}
		return nil
	}
}

func statusTTL(at string, _, rule provider.Value) (found []provider.Problem) {
	for i, s := range rule.At("actionParameters.edgeTtl.statusCodeTtls").List() {
		here := fmt.Sprintf("%s.actionParameters.edgeTtl.statusCodeTtls[%d]", at, i)
		ranges := s.At("statusCodeRanges").List()
		switch code := s.At("statusCode").Present(); {
		case code == (len(ranges) > 0):
			found = append(found, problem(here, "must have either statusCode or statusCodeRanges")...)
		case len(ranges) > 1:
			found = append(found, problem(here+".statusCodeRanges", "list must contain at most 1 elements")...)
		case len(ranges) == 1:
			found = append(found, statusRange(here+".statusCodeRanges[0]", ranges[0])...)
		}
		if value, ok := s.At("value").Number(); !ok || value < -1 {
			found = append(found, problem(here+".value", "must be stated: -1 keeps nothing, 0 asks every time; left out it is sent as 0")...)
		}
	}
	return found
}

// statusRange has one or two ends. A lower end of 0 is dropped on the way.
func statusRange(at string, r provider.Value) []provider.Problem {
	from, low := r.At("from").Number()
	to, high := r.At("to").Number()
	switch {
	case !low && !high:
		return problem(at, "must have from, to or both")
	case low && from == 0:
		return problem(at+".from", "must not be 0, which is dropped; leave it out")
	case low && high && from > to:
		return problem(at+".from", "must not be above to")
	}
	return nil
}

func cacheKey(at string, _, rule provider.Value) (found []provider.Problem) {
	key, here := rule.At("actionParameters.cacheKey"), at+".actionParameters.cacheKey"
	if key.At("cacheByDeviceType").Known() && key.At("customKey.user").Known() {
		found = append(found, problem(here+".cacheByDeviceType", "conflicts with customKey.user")...)
	}
	query := key.At("customKey.queryString")
	if query.At("includes").Known() && query.At("excludes").Known() {
		found = append(found, problem(here+".customKey.queryString.includes", "conflicts with excludes")...)
	}
	for _, name := range []string{"excludes", "includes"} {
		items := query.At(name).List()
		path := here + ".customKey.queryString." + name
		all := slices.ContainsFunc(items, func(v provider.Value) bool { return v.Text() == "*" })
		switch {
		case all && len(items) > 1:
			found = append(found, problem(path, `must be ["*"] alone, or names`)...)
		case len(items) > 100:
			found = append(found, problem(path, "must not exceed 100 parameters")...)
		}
	}
	return found
}

// ruleCount bounds the rules of a phase, all owners together.
func (z Zone) ruleCount(_, in provider.Value) []provider.Problem {
	limit := map[string]int{"free": 10, "pro": 25, "business": 50, "enterprise": 300}[z.Plan]
	if n := len(in.At("rules").List()); n > limit {
		return problem("rules", "not entitled: the %s plan has %d rules in %s, not %d", z.Plan, limit, in.At("phase").Text(), n)
	}
	return nil
}

func (z Zone) minimumTTL(at string, _, rule provider.Value) []provider.Problem {
	limit := map[string]float64{"free": 7200, "pro": 3600, "business": 1, "enterprise": 1}[z.Plan]
	path := at + ".actionParameters.edgeTtl.default"
	if seconds, ok := rule.At("actionParameters.edgeTtl.default").Number(); ok && seconds < limit {
		return problem(path, "not entitled: the shortest edge TTL of the %s plan is %.0f s", z.Plan, limit)
	}
	return nil
}

// keyEntitled lets every plan keep or drop the whole query string, and only the
// largest choose from it.
func (z Zone) keyEntitled(at string, _, rule provider.Value) (found []provider.Problem) {
	custom := rule.At("actionParameters.cacheKey.customKey")
	if z.Plan == "enterprise" {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(custom.Map())) {
		v := custom.At(name)
		if name == "queryString" && whole(v.At("includes")) && whole(v.At("excludes")) {
			continue
		}
		found = append(found, problem(at+".actionParameters.cacheKey.customKey."+name, "not entitled: needs the enterprise plan")...)
	}
	return found
}

// whole is a list that is not there, or stands for everything.
func whole(list provider.Value) bool {
	items := list.List()
	return !list.Present() || len(items) == 1 && items[0].Text() == "*"
}

func (z Zone) onlyEnterprise(at string, _, rule provider.Value) (found []provider.Problem) {
	for _, name := range []string{"originCacheControl", "readTimeout", "additionalCacheablePorts"} {
		if path := at + ".actionParameters." + name; z.Plan != "enterprise" && rule.At("actionParameters."+name).Known() {
			found = append(found, problem(path, "not entitled: needs the enterprise plan")...)
		}
	}
	return found
}

// regex is for the larger plans.
func (z Zone) regex(at string, _, rule provider.Value) []provider.Problem {
	if text := rule.At("expression").Text(); !z.includes("business") && (strings.Contains(text, " matches ") || strings.Contains(text, " ~ ")) {
		return problem(at+".expression", "not entitled: regular expressions need the business plan")
	}
	return nil
}
