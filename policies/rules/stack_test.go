package rules

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// node is a map in a test tree.
type node = map[string]any

var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const urnPrefix = "urn:pulumi:prod::shop::"

// declared is a resource of the engine: its options are known.
func declared(typ, name string, inputs node) Resource {
	return Resource{URN: urnPrefix + typ + "::" + name, Type: typ, Name: name, Inputs: From(inputs), Options: Options{Known: true}}
}

// goodStack is a stack that every rule passes: a managed service with a sidecar
// and a pool, a service that is patched, PostgreSQL behind PgBouncer, and nodes.
func goodStack() []Resource {
	return append([]Resource{
		hpa("api", "4", 20),
		deployment(),
		configMap("api-headroom", node{"REDIS_MAX_CONNECTIONS": "20", "WEB_CONCURRENCY": "2", "DB_POOL_SIZE": "4", "DB_MAX_OVERFLOW": "1"},
			node{"headroom.dev/db-engines": "2", "headroom.dev/deregistration-seconds": "30", "headroom.dev/drain-seconds": "20"}),
		pdb("api", node{"maxUnavailable": 1.0}),
		hpa("web", "3", 12),
		webPatch(),
		configMap("web-headroom", node{"WEB_CONCURRENCY": "2"}, node{
			"headroom.dev/max-surge-percent": "25", "headroom.dev/max-unavailable-percent": "0", "headroom.dev/deregistration-seconds": "10"}),
		pdb("web", node{"maxUnavailable": "25%"}),
		bouncer(),
		configMap("pgbouncer", node{"pgbouncer.ini": "[databases]\n* = host=db\n[pgbouncer]\n; limits\nmax_client_conn = 1000\ndefault_pool_size = 40\nreserve_pool_size = 5\n"}, nil),
		instance(),
		parameterGroup(),
		securityGroup(),
		ingressRule(),
		nodeGroup(),
	}, surroundings()...)
}

func hpa(name, least string, most int) Resource {
	low, _ := strconv.Atoi(least)
	return declared(typeHPA, name, node{
		"metadata": node{"name": name, "namespace": "shop"},
		"spec": node{
			"scaleTargetRef": node{"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
			"minReplicas":    low, "maxReplicas": most,
			"metrics": []any{
				node{"type": "Resource", "resource": node{"name": "cpu", "target": node{"type": "Utilization", "averageUtilization": 60}}},
				node{"type": "External", "external": node{"target": node{"type": "AverageValue", "averageValue": "8"}}},
				node{"type": "Resource", "resource": node{"name": "memory", "target": node{"type": "Utilization", "averageUtilization": 80}}},
			},
			"behavior": node{"scaleUp": node{"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": []any{
				node{"type": "Percent", "value": 100, "periodSeconds": 15},
				node{"type": "Pods", "value": 4, "periodSeconds": 15},
			}}, "scaleDown": node{"stabilizationWindowSeconds": 300}},
		},
	})
}

func deployment() Resource {
	r := declared(typeDeployment, "api", node{
		"metadata": node{"name": "api", "namespace": "shop"},
		"spec": node{
			"replicas": 4, "minReadySeconds": 10,
			"strategy": node{"type": "RollingUpdate", "rollingUpdate": node{"maxSurge": "25%", "maxUnavailable": 0}},
			"template": node{
				"metadata": node{"labels": node{"app": "api", "tier": "backend"}},
				"spec": node{
					"terminationGracePeriodSeconds": 60, "automountServiceAccountToken": false,
					"securityContext":           node{"runAsNonRoot": true, "seccompProfile": node{"type": "RuntimeDefault"}},
					"topologySpreadConstraints": []any{node{"topologyKey": zoneKey, "maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway", "matchLabelKeys": []any{"pod-template-hash"}}},
					"containers": []any{
						node{"name": "api", "image": "example/api:1.4.2", "ports": []any{node{"containerPort": 8000}}, "securityContext": confined(),
							"readinessProbe": node{"httpGet": node{"path": "/ready"}}, "livenessProbe": node{"httpGet": node{"path": "/live"}},
							"envFrom":   []any{node{"secretRef": node{"name": "api-secrets"}}, node{"configMapRef": node{"name": "api-headroom"}}},
							"lifecycle": node{"preStop": node{"sleep": node{"seconds": 30}}},
							"resources": node{"requests": node{"cpu": "500m"}, "limits": node{"cpu": "2", "memory": "1Gi"}}},
						node{"name": "proxy", "image": "example/proxy@sha256:aa", "securityContext": confined(),
							"env":       []any{node{"name": "TOKEN", "valueFrom": node{"secretKeyRef": node{"name": "t", "key": "k"}}}},
							"resources": node{"requests": node{"cpu": "100m", "memory": "64Mi"}, "limits": node{"cpu": "200m", "memory": "64Mi"}}},
					},
				},
			},
		},
	})
	r.Options.IgnoreChanges = []string{"spec.replicas"}
	return r
}

func webPatch() Resource {
	return declared(typeDeploymentPatch, "web", node{
		"metadata": node{"name": "web", "namespace": "shop"},
		"spec": node{
			"minReadySeconds": 5,
			"template": node{"spec": node{
				"terminationGracePeriodSeconds": 30,
				"containers": []any{node{"name": "web",
					"lifecycle": node{"preStop": node{"exec": node{"command": []any{"sh", "-c", "sleep 10"}}}},
					"resources": node{"requests": node{"cpu": "250m"}}}},
			}},
		},
	})
}

func configMap(name string, data, annotations node) Resource {
	meta := node{"name": name, "namespace": "shop"}
	if annotations != nil {
		meta["annotations"] = annotations
	}
	return declared(typeConfigMap, name, node{"metadata": meta, "data": data})
}

func pdb(name string, limit node) Resource {
	spec := node{"selector": node{"matchLabels": node{"app": name}}, "unhealthyPodEvictionPolicy": "AlwaysAllow"}
	maps.Copy(spec, limit)
	return declared(typePDB, name, node{"metadata": node{"name": name, "namespace": "shop"}, "spec": spec})
}

func bouncer() Resource {
	return declared(typeDeployment, "pgbouncer", node{
		"metadata": node{"name": "pgbouncer", "namespace": "shop", "labels": node{"app.kubernetes.io/name": "pgbouncer"}},
		"spec": node{
			"replicas": 3,
			"strategy": node{"rollingUpdate": node{"maxSurge": 0, "maxUnavailable": 1}}, "minReadySeconds": 45,
			"template": node{
				"metadata": node{"labels": node{"app.kubernetes.io/name": "pgbouncer"}},
				"spec": node{
					"terminationGracePeriodSeconds": 45, "automountServiceAccountToken": false,
					"securityContext": node{"runAsNonRoot": true, "seccompProfile": node{"type": "RuntimeDefault"}},
					"containers": []any{node{"name": "pgbouncer", "image": "example/pgbouncer:1.24.1", "securityContext": confined(),
						"resources": node{"requests": node{"cpu": "250m", "memory": "128Mi"}}}},
					"volumes": []any{node{"name": "users", "secret": node{"secretName": "users"}}, node{"name": "config", "configMap": node{"name": "pgbouncer"}}},
				},
			},
		},
	})
}

func instance() Resource {
	r := declared(typeRDSInstance, "main", node{
		"engine": "postgres", "instanceClass": "db.m7g.large", "parameterGroupName": "main-pg17", "port": 5432,
		"storageEncrypted": true, "publiclyAccessible": false, "multiAz": true, "autoMinorVersionUpgrade": true, "applyImmediately": false,
		"allocatedStorage": 100, "maxAllocatedStorage": 200, "enabledCloudwatchLogsExports": []any{"postgresql"}, "manageMasterUserPassword": true,
		"deletionProtection": true, "skipFinalSnapshot": false, "backupRetentionPeriod": 7,
	})
	r.Options.Protect = true
	return r
}

func parameterGroup() Resource {
	return declared(typeParameterGroup, "main-pg17", node{
		"name": "main-pg17", "family": "postgres17", "tags": node{"headroom:otherConnections": "9"},
		"parameters": []any{
			node{"name": "max_connections", "value": "400", "applyMethod": "pending-reboot"},
			node{"name": "log_lock_waits", "value": "1"},
		},
	})
}

func securityGroup() Resource {
	return declared(typeSecurityGroup, "db", node{"ingress": []any{
		node{"protocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrBlocks": []any{"10.0.0.0/16"}},
		node{"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": []any{"0.0.0.0/0"}},
	}})
}

func ingressRule() Resource {
	return declared(typeSecurityRuleOpen, "nodes", node{
		"ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432, "referencedSecurityGroupId": "sg-1"})
}

func nodeGroup() Resource {
	r := declared(typeNodeGroup, "general", node{
		"scalingConfig": node{"minSize": 2, "desiredSize": 3, "maxSize": 10}, "instanceTypes": []any{"m7g.2xlarge"},
		"nodeGroupNamePrefix": "general-", "subnetIds": []any{"subnet-a", "subnet-b"}, "updateConfig": node{"maxUnavailablePercentage": 33},
	})
	r.Options.IgnoreChanges = []string{"scalingConfig.desiredSize"}
	return r
}

// edit is one change of a stack: the value at a path, where the first element
// is "<Kind> <name>" of the resource.
type edit struct {
	resource, path string
	value          any
}

// gone removes the value.
type gone struct{}

// apply changes copies of the resources.
func apply(t *testing.T, stack []Resource, edits ...edit) []Resource {
	t.Helper()
	out := slices.Clone(stack)
	for _, e := range edits {
		i := slices.IndexFunc(out, func(r Resource) bool { return r.Type[strings.LastIndexByte(r.Type, ':')+1:]+" "+r.Name == e.resource })
		if i < 0 {
			t.Fatalf("no resource %q in the stack", e.resource)
		}
		out[i].Inputs = set(out[i].Inputs, strings.Split(e.path, "/"), e.value)
	}
	return out
}

// set returns the tree with a new value at a path of map keys and list indexes.
// A tilde stands for a slash inside a key.
func set(v Value, path []string, to any) Value {
	if len(path) == 0 || path[0] == "" {
		return From(to)
	}
	path[0] = strings.ReplaceAll(path[0], "~", "/")
	if i, err := strconv.Atoi(path[0]); err == nil && v.kind == list {
		items := slices.Clone(v.Items())
		if i == len(items) {
			items = append(items, Value{})
		}
		items[i] = set(items[i], path[1:], to)
		return List(items)
	}
	fields := map[string]Value{}
	if v.kind == object {
		fields = maps.Clone(v.data.(map[string]Value))
	}
	if _, remove := to.(gone); remove && len(path) == 1 {
		delete(fields, path[0])
		return Object(fields)
	}
	fields[path[0]] = set(fields[path[0]], path[1:], to)
	return Object(fields)
}

// paths are all places of a tree.
func paths(v Value) [][]string {
	all := [][]string{{}}
	deeper := func(key string, child Value) {
		for _, rest := range paths(child) {
			all = append(all, append([]string{key}, rest...))
		}
	}
	for _, key := range v.Keys() {
		deeper(key, v.Get(key))
	}
	for i, item := range v.Items() {
		deeper(strconv.Itoa(i), item)
	}
	return all
}

// judge runs all rules.
func judge(stack []Resource) Report { return Run(NewModel(stack), All(), RunOptions{Today: today}) }

// violated are the sorted ids of the rules with an active violation.
func violated(r Report) []string {
	ids := []string{}
	for _, f := range r.Active() {
		if !slices.Contains(ids, f.Rule) {
			ids = append(ids, f.Rule)
		}
	}
	slices.Sort(ids)
	return ids
}

// verdict is the worst state of a rule in a report.
func worst(r Report, rule string) State {
	worst := NotApplicable
	rank := map[State]int{NotApplicable: 0, Pass: 1, CannotKnow: 2, Violation: 3}
	for _, f := range r.Of(rule) {
		if rank[f.State] > rank[worst] {
			worst = f.State
		}
	}
	return worst
}

func messages(r Report, rule string) string {
	var lines []string
	for _, f := range r.Of(rule) {
		lines = append(lines, string(f.State)+" "+f.Resource+": "+f.Message)
	}
	return strings.Join(lines, "\n")
}

func TestGoodStack(t *testing.T) {
	report := judge(goodStack())
	for _, f := range report.Findings {
		if f.State == Violation || f.State == CannotKnow {
			t.Errorf("%s judged %s %s: %s", f.Rule, f.Resource, f.State, f.Message)
		}
	}
	for _, rule := range All() {
		if got := worst(report, rule.ID); got != Pass {
			t.Errorf("%s on the good stack = %s, want %s: it has nothing to judge there", rule.ID, got, Pass)
		}
	}
}
