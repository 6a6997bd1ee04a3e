package cloudflare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

const (
	tfSchema     = tf + "internal/framework/service/rulesets/schema.go"
	tfResource   = tf + "internal/framework/service/rulesets/resource.go"
	tfValidators = tf + "internal/framework/service/rulesets/validators.go"
	headersDocs  = "https://developers.cloudflare.com/rules/transform/response-header-modification/, 2026-11"

	cachePhase  = "http_request_cache_settings"
	headerPhase = "http_response_headers_transform"
)

// rulesetRules is what the provider and the API refuse of a ruleset. Only phases
// that Headroom owns are known.
func (z Zone) rulesetRules() []provider.Rule {
	return []provider.Rule{
		{ID: "cf-ruleset-words", Source: tfSchema + " (the enums are snake case; the SDK's comments are not)", Test: rulesetWords},
		{ID: "cf-ruleset-phase", Source: "https://developers.cloudflare.com/ruleset-engine/reference/phases-list/, 2026-11", Test: eachRule(actionOfPhase)},
		{ID: "cf-ruleset-ref", Source: tfResource + " ModifyPlan; ids are mapped by ref, which is unique", Test: uniqueRefs},
		{ID: "cf-ruleset-stable", Source: tfResource + "; cloudflare/terraform-provider-cloudflare#444, #630: computed defaults differ", Test: eachRule(stated)},
		{ID: "cf-ruleset-expression", Source: "https://developers.cloudflare.com/ruleset-engine/rules-language/expressions/#maximum-length, 2026-11", Test: eachRule(expression)},
		{ID: "cf-headers-sorted", Source: tfResource + ":681-689; cloudflare/terraform-provider-cloudflare#2343, #3487, #1811, #2506", Test: eachRule(sortedHeaders)},
		{ID: "cf-headers-value", Source: tfSchema + ":386-393", Test: eachRule(headerValues)},
		{ID: "cf-headers-reserved", Source: headersDocs, Test: eachRule(reservedHeaders)},
		{ID: "cf-edge-ttl", Source: tfValidators + " EdgeTTLValidator; zero only from v4.52.8 (#7210)", Test: eachRule(ttl("edgeTtl", "bypass_by_default"))},
		{ID: "cf-browser-ttl", Source: tfValidators + " BrowserTTLValidator; " + tfSchema + ":529", Test: eachRule(ttl("browserTtl", "bypass"))},
		{ID: "cf-status-ttl", Source: tfSchema + ":478-515; https://developers.cloudflare.com/cache/how-to/configure-cache-status-code, 2026-11", Test: eachRule(statusTTL)},
		{ID: "cf-cache-key", Source: tfSchema + "; https://developers.cloudflare.com/cache/how-to/cache-rules/settings/, 2026-11", Test: eachRule(cacheKey)},
		{ID: "cf-plan-rules", Source: plansFile, Test: z.ruleCount},
		{ID: "cf-plan-ttl", Source: plansFile, Test: eachRule(z.minimumTTL)},
		{ID: "cf-plan-key", Source: plansFile, Test: eachRule(z.keyEntitled)},
		{ID: "cf-plan-enterprise", Source: "https://developers.cloudflare.com/cache/how-to/cache-rules/settings/, 2026-11", Test: eachRule(z.onlyEnterprise)},
		{ID: "cf-plan-regex", Source: plansFile, Test: eachRule(z.regex)},
		{ID: "cf-ruleset-zone", When: provider.OnUpdate, Source: tfResource + " Update: the new zone is asked for the old ruleset", Between: movedZone},
	}
}

// eachRule judges every rule of a ruleset.
func eachRule(test func(at string, in, rule provider.Value) []provider.Problem) func(config, in provider.Value) []provider.Problem {
	return func(_, in provider.Value) (found []provider.Problem) {
		for i, rule := range in.At("rules").List() {
			found = append(found, test(fmt.Sprintf("rules[%d]", i), in, rule)...)
		}
		return found
	}
}

func rulesetWords(_, in provider.Value) []provider.Problem {
	found := append(oneOf("phase", in, cachePhase, headerPhase), oneOf("kind", in, "zone")...)
	for i := range in.At("rules").List() {
		found = append(found, oneOf(fmt.Sprintf("rules[%d].action", i), in, "set_cache_settings", "rewrite")...)
	}
	return found
}

func actionOfPhase(at string, in, rule provider.Value) []provider.Problem {
	want := map[string]string{cachePhase: "set_cache_settings", headerPhase: "rewrite"}[in.At("phase").Text()]
	parameters := rule.At("actionParameters")
	switch {
	case want != "" && rule.At("action").Text() != want:
		return problem(at+".action", "must be %s in phase %s", want, in.At("phase").Text())
	case want != "" && !parameters.Unknown() && len(parameters.Map()) == 0:
		return problem(at+".actionParameters", "must say what %s does", want)
	}
	return nil
}

func uniqueRefs(_, in provider.Value) (found []provider.Problem) {
	seen := map[string]bool{}
	for i, rule := range in.At("rules").List() {
		ref := rule.At("ref").Text()
		if ref != "" && seen[ref] {
			found = append(found, problem(fmt.Sprintf("rules[%d].ref", i), "stands twice")...)
		}
		seen[ref] = true
	}
	return found
}

// stated asks for what the provider would fill in and report as a change.
func stated(at string, _, rule provider.Value) (found []provider.Problem) {
	for _, name := range []string{"ref", "description", "enabled"} {
		if !rule.At(name).Present() {
			found = append(found, problem(at+"."+name, "must be stated, or every edit of the list changes it")...)
		}
	}
	return found
}

func expression(at string, _, rule provider.Value) []provider.Problem {
	text := rule.At("expression")
	switch {
	case !text.Present() || text.IsText() && text.Text() == "":
		return problem(at+".expression", "is required")
	case len(text.Text()) > 4096:
		return problem(at+".expression", "must not exceed 4096 characters")
	case strings.Count(text.Text(), "(") != strings.Count(text.Text(), ")"):
		return problem(at+".expression", "Filter parsing error: brackets do not match")
	}
	return nil
}

func headersOf(rule provider.Value) []provider.Value {
	return rule.At("actionParameters.headers").List()
}

func sortedHeaders(at string, _, rule provider.Value) (found []provider.Problem) {
	before := ""
	for i, h := range headersOf(rule) {
		name := h.At("name").Text()
		here := fmt.Sprintf("%s.actionParameters.headers[%d].name", at, i)
		switch {
		case i > 0 && name == before:
			found = append(found, problem(here, "stands twice; the provider keeps one entry per name")...)
		case name < before:
			found = append(found, problem(here, "Provider produced inconsistent result after apply: headers are sorted by name in byte order")...)
		}
		before = name
	}
	return found
}

func headerValues(at string, _, rule provider.Value) (found []provider.Problem) {
	for i, h := range headersOf(rule) {
		here := fmt.Sprintf("%s.actionParameters.headers[%d]", at, i)
		operation, value, expression := h.At("operation").Text(), h.At("value").Present(), h.At("expression").Present()
		switch {
		case !slices.Contains([]string{"set", "add", "remove"}, operation):
			found = append(found, problem(here+".operation", "must be one of set, add, remove")...)
		case value && expression:
			found = append(found, problem(here+".value", "conflicts with expression")...)
		case operation == "remove" && (value || expression):
			found = append(found, problem(here, "takes no value when it is removed")...)
		case operation != "remove" && !value && !expression:
			found = append(found, problem(here+".value", "is required, or an expression")...)
		}
	}
	return found
}

func reservedHeaders(at string, _, rule provider.Value) (found []provider.Problem) {
	for i, h := range headersOf(rule) {
		name := strings.ToLower(h.At("name").Text())
		reserved := slices.Contains([]string{"server", "eh-cache-tag", "eh-cdn-cache-control"}, name)
		if reserved || strings.HasPrefix(name, "cf-") || strings.HasPrefix(name, "x-cf-") {
			found = append(found, problem(fmt.Sprintf("%s.actionParameters.headers[%d].name", at, i), "cannot be modified")...)
		}
	}
	return found
}

func movedZone(old, in provider.Value) []provider.Problem {
	if before := old.At("zoneId").Text(); before != in.At("zoneId").Text() {
		return problem("zoneId", "could not find ruleset of zone %s there; a ruleset stays in its zone, so name the resource by it", before)
	}
	return nil
}
