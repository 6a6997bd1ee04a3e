package operator

import (
	"os"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// root is where the committed stacks are.
const root = "../../"

type set struct{ path, value string }

// planned is a committed stack with changed settings, and its plan.
func planned(t testing.TB, stack string, sets ...set) (spec.Stack, plan.Plan) {
	t.Helper()
	raw, err := spec.Raw(read(t, root+"Pulumi."+stack+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sets {
		if raw, err = spec.Set(raw, s.path, s.value); err != nil {
			t.Fatal(err)
		}
	}
	s, err := spec.Decode(stack, raw)
	if err != nil {
		t.Fatal(err)
	}
	base, err := baseline.Decode(read(t, root+"baselines/"+stack+".json"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(s, base, plan.Options{Today: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Lean: true})
	if err != nil {
		t.Fatal(err)
	}
	return s, p
}

// everything is a stack that has every alert and every panel.
func everything(t testing.TB) (spec.Stack, plan.Plan) {
	t.Helper()
	return planned(t, "prod", set{"database.instanceClass", "db.t4g.medium"}, set{"database.pooler", "pgbouncer"},
		set{"database.pgbouncer", "{image: p:1.26.1, userList: {name: a, key: b}}"},
		set{"monitoring.exporters.pgbouncer", "{secretRef: {name: a, key: b}}"},
		set{"services.backend.metrics", "{poolTimeouts: db_pool_timeouts_total}"})
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
