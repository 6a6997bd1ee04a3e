// Package plantest makes the plans that tests of other packages are about: those of
// the committed stacks, of one that has everything, of a running product that is
// adopted, and of the frozen stack of package plan, whose figures no change of a
// stack file moves.
package plantest

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// Day is the today of all tests.
var Day = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// Committed is the stack of that name in the repository with some values set, each
// as "path=value", and its plan without headroom and fixes.
func Committed(t testing.TB, name string, sets ...string) (spec.Stack, plan.Plan) {
	t.Helper()
	at := root(t)
	stack := Decode(t, name, filepath.Join(at, "Pulumi."+name+".yaml"), sets...)
	return stack, Plan(t, stack, filepath.Join(at, "baselines", name+".json"), plan.Options{Today: Day, Lean: true})
}

// Everything is prod with all that an alert or a panel can be about.
func Everything(t testing.TB) (spec.Stack, plan.Plan) {
	t.Helper()
	return Committed(t, "prod", "database.instanceClass=db.t4g.medium", "database.pooler=pgbouncer",
		"database.pgbouncer={image: p:1.26.1, userList: {name: a, key: b}}",
		"monitoring.exporters.pgbouncer={secretRef: {name: a, key: b}}",
		"services.backend.metrics={poolTimeouts: db_pool_timeouts_total}")
}

// Adopted is the running product of examples/adopt, whose objects have names of their
// own, with some values set, and its plan.
func Adopted(t testing.TB, sets ...string) (spec.Stack, plan.Plan) {
	t.Helper()
	at := filepath.Join(root(t), "examples/adopt")
	stack := Decode(t, "after", filepath.Join(at, "Pulumi.after.yaml"), sets...)
	return stack, Plan(t, stack, filepath.Join(at, "baselines/after.json"), plan.Options{Today: Day, Lean: true})
}

// Frozen is the frozen stack with some values set, and its whole plan.
func Frozen(t testing.TB, sets ...string) (spec.Stack, plan.Plan) {
	t.Helper()
	at := filepath.Join(root(t), "capacity/plan/testdata/base")
	stack := Decode(t, "base", at+".yaml", sets...)
	return stack, Plan(t, stack, at+".json", plan.Options{Today: Day})
}

// Decode reads a stack file and sets values in it.
func Decode(t testing.TB, name, file string, sets ...string) spec.Stack {
	t.Helper()
	return Parse(t, name, golden.Read(t, file), sets...)
}

// Parse is Decode of a text.
func Parse(t testing.TB, name string, text []byte, sets ...string) spec.Stack {
	t.Helper()
	raw, err := spec.Raw(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range sets {
		path, value, _ := strings.Cut(set, "=")
		if raw, err = spec.Set(raw, path, value); err != nil {
			t.Fatalf("%s: %v", set, err)
		}
	}
	stack, err := spec.Decode(name, raw)
	if err != nil {
		t.Fatalf("%s with %v: %v", name, sets, err)
	}
	return stack
}

// Plan is the plan of a stack by a baseline file.
func Plan(t testing.TB, stack spec.Stack, file string, o plan.Options) plan.Plan {
	t.Helper()
	base, err := baseline.Decode(golden.Read(t, file))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(stack, base, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// root of the repository is found from this file, so that tests in any folder and
// any module find it.
func root(t testing.TB) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("the source is not known: tests are compiled with it")
	}
	return filepath.Join(filepath.Dir(file), "../../..")
}
