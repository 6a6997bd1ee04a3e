package plan

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/spec"
)

// day is the today of all tests.
var day = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// world of raw texts that a case changes: a set such as
// "services.backend.workers=3" changes the stack file, and with an @ before it
// the baseline.
type raws struct {
	stack, base map[string]json.RawMessage
}

func baseRaws(t testing.TB) raws {
	t.Helper()
	stack, err := spec.Raw(golden.Read(t, "testdata/base.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	base := map[string]json.RawMessage{}
	if err := json.Unmarshal(golden.Read(t, "testdata/base.json"), &base); err != nil {
		t.Fatal(err)
	}
	return raws{stack, base}
}

func (r raws) with(t testing.TB, sets ...string) raws {
	t.Helper()
	for _, set := range sets {
		into := &r.stack
		rest, measured := strings.CutPrefix(set, "@")
		if measured {
			into = &r.base
		}
		path, value, _ := strings.Cut(rest, "=")
		out, err := spec.Set(*into, path, value)
		if err != nil {
			t.Fatalf("%s: %v", set, err)
		}
		*into = out
	}
	return r
}

func (r raws) decode(t testing.TB) (spec.Stack, baseline.Baseline) {
	t.Helper()
	stack, err := spec.Decode("base", r.stack)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r.base)
	if err != nil {
		t.Fatal(err)
	}
	base, err := baseline.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return stack, base
}

// inputs are the base stack and baseline with some values set.
func inputs(t testing.TB, sets ...string) (spec.Stack, baseline.Baseline) {
	t.Helper()
	return baseRaws(t).with(t, sets...).decode(t)
}

// planned is the plan of the base with some values set.
func planned(t testing.TB, sets ...string) Plan {
	t.Helper()
	stack, base := inputs(t, sets...)
	return mustPlan(t, stack, base)
}

func mustPlan(t testing.TB, stack spec.Stack, base baseline.Baseline) Plan {
	t.Helper()
	p, err := New(stack, base, Options{Today: day})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return p
}

// violatedIDs are the checks that refuse the plan.
func violatedIDs(p Plan) []string {
	var ids []string
	for _, c := range p.Violations() {
		ids = append(ids, c.ID)
	}
	return ids
}

func check(t testing.TB, p Plan, id string) Check {
	t.Helper()
	for _, c := range p.Checks {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("no check %s", id)
	return Check{}
}

// asJSON is the plan as the command line prints it.
func asJSON(t testing.TB, p Plan) string {
	t.Helper()
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(p); err != nil {
		t.Fatalf("the plan has no JSON: %v", err)
	}
	return b.String()
}
