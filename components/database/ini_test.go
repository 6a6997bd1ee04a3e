package database

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/plan"
)

func bouncerPlan() plan.PgBouncer {
	return plan.PgBouncer{Replicas: 3, MaxClientConn: 700, PoolSize: 40, ReservePool: 5, QueryWaitSeconds: 4,
		PreStopSeconds: 15, GraceSeconds: 45, MinReadySeconds: 45, Terminating: 2}
}

func TestPgBouncerFile(t *testing.T) {
	golden.Text(t, "testdata/pgbouncer.ini", ini(bouncerPlan(), "userlist.txt", "require", "pgbouncer_stats"))
}

func TestDatabasesFile(t *testing.T) {
	got := target{host: "db.internal", port: 5432, name: "app"}.databases()
	want := "[databases]\napp = host=db.internal port=5432 dbname=app\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("databases (-want +got):\n%s", diff)
	}
}
