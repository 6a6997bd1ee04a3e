package alerts

import (
	"os"
	"testing"
	"time"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

// day is the today of all tests.
var day = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// planned is a committed stack with changed settings, and its plan.
func planned(t testing.TB, stack string, sets ...[2]string) (spec.Stack, plan.Plan) {
	t.Helper()
	raw, err := spec.Raw(read(t, "../../Pulumi."+stack+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range sets {
		if raw, err = spec.Set(raw, set[0], set[1]); err != nil {
			t.Fatal(err)
		}
	}
	s, err := spec.Decode(stack, raw)
	if err != nil {
		t.Fatal(err)
	}
	base, err := baseline.Decode(read(t, "../../baselines/"+stack+".json"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(s, base, plan.Options{Today: day, Lean: true})
	if err != nil {
		t.Fatal(err)
	}
	return s, p
}

// everything is a stack that has a row of every table.
func everything(t testing.TB) (spec.Stack, plan.Plan) {
	t.Helper()
	return planned(t, "prod", [2]string{"database.instanceClass", "db.t4g.medium"}, [2]string{"database.pooler", "pgbouncer"},
		[2]string{"database.pgbouncer", "{image: p:1.26.1, userList: {name: a, key: b}}"},
		[2]string{"monitoring.exporters.pgbouncer", "{secretRef: {name: a, key: b}}"},
		[2]string{"services.backend.metrics", "{poolTimeouts: db_pool_timeouts_total}"})
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func flat(groups []Group) []Alert {
	var out []Alert
	for _, g := range groups {
		out = append(out, g.Alerts...)
	}
	return out
}
