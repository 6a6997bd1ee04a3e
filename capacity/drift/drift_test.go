package drift

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/plan/plantest"
	"github.com/agencyos/headroom/capacity/spec"
)

// pooled adds a PgBouncer to the frozen stack.
var pooled = []string{"database.pgbouncer.image=example/pgbouncer:1.26.1", "database.pgbouncer.userList.name=pgbouncer",
	"database.pgbouncer.userList.key=userlist.txt", "database.pooler=pgbouncer"}

// world is the frozen stack of capacity/plan, with PgBouncer and limits, and its
// plan.
func world(t testing.TB) (spec.Stack, plan.Plan) {
	t.Helper()
	return plantest.Frozen(t, append(slices.Clone(pooled), "services.backend.resources.limits.memory=2Gi")...)
}

// asProven is what readers see when everything runs as proven.
func asProven(expected []Expectation) Seen {
	var seen Seen
	for _, e := range expected {
		seen.Ask(e.Source, "here")
		if e.Want != "" {
			seen.Saw(e.Source, e.Object, e.Name, e.Want)
		}
	}
	return seen
}

func TestAllAgrees(t *testing.T) {
	stack, p := world(t)
	expected := Expect(stack, p)
	r := Compare("base", expected, asProven(expected))
	if !r.Holds() || r.Agree != len(expected) || len(r.Unasked) > 0 || len(r.Doubts) > 0 {
		t.Errorf("%d of %d agree, differences %v, unasked %v", r.Agree, len(expected), r.Differences, r.Unasked)
	}
}

// TestEveryChangeIsNamed changes each expected setting alone.
func TestEveryChangeIsNamed(t *testing.T) {
	stack, p := world(t)
	expected := Expect(stack, p)
	known := map[string]bool{"simulation-agrees": true}
	for _, c := range p.Checks {
		known[c.ID] = true
	}
	for _, e := range expected {
		seen := asProven(expected)
		seen.Saw(e.Source, e.Object, e.Name, "by hand")
		r := Compare("base", expected, seen)
		if len(r.Differences) != 1 || r.Differences[0].Setting != e.Setting || r.Differences[0].Runs != "by hand" {
			t.Errorf("%v changed: differences %v", e.Setting, r.Differences)
		}
		if len(e.Checks) == 0 {
			t.Errorf("%v proves nothing", e.Setting)
		}
		for _, id := range e.Checks {
			if !known[id] {
				t.Errorf("%v invalidates %s, which is no check", e.Setting, id)
			}
		}
	}
}

// TestEveryPathTakesWhatRuns states each setting in the stack file with what was
// proven: the file must stay valid, so path and unit are right.
func TestEveryPathTakesWhatRuns(t *testing.T) {
	stack, p := world(t)
	count := 0
	for _, e := range Expect(stack, p) {
		if e.path == "" || e.Want == "" {
			continue
		}
		count++
		plantest.Decode(t, "base", "../plan/testdata/base.yaml", append(slices.Clone(pooled), e.path+"="+e.Want+e.unit)...)
	}
	if count < 15 {
		t.Errorf("%d settings have a path, want most", count)
	}
}

func TestEveryVariableIsKnown(t *testing.T) {
	_, p := world(t)
	for service, v := range p.Services {
		for name := range v.Env {
			if len(proves[name].checks) == 0 {
				t.Errorf("%s of %s proves nothing", name, service)
			}
		}
	}
}

func TestCompare(t *testing.T) {
	hpa := Autoscaler("prod", "backend")
	expected := func() []Expectation {
		s := settings{source: Cluster, object: hpa}
		s.add(MaxReplicas, "17", nil, "services.backend.autoscaling.maxReplicas", "node-capacity", "db-connections")
		s.add(UpWindow, "0", atMost, "", "trigger-time")
		s.add(CPUUtilization, "", nil, "", "hpa-reachable")
		d := settings{source: Postgres}
		d.add(MaxConnections, "832", atLeast, "database.maxConnections", "db-connections")
		return append(s.all, d.all...)
	}()
	where := func(name string) Setting { return Setting{Cluster, hpa, name} }
	cases := map[string]struct {
		reason string
		see    func(*Seen)
		want   Report
	}{
		"raised by hand": {"an edit of the autoscaler is named, with what it invalidates and how to state it", func(s *Seen) {
			s.Saw(Cluster, hpa, MaxReplicas, "40")
			s.Saw(Cluster, hpa, UpWindow, "0")
		}, Report{Agree: 2, Unasked: []Source{Postgres}, Differences: []Difference{
			{where(MaxReplicas), "17", "40", []string{"node-capacity", "db-connections"}, "services.backend.autoscaling.maxReplicas=40"}}}},
		"unset": {"what nobody set is no value; what should not be set is one", func(s *Seen) {
			s.Saw(Cluster, hpa, UpWindow, "0")
			s.Saw(Cluster, hpa, CPUUtilization, "60")
		}, Report{Agree: 1, Unasked: []Source{Postgres}, Differences: []Difference{
			{where(CPUUtilization), "", "60", []string{"hpa-reachable"}, ""},
			{where(MaxReplicas), "17", "", []string{"node-capacity", "db-connections"}, ""}}}},
		"gone": {"an object that is not there is one difference with all that rests on it", func(s *Seen) { s.Missed(Cluster, hpa) },
			Report{Unasked: []Source{Postgres}, Differences: []Difference{
				{where(gone), "is there", "", []string{"db-connections", "hpa-reachable", "node-capacity", "trigger-time"}, ""}}}},
		"forbidden": {"what could not be read neither agrees nor differs", func(s *Seen) { s.Doubt(Cluster, hpa, "", "not allowed") },
			Report{Unasked: []Source{Postgres}, Doubts: []Doubt{{Setting{Cluster, hpa, ""}, "not allowed"}}}},
		"one doubt": {"the rest of an object is still judged", func(s *Seen) {
			s.Doubt(Cluster, hpa, MaxReplicas, "odd")
			s.Saw(Cluster, hpa, UpWindow, "120")
		}, Report{Agree: 1, Unasked: []Source{Postgres}, Doubts: []Doubt{{where(MaxReplicas), "odd"}}, Differences: []Difference{
			{where(UpWindow), "0", "120", []string{"trigger-time"}, ""}}}},
		"larger server": {"more connections than proven are no danger", func(s *Seen) {
			delete(s.Asked, Cluster)
			s.Ask(Postgres, "db:5432")
			s.Saw(Postgres, "", MaxConnections, "1700")
		}, Report{Agree: 1, Unasked: []Source{Cluster}}},
		"smaller server": {"fewer are", func(s *Seen) {
			delete(s.Asked, Cluster)
			s.Ask(Postgres, "db:5432")
			s.Saw(Postgres, "", MaxConnections, "100")
		}, Report{Unasked: []Source{Cluster}, Differences: []Difference{
			{Setting{Postgres, "", MaxConnections}, "832", "100", []string{"db-connections"}, "database.maxConnections=100"}}}},
		"nobody asked": {"then nothing is said", func(s *Seen) { delete(s.Asked, Cluster) },
			Report{Unasked: []Source{Cluster, Postgres}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var seen Seen
			seen.Ask(Cluster, "context prod")
			c.see(&seen)
			got := Compare("", expected, seen)
			got.Asked = nil
			if c.want.Differences == nil {
				c.want.Differences = []Difference{}
			}
			if c.want.Doubts == nil {
				c.want.Doubts = []Doubt{}
			}
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(Expectation{})); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
}

func TestRules(t *testing.T) {
	for _, c := range []struct {
		want, have string
		rule       rule
		holds      bool
		reason     string
	}{
		{"15s", "15s", atMost, true, "the same"},
		{"15s", "10s", atMost, true, "more often than proven"},
		{"15s", "1m0s", atMost, false, "metrics-server's default"},
		{"25%", "25%", nil, true, "the same"},
		{"25%", "0.25", nil, false, "a share is no percentage"},
		{"0.1", "0.10", nil, true, "the same number"},
		{"5.0", "5", nil, true, "the same number"},
		{"True", "False (FailedGetExternalMetric)", nil, false, "words are compared whole"},
		{"832", "unlimited", atLeast, false, "no number"},
		{"832", "NaN", atLeast, false, "not a number"},
		{"832", "", atLeast, false, "not there"},
	} {
		if got := (Expectation{Want: c.want, rule: c.rule}).holds(c.have); got != c.holds {
			t.Errorf("%q instead of %q holds = %v: %s", c.have, c.want, got, c.reason)
		}
	}
}

// TestOrderDoesNotMatter: whatever was seen, the report is the same in any order
// of the expectations, and every expectation lands in exactly one part of it.
func TestOrderDoesNotMatter(t *testing.T) {
	stack, p := world(t)
	expected := Expect(stack, p)
	rapid.Check(t, func(t *rapid.T) {
		seen := asProven(expected)
		for range rapid.IntRange(0, 6).Draw(t, "changes") {
			e := rapid.SampledFrom(expected).Draw(t, "setting")
			seen.Saw(e.Source, e.Object, e.Name, rapid.SampledFrom([]string{"", "0", "7", "x", "1e9"}).Draw(t, "value"))
		}
		other := slices.Clone(expected)
		slices.Reverse(other)
		a, b := Compare("s", expected, seen), Compare("s", other, seen)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatalf("the order matters: %s", diff)
		}
		if a.Agree+len(a.Differences) != len(expected) {
			t.Fatalf("%d agree and %d differ of %d", a.Agree, len(a.Differences), len(expected))
		}
	})
}

func TestAddresses(t *testing.T) {
	stack, _ := world(t)
	got, err := Addresses(stack, []string{"nowhere", "https://elsewhere.example/"})
	if err == nil || len(got) > 0 || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("expectations %v, error %v; want both addresses refused", got, err)
	}
}
