package rules

import (
	"strings"

	"github.com/agencyos/headroom/capacity/budget"
)

// servers are the PostgreSQL pods of the stack: StatefulSets with a container that
// is started with max_connections. What a file in the image states is not here.
func (m Model) servers() []database {
	var all []database
	for _, s := range m.of(typeStatefulSet) {
		f := facts{}
		for _, c := range f.containers(s) {
			if options := f.options(c); options[maxConnections] != "" {
				all = append(all, m.server(s, f, options))
			}
		}
	}
	return all
}

func (m Model) server(s Resource, f facts, options map[string]string) database {
	d := database{Resource: s, facts: f}
	d.others = m.recordedOthers(&d.facts)
	option := func(name string, low, fallback int) int {
		n := fallback
		if value, stated := options[name]; stated {
			n = d.facts.required(leaf{Value: Text(value), where: "argument " + name, of: s.label()}, low)
		}
		return n
	}
	n := option(maxConnections, 1, 0)
	reserved := option("superuser_reserved_connections", 0, budget.ReservedPostgres) + option("reserved_connections", 0, 0)
	d.limit(n, reserved, maxConnections+" of "+s.label())
	return d
}

// options are the settings on the command line of a container, of which the last
// wins: -c name=value, --name=value with dashes for underscores, -N for
// max_connections (https://www.postgresql.org/docs/17/app-postgres.html, 2026-11).
func (f *facts) options(container leaf) map[string]string {
	out := map[string]string{}
	before := ""
	for _, arg := range append(f.textList(container.at("command")), f.textList(container.at("args"))...) {
		setting := strings.TrimPrefix(strings.TrimPrefix(arg, "-c"), "--")
		switch name, value, assigned := strings.Cut(setting, "="); {
		case before == "-N":
			out[maxConnections] = arg
		case assigned && (before == "-c" || setting != arg):
			out[strings.ReplaceAll(name, "-", "_")] = value
		}
		before = arg
	}
	return out
}
