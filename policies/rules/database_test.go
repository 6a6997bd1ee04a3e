package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/catalog"
)

// TestDatabases: what connections are judged against.
func TestDatabases(t *testing.T) {
	db := func(edits ...any) Resource {
		r := instance()
		for i := 0; i < len(edits); i += 2 {
			r.Inputs = set(r.Inputs, []string{edits[i].(string)}, edits[i+1])
		}
		return r
	}
	group := func(parameters ...any) Resource {
		r := parameterGroup()
		r.Inputs = set(r.Inputs, []string{"parameters"}, parameters)
		return r
	}
	named := func(r Resource, name any) Resource {
		r.Inputs = set(r.Inputs, []string{"name"}, name)
		return r
	}
	from := func(r Resource, groups ...Resource) Resource {
		r.References = map[string][]string{"parameterGroupName": {}}
		for _, g := range groups {
			r.References["parameterGroupName"] = append(r.References["parameterGroupName"], g.URN)
		}
		return r
	}
	states := func(n any) node { return node{"name": "max_connections", "value": n} }
	logging := node{"name": "log_lock_waits", "value": "1"}
	const byGroup = "389 = 400 − 11 reserved (max_connections of ParameterGroup main-pg17)"
	_, estimate := catalog.EstimatedMaxConnections("db.m7g.large")
	byClass := "821 = 832 − 11 reserved (" + estimate + ")"
	postgres := func(args ...any) Resource {
		return declared(typeStatefulSet, "postgres", node{"metadata": node{"name": "postgres", "namespace": "shop"},
			"spec": node{"template": node{"spec": node{"containers": []any{node{"name": "postgres", "args": args}}}}}})
	}
	const byArgument = "97 = 100 − 3 reserved (max_connections of StatefulSet postgres)"
	other := renamed(group(states("300")), "other")
	for name, c := range map[string]struct {
		reason string
		stack  []Resource
		want   []string
	}{
		"Group":    {"its parameter group says how many", []Resource{db(), parameterGroup()}, []string{byGroup}},
		"Pod":      {"the arguments of its container say how many", []Resource{postgres("postgres", "-c", "max_connections=100", "-c", "port=5432")}, []string{byArgument}},
		"PodForms": {"the last wins, however it is written", []Resource{postgres("-cmax_connections=50", "-N", "60", "--max-connections=100")}, []string{byArgument}},
		"PodShort": {"by its short option", []Resource{postgres("--max_connections=50", "-N", "100")}, []string{byArgument}},
		"PodReserves": {"both kinds of reserved slots are no one's else", []Resource{postgres("-c", "max_connections=100", "-c", "superuser_reserved_connections=5", "-c", "reserved_connections=2")},
			[]string{"93 = 100 − 7 reserved (max_connections of StatefulSet postgres)"}},
		"PodNonsense":   {"PostgreSQL takes a number", []Resource{postgres("-c", "max_connections=many")}, []string{"argument max_connections of StatefulSet postgres to be a number"}},
		"PodOutput":     {"a later argument may say otherwise", []Resource{postgres("-c", "max_connections=100", Unknown())}, []string{"spec.template.spec.containers[0].args[2] of StatefulSet postgres, not known yet"}},
		"PodOther":      {"a StatefulSet that says nothing of connections is none", []Resource{postgres("redis-server", "max_connections=100")}, nil},
		"PodAndRDS":     {"each is one", []Resource{postgres("-c", "max_connections=100"), db(), parameterGroup()}, []string{byArgument, byGroup}},
		"GroupSecond":   {"wherever in the group it stands", []Resource{db(), group(logging, states("400"))}, []string{byGroup}},
		"GroupSilent":   {"a group that does not say leaves it to the class", []Resource{db(), group(logging)}, []string{byClass}},
		"GroupOutput":   {"an output is not known", []Resource{db(), group(states(Unknown()))}, []string{"parameters[0].value of ParameterGroup main-pg17, not known yet"}},
		"GroupName":     {"a parameter whose name is an output may be the one", []Resource{db(), group(node{"name": Unknown(), "value": "1"})}, []string{"parameters[0].name of ParameterGroup main-pg17, not known yet"}},
		"GroupZero":     {"PostgreSQL takes no less than 1", []Resource{db(), group(states("0"))}, []string{"parameters[0].value of ParameterGroup main-pg17 = 0 to be a whole number from 1 to 100000"}},
		"GroupNothing":  {"a parameter has a value", []Resource{db(), group(states(nil))}, []string{"parameters[0].value of ParameterGroup main-pg17 to be set"}},
		"Referred":      {"the name is an output of the group", []Resource{from(db("parameterGroupName", Unknown()), parameterGroup()), named(parameterGroup(), Unknown())}, []string{byGroup}},
		"ReferredNamed": {"the instance has the name already, the group not yet", []Resource{from(db(), parameterGroup()), named(parameterGroup(), nil)}, []string{byGroup}},
		"ReferredTwo":   {"it may come from either", []Resource{from(db("parameterGroupName", Unknown()), parameterGroup(), other), parameterGroup(), other}, []string{"parameterGroupName of Instance main, not known yet"}},
		"Unreferred":    {"where it comes from is not here", []Resource{db("parameterGroupName", Unknown()), named(parameterGroup(), "x")}, []string{"parameterGroupName of Instance main, not known yet"}},
		"Elsewhere":     {"the group is not here", []Resource{db(), named(parameterGroup(), "x")}, []string{`parameter group main-pg17, not in this stack`}},
		"Default":       {"the default group leaves it to the class", []Resource{db("parameterGroupName", "default.postgres17"), parameterGroup()}, []string{byClass}},
		"NoGroup":       {"no group is the default one", []Resource{db("parameterGroupName", nil), named(parameterGroup(), "")}, []string{byClass}},
		"Class":         {"an instance without a class is not finished", []Resource{db("parameterGroupName", nil, "instanceClass", nil)}, []string{"max_connections in a parameter group, or an instance class the catalog knows (no class is named)"}},
		"ClassOutput":   {"an output may be any class", []Resource{db("parameterGroupName", nil, "instanceClass", Unknown())}, []string{"instanceClass of Instance main, not known yet"}},
		"OtherEngine":   {"MySQL has no limit of PostgreSQL", []Resource{db("engine", "mysql"), parameterGroup()}, nil},
		"Aurora":        {"Aurora PostgreSQL does", []Resource{db("engine", "aurora-postgresql"), parameterGroup()}, []string{byGroup}},
		"EngineOutput":  {"an engine that is an output may be PostgreSQL", []Resource{db("engine", Unknown()), parameterGroup()}, []string{byGroup}},
		"Replica":       {"a replica takes no writes", []Resource{db("replicateSourceDb", "main"), parameterGroup()}, nil},
		"GroupAlone":    {"a group stands for an instance that is elsewhere", []Resource{parameterGroup()}, []string{byGroup}},
		"AloneSilent":   {"unless it does not say", []Resource{group(logging)}, nil},
		"AloneOutput":   {"or says it by an output", []Resource{group(states(Unknown()))}, []string{"parameters[0].value of ParameterGroup main-pg17, not known yet"}},
	} {
		var got []string
		for _, d := range NewModel(c.stack).databases() {
			text := d.why
			if !d.facts.complete() {
				text = strings.Join(d.facts.waits, "; ")
			}
			got = append(got, text)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s\ndatabases (-want +got):\n%s", name, c.reason, diff)
		}
	}
}

// TestOthers: clients besides the services take their part of the limit.
func TestOthers(t *testing.T) {
	group := parameterGroup()
	untagged := group
	untagged.Inputs = set(group.Inputs, []string{"tags"}, gone{})
	component := func(name string, n any) Resource { return declared(typeDatabase, name, node{"otherConnections": n}) }
	for name, c := range map[string]struct {
		reason string
		stack  []Resource
		want   int
	}{
		"None":      {"nobody says", []Resource{instance(), untagged}, 0},
		"Tag":       {"the tag of the group", []Resource{instance(), group}, 9},
		"Component": {"the component, where the tags are another owner's", []Resource{instance(), untagged, component("db", 12)}, 12},
		"Most":      {"of two the larger", []Resource{instance(), untagged, component("db", 12), component("old", 3)}, 12},
		"Nearer":    {"the tag is nearer", []Resource{instance(), group, component("db", 12)}, 9},
	} {
		if got := NewModel(c.stack).databases()[0].others; got != c.want {
			t.Errorf("%s: %s\nothers = %d, want %d", name, c.reason, got, c.want)
		}
	}
}
