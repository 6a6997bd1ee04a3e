package changes

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/agencyos/headroom/capacity/effects"
	"github.com/agencyos/headroom/internal/standin"
)

const (
	group        = "aws:rds/parameterGroup:ParameterGroup"
	instance     = "aws:rds/instance:Instance"
	deployment   = "kubernetes:apps/v1:Deployment"
	distribution = "aws:cloudfront/distribution:Distribution"
)

func urn(token string) string { return "urn:pulumi:s::p::" + token + "::x" }

// step of one resource; the id says that it is live.
func step(op, token string, diffs, replaces []string, old, wanted map[string]any) standin.Step {
	return standin.Step{
		Op: op, URN: urn(token), Type: token, Name: "x", ID: "live-1", Parent: "urn:pulumi:s::p::c::parent",
		Diffs: diffs, Replaces: replaces, Old: old, New: wanted, After: wanted,
	}
}

type object = map[string]any

func parameterOf(name, value, method string) any {
	return object{"name": name, "value": value, "applyMethod": method}
}

func TestDifferences(t *testing.T) {
	container := func(name, image string) any { return object{"name": name, "image": image} }
	pods := func(containers ...any) object {
		return object{"spec": object{"template": object{"spec": object{"containers": containers}}}}
	}
	origin := func(id string) any { return object{"originId": id, "domainName": id + ".example"} }
	const image = "spec.template.spec.containers[0].image"
	cases := map[string]struct {
		reason string
		step   standin.Step
		want   []Difference
	}{
		"Value": {"one input, one row",
			step("update", instance, []string{"multiAz"}, nil, object{"multiAz": false}, object{"multiAz": true}),
			[]Difference{{Field: "multiAz", Live: false, Wanted: true, Effect: effects.Update}}},
		"Replacing": {"what the engine says replaces, replaces",
			step("replace", instance, []string{"storageEncrypted"}, []string{"storageEncrypted"}, object{"storageEncrypted": false}, object{"storageEncrypted": true}),
			[]Difference{{Field: "storageEncrypted", Live: false, Wanted: true, Effect: effects.Replace}}},
		"Elements": {"a list is told by the names of its elements, and equal ones not at all",
			step("update", group, []string{"parameters", "parameters[0].value"}, nil,
				object{"parameters": []any{parameterOf("max_connections", "500", "pending-reboot"), parameterOf("same", "1", "immediate")}},
				object{"parameters": []any{parameterOf("same", "1", "immediate"), parameterOf("work_mem", "9", "immediate")}}),
			[]Difference{
				{Field: "parameters[max_connections]", Live: "500", Effect: effects.Restart},
				{Field: "parameters[work_mem]", Wanted: "9", Effect: effects.Update},
			}},
		"WholeElements": {"an element without a value is shown whole, and has no default",
			step("update", distribution, []string{"origins"}, nil,
				object{"origins": []any{origin("old")}}, object{"origins": []any{origin("new")}}),
			[]Difference{
				{Field: "origins[new]", Wanted: origin("new"), Effect: effects.Update},
				{Field: "origins[old]", Live: origin("old"), Effect: effects.Update},
			}},
		"Container": {"elements with one name are followed",
			step("update", deployment, []string{image}, nil, pods(container("app", "a")), pods(container("app", "b"))),
			[]Difference{{Field: "spec.template.spec.containers[app].image", Live: "a", Wanted: "b", Effect: effects.Restart}}},
		"OtherContainer": {"elements of two names are not one element that changed",
			step("update", deployment, []string{image}, nil, pods(container("app", "a")), pods(container("mesh", "b"))),
			[]Difference{{Field: "spec.template.spec.containers", Live: []any{container("app", "a")}, Wanted: []any{container("mesh", "b")}, Effect: effects.Restart}}},
		"Theirs": {"what stays although the program leaves it out changes nothing",
			func() standin.Step {
				s := step("update", deployment, []string{"spec.paused"}, nil, object{"spec": object{"paused": true}}, object{"spec": object{}})
				s.After = object{"spec": object{"paused": true}}
				return s
			}(),
			[]Difference{{Field: "spec.paused", Live: true, Effect: effects.None}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, differences(c.step), cmpopts.IgnoreFields(Difference{}, "Note", "Setting")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
}

// What has a default is said to fall back to it, and what has none is not.
func TestWhatGoes(t *testing.T) {
	for reason, c := range map[string]struct {
		step standin.Step
		want bool
	}{
		"a parameter": {step("update", group, []string{"parameters"}, nil, object{"parameters": []any{parameterOf("a", "1", "immediate")}}, object{}), true},
		"an origin":   {step("update", distribution, []string{"origins"}, nil, object{"origins": []any{object{"originId": "a"}}}, object{}), false},
	} {
		got := differences(c.step)
		if len(got) != 1 || strings.Contains(got[0].Note, "its default comes back") != c.want {
			t.Errorf("%s: %+v, want its default told: %v", reason, got, c.want)
		}
	}
}

func TestChanges(t *testing.T) {
	old, wanted := object{"identifier": "shop-db", "multiAz": false, "tags": object{"team": "shop"}}, object{"identifier": "shop-db", "multiAz": true}
	settings := func(_, parent, field string) string { return parent[len(parent)-6:] + "/" + field }
	created := step("create", deployment, nil, nil, nil, object{})
	created.ID = ""
	got := Of(standin.Result{
		Steps: []standin.Step{
			created,
			{Op: "update", URN: "urn:pulumi:s::p::pulumi:providers:aws::aws", Type: "pulumi:providers:aws", ID: "1", Old: object{}},
			step("import", instance, nil, nil, old, old),
			step("update", instance, []string{"multiAz"}, nil, old, wanted),
		},
		Resources: []standin.Resource{{URN: urn(instance), Inputs: old, Ignores: []string{"tags", "tagsAll"}}},
	}, settings)
	want := []Change{{
		URN: urn(instance), Type: instance, Name: "x", ID: "shop-db", Op: "update", Imported: true,
		Differences: []Difference{
			{Field: "multiAz", Live: false, Wanted: true, Effect: effects.Update, Setting: "parent/multiAz"},
			{Field: "tags", Live: object{"team": "shop"}, Effect: effects.None},
		},
	}}
	ignored := cmp.Options{cmpopts.IgnoreFields(Difference{}, "Note"), cmpopts.IgnoreUnexported(Change{})}
	if diff := cmp.Diff(want, got, ignored); diff != "" {
		t.Errorf("an adopted instance beside what is created (-want +got):\n%s", diff)
	}
	if worst := got[0].Worst(); worst != effects.Update {
		t.Errorf("Worst() = %s, want update", worst)
	}
}

// TestJudge: what holds data or was just adopted must not go, and a group that
// is in use cannot go first.
func TestJudge(t *testing.T) {
	encrypted := func(on bool) object { return object{"storageEncrypted": on, "deletionProtection": true} }
	why := []string{"storageEncrypted"}
	replace := step("replace", instance, why, why, encrypted(false), encrypted(true))
	family := []string{"family"}
	named := func(op string) standin.Step {
		return step(op, group, family, family, object{"family": "postgres16"}, object{"family": "postgres17"})
	}
	cases := map[string]struct {
		reason  string
		steps   []standin.Step
		allowed bool
		want    string
	}{
		"Data":         {"the database goes", []standin.Step{replace}, false, "x would be replaced: live-1 goes, and with it the database, but for the final snapshot; by storageEncrypted from false to true"},
		"Meant":        {"the stack file says so", []standin.Step{replace}, true, ""},
		"Deleted":      {"so does one that the program left out", []standin.Step{step("delete", instance, nil, nil, object{}, nil)}, false, "x would be deleted: live-1 goes, and with it the database, but for the final snapshot"},
		"Adopted":      {"no date allows to replace what is taken over", []standin.Step{step("import", instance, nil, nil, encrypted(false), nil), replace}, true, "x would be replaced instead of adopted: the live live-1 goes; by storageEncrypted from false to true"},
		"Beside":       {"the successor comes first", []standin.Step{named("create-replacement"), named("replace"), named("delete-replaced")}, false, ""},
		"DeletesFirst": {"a group with a name of its own goes before", []standin.Step{named("delete-replaced"), named("replace"), named("create-replacement")}, false, "x would be replaced: live-1 goes before its successor is there, and RDS deletes no parameter group that an instance uses; by family from postgres16 to postgres17"},
		"Stateless":    {"a Deployment holds nothing", []standin.Step{step("delete", deployment, nil, nil, object{}, nil)}, false, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := ""
			for _, r := range Judge(Of(standin.Result{Steps: c.steps}, nil), func(string) bool { return c.allowed }) {
				got += r.String()
				if len(r.Do) == 0 {
					t.Errorf("%s: no way out is named", r)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
}

func TestWrite(t *testing.T) {
	var out bytes.Buffer
	Write(&out, []Change{
		{Type: instance, Name: "prod-db", ID: "shop-db", Op: "import", Imported: true},
		{Type: group, Name: "g", ID: "g", Op: "update", Differences: []Difference{
			{Field: "a", Live: nil, Wanted: standin.Unknown, Effect: effects.Restart, Note: "reboot", Setting: "database.a"},
			{Field: "b", Live: "many\n  words " + string(make([]rune, 60)), Wanted: 3.0, Effect: effects.None},
		}},
	})
	want := "adopts Instance prod-db (shop-db)\n  nothing differs\nupdates ParameterGroup g\n" +
		"  FIELD  LIVE                                          WANTED         SET BY      EFFECT\n" +
		"  a      -                                             (known later)  database.a  restart: reboot\n" +
		"  b      many words " + string(make([]rune, 32)) + "…  3              -           none\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("Write(...) (-want +got):\n%s", diff)
	}
}
