package rules

// The phases and what their rules do
// (terraform-provider-cloudflare v4.51.0 internal/framework/service/rulesets/schema.go).
const cachePhase = "http_request_cache_settings"

// zoneTLS prevents a zone that looks encrypted and is not behind the edge.
func zoneTLS() Rule {
	return Rule{
		ID: "zone-tls", Severity: High, Level: Mandatory, Single: true,
		What:    "a zone that states how it encrypts does so up to the origin, with TLS 1.2 or later",
		Why:     "flexible and full let anybody between Cloudflare and the origin read and answer",
		Fix:     "set ssl: strict, minTlsVersion: \"1.2\" and alwaysUseHttps: \"on\", or leave them to the zone's owner",
		Anchors: []string{"none static; Prowler (live)"},
		Types:   []string{typeZoneSettings},
		Eval: each("how the zone encrypts", func(_ Input, v *verdict, z Resource) {
			settings := z.at("settings")
			v.tree(settings)
			v.noneOf(settings.at("ssl"), "", "off", "flexible", "full")
			v.noneOf(settings.at("minTlsVersion"), "", "1.0", "1.1")
			v.noneOf(settings.at("alwaysUseHttps"), "", "off")
			v.pass("encrypts up to the origin, or leaves it to the zone's owner")
		}, typeZoneSettings),
	}
}

// zoneStale prevents two settings that quietly switch caching rules off.
func zoneStale() Rule {
	return Rule{
		ID: "zone-stale", Severity: Medium, Level: Mandatory, Single: true,
		What:    "zone settings do not overrule what the origin says about caching",
		Why:     "Always Online switches stale-while-revalidate off, and a browser TTL above 0 keeps files in browsers longer than their max-age",
		Fix:     "set alwaysOnline: \"off\" and browserCacheTtl: 0",
		Anchors: []string{"developers.cloudflare.com/cache/concepts/cache-control", "none elsewhere"},
		Types:   []string{typeZoneSettings},
		Eval: each("whether it overrules the origin", func(_ Input, v *verdict, z Resource) {
			settings := z.at("settings")
			v.tree(settings)
			v.noneOf(settings.at("alwaysOnline"), "", "on")
			v.within(settings.at("browserCacheTtl"), 0, 0, 0, " s")
			v.pass("the origin decides")
		}, typeZoneSettings),
	}
}

// zonePhase prevents a create that fails half-way: a zone has one entry point
// for each phase.
func zonePhase() Rule {
	return Rule{
		ID: "zone-phase", Severity: High, Level: Mandatory,
		What:    "a zone has one ruleset for each phase",
		Why:     "Cloudflare refuses the second one in the middle of the update, and an orphan of the first try blocks the next",
		Fix:     "put all rules of a phase of the zone into one Ruleset",
		Anchors: []string{"cloudflare provider 2090", "cloudflare provider 5599", "pulumi-cloudflare 782"},
		Types:   []string{typeRuleset},
		Eval: func(in Input) []Finding {
			all := in.of(typeRuleset)
			return each("whether it is the only one of its phase", func(_ Input, v *verdict, r Resource) {
				v.pass("the only one of its phase")
				for _, other := range all {
					if other.URN != r.URN {
						v.require(func(f *facts) string { return samePhase(f, r, other) })
					}
				}
			}, typeRuleset)(in)
		},
	}
}

func samePhase(f *facts, a, b Resource) string {
	for _, key := range []string{"phase", "zoneId"} {
		own := &facts{}
		x, y := own.textOr(a.at(key), ""), own.textOr(b.at(key), "")
		if own.complete() && x != y {
			// One difference is enough, whatever is not known.
			return ""
		}
		f.waits = append(f.waits, own.waits...)
	}
	return b.label() + " has the same zone and phase"
}

// cacheRule prevents rules that the API refuses in the middle of an update.
func cacheRule() Rule {
	return Rule{
		ID: "cache-rule", Severity: High, Level: Mandatory, Single: true,
		What:    "cache rules say times in the way that Cloudflare accepts",
		Why:     "override_origin without a default and the others with one are refused by the API half-way through an update",
		Fix:     "give edgeTtl and browserTtl a default above 0 with override_origin, and none with the other modes",
		Anchors: []string{"terraform-provider-cloudflare validators.go", "none elsewhere"},
		Types:   []string{typeRuleset},
		Eval: each("whether Cloudflare accepts its times", func(_ Input, v *verdict, r Resource) {
			own := &facts{}
			if phase := own.textOr(r.at("phase"), ""); own.complete() && phase != cachePhase {
				v.notApplicable("is of phase %s", legible(phase))
				return
			}
			v.waits = own.waits
			for _, rule := range v.list(r.at("rules")) {
				for _, key := range []string{"edgeTtl", "browserTtl"} {
					v.require(func(f *facts) string { return ttl(f, rule.at("actionParameters").at(key)) })
				}
			}
			v.pass("Cloudflare accepts its times")
		}, typeRuleset),
	}
}

func ttl(f *facts, t leaf) string {
	if !f.tree(t) {
		return ""
	}
	mode := f.textOr(t.at("mode"), "")
	seconds, _ := f.number(t.at("default"))
	switch {
	case mode == "override_origin" && seconds <= 0:
		return t.where + " is override_origin without a default"
	case mode != "override_origin" && seconds > 0:
		return t.where + " is " + legible(mode) + " with a default"
	}
	return ""
}
