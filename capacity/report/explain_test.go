package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/agencyos/headroom/capacity/plan"
)

// The explanation holds the arithmetic with the values filled in.
func TestExplainHasTheArithmetic(t *testing.T) {
	cases := map[string]struct {
		id   string
		sets []string
		want []string
	}{
		"Connections": {plan.DBConnections, []string{"services.backend.autoscaling.maxReplicas=400"}, []string{
			"db-connections: VIOLATED", "rollout: 4212 > 821 connections",
			"backend (400 max + 100 surge + 200 terminating) × 2 workers × 3 per worker + 12 of other clients = 4212",
			"usable 821 = max_connections 832 − 11 reserved", "fix: set services.backend.autoscaling.maxReplicas to "}},
		"Pooler":   {plan.DBConnections, []string{"database.pooler=pgbouncer", "database.pgbouncer={image: p:1.26.1, userList: {name: a, key: b}}"}, []string{"3 replicas less one × 200 max_client_conn", "pool + 0 reserve) + 12 of other clients"}},
		"Load":     {plan.DBLoad, nil, []string{"704 requests/s reach the database at 5× peak; 70% of db.m7g.large has 2 vCPUs", "cold cache database CPU"}},
		"Trigger":  {plan.TriggerTime, nil, []string{"headroom_backend_in_flight: 2 scrapes of 15 s", "sync 15 s"}},
		"CPU":      {plan.TriggerTime, []string{"services.backend.autoscaling.metric=cpu"}, []string{"CPU: kubelet 15 s + resolution 15 s + window + sync 15 s"}},
		"Capacity": {plan.CapacityTime, nil, []string{"decision 31 s + scheduling 5 s + start 12 s; a ramp to 5× in 10m0s"}},
		"Origin":   {plan.OriginLoad, nil, []string{"900 user rps × (1 − 80% CDN hits) × 1.1 per miss × 5"}},
		"Cost":     {plan.CostCeiling, nil, []string{"public on-demand list prices, us-east-1"}},
		"Replicas": {"services.backend.maxReplicas", nil, []string{"services.backend.maxReplicas = 17", "⌈⌈1760 rps ÷ 133.0 rps per pod at target⌉ = 14 × (1 + 20% margin)⌉"}},
		"Set":      {"services.backend.maxReplicas", []string{"services.backend.autoscaling.maxReplicas=20"}, []string{"services.backend.maxReplicas = 20", "set by autoscaling.maxReplicas"}},
		"Clients":  {"services.backend.cacheConnections", []string{"cache.maxConnections=7"}, []string{"services.backend.cacheConnections = 7", "set by cache.maxConnections"}},
		"Service":  {"services.backend", nil, []string{"services.backend.originRps = 1760", "services.backend.pool.size = ", "services.backend.metrics[0].targetAverageValue = "}},
		"Nodes":    {"nodes.groups", nil, []string{"nodes.groups[0].free = "}},
		"Nothing":  {plan.EdgeLimits, []string{"edge={}"}, []string{"edge-limits: ok", "nothing in this stack needs it"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			text, ok := Explain(planned(t, tc.sets...), tc.id)
			if !ok {
				t.Fatalf("Explain(%s): unknown", tc.id)
			}
			for _, want := range tc.want {
				if !strings.Contains(text, want) {
					t.Errorf("Explain(%s) does not say %q:\n%s", tc.id, want, text)
				}
			}
		})
	}
}

func TestEverythingIsExplained(t *testing.T) {
	p := planned(t, "services.backend.autoscaling.maxReplicas=400", "database.pooler=pgbouncer", "database.pgbouncer={image: p:1.26.1, userList: {name: a, key: b}}")
	ids := Explainable(p)
	for _, id := range ids {
		if text, ok := Explain(p, id); !ok || !strings.HasPrefix(text, id) || len(text) < len(id)+10 || strings.Contains(text, "%!") {
			t.Errorf("Explain(%s) = %q, %v", id, text, ok)
		}
	}
	for _, id := range plan.CheckIDs() {
		if !slices.Contains(ids, id) {
			t.Errorf("%s is not explainable", id)
		}
	}
	for name := range p.Services {
		for _, field := range []string{"minReplicas", "maxReplicas", "targetPercent", "cpuTargetPercent"} {
			if id := fmt.Sprintf("services.%s.%s", name, field); !slices.Contains(ids, id) {
				t.Errorf("%s is not explainable", id)
			}
		}
	}
	for _, id := range []string{"", "nothing", "services.back", "db-"} {
		if text, ok := Explain(p, id); ok {
			t.Errorf("Explain(%q) = %q, want unknown", id, text)
		}
	}
}
