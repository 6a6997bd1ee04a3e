package workload

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

func decode(t *testing.T, text string) (Set, error) {
	t.Helper()
	object, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return Decode("f.yaml:1", object)
}

func amounts(cpu, memory float64) Amounts {
	a := Amounts{CPUMilli: &cpu, MemoryMiB: &memory}
	if cpu == 0 {
		a.CPUMilli = nil
	}
	if memory == 0 {
		a.MemoryMiB = nil
	}
	return a
}

func TestDecodeWorkload(t *testing.T) {
	got, err := decode(t, `
kind: Deployment
metadata: {name: backend, namespace: shop}
spec:
  replicas: 3
  minReadySeconds: 10
  selector: {matchLabels: {app: backend}}
  strategy: {rollingUpdate: {maxSurge: 25%, maxUnavailable: 0}}
  template:
    spec:
      terminationGracePeriodSeconds: 45
      initContainers:
      - {name: migrate, resources: {requests: {cpu: 100m}}}
      - {name: mesh, restartPolicy: Always, resources: {limits: {cpu: 1, memory: 128Mi}}}
      containers:
      - name: app
        image: shop/backend:1
        ports: [{name: http, containerPort: 8000}]
        env:
        - {name: WEB_CONCURRENCY, value: "4"}
        - {name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}
        envFrom: [{configMapRef: {name: backend-headroom}}, {secretRef: {name: keys}}]
        resources: {requests: {cpu: 1500m, memory: 1Gi}, limits: {memory: 1536Mi}}
        lifecycle: {preStop: {exec: {command: [/bin/sh, -c, sleep 15]}}}
        readinessProbe: {httpGet: {path: /ready, port: http}}
        livenessProbe: {httpGet: {path: /live, port: 8000}}
status: {replicas: 5, readyReplicas: 4}
`)
	if err != nil {
		t.Fatal(err)
	}
	three := 3
	want := Set{Workloads: []Workload{{
		Ref: Ref{"shop", "Deployment", "backend"}, Where: "f.yaml:1", Replicas: &three, Selector: map[string]string{"app": "backend"},
		MinReady: 10 * time.Second, Surge: "25%", Unavailable: "0", Grace: 45 * time.Second,
		Containers: []Container{
			{Name: "app", Image: "shop/backend:1", Resources: Resources{Request: amounts(1500, 1024), Limit: amounts(0, 1536)},
				Ports: []Port{{"http", 8000}}, Env: map[string]string{"WEB_CONCURRENCY": "4"}, EnvElsewhere: []string{"DB_PASSWORD"},
				EnvFrom: []string{"ConfigMap backend-headroom", "Secret keys"}, Readiness: "/ready", Liveness: "/live", PreStop: 15 * time.Second},
			{Name: "mesh", Sidecar: true, Resources: Resources{Request: amounts(1000, 128), Limit: amounts(1000, 128)}, Env: map[string]string{}},
		},
		Init: []Container{{Name: "migrate", Resources: Resources{Request: amounts(100, 0)}, Env: map[string]string{}}},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestDecodeAutoscaler(t *testing.T) {
	const ref = "scaleTargetRef: {kind: Deployment, name: api}"
	for name, tc := range map[string]struct {
		reason, spec string
		want         Autoscaler
	}{
		"Metrics": {"utilizations alone are of requests", `minReplicas: 2, maxReplicas: 9, metrics: [
			{type: Resource, resource: {name: cpu, target: {averageUtilization: 60}}},
			{type: ContainerResource, containerResource: {name: memory, container: app, target: {averageUtilization: 70}}},
			{type: Resource, resource: {name: cpu, target: {averageValue: 500m}}}, {type: External, external: {}}]`,
			Autoscaler{Min: 2, Max: 9, CPU: []Target{{60, ""}}, Memory: []Target{{70, "app"}}}},
		"Default":  {"no metric is 80 % of the CPU", "maxReplicas: 4", Autoscaler{Min: 1, Max: 4, CPU: []Target{{80, ""}}}},
		"Old":      {"autoscaling/v1", "maxReplicas: 4, targetCPUUtilizationPercentage: 50", Autoscaler{Min: 1, Max: 4, CPU: []Target{{50, ""}}}},
		"External": {"steers by no request", "maxReplicas: 4, metrics: [{type: External, external: {}}]", Autoscaler{Min: 1, Max: 4}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := decode(t, "kind: HorizontalPodAutoscaler\nmetadata: {name: hpa, namespace: shop}\nspec: {"+ref+", "+tc.spec+"}")
			if err != nil {
				t.Fatal(err)
			}
			tc.want.Namespace, tc.want.Name, tc.want.Where, tc.want.TargetKind, tc.want.TargetName = "shop", "hpa", "f.yaml:1", "Deployment", "api"
			if diff := cmp.Diff(Set{Autoscalers: []Autoscaler{tc.want}}, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestDecodeOthers(t *testing.T) {
	pod := "{containers: [{name: c}]}"
	for name, tc := range map[string]struct {
		reason, text string
		replicas     int
		kind         string
	}{
		"Pod":       {"one", "kind: Pod\nmetadata: {name: x}\nspec: " + pod, 1, "Pod"},
		"DaemonSet": {"as many as nodes, as its status knows", "kind: DaemonSet\nmetadata: {name: x}\nspec: {template: {spec: " + pod + "}}\nstatus: {desiredNumberScheduled: 7}", 7, "DaemonSet"},
		"Unknown":   {"a manifest does not know the nodes", "kind: DaemonSet\nmetadata: {name: x}\nspec: {template: {spec: " + pod + "}}", -1, "DaemonSet"},
		"CronJob":   {"now and then", "kind: CronJob\nmetadata: {name: x}\nspec: {jobTemplate: {spec: {template: {spec: " + pod + "}}}}", -1, "CronJob"},
		"Service":   {"runs no pods", "kind: Service\nmetadata: {name: x}\nspec: {selector: {a: b}}", -2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := decode(t, tc.text)
			if tc.kind == "" {
				if err != nil || len(set.Workloads) > 0 || Reads("Service") {
					t.Errorf("%s: %+v, %v", tc.reason, set, err)
				}
				return
			}
			if err != nil || len(set.Workloads) != 1 || len(set.Workloads[0].Containers) != 1 {
				t.Fatalf("%s: %+v, %v", tc.reason, set, err)
			}
			got := -1
			if n := set.Workloads[0].Replicas; n != nil {
				got = *n
			}
			if got != tc.replicas {
				t.Errorf("%s: %d replicas, want %d", tc.reason, got, tc.replicas)
			}
		})
	}
}

// All that is wrong is said at once, with where it stands.
func TestDecodeRefuses(t *testing.T) {
	for name, tc := range map[string]struct{ reason, text, want string }{
		"Amounts": {"every amount", "kind: Pod\nmetadata: {}\nspec: {containers: [{name: c, resources: {requests: {cpu: one, memory: -1}, limits: {memory: 1e99}}}]}",
			"f.yaml:1 metadata.name: must be set\n" +
				"f.yaml:1 spec.containers[0].resources.requests.cpu = one: must be an amount of CPU such as \"500m\"\n" +
				"f.yaml:1 spec.containers[0].resources.requests.memory = -1: must be an amount of memory such as \"512Mi\"\n" +
				"f.yaml:1 spec.containers[0].resources.limits.memory = 1e+99: must be an amount of memory such as \"512Mi\""},
		"Type":   {"a field of another type", "kind: Deployment\nspec: {replicas: many}", "f.yaml:1 spec.replicas: must be a whole number, and is a string; kubectl explain shows the form"},
		"List":   {"a list that is none", "kind: Deployment\nspec: {template: {spec: {containers: 3}}}", "f.yaml:1 spec.template.spec.containers: must be a list, and is a number; kubectl explain shows the form"},
		"Target": {"a utilization of nothing", "kind: HorizontalPodAutoscaler\nspec: {maxReplicas: 2, metrics: [{type: Resource, resource: {name: cpu, target: {averageUtilization: 0}}}]}", "f.yaml:1 spec.metrics[0].resource.target.averageUtilization = 0: must be 1 percent or more"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decode(t, tc.text)
			if err == nil || err.Error() != tc.want {
				t.Errorf("%s: error\n%v\nwant\n%s", tc.reason, err, tc.want)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"kind":"Deployment","metadata":{"name":"x"},"spec":{"template":{"spec":{"containers":[{"resources":{"requests":{"cpu":"1e999","memory":5}}}]}}}}`))
	f.Add([]byte(`{"kind":"HorizontalPodAutoscaler","spec":{"metrics":[{"type":"ContainerResource"}]}}`))
	f.Add([]byte(`{"kind":"Pod","spec":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := Decode("x", data)
		if err != nil {
			return
		}
		for _, w := range set.Workloads {
			w.Quality()
			w.Main()
			if _, err := json.Marshal(w); err != nil {
				t.Errorf("what was read cannot be written: %v", err)
			}
		}
	})
}

func TestQuality(t *testing.T) {
	full, other := Resources{Request: amounts(100, 128), Limit: amounts(100, 128)}, Resources{Request: amounts(50, 128), Limit: amounts(100, 128)}
	for name, tc := range map[string]struct {
		reason string
		in     Workload
		want   Quality
	}{
		"None":    {"nothing is stated", Workload{Containers: []Container{{}}}, BestEffort},
		"Zero":    {"zero is nothing", Workload{Containers: []Container{{Resources: Resources{Request: Amounts{CPUMilli: new(0.0)}}}}}, BestEffort},
		"Full":    {"all limits are requests", Workload{Containers: []Container{{Resources: full}}}, Guaranteed},
		"Sidecar": {"one container without is enough", Workload{Containers: []Container{{Resources: full}, {}}}, Burstable},
		"Init":    {"init containers count", Workload{Containers: []Container{{Resources: full}}, Init: []Container{{}}}, Burstable},
		"Less":    {"a request below the limit", Workload{Containers: []Container{{Resources: other}}}, Burstable},
		"Pod":     {"the pod's own decide", Workload{Pod: full, Containers: []Container{{}}}, Guaranteed},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.in.Quality(); got != tc.want {
				t.Errorf("%s: %s, want %s", tc.reason, got, tc.want)
			}
		})
	}
}

func TestScaler(t *testing.T) {
	s := Set{Autoscalers: []Autoscaler{{Namespace: "a", Name: "one", TargetKind: "Deployment", TargetName: "api"}, {Name: "two", TargetKind: "StatefulSet", TargetName: "api"}}}
	for ref, want := range map[Ref]string{
		{"a", "Deployment", "api"}: "one", {"", "Deployment", "api"}: "one", {"b", "Deployment", "api"}: "",
		{"b", "StatefulSet", "api"}: "two", {"a", "Deployment", "other"}: "",
	} {
		got := ""
		if a := s.Scaler(ref); a != nil {
			got = a.Name
		}
		if got != want {
			t.Errorf("%v is scaled by %q, want %q", ref, got, want)
		}
	}
	if got := s.In("b").Autoscalers; got[0].Namespace != "a" || got[1].Namespace != "b" || s.Autoscalers[1].Namespace != "" {
		t.Errorf("in b: %+v, from %+v", got, s.Autoscalers)
	}
}

func TestMainContainer(t *testing.T) {
	port := []Port{{"http", 8000}}
	for want, containers := range map[string][]Container{
		"app":   {{Name: "proxy", Sidecar: true, Ports: port}, {Name: "log"}, {Name: "app", Ports: port}},
		"api":   {{Name: "metrics", Ports: port}, {Name: "api", Ports: port}},
		"first": {{Name: "first"}, {Name: "second"}},
		"":      nil,
	} {
		if got := (Workload{Ref: Ref{Name: "api"}, Containers: containers}).Main().Name; got != want {
			t.Errorf("main container of %v is %q, want %q", containers, got, want)
		}
	}
}

func TestPreStop(t *testing.T) {
	for command, want := range map[string]time.Duration{
		"sleep 15": 15 * time.Second, "/bin/sleep 5": 5 * time.Second, "/bin/sh -c sleep 20s": 20 * time.Second, "nginx -s quit": -1, "sh -c sleep 5; quit": -1,
	} {
		hook := &preStopForm{Exec: &struct {
			Command []string `json:"command"`
		}{strings.Fields(command)}}
		got, other := sleeps(hook)
		if other != (want < 0) || got != max(want, 0) {
			t.Errorf("%s: %s, something else: %v", command, got, other)
		}
	}
}
