package edge

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/agencyos/headroom/components/componenttest"
)

// onlyZone leaves the distribution to others.
const onlyZone = "edge.cloudfront={mode: external}"

func rules(t *testing.T, r componenttest.Resource) []map[string]any {
	t.Helper()
	list, _ := r.At("rules").([]any)
	var out []map[string]any
	for _, one := range list {
		out = append(out, one.(map[string]any))
	}
	if len(out) == 0 {
		t.Fatalf("%s has no rules", r.Name)
	}
	return out
}

func TestEveryRuleOfAZoneIsStated(t *testing.T) {
	r := declare(t, onlyZone)
	for _, name := range []string{"test-edge-cachePhase-" + zoneID, "test-edge-headerPhase-" + zoneID} {
		one := named(t, r, rulesetType, name)
		if !one.Protect || !one.DeleteBeforeReplace || one.Import != "" {
			t.Errorf("%s: %+v, want it protected, replaced in place of itself, and not imported", name, one)
		}
		componenttest.Expect(t, one, map[string]any{"zoneId": zoneID, "kind": "zone", "name": "headroom"})
		for _, rule := range rules(t, one) {
			for _, key := range []string{"ref", "description", "expression", "action"} {
				if text, _ := rule[key].(string); text == "" {
					t.Errorf("%s: rule %v states no %s", name, rule["ref"], key)
				}
			}
			if rule["enabled"] != true {
				t.Errorf("%s: rule %v does not say that it is on", name, rule["ref"])
			}
		}
	}
}

func TestCacheRules(t *testing.T) {
	one := named(t, declare(t, onlyZone, "edge.cloudflare.rules[0].ignoreQuery=true"), rulesetType, "test-edge-cachePhase-"+zoneID)
	componenttest.Expect(t, one, map[string]any{
		"phase":                               "http_request_cache_settings",
		"rules.0.action":                      "set_cache_settings",
		"rules.0.actionParameters.cache":      true,
		"rules.0.actionParameters.browserTtl": map[string]any{"mode": "respect_origin"},
		"rules.0.actionParameters.serveStale": map[string]any{"disableStaleWhileUpdating": false},
		"rules.0.actionParameters.edgeTtl": map[string]any{"mode": "override_origin", "default": 300.0, "statusCodeTtls": []any{
			map[string]any{"statusCodeRanges": []any{map[string]any{"from": 400.0}}, "value": -1.0},
		}},
		"rules.0.actionParameters.cacheKey.customKey.queryString": map[string]any{"excludes": []any{"*"}},
		"rules.1.actionParameters.cacheKey":                       nil,
	})
	var refs, bypass []string
	for _, rule := range rules(t, one) {
		refs = append(refs, rule["ref"].(string))
		if diff := cmp.Diff(any(map[string]any{"cache": false}), rule["actionParameters"]); diff == "" {
			bypass = append(bypass, rule["ref"].(string))
		}
	}
	if diff := cmp.Diff([]string{"headroom_test_pages", "headroom_test_assets", "headroom_test_account", "headroom_test_signed-in"}, refs); diff != "" {
		t.Errorf("rules in order, what keeps nothing last (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(refs[2:], bypass); diff != "" {
		t.Errorf("rules that keep nothing (-want +got):\n%s", diff)
	}
}

// On a small plan a short time is reachable only by what the origin says.
func TestShortTimesRespectTheOriginOnSmallPlans(t *testing.T) {
	r, err := run(t, argsOf(declared(t, onlyZone, "edge.cloudflare.plan=free")), live{name: "example.com", plan: "Free Website"})
	if err != nil {
		t.Fatal(err)
	}
	one := named(t, r, rulesetType, "test-edge-cachePhase-"+zoneID)
	componenttest.Expect(t, one, map[string]any{
		"rules.0.actionParameters.edgeTtl":      map[string]any{"mode": "respect_origin"},
		"rules.1.actionParameters.edgeTtl.mode": "override_origin",
	})
}

func TestHeaderRulesAreSorted(t *testing.T) {
	one := named(t, declare(t, onlyZone), rulesetType, "test-edge-headerPhase-"+zoneID)
	componenttest.Expect(t, one, map[string]any{"phase": "http_response_headers_transform", "rules.0.action": "rewrite"})
	for _, rule := range rules(t, one) {
		var names []string
		for _, h := range rule["actionParameters"].(map[string]any)["headers"].([]any) {
			header := h.(map[string]any)
			names = append(names, header["name"].(string))
			if header["operation"] != "set" || header["value"] == "" {
				t.Errorf("rule %v: header %v sets nothing", rule["ref"], header)
			}
		}
		if !slices.IsSorted(names) {
			t.Errorf("rule %v: headers %v are not in byte order", rule["ref"], names)
		}
	}
	last := rules(t, one)[3]
	if !strings.HasSuffix(last["ref"].(string), "_signed-in") {
		t.Errorf("the last rule is %v, want the one for credentials", last["ref"])
	}
}

func TestZoneSettings(t *testing.T) {
	r := declare(t, onlyZone)
	componenttest.Expect(t, componenttest.Only(t, r, typeSettings), map[string]any{
		"zoneId": zoneID, "settings": map[string]any{"alwaysOnline": "off", "browserCacheTtl": 0.0, "http3": "on"},
	})
	componenttest.Expect(t, componenttest.Only(t, r, typeTiered), map[string]any{"zoneId": zoneID, "cacheType": "smart"})
}

// shared is a zone with rules of others in both phases.
func shared(ids ...string) live {
	l := empty()
	others := []any{rule1("0a", "Shop images"), rule1("headroom_test_old", "an older rule"), rule1("0b", "Blog")}
	l.rulesets = []resource.PropertyValue{ruleset(ids[0], cachePhase, others...), ruleset(ids[1], headerPhase)}
	l.ruleset = resource.NewPropertyMapFromMap(map[string]any{
		"name": "default", "description": "", "phase": cachePhase, "kind": "zone", "zoneId": zoneID, "rules": []any{
			map[string]any{"ref": "0a", "id": "0a", "description": "Shop images", "enabled": true, "expression": `http.host eq "shop.example.com"`, "action": "set_cache_settings",
				"actionParameters": map[string]any{"cache": true, "cacheKey": map[string]any{"cacheByDeviceType": true}}},
			map[string]any{"ref": "headroom_test_old", "id": "x", "description": "an older rule", "enabled": true, "expression": "true", "action": "set_cache_settings"},
			map[string]any{"ref": "0b", "id": "0b", "description": "Blog", "enabled": false, "expression": "true", "action": "set_cache_settings"},
		},
	})
	return l
}

const adoptCache = `edge.cloudflare.cachePhase={mode: adopt, rulesetId: live1}`

func TestAdoptingAPhaseKeepsTheRulesOfOthers(t *testing.T) {
	args := argsOf(declared(t, onlyZone, adoptCache, "edge.cloudflare.headerPhase.mode=external", "edge.cloudflare.otherRules=2"))
	r, err := run(t, args, shared("live1", "live2"))
	if err != nil {
		t.Fatal(err)
	}
	read := named(t, r, rulesetType, "live:test-edge-cachePhase-"+zoneID)
	if !read.Read || read.ID != "zone/"+zoneID+"/live1" {
		t.Errorf("the live ruleset is read by %q", read.ID)
	}
	one := named(t, r, rulesetType, "test-edge-cachePhase-"+zoneID)
	if one.Import != "zone/"+zoneID+"/live1" || !one.RetainOnDelete || !one.Protect {
		t.Errorf("adopted by %q, retained %v, protected %v; want the live ruleset to stay when the program leaves", one.Import, one.RetainOnDelete, one.Protect)
	}
	var refs []string
	for _, rule := range rules(t, one) {
		refs = append(refs, rule["ref"].(string))
		if _, ok := rule["id"]; ok {
			t.Errorf("rule %v states its id, which is Cloudflare's", rule["ref"])
		}
	}
	want := []string{"0a", "0b", "headroom_test_pages", "headroom_test_assets", "headroom_test_account", "headroom_test_signed-in"}
	if diff := cmp.Diff(want, refs); diff != "" {
		t.Errorf("rules of others first and in their order, an old one of ours gone (-want +got):\n%s", diff)
	}
	componenttest.Expect(t, one, map[string]any{
		"name": "default", // The live one; another name would be another ruleset.
		"rules.0.actionParameters.cacheKey.cacheByDeviceType": true, "rules.1.enabled": false,
	})
}

func TestZoneRefusals(t *testing.T) {
	for name, tc := range map[string]struct {
		reason string
		sets   []string
		live   live
		want   []string
	}{
		"OtherName": {"a token may reach several zones", nil, live{name: "other.example", plan: "Business Website"},
			[]string{"edge.cloudflare.zoneId", "is the zone other.example"}},
		"SmallerPlan": {"its limits were not proven", nil, live{name: "example.com", plan: "Pro Website"},
			[]string{"edge.cloudflare.plan = business", "which is pro"}},
		"OverOthers": {"a created phase would be refused after the preview", nil, shared("live1", "live2"),
			[]string{"cachePhase.mode = managed", "Shop images, Blog", "{mode: adopt, rulesetId: live1}", "otherRules to 2"}},
		"OverOtherHeaders": {"the cache phase, which comes first, is the stack's alone", nil, live{name: "example.com", plan: "Business Website", rulesets: []resource.PropertyValue{
			ruleset("live2", headerPhase, rule1("shop", "Shop headers"))}},
			[]string{"headerPhase.mode = managed", "Shop headers", "otherTransforms to 1"}},
		"OtherRuleset": {"an entry point is one", []string{adoptCache, "edge.cloudflare.otherRules=2"}, shared("live9", "live2"),
			[]string{"cachePhase.rulesetId = live1", "set it to live9"}},
		"NothingToAdopt": {"a phase without rules has no ruleset", []string{adoptCache}, empty(),
			[]string{"cachePhase.rulesetId = live1", "there is none"}},
		"Uncounted": {"the limits were proven without them", []string{adoptCache, "edge.cloudflare.otherRules=1"}, shared("live1", "live2"),
			[]string{"otherRules = 1", "Shop images, Blog", "set it to 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := run(t, argsOf(declared(t, append(tc.sets, onlyZone)...)), tc.live)
			if err == nil {
				t.Fatalf("New() accepts it: %s", tc.reason)
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("New() = %v, want it to name %q", err, want)
				}
			}
			for _, one := range r.Resources() {
				if one.Custom && !one.Read && strings.HasPrefix(one.Type, "cloudflare:") {
					t.Errorf("%s %s was declared before the refusal", one.Type, one.Name)
				}
			}
		})
	}
}

// A larger plan than was proven for is no reason to stop, nor one of a partner
// with a name of its own.
func TestPlansThatAreLargeEnough(t *testing.T) {
	for _, plan := range []string{"Enterprise Website", "Business Website", "Partners Advanced"} {
		if _, err := run(t, argsOf(declared(t, onlyZone)), live{name: "example.com", plan: plan}); err != nil {
			t.Errorf("a zone on %s: %v, want it accepted", plan, err)
		}
	}
}

// The second run finds the rules of the first.
func TestOwnRulesAreNoObstacle(t *testing.T) {
	l := empty()
	l.rulesets = []resource.PropertyValue{ruleset("live1", cachePhase, rule1("headroom_test_pages", "Headroom: pages"))}
	if _, err := run(t, argsOf(declared(t, onlyZone)), l); err != nil {
		t.Errorf("New() over its own rules = %v", err)
	}
}
