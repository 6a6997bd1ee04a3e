package spec

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAdoptedService(t *testing.T) {
	v := decode(t, "services.backend.mode=adopt", "services.backend.id=default/backend-api", "services.backend.container=app",
		"services.backend.adopt={autoscaler: default/backend-hpa, settings: default/backend-env}").Services["backend"]
	got := []string{v.Target("backend"), v.SettingsName("backend"), v.ServingContainer("backend"), v.Adopt.Autoscaler.Name("backend"),
		v.Adopt.DisruptionBudget.Name("backend"), v.ID.Namespace()}
	want := []string{"backend-api", "backend-env", "app", "backend-hpa", "backend", "default"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names of an adopted service (-want +got):\n%s", diff)
	}
}

func TestExternalServiceUnderOtherNames(t *testing.T) {
	v := decode(t, "services.backend.mode=external", "services.backend.deployment=api", "services.backend.selector={app: api}").Services["backend"]
	if v.Target("backend") != "api" || v.SettingsName("backend") != "backend-headroom" || !cmp.Equal(v.Labels("backend"), map[string]string{"app": "api"}) {
		t.Errorf("target %s, settings %s, labels %v", v.Target("backend"), v.SettingsName("backend"), v.Labels("backend"))
	}
	plain := decode(t).Services["backend"]
	if plain.Target("backend") != "backend" || !cmp.Equal(plain.Labels("backend"), map[string]string{LabelName: "backend"}) {
		t.Errorf("without other names: target %s, labels %v", plain.Target("backend"), plain.Labels("backend"))
	}
}

func TestAdoptedDatabase(t *testing.T) {
	d := decode(t, "database.mode=adopt", "database.id=shop-db", "database.adopt={parameterGroup: default.postgres17, securityGroup: sg-0a, ingressRule: sgr-0b}",
		`database.parameters={work_mem: "65536"}`).Database
	if !d.Adopt.DefaultGroup() || d.Parameters["work_mem"] != "65536" {
		t.Errorf("adopted database = %+v", d)
	}
}

func TestReplaceable(t *testing.T) {
	const urn = "urn:pulumi:prod::headroom::headroom:database:Database$aws:rds/instance:Instance::prod-db"
	day := time.Date(2026, 12, 31, 18, 0, 0, 0, time.UTC)
	cases := map[string]struct {
		reason string
		in     Replacement
		want   bool
	}{
		"Name":    {"the logical name", Replacement{Resource: "prod-db", Until: "2026-12-31"}, true},
		"URN":     {"or the whole URN", Replacement{Resource: urn, Until: "2027-01-01"}, true},
		"Expired": {"the day before", Replacement{Resource: "prod-db", Until: "2026-12-30"}, false},
		"Other":   {"another resource", Replacement{Resource: "prod", Until: "2027-01-01"}, false},
		"NoDate":  {"never refused later than by its date", Replacement{Resource: "prod-db"}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := Policy{Replacements: []Replacement{{Resource: "x", Until: "2027-01-01"}, c.in}}
			if got := p.Replaceable(urn, day); got != c.want {
				t.Errorf("Replaceable = %v, want %v: %s", got, c.want, c.reason)
			}
		})
	}
}
