package edge

import (
	"fmt"

	"github.com/pulumi/pulumi-cloudflare/sdk/v5/go/cloudflare"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/cdn"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/adopt"
)

// The phases by their real names: the SDK's comments spell them in camel case,
// which the provider refuses (terraform-provider-cloudflare v4.51.0
// internal/framework/service/rulesets/schema.go).
const (
	cachePhase  = "http_request_cache_settings"
	headerPhase = "http_response_headers_transform"
)

// phase is one entry point ruleset that the stack owns.
type phase struct {
	spec.Phase
	// key in the stack file, phase at Cloudflare.
	key, phase, title string
	// others says how many rules of others the plan counted, and where it is set.
	others    int
	othersKey string
	rules     []cloudflare.RulesetRule
}

func (b builder) phases() []phase {
	z, p := b.zone(), b.Plan.Cloudflare
	all := []phase{
		{Phase: z.CachePhase, key: "cachePhase", phase: cachePhase, title: "cache rules", others: z.OtherRules, othersKey: "otherRules", rules: cacheRules(p.CacheRules)},
		{Phase: z.HeaderPhase, key: "headerPhase", phase: headerPhase, title: "response header rules", others: z.OtherTransforms, othersKey: "otherTransforms", rules: headerRules(p.HeaderRules)},
	}
	var owned []phase
	for _, one := range all {
		if one.Mode != spec.External && (len(one.rules) > 0 || one.Mode == spec.Adopt) {
			owned = append(owned, one)
		}
	}
	return owned
}

// declareZone makes sure that the zone is the stack's and then changes it.
func (b builder) declareZone(ctx *pulumi.Context, parent pulumi.Resource) error {
	live, err := b.inspect(ctx, parent)
	if err != nil {
		return err
	}
	phases := b.phases()
	var problems spec.Problems
	for _, one := range phases {
		problems = append(problems, live.admits(b, one)...)
	}
	if len(problems) > 0 {
		return problems
	}
	for _, one := range phases {
		if err := live.list(ctx, parent, b.Stack, one); err != nil {
			return err
		}
		if err := b.declarePhase(ctx, parent, one); err != nil {
			return err
		}
	}
	if b.zone().Settings == spec.Managed {
		return b.declareSettings(ctx, parent)
	}
	return nil
}

// declarePhase owns a whole phase: Cloudflare has one entry point for each. The
// zone stands in the resource's name, because a ruleset cannot move to another
// zone and the provider would try.
func (b builder) declarePhase(ctx *pulumi.Context, parent pulumi.Resource, p phase) error {
	z := b.zone()
	name := fmt.Sprintf("%s-%s-%s", b.name, p.key, z.ZoneID)
	args := &cloudflare.RulesetArgs{
		ZoneId: pulumi.String(z.ZoneID), Kind: pulumi.String("zone"), Phase: pulumi.String(p.phase),
		// The name is fixed for life; a stack may be renamed.
		Name: pulumi.String("headroom"), Description: pulumi.String("The zone's " + p.title + ", kept by Headroom"),
	}
	id, there := fmt.Sprintf("zone/%s/%s", z.ZoneID, p.RulesetID), cloudflare.RulesetRuleArray{}.ToRulesetRuleArrayOutput()
	if p.Mode == spec.Adopt {
		live, err := cloudflare.GetRuleset(ctx, adopt.Reading(name), pulumi.ID(id), nil, pulumi.Parent(parent))
		if err != nil {
			return fmt.Errorf("reading the live %s of %s: %w", p.title, z.Zone, err)
		}
		args.Name, args.Description, there = live.Name, live.Description, live.Rules
	}
	args.Rules = there.ApplyT(func(live []cloudflare.RulesetRule) []cloudflare.RulesetRule {
		return keep(b.Stack, live, p.rules)
	}).(cloudflare.RulesetRuleArrayOutput)
	// One entry point at a time: another one could not be made beside it.
	_, err := cloudflare.NewRuleset(ctx, name, args, b.owned(parent, leaf{rulesetType, name}, p.Mode, id), pulumi.DeleteBeforeReplace(true))
	if err != nil {
		return fmt.Errorf("%s of %s: %w", p.title, z.Zone, err)
	}
	return nil
}

// keep puts the stack's rules behind those of others, which keep their order:
// the last match wins, and the stack's rules are for its own hosts only. The ids
// of rules are Cloudflare's, found again by ref.
func keep(stack string, live, own []cloudflare.RulesetRule) []cloudflare.RulesetRule {
	var out []cloudflare.RulesetRule
	for _, r := range live {
		if r.Ref == nil || !cdn.Owns(stack, *r.Ref) {
			r.Id = nil
			out = append(out, r)
		}
	}
	return append(out, own...)
}

// declareSettings changes only what caching depends on. Always Online would
// switch stale copies off, and the default of 4 h would overrule what browsers
// are told (https://developers.cloudflare.com/cache/concepts/cache-control/ and
// https://developers.cloudflare.com/cache/how-to/edge-browser-cache-ttl/, 2026-11).
// Leaving a setting out later does not restore it; removing all does.
func (b builder) declareSettings(ctx *pulumi.Context, parent pulumi.Resource) error {
	z := b.zone()
	name := fmt.Sprintf("%s-%s", b.name, z.ZoneID)
	_, err := cloudflare.NewZoneSettingsOverride(ctx, name, &cloudflare.ZoneSettingsOverrideArgs{
		ZoneId: pulumi.String(z.ZoneID), Settings: cloudflare.ZoneSettingsOverrideSettingsArgs{
			AlwaysOnline: pulumi.String("off"), BrowserCacheTtl: pulumi.Int(0), Http3: pulumi.String("on"),
		},
	}, pulumi.Parent(parent))
	if err != nil {
		return fmt.Errorf("settings of zone %s: %w", z.Zone, err)
	}
	_, err = cloudflare.NewTieredCache(ctx, name, &cloudflare.TieredCacheArgs{
		ZoneId: pulumi.String(z.ZoneID), CacheType: pulumi.String(z.TieredCache),
	}, pulumi.Parent(parent))
	if err != nil {
		return fmt.Errorf("tiered cache of zone %s: %w", z.Zone, err)
	}
	return nil
}
