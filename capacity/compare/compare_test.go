package compare

import (
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/agencyos/headroom/capacity/spec"
)

var today = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// failing is a test or a run of a property.
type failing interface {
	Helper()
	Fatal(args ...any)
}

// side is the frozen stack of the plan's tests with settings.
func side(t failing, name string, settings ...string) Side {
	t.Helper()
	text, err := os.ReadFile("../plan/testdata/base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	facts, err := os.ReadFile("../plan/testdata/base.json")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := spec.Raw(text)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(settings); i += 2 {
		if raw, err = spec.Set(raw, settings[i], settings[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	return Side{Name: name, Stack: "base", Raw: raw, Baseline: facts}
}

func TestCompare(t *testing.T) {
	got, p, err := Compare(side(t, "old"), side(t, "new", "services.backend.peakRps", "400", "database.instanceClass", "db.m7g.xlarge"), today)
	if err != nil {
		t.Fatal(err)
	}
	because := map[string][]string{}
	for _, n := range got.Numbers {
		because[n.Path] = n.Because
		if n.From == n.To {
			t.Errorf("%s is told to move and stays %s", n.Path, n.To)
		}
	}
	for path, want := range map[string][]string{
		"services.backend.maxReplicas": {"services.backend.peakRps"},
		"database.maxConnections":      {"database.instanceClass"},
		"services.frontend.originRps":  nil,
	} {
		if diff := cmp.Diff(want, because[path]); diff != "" {
			t.Errorf("what moves %s (-want +got):\n%s", path, diff)
		}
	}
	if got.Headroom.To != p.Headroom || got.Headroom.From == got.Headroom.To {
		t.Errorf("headroom = %+v, want that of both plans", got.Headroom)
	}
	if i := slices.IndexFunc(got.Checks, func(c Check) bool { return c.ID == "db-connections" }); i < 0 || got.Checks[i].Limit.From != 821 || !(got.Checks[i].Limit.To > 821) {
		t.Errorf("checks = %+v, want db-connections with more connections", got.Checks)
	}
}

func TestInputs(t *testing.T) {
	removed := side(t, "new", "traffic.missAmplification", "1.2", "services.frontend.workers", "2")
	delete(removed.Raw, "waivers")
	got, _, err := Compare(side(t, "old"), removed, today)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, in := range got.Inputs {
		paths = append(paths, in.Path)
		if reflect.DeepEqual(in.From, in.To) {
			t.Errorf("%s is told to differ and is %v", in.Path, in.To)
		}
	}
	if diff := cmp.Diff([]string{"services.frontend.workers", "traffic.missAmplification"}, paths); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
}

func TestWalk(t *testing.T) {
	type object = map[string]any
	from := tree{"a": object{"x": 1.0, "gone": object{"y": 1.0}}, "list": []any{1.0}, "same": "s", "baseline": object{"date": "1", "cache": 1.0}}
	to := tree{"a": object{"x": 2.0}, "list": []any{1.0, 2.0}, "same": "s", "new.key": true, "baseline": object{"date": "2", "cache": 2.0}}
	var got []string
	all := differing(from, to)
	for _, in := range all {
		got = append(got, in.Path)
	}
	if diff := cmp.Diff([]string{"a.gone", "a.x", "baseline.cache", "list", `["new.key"]`}, got); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
	changed := from
	for _, in := range all {
		changed = changed.with(in)
	}
	to["baseline"].(object)["date"] = "1"
	if diff := cmp.Diff(to, changed); diff != "" {
		t.Errorf("all inputs one after another do not lead there (-want +got):\n%s", diff)
	}
	if from["a"].(object)["x"] != 1.0 || len(from["a"].(object)) != 2 {
		t.Errorf("the tree itself changed: %v", from)
	}
}

func TestUnreadableSides(t *testing.T) {
	bad := side(t, "broken baseline")
	bad.Baseline = []byte("{")
	for _, c := range []struct{ from, to Side }{
		{bad, side(t, "new")}, {side(t, "old"), bad},
		{side(t, "wrong stack", "services.backend.peakRps", "-1"), side(t, "new")}, {side(t, "old"), side(t, "wrong stack", "traffic.growth", "0")},
	} {
		if _, _, err := Compare(c.from, c.to, today); err == nil {
			t.Errorf("from %s to %s compares, want an error", c.from.Name, c.to.Name)
		}
	}
}

// Nothing moves without an input, every sole input is named for all it moves,
// and the way back is the way there.
func TestCompareProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		setting := rapid.SampledFrom([][]string{
			{"services.backend.peakRps", "350"}, {"services.backend.workers", "3"}, {"services.frontend.peakRps", "1000"},
			{"traffic.growth", "4"}, {"services.backend.resources.limits.memory", "2Gi"}, {"budget.monthly", "5000"},
		}).Draw(t, "setting")
		old, changed := side(t, "old"), side(t, "new", setting...)
		there, _, err := Compare(old, changed, today)
		if err != nil {
			t.Fatal(err)
		}
		back, _, err := Compare(changed, old, today)
		if err != nil {
			t.Fatal(err)
		}
		if len(there.Inputs) != 1 || len(there.Numbers) != len(back.Numbers) || len(there.Checks) != len(back.Checks) {
			t.Fatalf("there %d inputs, %d numbers, %d checks; back %d, %d, %d", len(there.Inputs), len(there.Numbers), len(there.Checks),
				len(back.Inputs), len(back.Numbers), len(back.Checks))
		}
		for _, n := range there.Numbers {
			if !slices.Equal(n.Because, []string{setting[0]}) {
				t.Fatalf("%s moves because of %v, want the only input", n.Path, n.Because)
			}
		}
		same, _, err := Compare(old, old, today)
		if err != nil || len(same.Inputs)+len(same.Numbers)+len(same.Checks) > 0 {
			t.Fatalf("a stack differs from itself: %+v, %v", same, err)
		}
	})
}
