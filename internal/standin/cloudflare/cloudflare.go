// Package cloudflare is the stand-in for the Cloudflare provider: tables of what
// terraform-provider-cloudflare v4.51.0, which pulumi-cloudflare 5.49.1 wraps, and
// the Cloudflare API do with the resource types Headroom declares. It creates
// nothing and asks for no token.
package cloudflare

import (
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Version is the version of the pulumi-cloudflare SDK in go.mod.
const Version = "5.49.1"

// Tokens of the resource types.
const (
	ruleset     = "cloudflare:index/ruleset:Ruleset"
	settings    = "cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride"
	tieredCache = "cloudflare:index/tieredCache:TieredCache"
	record      = "cloudflare:index/record:Record"
)

// Zone is the only zone that the made-up token may change.
type Zone struct {
	// ID of 32 hexadecimal digits.
	ID string
	// Name such as "example.com".
	Name string
	// Plan: free, pro, business or enterprise.
	Plan string
}

// withDefaults fills a zone nobody owns.
func (z Zone) withDefaults() Zone {
	if z.ID == "" {
		z.ID = strings.Repeat("0", 32)
	}
	if z.Name == "" {
		z.Name = "example.com"
	}
	if z.Plan == "" {
		z.Plan = "free"
	}
	return z
}

// New makes the provider for a zone.
func New(z Zone) *provider.Provider { return provider.New(Definition(z)) }

// Definition is the whole table.
func Definition(z Zone) provider.Definition {
	z = z.withDefaults()
	types := z.types()
	for i, t := range types {
		t = provider.Known(t)
		t.Required = append(t.Required, "zoneId")
		t.Rules = append(t.Rules, z.own())
		types[i] = t
	}
	return provider.Definition{
		Name: "cloudflare", Version: Version, Types: types, Prepare: provider.Fill, ConfigRules: configRules(),
		Functions: map[string]provider.Function{
			"cloudflare:index/getZone:getZone":         z.getZone,
			"cloudflare:index/getRulesets:getRulesets": getRulesets,
		},
	}
}

func (z Zone) types() []provider.Type {
	return []provider.Type{
		{
			Token: ruleset, Required: []string{"kind", "name", "phase"}, Rules: z.rulesetRules(),
			// One entry point for each phase of a zone (cloudflare/terraform-provider-cloudflare#2090, #5599).
			Identity: within("phase", "zoneId", "phase"),
			Unwrap:   lastPart,
			Mint: func(m provider.Minting) (string, map[string]any) {
				return m.Hex(32), map[string]any{}
			},
		},
		{
			Token: settings, Rules: z.settingsRules(), Identity: within("settings", "zoneId"),
			Mint: func(m provider.Minting) (string, map[string]any) {
				return m.Inputs.At("zoneId").Text(), map[string]any{
					"initialSettings": []any{}, "initialSettingsReadAt": "2026-01-01T00:00:00Z", "readonlySettings": []any{},
					"zoneStatus": "active", "zoneType": "full",
				}
			},
		},
		{
			Token: tieredCache, Required: []string{"cacheType"}, Rules: z.tieredRules(), Identity: within("tiered-cache", "zoneId"),
			Mint: func(m provider.Minting) (string, map[string]any) {
				return m.Inputs.At("zoneId").Text(), map[string]any{}
			},
		},
		{
			Token: record, Required: []string{"name", "type"}, Rules: recordRules(), Defaults: map[string]any{"allowOverwrite": false},
			// A name has one CNAME, or records of other types
			// (https://developers.cloudflare.com/dns/manage-dns-records/reference/dns-record-types/, 2026-11).
			Identity: canonical, Unwrap: lastPart, DeletesFirst: true, // provider/resources.go of pulumi-cloudflare v5.49.1
			Mint: z.mintRecord,
		},
	}
}

// within is the identity of what exists once for each combination of inputs.
func within(kind string, inputs ...string) func(provider.Value) string {
	return func(in provider.Value) string {
		parts := make([]string, len(inputs))
		for i, name := range inputs {
			if parts[i] = in.At(name).Text(); parts[i] == "" {
				return ""
			}
		}
		return kind + ":" + strings.Join(parts, ":")
	}
}

func canonical(in provider.Value) string {
	if in.At("type").Text() != "CNAME" || in.At("allowOverwrite").True() {
		return ""
	}
	return within("record", "zoneId", "name")(in)
}

// lastPart is the object's own id: an import of a ruleset is zone/<zone>/<id>, one
// of a record <zone>/<id> (docs/resources/{ruleset,record}.md of the provider).
func lastPart(id string) string { return id[strings.LastIndex(id, "/")+1:] }

func (z Zone) mintRecord(m provider.Minting) (string, map[string]any) {
	name := m.Inputs.At("name").Text()
	host := name + "." + z.Name
	if name == "@" || name == z.Name || strings.HasSuffix(name, "."+z.Name) {
		host = strings.TrimPrefix(name, "@.")
	}
	return m.Hex(32), map[string]any{
		"hostname": host, "createdOn": "2026-01-01T00:00:00Z", "modifiedOn": "2026-01-01T00:00:00Z",
		"metadata": map[string]any{}, "proxiable": true,
	}
}
