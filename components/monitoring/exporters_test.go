package monitoring

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/componenttest"
)

// env are the variables of an exporter, those of others as their source.
func env(t *testing.T, r *componenttest.Recorder, name string) map[string]string {
	t.Helper()
	list, _ := named(t, r, deployment, name).At("spec.template.spec.containers.0.env").([]any)
	out := map[string]string{}
	for _, one := range list {
		v := componenttest.Resource{Inputs: one.(map[string]any)}
		text, _ := v.At("value").(string)
		for _, source := range []string{"secretKeyRef", "configMapKeyRef"} {
			if object, ok := v.At("valueFrom." + source + ".name").(string); ok {
				text = source + " " + object + "/" + v.At("valueFrom."+source+".key").(string)
			}
		}
		out[v.At("name").(string)] = text
	}
	return out
}

func TestExporters(t *testing.T) {
	r := declared(t, planned(t, "prod"))
	for name, want := range map[string]map[string]string{
		"postgres-exporter":   {"DATA_SOURCE_URI": "configMapKeyRef postgres-exporter/DATA_SOURCE_URI", "DATA_SOURCE_USER": "postgres_exporter", "DATA_SOURCE_PASS": "secretKeyRef postgres-exporter/password"},
		"redis-exporter":      {"REDIS_ADDR": "configMapKeyRef redis-exporter/REDIS_ADDR", "REDIS_USER": "app", "REDIS_PASSWORD": "secretKeyRef redis-exporter/password"},
		"cloudflare-exporter": {"CF_ZONES": "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "LISTEN": ":8080", "CF_API_TOKEN": "secretKeyRef cloudflare-exporter/token"},
		"cloudwatch-exporter": {"AWS_REGION": "us-east-1"},
		"blackbox-exporter":   {},
	} {
		if diff := cmp.Diff(want, env(t, r, name)); diff != "" {
			t.Errorf("%s: environment (-want +got):\n%s", name, diff)
		}
		e := named(t, r, deployment, name)
		if e.At("spec.replicas") != 1.0 || e.At("spec.strategy.type") != "Recreate" {
			t.Errorf("%s: a second pod would hold connections that nobody planned", name)
		}
		if got := e.At("spec.template.spec.containers.0.ports.0.name"); got != "metrics" {
			t.Errorf("%s: its port is named %v, and the monitor asks for metrics", name, got)
		}
	}
	for name, want := range map[string]string{
		"postgres-exporter": "db.example:5432/app?sslmode=require", "redis-exporter": "rediss://cache.example:6379",
	} {
		key := map[string]string{"postgres-exporter": "data.DATA_SOURCE_URI", "redis-exporter": "data.REDIS_ADDR"}[name]
		if got := named(t, r, configMap, name).At(key); got != want {
			t.Errorf("%s: %s = %v, want %s", name, key, got, want)
		}
	}
}

// A managed exporter that the plan did not count does not run.
func TestOnlyPlannedExportersRun(t *testing.T) {
	r := declared(t, planned(t, "staging"))
	for _, one := range r.Resources() {
		if one.Type == deployment && one.Name != "postgres-exporter" && one.Name != "cloudwatch-exporter" {
			t.Errorf("%s runs", one.Name)
		}
	}
}

// The exporter of CloudWatch may read metrics and nothing else.
func TestCloudWatchRights(t *testing.T) {
	r := declared(t, planned(t, "prod"))
	policy, err := r.Only("aws:iam/rolePolicy:RolePolicy")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := policy.At("policy"), `{"Statement":[{"Action":["cloudwatch:GetMetricStatistics"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}`; got != want {
		t.Errorf("rights = %v, want %s", got, want)
	}
	identity, err := r.Only("aws:eks/podIdentityAssociation:PodIdentityAssociation")
	if err != nil {
		t.Fatal(err)
	}
	pods := named(t, r, deployment, "cloudwatch-exporter")
	if identity.At("serviceAccount") != pods.At("spec.template.spec.serviceAccountName") || identity.At("namespace") != pods.At("metadata.namespace") {
		t.Errorf("the role is given to %v in %v, and the pods are not it", identity.At("serviceAccount"), identity.At("namespace"))
	}
}

// The exporter reads its file at the start: what it is to ask for rolls its pod.
func TestCloudWatchRollsWithItsFile(t *testing.T) {
	seen := map[any]string{}
	for name, sets := range map[string][]string{
		"as it is":             nil,
		"another database":     {"database.mode=adopt", "database.id=other", "database.adopt={parameterGroup: pg}"},
		"another distribution": {"edge.cloudfront.mode=adopt", "edge.cloudfront.id=E2QWRUHAPOMQZL", "edge.cloudfront.bucket={name: media}"},
	} {
		sum := named(t, declared(t, planned(t, "prod", sets...)), deployment, "cloudwatch-exporter").At("spec.template.metadata.annotations")
		key := fmt.Sprint(sum)
		if other, twice := seen[key]; twice {
			t.Errorf("%s and %s have the checksum %v", name, other, sum)
		}
		seen[key] = name
	}
}

func TestBudget(t *testing.T) {
	b, err := declared(t, planned(t, "prod")).Only("aws:budgets/budget:Budget")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]any{
		"limitAmount": "4500", "limitUnit": "USD", "timeUnit": "MONTHLY", "costFilters": nil,
		"notifications.0.notificationType": "ACTUAL", "notifications.0.threshold": 80.0,
		"notifications.1.notificationType": "FORECASTED", "notifications.1.threshold": 100.0,
		"notifications.0.subscriberEmailAddresses.0": "platform@agencyos.example", "notifications.1.subscriberEmailAddresses.0": "platform@agencyos.example",
	} {
		if got := b.At(path); got != want {
			t.Errorf("budget: %s = %v, want %v", path, got, want)
		}
	}
	tagged, err := declared(t, planned(t, "prod", "budget.costAllocationTag=true")).Only("aws:budgets/budget:Budget")
	if err != nil {
		t.Fatal(err)
	}
	if got := tagged.At("costFilters.0.values.0"); got != "user:headroom:stack$prod" {
		t.Errorf("a budget of a tag counts %v, want user:headroom:stack$prod", got)
	}
}

func TestValidation(t *testing.T) {
	for name, c := range map[string]struct {
		reason string
		change func(*Args)
		want   string
	}{
		"OtherPlan":    {"a plan of another stack", func(a *Args) { a.Plan.Stack = "other" }, "plan = other"},
		"NoLabels":     {"Prometheus would ignore all", func(a *Args) { a.Spec.Monitoring.Labels = nil }, "monitoring.labels"},
		"NoBoards":     {"Grafana would ignore all", func(a *Args) { a.Spec.Monitoring.DashboardLabels = nil }, "monitoring.dashboardLabels"},
		"OtherRelease": {"the chart selects its own name", func(a *Args) { a.Spec.Monitoring.Labels = map[string]string{"release": "x"} }, "monitoring.labels.release = x"},
		"NoAdmin":      {"a password that everyone knows", func(a *Args) { a.Spec.Monitoring.GrafanaAdmin = "" }, "monitoring.grafanaAdmin"},
		"NoHost":       {"the exporter has nowhere to go", func(a *Args) { a.DatabaseHost = nil }, "database.host"},
		"NoCache":      {"nor has this", func(a *Args) { a.CacheHost = nil }, "cache.host"},
		"NoSecret":     {"it cannot log in", func(a *Args) { a.Spec.Monitoring.Exporters.Postgres = &spec.Exporter{Image: "p:1"} }, "postgres-exporter.secretRef"},
		"NoPassword":   {"nor may this without that of cache.user", func(a *Args) { a.Spec.Monitoring.Exporters.Redis = &spec.Exporter{Image: "r:1"} }, "redis-exporter.secretRef"},
		"NoQuestion":   {"there is nothing to ask CloudWatch", func(a *Args) { a.DatabaseID, a.DistributionID = nil, nil }, "has nothing to ask for"},
	} {
		args := planned(t, "prod")
		c.change(&args)
		r := &componenttest.Recorder{}
		if err := run(r, args); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: New = %v, want %q: %s", name, err, c.want, c.reason)
		}
		if n := len(r.Resources()); n != 0 {
			t.Errorf("%s: %d registrations before it refused", name, n)
		}
	}
}
