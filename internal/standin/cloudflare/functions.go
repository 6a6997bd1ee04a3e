package cloudflare

import (
	"fmt"
	"maps"
	"slices"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// planNames are how the API names the plans
// (https://developers.cloudflare.com/api/resources/zones/, plan.name, 2026-11).
var planNames = map[string]string{
	"free": "Free Website", "pro": "Pro Website", "business": "Business Website", "enterprise": "Enterprise Website",
}

// getZone answers the zone of the token, by the fields of LookupZoneResult.
func (z Zone) getZone(c provider.Call) (map[string]any, error) {
	id, name := c.Args.At("zoneId").Text(), c.Args.At("name").Text()
	if id != z.ID && name != z.Name {
		return nil, fmt.Errorf("no zone found with ID %q or name %q", id, name)
	}
	return map[string]any{
		"id": z.ID, "zoneId": z.ID, "name": z.Name, "plan": planNames[z.Plan], "status": "active", "paused": false,
		"accountId": "00000000000000000000000000000000", "nameServers": []any{}, "vanityNameServers": []any{},
	}, nil
}

// getRulesets answers the live rulesets of a zone. It tells no action parameters:
// the data source leaves them out
// (terraform-provider-cloudflare internal/sdkv2provider/data_source_rulesets.go @ 1673e91f).
func getRulesets(c provider.Call) (map[string]any, error) {
	all, found := c.List(ruleset), []any{}
	zone, phase := c.Args.At("zoneId").Text(), c.Args.At("filter.phase").Text()
	for _, id := range slices.Sorted(maps.Keys(all)) {
		r := all[id]
		if r.At("zoneId").Text() != zone || phase != "" && r.At("phase").Text() != phase {
			continue
		}
		entry := map[string]any{"id": id, "version": "1"}
		for _, field := range []string{"name", "description", "kind", "phase"} {
			entry[field] = r.At(field).Text()
		}
		if c.Args.At("includeRules").True() {
			entry["rules"] = listed(r)
		}
		found = append(found, entry)
	}
	return map[string]any{"id": "rulesets", "zoneId": zone, "includeRules": c.Args.At("includeRules").True(), "rulesets": found}, nil
}

func listed(ruleset provider.Value) []any {
	out := []any{}
	for i, rule := range ruleset.At("rules").List() {
		one := map[string]any{"id": fmt.Sprintf("%032x", i+1), "version": "1", "lastUpdated": "2026-01-01", "enabled": !rule.At("enabled").False()}
		for _, field := range []string{"ref", "action", "expression", "description"} {
			one[field] = rule.At(field).Text()
		}
		out = append(out, one)
	}
	return out
}
