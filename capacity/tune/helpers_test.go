package tune

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/sim/load"
	"github.com/agencyos/headroom/capacity/spec"
)

// committed is a stack of the repository after some settings.
func committed(t testing.TB, name string, sets ...[2]string) (spec.Stack, baseline.Baseline) {
	t.Helper()
	file, err := os.ReadFile("../../Pulumi." + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := spec.Raw(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sets {
		if raw, err = spec.Set(raw, s[0], s[1]); err != nil {
			t.Fatal(err)
		}
	}
	stack, err := spec.Decode(name, raw)
	if err != nil {
		t.Fatal(err)
	}
	facts, err := os.ReadFile("../../baselines/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	base, err := baseline.Decode(facts)
	if err != nil {
		t.Fatal(err)
	}
	return stack, base
}

// quick is a search of some seconds: an hour of ramp.
func quick(t testing.TB, budget int) Options {
	t.Helper()
	curve, err := load.Of(load.RampShape, 5, 10*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return Options{Traces: []Trace{{"ramp", curve}}, Budget: budget, Seed: 1, Workers: 2, Today: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)}
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
