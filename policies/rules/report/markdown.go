package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agencyos/headroom/policies/rules"
)

// scaling are the ids of the computed rules in the order in which people know
// them.
const scaling = 17

// Markdown is the reference of all rules, for docs/policies.md.
func Markdown(all []rules.Rule) string {
	var out strings.Builder
	fmt.Fprintf(&out, intro, len(all))
	index(&out, all)
	fmt.Fprint(&out, "\n## Scaling, computed\n\nThese compute across resources: services, autoscalers, budgets, pools, nodes, subnets, parameter groups and alarms.\n\n| | rules |\n|---|---|\n")
	for n := 1; n <= scaling; n++ {
		id := fmt.Sprintf("S%d", n)
		var links []string
		for _, r := range all {
			if slices.Contains(r.Anchors, id) {
				links = append(links, link(r))
			}
		}
		fmt.Fprintf(&out, "| %s | %s |\n", id, strings.Join(links, ", "))
	}
	for _, r := range all {
		section(&out, r)
	}
	return out.String()
}

const intro = `# Policy rules

<!-- Generated from policies/rules by ` + "`make golden`" + `. -->

%d rules judge what is declared: in the Pulumi policy pack, by ` + "`headroom check`" + ` over manifests, previews and states, and in Go tests by ` + "`rules.Run`" + `. Ids, messages and verdicts are the same everywhere. A verdict is *pass*, *violation*, *not applicable*, or *cannot know*, which names what it waits for: an output, a secret, or something that the source does not carry, such as the resource options that a manifest has none of.

Levels and options stand in one JSON file, for ` + "`pulumi --policy-pack-config`" + ` and ` + "`headroom check --config`" + `:

` + "```json" + `
{"image-pinned": "advisory", "hpa-range": {"enforcementLevel": "mandatory", "minReplicas": 3}}
` + "```" + `

A violation is accepted only with a reason and a last day, in ` + "`headroom:policy`" + ` of the stack file or on the object itself. Every report lists them; one that has expired fails.

` + "```yaml" + `
headroom:policy:
  suppressions:
    - {rule: rds-multi-az, resource: main, reason: rebuilt from a dump every night, expires: "2027-03-31"}
---
metadata:
  annotations:
    suppress.headroom.dev/hpa-range: "2027-03-31 one pod is enough at night"
` + "```" + `

[Adding a rule](adding-a-rule.md) walks through one.

`

func index(out *strings.Builder, all []rules.Rule) {
	fmt.Fprint(out, "| rule | severity | asks that |\n|---|---|---|\n")
	for _, r := range all {
		fmt.Fprintf(out, "| %s | %s | %s |\n", link(r), r.Severity, cell(r.What))
	}
}

func link(r rules.Rule) string { return fmt.Sprintf("[`%s`](#%s)", r.ID, r.ID) }

// cell keeps a text inside its cell.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func section(out *strings.Builder, r rules.Rule) {
	fmt.Fprintf(out, "\n## %s\n\n%s.\n\n- Why: %s.\n- Fix: %s.\n- Severity %s, %s.", r.ID, sentence(r.What), r.Why, r.Fix, r.Severity, r.Level)
	if r.Single {
		fmt.Fprint(out, " Judged before the resource is created.")
	}
	fmt.Fprintf(out, "\n- Comparable: %s.\n- Reads: %s.\n", strings.Join(r.Anchors, ", "), "`"+strings.Join(r.Types, "`, `")+"`")
	for _, o := range r.Options {
		fmt.Fprintf(out, "- Option `%s` (default `%s`): %s.\n", o.Name, defaultOf(o), o.What)
	}
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func defaultOf(o rules.Option) string {
	if list, ok := o.Default.([]string); ok {
		return `["` + strings.Join(list, `", "`) + `"]`
	}
	return fmt.Sprint(o.Default)
}
