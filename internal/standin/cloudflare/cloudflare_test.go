package cloudflare_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/agencyos/headroom/internal/standin/cloudflare"
	"github.com/agencyos/headroom/internal/standin/provider"
	"github.com/agencyos/headroom/internal/standin/providertest"
)

const (
	ruleset     = "cloudflare:index/ruleset:Ruleset"
	headers     = ruleset + " of headers" // the same type in the other phase
	settings    = "cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride"
	tieredCache = "cloudflare:index/tieredCache:TieredCache"
	record      = "cloudflare:index/record:Record"
	zoneID      = "0123456789abcdef0123456789abcdef"
)

type object = map[string]any

var unknown = resource.MakeComputed(resource.NewStringProperty(""))

func token(kind string) tokens.Type { return tokens.Type(strings.TrimSuffix(kind, " of headers")) }

// good are inputs that the provider and the API accept on every plan.
func good(kind string) object {
	rule := func(action string, parameters object) object {
		return object{
			"ref": "a", "description": "a", "enabled": true, "expression": `(http.host eq "example.com")`,
			"action": action, "actionParameters": parameters,
		}
	}
	return map[string]object{
		ruleset: {"zoneId": zoneID, "name": "default", "kind": "zone", "phase": "http_request_cache_settings", "rules": []any{
			rule("set_cache_settings", object{
				"cache": true, "browserTtl": object{"mode": "respect_origin"}, "serveStale": object{"disableStaleWhileUpdating": false},
				"edgeTtl": object{"mode": "override_origin", "default": 7200.0, "statusCodeTtls": []any{
					object{"statusCodeRanges": []any{object{"from": 400.0}}, "value": -1.0},
				}},
				"cacheKey": object{"customKey": object{"queryString": object{"excludes": []any{"*"}}}},
			}),
		}},
		headers: {"zoneId": zoneID, "name": "default", "kind": "zone", "phase": "http_response_headers_transform", "rules": []any{
			rule("rewrite", object{"headers": []any{
				object{"name": "Cache-Control", "operation": "set", "value": "max-age=0"},
				object{"name": "X-Content-Type-Options", "operation": "set", "value": "nosniff"},
				object{"name": "x-powered-by", "operation": "remove"},
			}}),
		}},
		settings:    {"zoneId": zoneID, "settings": object{"alwaysOnline": "off", "browserCacheTtl": 0.0}},
		tieredCache: {"zoneId": zoneID, "cacheType": "smart"},
		record:      {"zoneId": zoneID, "name": "media", "type": "CNAME", "content": "d1.cloudfront.net", "ttl": 300.0},
	}[kind]
}

var kinds = []string{ruleset, headers, settings, tieredCache, record}

// changed are good inputs with some paths set, or removed by nil.
func changed(t *testing.T, kind string, change object) resource.PropertyMap {
	t.Helper()
	return providertest.Changed(t, good(kind), change)
}

func check(t *testing.T, plan, kind string, in resource.PropertyMap) []string {
	t.Helper()
	r, err := cloudflare.New(cloudflare.Zone{ID: zoneID, Plan: plan}).Check(t.Context(), plugin.CheckRequest{Type: token(kind), Name: "x", News: in})
	if err != nil {
		t.Fatalf("Check(%s): %v", kind, err)
	}
	return providertest.Refused(r.Failures)
}

func TestGoodInputsAreAcceptedOnEveryPlan(t *testing.T) {
	for _, kind := range kinds {
		for _, plan := range []string{"free", "pro", "business", "enterprise"} {
			if got := check(t, plan, kind, changed(t, kind, nil)); got != nil {
				t.Errorf("Check(%s) on %s of good inputs: %v, want none refused", kind, plan, got)
			}
		}
	}
}

const (
	params = "rules[0].actionParameters."
	first  = params + "headers[0]."
)

func manyRules(n int) []any {
	out := make([]any, n)
	for i := range out {
		rule := good(ruleset)["rules"].([]any)[0].(object)
		rule["ref"] = fmt.Sprint(i)
		out[i] = rule
	}
	return out
}

func names(n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = fmt.Sprint(i)
	}
	return out
}

type testCase struct {
	reason string
	plan   string
	kind   string
	change object
	want   []string
}

var cases = map[string]testCase{
	"CamelPhase":        {"the SDK's comments spell it wrong", "pro", ruleset, object{"phase": "httpRequestCacheSettings"}, []string{"cf-ruleset-words"}},
	"CamelAction":       {"the SDK's comments spell it wrong", "pro", ruleset, object{"rules[0].action": "setCacheSettings"}, []string{"cf-ruleset-words", "cf-ruleset-phase"}},
	"OtherAction":       {"a phase has one action", "pro", ruleset, object{"rules[0].action": "rewrite"}, []string{"cf-ruleset-phase"}},
	"NoParameters":      {"a rule does something", "pro", headers, object{"rules[0].actionParameters": object{}}, []string{"cf-ruleset-phase"}},
	"UnknownParameters": {"what is not known yet may be right", "pro", headers, object{"rules[0].actionParameters": unknown}, nil},
	"RefTwice":          {"ids are mapped by ref", "pro", ruleset, object{"rules": append(manyRules(1), manyRules(1)...)}, []string{"cf-ruleset-ref"}},
	"NoRef":             {"every edit of the list would change it", "pro", ruleset, object{"rules[0].ref": nil}, []string{"cf-ruleset-stable"}},
	"NoDescription":     {"a computed default differs", "pro", ruleset, object{"rules[0].description": nil}, []string{"cf-ruleset-stable"}},
	"NotEnabled":        {"a computed default differs", "pro", ruleset, object{"rules[0].enabled": nil}, []string{"cf-ruleset-stable"}},
	"Disabled":          {"off is stated", "pro", ruleset, object{"rules[0].enabled": false}, nil},
	"NoExpression":      {"for which requests?", "pro", ruleset, object{"rules[0].expression": ""}, []string{"cf-ruleset-expression"}},
	"LongExpression":    {"4096 characters", "pro", ruleset, object{"rules[0].expression": strings.Repeat("a", 4097)}, []string{"cf-ruleset-expression"}},
	"FitsExpression":    {"4096 characters", "pro", ruleset, object{"rules[0].expression": strings.Repeat("a", 4096)}, nil},
	"OpenBracket":       {"it does not parse", "pro", ruleset, object{"rules[0].expression": `(http.host eq "a"`}, []string{"cf-ruleset-expression"}},
	"Unsorted":          {"the provider sorts, and differs for ever", "pro", headers, object{first + "name": "Z"}, []string{"cf-headers-sorted"}},
	"ByteOrder":         {"X is before a", "pro", headers, object{first + "name": "X", params + "headers[1].name": "a"}, nil},
	"FoldedOrder":       {"and not the other way round", "pro", headers, object{first + "name": "a", params + "headers[1].name": "X"}, []string{"cf-headers-sorted"}},
	"HeaderTwice":       {"one entry for a name", "pro", headers, object{first + "name": "X-Content-Type-Options"}, []string{"cf-headers-sorted"}},
	"ValueAndExpr":      {"a text or an expression", "pro", headers, object{first + "expression": "http.host"}, []string{"cf-headers-value"}},
	"NoValue":           {"and not neither", "pro", headers, object{first + "value": nil}, []string{"cf-headers-value"}},
	"RemoveValue":       {"what goes has no value", "pro", headers, object{first + "operation": "remove"}, []string{"cf-headers-value"}},
	"OddOperation":      {"a closed set", "pro", headers, object{first + "operation": "append"}, []string{"cf-headers-value"}},
	"CFHeader":          {"Cloudflare's own", "pro", headers, object{first + "name": "CF-Ray"}, []string{"cf-headers-reserved"}},
	"Server":            {"Cloudflare's own", "pro", headers, object{params + "headers[2].name": "server", first + "name": "A"}, []string{"cf-headers-reserved"}},
	"OverrideNoTime":    {"override with what?", "pro", ruleset, object{params + "edgeTtl.default": nil}, []string{"cf-edge-ttl"}},
	"OverrideZero":      {"zero comes with a later provider", "enterprise", ruleset, object{params + "edgeTtl.default": 0.0}, []string{"cf-edge-ttl", "cf-plan-ttl"}},
	"BypassWithTime":    {"bypass has none", "pro", ruleset, object{params + "edgeTtl.mode": "bypass_by_default"}, []string{"cf-edge-ttl"}},
	"CamelMode":         {"the SDK's comments spell it wrong", "pro", ruleset, object{params + "edgeTtl.mode": "overrideOrigin"}, []string{"cf-edge-ttl"}},
	"Respect":           {"the origin's time counts", "pro", ruleset, object{params + "edgeTtl.mode": "respect_origin", params + "edgeTtl.default": nil}, nil},
	"BrowserOverride":   {"override with what?", "pro", ruleset, object{params + "browserTtl.mode": "override_origin"}, []string{"cf-browser-ttl"}},
	"BrowserBypass":     {"bypass has none", "pro", ruleset, object{params + "browserTtl": object{"mode": "bypass", "default": 60.0}}, []string{"cf-browser-ttl"}},
	"BrowserMode":       {"a closed set", "pro", ruleset, object{params + "browserTtl.mode": "bypass_by_default"}, []string{"cf-browser-ttl"}},
	"StatusBoth":        {"a code or a range", "pro", ruleset, object{params + "edgeTtl.statusCodeTtls[0].statusCode": 404.0}, []string{"cf-status-ttl"}},
	"StatusTwoRanges":   {"one range", "pro", ruleset, object{params + "edgeTtl.statusCodeTtls[0].statusCodeRanges": []any{object{"from": 400.0}, object{"from": 500.0}}}, []string{"cf-status-ttl"}},
	"StatusNoValue":     {"it would be sent as 0", "pro", ruleset, object{params + "edgeTtl.statusCodeTtls[0].value": nil}, []string{"cf-status-ttl"}},
	"StatusFromZero":    {"0 is dropped on the way", "pro", ruleset, object{params + "edgeTtl.statusCodeTtls[0].statusCodeRanges[0].from": 0.0}, []string{"cf-status-ttl"}},
	"StatusBackwards":   {"from is below to", "pro", ruleset, object{params + "edgeTtl.statusCodeTtls[0].statusCodeRanges[0].to": 399.0}, []string{"cf-status-ttl"}},
	"StatusUpTo":        {"one end is enough", "pro", ruleset, object{params + "edgeTtl.statusCodeTtls[0].statusCodeRanges[0]": object{"to": 399.0}}, nil},
	"QueryBoth":         {"include or exclude", "enterprise", ruleset, object{params + "cacheKey.customKey.queryString.includes": []any{"*"}}, []string{"cf-cache-key"}},
	"QueryStarAndMore":  {"all, or names", "enterprise", ruleset, object{params + "cacheKey.customKey.queryString.excludes": []any{"*", "a"}}, []string{"cf-cache-key"}},
	"QueryMany":         {"100", "enterprise", ruleset, object{params + "cacheKey.customKey.queryString.excludes": names(101)}, []string{"cf-cache-key"}},
	"QueryEnough":       {"100", "enterprise", ruleset, object{params + "cacheKey.customKey.queryString.excludes": names(100)}, nil},
	"DeviceTwice":       {"once by each name", "enterprise", ruleset, object{params + "cacheKey.cacheByDeviceType": true, params + "cacheKey.customKey.user": object{"deviceType": true}}, []string{"cf-cache-key"}},
	"ElevenOnFree":      {"10 rules", "free", ruleset, object{"rules": manyRules(11)}, []string{"cf-plan-rules"}},
	"TenOnFree":         {"10 rules", "free", ruleset, object{"rules": manyRules(10)}, nil},
	"26OnPro":           {"25 rules", "pro", ruleset, object{"rules": manyRules(26)}, []string{"cf-plan-rules"}},
	"51OnBusiness":      {"50 rules", "business", ruleset, object{"rules": manyRules(51)}, []string{"cf-plan-rules"}},
	"301OnEnterprise":   {"300 rules", "enterprise", ruleset, object{"rules": manyRules(301)}, []string{"cf-plan-rules"}},
	"ShortOnFree":       {"2 h", "free", ruleset, object{params + "edgeTtl.default": 7199.0}, []string{"cf-plan-ttl"}},
	"ShortOnPro":        {"1 h", "pro", ruleset, object{params + "edgeTtl.default": 3599.0}, []string{"cf-plan-ttl"}},
	"ShortOnBusiness":   {"1 s", "business", ruleset, object{params + "edgeTtl.default": 1.0}, nil},
	"KeyOnBusiness":     {"names are for enterprise", "business", ruleset, object{params + "cacheKey.customKey.queryString": object{"includes": []any{"page"}}}, []string{"cf-plan-key"}},
	"CookieOnBusiness":  {"so are cookies", "business", ruleset, object{params + "cacheKey.customKey.cookie": object{"includes": []any{"a"}}}, []string{"cf-plan-key"}},
	"KeyOnEnterprise":   {"names are for enterprise", "enterprise", ruleset, object{params + "cacheKey.customKey.queryString": object{"includes": []any{"page"}}}, nil},
	"OriginControl":     {"only enterprise turns it off", "business", ruleset, object{params + "originCacheControl": true}, []string{"cf-plan-enterprise"}},
	"RegexOnPro":        {"regular expressions are for business", "pro", ruleset, object{"rules[0].expression": `(http.host matches "a.*")`}, []string{"cf-plan-regex"}},
	"RegexOnBusiness":   {"regular expressions are for business", "business", ruleset, object{"rules[0].expression": `(http.host matches "a.*")`}, nil},
	"OtherZone":         {"the token is for one zone", "pro", ruleset, object{"zoneId": strings.Repeat("f", 32)}, []string{"cf-zone"}},
	"NoZone":            {"required", "pro", tieredCache, object{"zoneId": nil}, []string{"zoneId is required"}},
	"OddTopology":       {"a closed set", "pro", tieredCache, object{"cacheType": "clever"}, []string{"cf-tiered-type"}},
	"GenericOnBusiness": {"generic is for enterprise", "business", tieredCache, object{"cacheType": "generic"}, []string{"cf-tiered-plan"}},
	"GenericOnEnt":      {"generic is for enterprise", "enterprise", tieredCache, object{"cacheType": "generic"}, nil},
	"Boolean":           {"on or off", "pro", settings, object{"settings.alwaysOnline": "false"}, []string{"cf-setting-switch"}},
	"OddBrowserTTL":     {"a list of times", "pro", settings, object{"settings.browserCacheTtl": 61.0}, []string{"cf-setting-browser-ttl"}},
	"PolishOnFree":      {"read-only there", "free", settings, object{"settings.polish": "lossless"}, []string{"cf-setting-plan"}},
	"PolishOnPro":       {"from pro on", "pro", settings, object{"settings.polish": "lossless"}, nil},
	"Minify":            {"it is gone", "pro", settings, object{"settings.minify": object{"css": "on"}}, []string{"cf-setting-retired"}},
	"TwoContents":       {"one content", "pro", record, object{"value": "a"}, []string{"cf-record-content"}},
	"NoContent":         {"and not none", "pro", record, object{"content": nil}, []string{"cf-record-content"}},
	"ContentUnknown":    {"a target not known yet is one", "pro", record, object{"content": unknown}, nil},
	"ProxiedTTL":        {"a proxied name has Cloudflare's", "pro", record, object{"proxied": true}, []string{"cf-record-ttl"}},
	"ProxiedAuto":       {"1 is Cloudflare's", "pro", record, object{"proxied": true, "ttl": 1.0}, nil},
	"ShortTTL":          {"a minute", "pro", record, object{"ttl": 59.0}, []string{"cf-record-ttl"}},
	"OddType":           {"a closed set", "pro", record, object{"type": "ALIAS"}, []string{"cf-record-type"}},
	"UpperName":         {"names are kept lower", "pro", record, object{"name": "Media"}, []string{"cf-record-name"}},
	"TrailingDot":       {"the dot goes", "pro", record, object{"content": "d1.cloudfront.net."}, []string{"cf-record-dot"}},
}

func TestRules(t *testing.T) {
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := check(t, tc.plan, tc.kind, changed(t, tc.kind, tc.change)); !cmp.Equal(tc.want, got) {
				t.Errorf("%s: Check(%s on %s, %v) breaks %v, want exactly %v", tc.reason, tc.kind, tc.plan, tc.change, got, tc.want)
			}
		})
	}
}

// A rule that no case breaks could be anything, and one without a source nobody
// can check again.
func TestEveryRuleRefusesSomethingAndSaysWhereFrom(t *testing.T) {
	broken := map[string]bool{"cf-ruleset-zone": true} // TestRulesetStaysInItsZone
	for _, tc := range cases {
		for _, id := range tc.want {
			broken[id] = true
		}
	}
	for _, row := range cloudflare.Definition(cloudflare.Zone{}).Types {
		for _, rule := range row.Rules {
			if !broken[rule.ID] || rule.Source == "" {
				t.Errorf("%s: %s is broken by no case, or has no source (%q)", row.Token, rule.ID, rule.Source)
			}
		}
	}
}

func TestReplacements(t *testing.T) {
	for name, tc := range map[string]struct {
		reason string
		kind   string
		change object
		want   []string
	}{
		"Rules":     {"rules change in place", ruleset, object{"rules[0].expression": "true"}, nil},
		"Name":      {"another name is another ruleset", ruleset, object{"name": "other"}, []string{"name"}},
		"Phase":     {"so is another phase", ruleset, object{"phase": "http_response_headers_transform"}, []string{"phase"}},
		"Zone":      {"another zone is not, and fails when it is applied", ruleset, object{"zoneId": "other"}, nil},
		"Topology":  {"it changes in place", tieredCache, object{"cacheType": "off"}, nil},
		"Setting":   {"so do settings", settings, object{"settings.alwaysOnline": "on"}, nil},
		"Content":   {"and what a name points at", record, object{"content": "d2.cloudfront.net"}, nil},
		"RecordFor": {"another name is another record", record, object{"name": "static"}, []string{"name"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := cloudflare.New(cloudflare.Zone{ID: zoneID}).Diff(t.Context(), plugin.DiffRequest{
				Type: token(tc.kind), OldInputs: changed(t, tc.kind, nil), NewInputs: changed(t, tc.kind, tc.change),
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, k := range r.ReplaceKeys {
				got = append(got, string(k))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || r.Changes != plugin.DiffSome {
				t.Errorf("%s (-want +got):\n%s; changes %v, want some", tc.reason, diff, r.Changes)
			}
			if tc.kind == record && tc.want != nil && !r.DeleteBeforeReplace {
				t.Error("a record is replaced without a gap, which the provider never does")
			}
		})
	}
}

func create(t *testing.T, p *provider.Provider, name, kind string) (plugin.CreateResponse, error) {
	t.Helper()
	urn := resource.URN("urn:pulumi:s::p::" + string(token(kind)) + "::" + name)
	return p.Create(t.Context(), plugin.CreateRequest{URN: urn, Type: urn.Type(), Properties: changed(t, kind, nil)})
}

func TestAPhaseHasOneOwner(t *testing.T) {
	p := cloudflare.New(cloudflare.Zone{ID: zoneID})
	for name, kind := range map[string]string{"cache": ruleset, "headers": headers} {
		if _, err := create(t, p, name, kind); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := create(t, p, "second", ruleset); err == nil || !strings.Contains(err.Error(), "AlreadyExists") {
		t.Errorf("a second ruleset in a phase: %v, want it refused", err)
	}
}

// A zone has its settings and its tiered cache, one of each.
func TestPartsOfAZoneAreTwo(t *testing.T) {
	p := cloudflare.New(cloudflare.Zone{ID: zoneID})
	for _, kind := range []string{settings, tieredCache} {
		if _, err := create(t, p, "x", kind); err != nil {
			t.Errorf("create(%s) beside the other: %v", kind, err)
		}
	}
}

func TestRulesetStaysInItsZone(t *testing.T) {
	p := cloudflare.New(cloudflare.Zone{ID: zoneID})
	made, err := create(t, p, "cache", ruleset)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Update(t.Context(), plugin.UpdateRequest{
		URN: "urn:pulumi:s::p::" + ruleset + "::cache", Type: ruleset, ID: made.ID,
		OldInputs: changed(t, ruleset, nil), NewInputs: changed(t, ruleset, object{"zoneId": "other"}),
	})
	if err == nil || !strings.Contains(err.Error(), "cf-ruleset-zone") {
		t.Errorf("a ruleset moved to another zone: %v, want it refused", err)
	}
}

// An import names the zone; the object's own id does not.
func TestImportByZoneAndID(t *testing.T) {
	p := cloudflare.New(cloudflare.Zone{ID: zoneID})
	if err := p.Seed(provider.Seed{Token: ruleset, ID: "live", Inputs: good(ruleset)}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []resource.ID{"zone/" + zoneID + "/live", "live"} {
		r, err := p.Read(t.Context(), plugin.ReadRequest{URN: "urn:pulumi:s::p::" + ruleset + "::x", Type: ruleset, ID: id})
		if err != nil || r.ID != "live" || r.Inputs["phase"].StringValue() != "http_request_cache_settings" {
			t.Errorf("Read(%s) = %v of %v, %v, want the live ruleset by its own id", id, r.ID, r.Inputs["phase"], err)
		}
	}
}

func TestFunctions(t *testing.T) {
	p := cloudflare.New(cloudflare.Zone{ID: zoneID, Name: "example.org", Plan: "business"})
	if err := p.Seed(provider.Seed{Token: ruleset, ID: "live", Inputs: good(ruleset)}); err != nil {
		t.Fatal(err)
	}
	call := func(name string, args object) (map[string]any, error) {
		r, err := p.Invoke(t.Context(), plugin.InvokeRequest{Tok: tokens.ModuleMember("cloudflare:index/" + name + ":" + name), Args: resource.NewPropertyMapFromMap(args)})
		return r.Properties.Mappable(), err
	}
	zone, err := call("getZone", object{"zoneId": zoneID})
	if err != nil || zone["name"] != "example.org" || zone["plan"] != "Business Website" {
		t.Errorf("getZone() = %v, %v", zone, err)
	}
	if _, err := call("getZone", object{"zoneId": "other"}); err == nil {
		t.Error("getZone answers for a zone that the token does not reach")
	}
	found, err := call("getRulesets", object{"zoneId": zoneID, "includeRules": true, "filter": object{"phase": "http_request_cache_settings"}})
	if err != nil {
		t.Fatal(err)
	}
	rulesets, _ := found["rulesets"].([]any)
	if len(rulesets) != 1 {
		t.Fatalf("getRulesets() = %v, want the live one", found)
	}
	rule := rulesets[0].(object)["rules"].([]any)[0].(object)
	if _, told := rule["actionParameters"]; told || rule["ref"] != "a" {
		t.Errorf("a rule is told as %v, want its ref, and no parameters: the data source leaves them out", rule)
	}
	if other, err := call("getRulesets", object{"zoneId": zoneID, "filter": object{"phase": "http_response_headers_transform"}}); err != nil || len(other["rulesets"].([]any)) != 0 {
		t.Errorf("getRulesets() of a phase without rules = %v, %v", other, err)
	}
}

func TestOneCredential(t *testing.T) {
	p := cloudflare.New(cloudflare.Zone{})
	for name, tc := range map[string]struct {
		in object
		ok bool
	}{
		"Token": {object{"apiToken": "t"}, true}, "Nothing": {object{}, false}, "Two": {object{"apiToken": "t", "apiKey": "k"}, false},
	} {
		r, err := p.CheckConfig(t.Context(), plugin.CheckConfigRequest{News: resource.NewPropertyMapFromMap(tc.in)})
		if err != nil || (len(r.Failures) == 0) != tc.ok {
			t.Errorf("%s: CheckConfig() = %v, %v, want accepted: %v", name, r.Failures, err, tc.ok)
		}
	}
}
