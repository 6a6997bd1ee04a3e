package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/budget"
)

func TestDBConnections(t *testing.T) {
	const api, web = "HorizontalPodAutoscaler api", "HorizontalPodAutoscaler web"
	settings := "ConfigMap api-headroom"
	second := renamed(instance(), "second")
	mysql := renamed(instance(), "legacy")
	mysql.Inputs = set(mysql.Inputs, []string{"engine"}, "mysql")
	referring := goodStack()
	referring[1].References = map[string][]string{"spec": {referring[2].URN}}
	referring[10].References = map[string][]string{"parameterGroupName": {referring[11].URN}}
	referring[0].References = map[string][]string{"spec": {referring[1].URN}}

	judgeRows(t, "db-connections", map[string]row{
		"Fits":       {reason: "500 clients fit 2000 slots and 234 server connections fit 389", want: Pass, says: "client side of PgBouncer: 500"},
		"ServerSide": {reason: "the pooler opens (3 + 2 terminating) × (40 + 5) and 9 others are direct", want: Pass, says: "database: 234 connections"},
		"DirectFits": {reason: "without a pooler the services count themselves; a fixed one too", stack: directStack(), want: Pass, says: "≤ 821"},
		"ExternalFits": {reason: "annotations stand in for a Deployment that is elsewhere", stack: externalStack(), want: Pass,
			says: "100 connections with every replica running, 170 during a rollout"},
		"AdoptedGroup": {reason: "the tags of an adopted group are its owner's; the component counts the 250 others", want: Violation, says: "475 connections",
			stack: append(goodStack(), declared(typeDatabase, "db", node{"otherConnections": 250})),
			edits: []edit{{"ParameterGroup main-pg17", "tags", node{"team": "shop"}}}},
		"TagBesideComponent": {reason: "the tag is nearer to the database", want: Pass, says: "database: 234 connections",
			stack: append(goodStack(), declared(typeDatabase, "db", node{"otherConnections": 250}))},
		"AdoptedSettings": {reason: "settings of another name say which Deployment they are for", stack: externalStack(), want: Pass, says: "100 connections",
			edits: []edit{{"ConfigMap shop-headroom", "metadata/annotations/headroom.dev~deployment", "shop"}, {"ConfigMap shop-headroom", "metadata/name", "shop-env"}}},
		"SettingsOfAnother": {reason: "and not for which", stack: externalStack(), want: CannotKnow, says: "ConfigMap shop-headroom",
			edits: []edit{{"ConfigMap shop-headroom", "metadata/annotations/headroom.dev~deployment", "other"}}},
		"OneReplicaMore": {reason: "client slots are counted with one pooler lost: 2 × 249 < 500", want: Violation, says: "500 connections",
			edits: []edit{{"ConfigMap pgbouncer", "data/pgbouncer.ini", "[pgbouncer]\nmax_client_conn=249\ndefault_pool_size=40"}}},
		"PoolerServerSide": {reason: "(3 + 2) × 100 server connections exceed 389 although every client has a slot", want: Violation, says: "509 connections",
			edits: []edit{{"ConfigMap pgbouncer", "data/pgbouncer.ini", "[pgbouncer]\nmax_client_conn=1000\ndefault_pool_size=100"}}},
		"UnknownSlots": {reason: "how many clients PgBouncer admits is not known", want: CannotKnow, says: "max_client_conn in pgbouncer.ini",
			edits: []edit{{"ConfigMap pgbouncer", "data/pgbouncer.ini", "[pgbouncer]\nmax_client_conn=many\ndefault_pool_size=40"}}},
		"UnknownBound": {reason: "a bound that is not known may hold 500 connections down", want: CannotKnow, says: "max_db_connections in pgbouncer.ini",
			edits: []edit{{"ConfigMap pgbouncer", "data/pgbouncer.ini", "[pgbouncer]\nmax_client_conn=1000\ndefault_pool_size=100\nmax_db_connections=many"}}},
		"TwoDatabaseLines": {reason: "PgBouncer keeps a pool per database: 5 × (60 + 40)", want: Violation, says: "509 connections",
			edits: []edit{{"ConfigMap pgbouncer", "data/pgbouncer.ini", "[databases]\na = host=x pool_size=60\nb = host=x\n[pgbouncer]\nmax_client_conn=1000\ndefault_pool_size=40"}}},
		"Included": {reason: "databases in a file beside it count as well: 5 × (100 + 40)", want: Violation, says: "709 connections", edits: []edit{
			{"ConfigMap pgbouncer", "data/pgbouncer.ini", "%include /etc/pgbouncer/databases.ini\n[pgbouncer]\nmax_client_conn=1000\ndefault_pool_size=40"},
			{"ConfigMap pgbouncer", "data/databases.ini", "[databases]\na = pool_size=100\nb = host=x\n"}}},
		"IncludedOutput": {reason: "the host of a new instance is an output; the limits are not", want: Pass, says: "database: 209", edits: []edit{
			{"ConfigMap pgbouncer", "data/pgbouncer.ini", "%include /etc/pgbouncer/databases.ini\n[pgbouncer]\nmax_client_conn=1000\ndefault_pool_size=40"},
			{"ConfigMap pgbouncer", "data/databases.ini", Unknown()}}},
		"SteadyTooMany": {reason: "40 pods × 2 workers × 2 engines × (20 + 10) is our own lesson", stack: directStack(), want: Violation,
			says:  "api (40 + 10 surge) × 2 × 60 = 6000",
			edits: []edit{{api, "spec/maxReplicas", 40}, {settings, "data/DB_POOL_SIZE", "20"}, {settings, "data/DB_MAX_OVERFLOW", "10"}}},
		"OnlyRolloutTooMany": {reason: "the steady state fits, but terminating pods hold connections too", stack: directStack(), want: Violation,
			says: "during a rollout", edits: []edit{{api, "spec/maxReplicas", 30}, {"Deployment api", "spec/minReadySeconds", 0}, {"Instance main", "instanceClass", "db.m7g.large"}}},
		"SQLAlchemyDefaultOverflow": {reason: "an unset max_overflow is 10, not 0", stack: directStack(), want: Violation, says: "× 2 × 28",
			edits: []edit{{settings, "data/DB_MAX_OVERFLOW", gone{}}, {api, "spec/maxReplicas", 30}}},
		"CertainlyTooMany": {reason: "a lower bound above the limit needs no surge to be known", stack: externalStack(), want: Violation, says: "at least 7009",
			edits: []edit{{"HorizontalPodAutoscaler shop", "spec/maxReplicas", 1000}, {"ConfigMap shop-headroom", "metadata/annotations/headroom.dev~max-surge-percent", gone{}}}},
		"NoPool":  {reason: "services without a pool open no connections", want: NotApplicable, edits: []edit{{settings, "data/DB_POOL_SIZE", gone{}}}},
		"Nothing": {reason: "a stack without services has nothing to count", only: []string{"Instance main"}, want: NotApplicable},
		"NoDatabase": {reason: "the limit of an external database is nowhere among the resources", also: []string{"pdb-present"}, want: CannotKnow, says: "external database",
			only: []string{api, "Deployment api", settings}},
		"ExternalWithoutSettings": {reason: "an external Deployment without its ConfigMap says nothing", stack: externalStack(), want: CannotKnow,
			only: []string{"HorizontalPodAutoscaler shop", "Instance main", "ParameterGroup main-pg17"}, says: "ConfigMap shop-headroom"},
		"ExternalWithoutRollout": {reason: "the steady part is judged, the rollout waits for its annotation", stack: externalStack(), want: CannotKnow,
			says: "with every replica running do", edits: []edit{{"ConfigMap shop-headroom", "metadata/annotations/headroom.dev~grace-seconds", gone{}}}},
		"SecretOverrides": {reason: "a Secret after the ConfigMap may override the pool", want: CannotKnow, says: "may override",
			edits: []edit{{"Deployment api", "spec/template/spec/containers/0/envFrom", []any{
				node{"configMapRef": node{"name": "api-headroom"}}, node{"secretRef": node{"name": "api-secrets"}}}}}},
		"OnlySecret": {reason: "a pool that may be in a Secret is not no pool", want: CannotKnow, says: "a Secret",
			edits: []edit{{"Deployment api", "spec/template/spec/containers/0/envFrom", []any{node{"secretRef": node{"name": "api-secrets"}}}}}},
		"ForeignConfigMap": {reason: "a ConfigMap outside the stack cannot be read", want: CannotKnow, says: "not in this stack",
			edits: []edit{{"Deployment api", "spec/template/spec/containers/0/envFrom", []any{node{"configMapRef": node{"name": "elsewhere"}}}}}},
		"UnknownCeiling":    {reason: "a ceiling that is an output", want: CannotKnow, says: "spec.maxReplicas", edits: []edit{{api, "spec/maxReplicas", Unknown()}}},
		"UnknownWebCeiling": {reason: "a service without a pool adds nothing at any size", want: Pass, edits: []edit{{web, "spec/maxReplicas", Unknown()}}},
		"UnknownPool": {reason: "a pool that is an output", want: CannotKnow, says: "data.DB_POOL_SIZE", stack: directStack(),
			edits: []edit{{settings, "data/DB_POOL_SIZE", Unknown()}}},
		"StatefulTarget": {reason: "only Deployments are modeled", want: CannotKnow, says: "StatefulSet", edits: []edit{{api, "spec/scaleTargetRef/kind", "StatefulSet"}}},
		"Formula": {reason: "a formula is no number", want: CannotKnow, says: "to be a number",
			edits: []edit{{"ParameterGroup main-pg17", "parameters/0/value", "LEAST({DBInstanceClassMemory/9531392},5000)"}}},
		"UnknownClass": {reason: "a class that the catalog lacks", stack: directStack(), want: CannotKnow, says: "did you mean",
			edits: []edit{{"Instance main", "instanceClass", "db.m7g.lage"}}},
		"ForeignGroup": {reason: "a parameter group outside the stack may say anything", want: CannotKnow, says: `parameter group other,`,
			edits: []edit{{"Instance main", "parameterGroupName", "other"}}},
		"NamesAreOutputs": {reason: "in a preview names are outputs; what they come from is known", stack: referring, want: Pass, edits: []edit{
			{"Deployment api", "spec/template/spec/containers/0/envFrom/1/configMapRef/name", Unknown()}, {settings, "metadata/name", Unknown()},
			{"Instance main", "parameterGroupName", Unknown()}, {"ParameterGroup main-pg17", "name", Unknown()},
			{api, "spec/scaleTargetRef/name", Unknown()}, {"Deployment api", "metadata/name", Unknown()}}},
		"NamesWithoutOrigin": {reason: "the same without dependencies cannot be known", want: CannotKnow,
			edits: []edit{{"Instance main", "parameterGroupName", Unknown()}}},
		"AutoNamed": {reason: "Pulumi adds a suffix to a name that it makes up", want: Pass, edits: []edit{
			{settings, "metadata/name", "api-headroom-1a2b3c4d"}, {"Deployment api", "spec/template/spec/containers/0/envFrom/1/configMapRef/name", "api-headroom-1a2b3c4d"}}},
		"TwoDatabasesThatFit": {reason: "a sum that fits each needs no assignment", stack: append(goodStack(), second), want: Pass},
		"TwoDatabasesThatDoNot": {reason: "with two databases the excess may be spread", stack: append(goodStack(), second), want: CannotKnow, says: "which of 2 databases",
			edits: []edit{{"ConfigMap pgbouncer", "data/pgbouncer.ini", "[pgbouncer]\nmax_client_conn=1000\ndefault_pool_size=100"}}},
		"OtherEngine": {reason: "MySQL beside it is not judged", stack: append(goodStack(), mysql), want: Pass},
		"TwoPoolers": {reason: "which service uses which pooler is not among the resources", stack: append(goodStack(), renamed(bouncer(), "b")), want: CannotKnow,
			says: "one PgBouncer"},
		"StatefulPooler": {reason: "(3 + 0 terminating) × (40 + 5): no two pods of a StatefulSet have one name", want: Pass, says: "database: 144 connections",
			stack: as(typeStatefulSet, "pgbouncer", goodStack())},
		"PoolerOnNodes": {reason: "a PgBouncer on every node admits and opens as many as there are nodes", want: CannotKnow, says: "how many nodes run DaemonSet pgbouncer",
			stack: as(typeDaemonSet, "pgbouncer", goodStack())},
		"ScaledElsewhere": {reason: "an autoscaler in another namespace scales another PgBouncer, though its own clients are not known", want: CannotKnow, says: "database: 234 connections",
			edits: []edit{{web, "spec/scaleTargetRef/name", "pgbouncer"}, {web, "metadata/namespace", "other"}}},
		"ScaledKind": {reason: "and so does one of another kind", want: CannotKnow, says: "database: 234 connections",
			edits: []edit{{web, "spec/scaleTargetRef/name", Unknown()}, {web, "spec/scaleTargetRef/kind", "StatefulSet"}}},
		"ScaledSomewhere": {reason: "an autoscaler whose namespace is an output may be its neighbor", want: CannotKnow, says: "spec.scaleTargetRef.name",
			edits: []edit{{web, "spec/scaleTargetRef/name", Unknown()}, {web, "metadata/namespace", Unknown()}}},
		"Recreate": {reason: "old pods are gone before new ones start, so nothing adds up", stack: directStack(), want: Pass,
			says: "during a rollout", edits: []edit{{"Deployment worker", "spec/strategy/type", "Recreate"}}},
		"LiteralWins": {reason: "env of the container overrides envFrom", want: Pass, says: "client side of PgBouncer: 100 connections",
			edits: []edit{{"Deployment api", "spec/template/spec/containers/0/env", []any{
				node{"name": "DB_POOL_SIZE", "value": "1"}, node{"name": "DB_MAX_OVERFLOW", "value": "0"}}}}},
		"FromKey": {reason: "a single key of a ConfigMap counts as well", want: Pass, says: "client side of PgBouncer: 500 connections",
			edits: []edit{{"Deployment api", "spec/template/spec/containers/0/env", []any{
				node{"name": "DB_POOL_SIZE", "valueFrom": node{"configMapKeyRef": node{"name": "api-headroom", "key": "DB_POOL_SIZE"}}}}}}},
	})
}

// TestUnlimitedPoolHasNoSum leaves the verdict to pool-unlimited.
func TestUnlimitedPoolHasNoSum(t *testing.T) {
	report := judge(apply(t, goodStack(), edit{"ConfigMap api-headroom", "data/DB_POOL_SIZE", "0"}))
	if got := worst(report, "db-connections"); got != CannotKnow {
		t.Errorf("db-connections with an unlimited pool = %s, want %s:\n%s", got, CannotKnow, messages(report, "db-connections"))
	}
	if got := worst(report, "pool-unlimited"); got != Violation {
		t.Errorf("pool-unlimited with an unlimited pool = %s, want %s", got, Violation)
	}
}

// TestClaim: one service of 4 pods with 10 connections each, one pod of surge and
// two that terminate: 50 with every replica running, 70 during a rollout. 4 pods
// are certain.
func TestClaim(t *testing.T) {
	waits := facts{waits: []string{"x"}}
	one := budget.Workload{Name: "api", MaxReplicas: 4, SurgePercent: 25, Workers: 1, PerWorker: 10, GraceSeconds: 10, MinReadySeconds: 10}
	known := claim{workloads: []budget.Workload{one}, certain: 40}
	steadyUnknown, rollingUnknown := known, known
	steadyUnknown.steady, rollingUnknown.rolling = waits, waits
	for name, c := range map[string]struct {
		reason        string
		claim         claim
		limit, others int
		want          State
		says          string
	}{
		"Fits":           {"70 of 70", known, 70, 0, Pass, "70 during a rollout"},
		"Rollout":        {"70 of 69", known, 69, 0, Violation, "70 connections during a rollout [api (4 + 1 surge + 2 terminating) × 1 × 10 = 70]"},
		"Running":        {"50 of 49 even without a rollout", known, 49, 0, Violation, "50 connections with every replica running [api (4 + 1 surge) × 1 × 10 = 50]"},
		"Others":         {"others take 1 of 70", known, 70, 1, Violation, "= 70; other clients 1]"},
		"OthersFit":      {"and fit beside", known, 71, 1, Pass, "71 during a rollout"},
		"Certain":        {"4 pods are too many, whatever the surge is", steadyUnknown, 39, 0, Violation, "at least 40 connections"},
		"CertainOthers":  {"with the others", steadyUnknown, 40, 1, Violation, "at least 41 connections"},
		"Uncertain":      {"4 pods fit exactly, and the surge is not known", steadyUnknown, 40, 0, CannotKnow, "whether connections fit"},
		"UnknownRollout": {"the rollout may fit or not", rollingUnknown, 69, 0, CannotKnow, "50 connections with every replica running do"},
		"UnknownOther":   {"it does not matter where 50 do not", rollingUnknown, 49, 0, Violation, "with every replica running"},
	} {
		got := c.claim.verdict(instance(), c.limit, "the limit", c.others, "database")
		if got.State != c.want || !strings.Contains(got.Message, c.says) {
			t.Errorf("%s: %s\nverdict = %s %s, want %s with %q", name, c.reason, got.State, got.Message, c.want, c.says)
		}
	}
}

// TestFixOfConnections names what helps on the side where they do not fit.
func TestFixOfConnections(t *testing.T) {
	const ini = "data/pgbouncer.ini"
	for name, c := range map[string]struct {
		reason string
		stack  []Resource
		want   string
	}{
		"Clients":  {"PgBouncer admits too few", apply(t, goodStack(), edit{"ConfigMap pgbouncer", ini, "[pgbouncer]\nmax_client_conn=249"}), "raise headroom:database.pgbouncer.maxClientConn"},
		"Server":   {"PgBouncer opens too many", apply(t, goodStack(), edit{"ConfigMap pgbouncer", ini, "[pgbouncer]\nmax_client_conn=1000\ndefault_pool_size=100"}), "lower headroom:database.pgbouncer.poolSize"},
		"Services": {"the services open too many", apply(t, directStack(), edit{"HorizontalPodAutoscaler api", "spec/maxReplicas", 400}), "lower headroom:services.<name>.pool.size"},
	} {
		fixes := []string{}
		for _, f := range judge(c.stack).Of("db-connections") {
			if f.State == Violation {
				fixes = append(fixes, f.Fix[:min(len(f.Fix), len(c.want))])
			}
		}
		if diff := cmp.Diff([]string{c.want}, fixes); diff != "" {
			t.Errorf("%s: %s\nfixes (-want +got):\n%s", name, c.reason, diff)
		}
	}
}

// as makes the resource of a name one of another type.
func as(typ, name string, stack []Resource) []Resource {
	for i := range stack {
		if stack[i].Type == typeDeployment && stack[i].Name == name {
			stack[i].Type = typ
		}
	}
	return stack
}
