package discover

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/capacity/workload"
)

const shop = `
kind: Deployment
metadata: {name: backend, namespace: shop}
spec:
  replicas: 6
  selector: {matchLabels: {app: backend}}
  strategy: {rollingUpdate: {maxSurge: 50%, maxUnavailable: 0}}
  template:
    spec:
      terminationGracePeriodSeconds: 60
      containers:
      - name: app
        ports: [{name: metrics, containerPort: 9100}, {name: http, containerPort: 8000}]
        env: [{name: WEB_CONCURRENCY, value: "4"}]
        resources: {requests: {cpu: 1500m, memory: 1G}, limits: {memory: 1536Mi}}
        lifecycle: {preStop: {sleep: {seconds: 15}}}
        readinessProbe: {httpGet: {path: /ready}}
        livenessProbe: {httpGet: {path: /live}}
---
kind: HorizontalPodAutoscaler
metadata: {name: backend-hpa, namespace: shop}
spec: {minReplicas: 3, maxReplicas: 30, scaleTargetRef: {kind: Deployment, name: backend}}
---
kind: Deployment
metadata: {name: frontend, namespace: shop}
spec:
  selector: {matchLabels: {app.kubernetes.io/name: frontend}}
  strategy: {rollingUpdate: {maxSurge: 2, maxUnavailable: 25%}}
  template:
    spec:
      containers:
      - name: frontend
        ports: [{containerPort: 3000}]
        envFrom: [{configMapRef: {name: frontend-headroom}}]
        lifecycle: {preStop: {exec: {command: [nginx, -s, quit]}}}
      - {name: proxy}
---
kind: Deployment
metadata: {name: worker, namespace: shop}
spec: {template: {spec: {containers: [{name: worker}]}}}
---
kind: StatefulSet
metadata: {name: search, namespace: shop}
spec: {template: {spec: {containers: [{name: search, ports: [{containerPort: 9200}]}]}}}
---
kind: Deployment
metadata: {name: backend, namespace: staging}
spec: {template: {spec: {containers: [{name: app, ports: [{containerPort: 8000}]}]}}}
`

func parse(t *testing.T, text string) workload.Set {
	t.Helper()
	var all workload.Set
	for document := range strings.SplitSeq(text, "\n---\n") {
		object, err := yaml.YAMLToJSON([]byte(document))
		if err != nil {
			t.Fatal(err)
		}
		set, err := workload.Decode("cluster prod", object)
		if err != nil {
			t.Fatal(err)
		}
		all.Add(set)
	}
	return all
}

func strs[T interface{ String() string }](items []T) []string {
	var out []string
	for _, item := range items {
		out = append(out, item.String())
	}
	return out
}

func TestServices(t *testing.T) {
	found, skipped := Services(parse(t, shop), spec.External)
	second := func(n int) spec.Duration { return spec.Duration(time.Duration(n) * time.Second) }
	want := []Found{{
		Name: "backend",
		Service: spec.Service{
			Mode: spec.External, Port: 8000, Workers: 4, Selector: map[string]string{"app": "backend"},
			Resources:   spec.Resources{Requests: spec.Amounts{CPU: 1500, Memory: 954}, Limits: spec.Amounts{Memory: 1536}},
			Probes:      spec.Probes{Readiness: "/ready", Liveness: "/live"},
			Autoscaling: spec.Autoscaling{MinReplicas: new(3), MaxReplicas: new(30)}, Adopt: spec.AdoptService{Autoscaler: "shop/backend-hpa"},
			Rollout: spec.Rollout{MaxSurge: new(spec.Percent(50)), PreStop: second(15), Grace: second(60)},
		},
		Open: []Open{
			{"services.backend.peakRps", "no object states today's peak"},
			{"services.backend.port", "8000 is one of 2; is it the one that serves?"},
		},
	}, {
		Name:    "frontend",
		Service: spec.Service{Mode: spec.External, Port: 3000, Rollout: spec.Rollout{MaxUnavailable: 25, Grace: second(30)}},
		Open: []Open{
			{"services.frontend.peakRps", "no object states today's peak"},
			{"services.frontend.workers", "WEB_CONCURRENCY is not stated; it may come from ConfigMap frontend-headroom, which was not read"},
			{"services.frontend.resources.requests.cpu", "not stated; headroom audit suggests one"},
			{"services.frontend.resources.requests.memory", "not stated; headroom audit suggests one"},
			{"services.frontend.resources", "those of container frontend alone; the pod has 1 more, which ask for room on the nodes, too"},
			{"services.frontend.autoscaling", "no autoscaler scales it; the plan derives one"},
			{"services.frontend.rollout.maxSurge", "2 pods; a stack file states a share"},
			{"services.frontend.rollout.preStop", "the preStop hook does something else than to sleep"},
		},
	}}
	if diff := cmp.Diff(want, found, cmp.AllowUnexported(spec.Rollout{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"StatefulSet shop/search: only a Deployment is autoscaled here",
		"Deployment shop/worker: its containers state no port",
		"Deployment staging/backend: a service of this name was found in namespace shop",
	}, strs(skipped)); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
}

func TestAdopt(t *testing.T) {
	found, _ := Services(parse(t, shop), spec.Adopt)
	s := found[0].Service
	if s.Mode != spec.Adopt || s.ID != "shop/backend" || s.Container != "app" || s.Adopt.Autoscaler != "shop/backend-hpa" || s.Selector != nil {
		t.Errorf("%+v", s)
	}
}

func TestWorkers(t *testing.T) {
	for name, tc := range map[string]struct {
		reason, env string
		workers     int
		open        string
	}{
		"Stated":    {"a number", `{name: WEB_CONCURRENCY, value: "3"}`, 3, ""},
		"Zero":      {"no process", `{name: WEB_CONCURRENCY, value: "0"}`, 0, `WEB_CONCURRENCY is "0", which is no number of processes`},
		"Text":      {"no number", `{name: WEB_CONCURRENCY, value: auto}`, 0, `WEB_CONCURRENCY is "auto", which is no number of processes`},
		"Elsewhere": {"in another object", `{name: WEB_CONCURRENCY, valueFrom: {configMapKeyRef: {name: a, key: b}}}`, 0, "WEB_CONCURRENCY comes from another object, which was not read"},
		"None":      {"nowhere", "", 0, "WEB_CONCURRENCY is not stated"},
	} {
		t.Run(name, func(t *testing.T) {
			found, _ := Services(parse(t, "kind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a, ports: [{containerPort: 1}], env: ["+tc.env+"]}]}}}"), spec.External)
			var open string
			for _, o := range found[0].Open {
				if o.Path == "services.a.workers" {
					open = o.Why
				}
			}
			if found[0].Service.Workers != tc.workers || open != tc.open {
				t.Errorf("%s: %d workers, open %q", tc.reason, found[0].Service.Workers, open)
			}
		})
	}
}

func TestPool(t *testing.T) {
	second := func(n int) spec.Duration { return spec.Duration(time.Duration(n) * time.Second) }
	for name, tc := range map[string]struct {
		reason, env string
		want        *spec.Pool
		open        string
	}{
		"None":      {"the plan derives it", "", nil, ""},
		"All":       {"what Headroom renders", `{name: DB_POOL_SIZE, value: "5"}, {name: DB_MAX_OVERFLOW, value: "0"}, {name: DB_POOL_TIMEOUT, value: "3"}, {name: DB_POOL_RECYCLE, value: "600"}`, &spec.Pool{Size: new(5), MaxOverflow: new(0), Timeout: second(3), Recycle: second(600)}, ""},
		"Part":      {"the rest is derived", `{name: DB_MAX_OVERFLOW, value: "2"}`, &spec.Pool{MaxOverflow: new(2)}, ""},
		"Unlimited": {"SQLAlchemy's own way to say so", `{name: DB_POOL_SIZE, value: "0"}`, nil, `pool.size: DB_POOL_SIZE is "0", which is no number from 1 to 1000`},
		"Never":     {"SQLAlchemy's own default", `{name: DB_POOL_SIZE, value: "5"}, {name: DB_POOL_RECYCLE, value: "-1"}`, &spec.Pool{Size: new(5)}, `pool.recycle: DB_POOL_RECYCLE is "-1", which is no number from 1 to 31622400`},
		"Huge":      {"more than any number", `{name: DB_POOL_TIMEOUT, value: "99999999999999999999"}`, nil, `pool.timeout: DB_POOL_TIMEOUT is "99999999999999999999", which is no number from 1 to 31622400`},
	} {
		t.Run(name, func(t *testing.T) {
			found, _ := Services(parse(t, "kind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a, ports: [{containerPort: 1}], env: ["+tc.env+"]}]}}}"), spec.External)
			var open string
			for _, o := range found[0].Open {
				if strings.HasPrefix(o.Path, "services.a.pool") {
					open = strings.TrimPrefix(o.String(), "services.a.")
				}
			}
			if diff := cmp.Diff(tc.want, found[0].Service.Pool); diff != "" || open != tc.open {
				t.Errorf("%s: open %q, want %q (-want +got):\n%s", tc.reason, open, tc.open, diff)
			}
		})
	}
}

// A second budget over the same pods would keep them from being evicted.
func TestBudgets(t *testing.T) {
	for _, budgets := range [][]string{nil, {"old"}, {"old", "older"}} {
		set := parse(t, "kind: Deployment\nmetadata: {name: a, namespace: shop}\nspec: {template: {spec: {containers: [{name: a, ports: [{containerPort: 1}]}]}}}")
		set.Workloads[0].Budgets = budgets
		found, _ := Services(set, spec.External)
		want, open := spec.ObjectID(""), strings.Contains(strings.Join(strs(found[0].Open), "\n"), "services.a.adopt.disruptionBudget: old and older cover the same pods")
		if len(budgets) > 0 {
			want = "shop/old"
		}
		if got := found[0].Service.Adopt.DisruptionBudget; got != want || open != (len(budgets) > 1) {
			t.Errorf("of %v %q is adopted, open %v: %v", budgets, got, open, strs(found[0].Open))
		}
	}
}

// Whatever runs, what was read of it is a valid part of a stack file once the open
// fields are filled in.
func TestServicesAreValid(t *testing.T) {
	quantity := func(t *rapid.T, name string, most int) *float64 {
		return new(float64(rapid.IntRange(1, most).Draw(t, name)))
	}
	rapid.Check(t, func(t *rapid.T) {
		w := workload.Workload{Ref: workload.Ref{Namespace: "shop", Kind: "Deployment", Name: rapid.StringMatching(`[a-z]([-a-z0-9]{0,40}[a-z0-9])?`).Draw(t, "name")},
			Surge: rapid.SampledFrom([]string{"", "25%", "1", "100%", "0"}).Draw(t, "surge"), Unavailable: rapid.SampledFrom([]string{"", "0", "25%", "1"}).Draw(t, "unavailable"),
			Grace: time.Duration(rapid.IntRange(0, 600).Draw(t, "grace")) * time.Second, Selector: map[string]string{"app": "x"}}
		w.Budgets = rapid.SampledFrom([][]string{nil, {"one"}, {"one", "two"}}).Draw(t, "budgets")
		w.Containers = []workload.Container{{Name: "c", Env: map[string]string{plan.EnvPoolSize: strconv.Itoa(rapid.IntRange(-1, 2000).Draw(t, "pool")),
			plan.EnvPoolTimeout: strconv.Itoa(rapid.IntRange(-1, 1<<40).Draw(t, "timeout"))}, Ports: []workload.Port{{Number: rapid.IntRange(1, 65535).Draw(t, "port")}},
			PreStop:   time.Duration(rapid.IntRange(0, 60).Draw(t, "preStop")) * time.Second,
			Resources: workload.Resources{Request: workload.Amounts{CPUMilli: quantity(t, "cpu", 16000), MemoryMiB: quantity(t, "memory", 65536)}}}}
		set := workload.Set{Workloads: []workload.Workload{w}}
		if rapid.Bool().Draw(t, "scaled") {
			lowest := rapid.IntRange(0, 10).Draw(t, "min")
			set.Autoscalers = []workload.Autoscaler{{Namespace: "shop", Name: "hpa", TargetKind: "Deployment", TargetName: w.Name, Min: lowest, Max: lowest + rapid.IntRange(1, 100).Draw(t, "more")}}
		}
		mode := rapid.SampledFrom([]spec.Mode{spec.External, spec.Adopt}).Draw(t, "mode")
		found, skipped := Services(set, mode)
		if len(found) != 1 {
			t.Fatalf("skipped %v", skipped)
		}
		s := found[0].Service
		s.PeakRPS = 100
		text, err := json.Marshal(map[string]spec.Service{w.Name: s})
		if err != nil {
			t.Fatal(err)
		}
		_, err = spec.Decode("prod", map[string]json.RawMessage{"services": text, "cluster": json.RawMessage(`{"context": "kind", "namespace": "shop"}`),
			"database": json.RawMessage(`{"mode": "managed", "image": "postgres:17.7", "maxConnections": 100, "vcpus": 2}`)})
		for line := range strings.SplitSeq(errorText(err), "\n") {
			if strings.HasPrefix(line, "services.") {
				t.Fatalf("%s\n%s", line, text)
			}
		}
	})
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
