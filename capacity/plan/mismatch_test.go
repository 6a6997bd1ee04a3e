package plan

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/spec"
)

func TestStackAndBaselineMustBelongTogether(t *testing.T) {
	cases := map[string]struct {
		reason string
		sets   []string
		want   string
	}{
		"OtherStack":     {"a copied baseline", []string{"@stack=staging"}, "baseline.stack = staging: is not this stack (base); measure this stack, or correct the field"},
		"MissingService": {"a service that nobody measured", []string{"services.worker={port: 1, peakRps: 1, resources: {requests: {cpu: 1, memory: 1Gi}}}"}, "baseline.services.worker: is missing; measure the service and add it to baselines/base.json"},
		"NoDatabase":     {"measured with one", []string{"database=null"}, "database.mode: must be set: the baseline says that backend uses a database; describe the database, or remove it from the baseline"},
		"NoCache":        {"measured with one", []string{"cache=null"}, "cache.mode: must be set: the baseline says that backend uses a cache; describe the cache, or remove it from the baseline"},
		"PoolUnused":     {"a pool of a service that was never seen at the database", []string{fe + "pool.size=3"}, "services.frontend.pool: is set, but the baseline has no database use for frontend; measure holdMillis and cpuMillis, or remove the pool"},
		"OutOfMemory":    {"the kernel would kill it", []string{be + "resources.requests.memory=500Mi", be + "resources.limits.memory=600Mi"}, "services.backend.resources.limits.memory = 600Mi: is below the 620Mi that a pod was measured to hold; raise the limit"},
		"RenamedRoute":   {"the measurement would be lost silently", []string{be + "routes[0].path=/api/things"}, `baseline.services.backend.routes["GET /api/items"]: is not a route of the stack file; known: GET /api/things, GET /api/items/{id}, POST /api/items`},
		"Several": {"all at once", []string{"@stack=staging", "cache=null"}, "baseline.stack = staging: is not this stack (base); measure this stack, or correct the field\n" +
			"cache.mode: must be set: the baseline says that backend uses a cache; describe the cache, or remove it from the baseline"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r := baseRaws(t)
			for _, set := range tc.sets {
				if set == "database=null" || set == "cache=null" {
					delete(r.stack, set[:len(set)-len("=null")])
					continue
				}
				r = r.with(t, set)
			}
			stack, base := r.decode(t)
			_, err := New(stack, base, Options{Today: day})
			var ps spec.Problems
			if !errors.As(err, &ps) {
				t.Fatalf("%s\nNew: error is %T, want spec.Problems: %v", tc.reason, err, err)
			}
			if diff := cmp.Diff(tc.want, err.Error()); diff != "" {
				t.Errorf("%s\nNew (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// What a measurement has more than the stack is no mistake.
func TestUnusedMeasurements(t *testing.T) {
	stack, base := inputs(t)
	base.Services["batch"] = base.Services["frontend"]
	mustPlan(t, stack, base)
}
