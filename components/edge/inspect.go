package edge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-cloudflare/sdk/v5/go/cloudflare"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/cdn"
	"github.com/agencyos/headroom/capacity/spec"
)

// liveRule is a rule of a zone as far as it can be looked up: the provider tells
// no parameters of it.
type liveRule struct{ ref, description string }

// liveZone is what is in a zone before anything is declared.
type liveZone struct {
	name string
	// ids and rules of the entry points by phase.
	ids   map[string]string
	rules map[string][]liveRule
}

// inspect looks the zone up and refuses another one than the stack's.
func (b builder) inspect(ctx *pulumi.Context, parent pulumi.Resource) (liveZone, error) {
	z := b.zone()
	found, err := cloudflare.LookupZone(ctx, &cloudflare.LookupZoneArgs{ZoneId: &z.ZoneID}, pulumi.Parent(parent))
	if err != nil {
		return liveZone{}, fmt.Errorf("zone %s (%s): %w", z.Zone, z.ZoneID, err)
	}
	if err := sameZone(*z, found.Name, found.Plan); err != nil {
		return liveZone{}, err
	}
	rulesets, err := cloudflare.GetRulesets(ctx, &cloudflare.GetRulesetsArgs{
		ZoneId: &z.ZoneID, IncludeRules: new(true), Filter: &cloudflare.GetRulesetsFilter{Kind: new("zone")},
	}, pulumi.Parent(parent))
	if err != nil {
		return liveZone{}, fmt.Errorf("rules of zone %s: %w", z.Zone, err)
	}
	live := liveZone{name: z.Zone, ids: map[string]string{}, rules: map[string][]liveRule{}}
	for _, r := range rulesets.Rulesets {
		live.ids[r.Phase] = r.Id
		for _, rule := range r.Rules {
			one := liveRule{ref: rule.Ref}
			if rule.Description != nil {
				one.description = *rule.Description
			}
			live.rules[r.Phase] = append(live.rules[r.Phase], one)
		}
	}
	return live, nil
}

// sameZone refuses a zone of another name, and one with a smaller plan than the
// limits were proven for: Cloudflare would say so only when rules are applied.
func sameZone(z spec.Cloudflare, name, plan string) error {
	if name != z.Zone {
		return spec.Problems{{Path: "edge.cloudflare.zoneId", Value: z.ZoneID, Rule: "is the zone " + name + ", not " + z.Zone, Fix: "correct the id or the name"}}
	}
	// The API says "Free Website" and the like.
	word, _, _ := strings.Cut(strings.ToLower(plan), " ")
	all := z.Plan.Values()
	have, want := slices.Index(all, word), slices.Index(all, string(z.Plan))
	if have >= 0 && have < want {
		return spec.Problems{{Path: "edge.cloudflare.plan", Value: string(z.Plan), Rule: "is not the zone's plan, which is " + word, Fix: "state " + word}}
	}
	return nil
}

// others are the rules of a phase that the stack does not own.
func (l liveZone) others(stack, phase string) []liveRule {
	var out []liveRule
	for _, r := range l.rules[phase] {
		if !cdn.Owns(stack, r.ref) {
			out = append(out, r)
		}
	}
	return out
}

// admits refuses to create over rules of others, to adopt another ruleset than
// the live one, and to keep more rules than the plan counted.
func (l liveZone) admits(b builder, p phase) spec.Problems {
	others, at := l.others(b.Stack, p.phase), "edge.cloudflare."+p.key
	switch id := l.ids[p.phase]; {
	case p.Mode == spec.Managed && len(others) > 0:
		return spec.Problems{{Path: at + ".mode", Value: string(p.Mode),
			Rule: fmt.Sprintf("zone %s already has %s of others (%s)", l.name, p.title, describe(others)),
			Fix:  fmt.Sprintf("to keep them, set %s to {mode: adopt, rulesetId: %s} and edge.cloudflare.%s to %d", at, id, p.othersKey, len(others))}}
	case p.Mode == spec.Adopt && id != p.RulesetID:
		return spec.Problems{{Path: at + ".rulesetId", Value: p.RulesetID,
			Rule: fmt.Sprintf("is not the ruleset of the %s of zone %s", p.title, l.name), Fix: adoptFix(at, id)}}
	case p.Mode == spec.Adopt && len(others) > p.others:
		return spec.Problems{{Path: "edge.cloudflare." + p.othersKey, Value: fmt.Sprint(p.others),
			Rule: fmt.Sprintf("is fewer than the %s of others in zone %s (%s)", p.title, l.name, describe(others)), Fix: fmt.Sprintf("set it to %d", len(others))}}
	}
	return nil
}

func adoptFix(at, id string) string {
	if id == "" {
		return "there is none; set " + at + ".mode to managed"
	}
	return "set it to " + id
}

// list names the rules of others that an adopted phase keeps.
func (l liveZone) list(ctx *pulumi.Context, parent pulumi.Resource, stack string, p phase) error {
	others := l.others(stack, p.phase)
	if p.Mode != spec.Adopt || len(others) == 0 {
		return nil
	}
	text := fmt.Sprintf("zone %s keeps %d %s of others, before those of this stack: %s", l.name, len(others), p.title, describe(others))
	if err := ctx.Log.Info(text, &pulumi.LogArgs{Resource: parent}); err != nil {
		return fmt.Errorf("listing the %s of zone %s: %w", p.title, l.name, err)
	}
	return nil
}

// describe lists rules by what people call them.
func describe(rules []liveRule) string {
	names := make([]string, len(rules))
	for i, r := range rules {
		if names[i] = r.description; r.description == "" {
			names[i] = r.ref
		}
	}
	return strings.Join(names, ", ")
}
