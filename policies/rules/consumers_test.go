package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestConsumers: whoever is left out opens connections that nobody counted.
func TestConsumers(t *testing.T) {
	fixed := func(spec node, env ...any) Resource {
		container := node{"name": "worker", "env": env}
		spec["template"] = node{"spec": node{"containers": []any{container}}}
		return declared(typeDeployment, "worker", node{"metadata": node{"name": "worker", "namespace": "shop"}, "spec": spec})
	}
	size, overflow := literal(envPoolSize, "5"), literal(envMaxOverflow, "2")
	pooler := fixed(node{"replicas": 2}, size)
	pooler.Inputs = set(pooler.Inputs, []string{"metadata", "labels"}, node{labelName: pgBouncerName})
	poolerPatch := pooler
	poolerPatch.Type = typeDeploymentPatch
	poolerPatch.Inputs = set(poolerPatch.Inputs, strings.Split("spec/template/spec/containers", "/"), gone{})
	late := configMap("late", nil, nil)
	late.Inputs = set(late.Inputs, []string{"data"}, Unknown())
	tool := fixed(node{"replicas": 2})
	tool.Inputs = set(tool.Inputs, strings.Split("spec/template/spec/containers/0/envFrom", "/"), []any{node{"secretRef": node{"name": "tool"}}})
	scaled := pod(typeDeployment, node{"env": []any{size, overflow}})
	scaledTwice := pod(typeDeployment, node{"env": []any{size, overflow}}, node{"env": []any{literal(envPoolSize, "3"), literal(envMaxOverflow, "0"), literal(envWorkers, "4")}})
	settings := func(engines string) Resource {
		return configMap("api-headroom", node{envMaxOverflow: "2"}, node{noteEngines: engines})
	}
	shared := configMap("shared", node{envPoolSize: "5", envMaxOverflow: "2"}, node{noteEngines: "3"})
	both := pod(typeDeployment, node{"envFrom": including("shared", "api-headroom")})
	for name, c := range map[string]struct {
		reason string
		stack  []Resource
		want   []string
	}{
		"Fixed":        {"a Deployment of fixed size that names a pool", []Resource{fixed(node{"replicas": 2}, size, overflow)}, []string{"worker 2 × 1 × 7"}},
		"FixedOne":     {"one pod is what Kubernetes makes of nothing", []Resource{fixed(node{}, size, overflow)}, []string{"worker 1 × 1 × 7"}},
		"FixedOutput":  {"how many there are is an output", []Resource{fixed(node{"replicas": Unknown()}, size, overflow)}, []string{"worker 0 × 1 × 7 waits for spec.replicas of Deployment worker, not known yet"}},
		"Tool":         {"what names no pool is no service, and its Secrets are of no concern", []Resource{tool}, nil},
		"Pooler":       {"PgBouncer is no client of itself", []Resource{pooler}, nil},
		"LateList":     {"an environment that is an output may name one", []Resource{pod(typeDeployment, node{"env": Unknown()})}, []string{"api waits for DB_POOL_SIZE: spec.template.spec.containers[0].env of Deployment api"}},
		"LateName":     {"or a variable whose name is one", []Resource{pod(typeDeployment, node{"env": []any{literal("A", "b"), node{"name": Unknown(), "value": "5"}}})}, []string{"api waits for DB_POOL_SIZE: spec.template.spec.containers[0].env[1].name of Deployment api"}},
		"LateFrom":     {"or a list of ConfigMaps", []Resource{pod(typeDeployment, node{"envFrom": Unknown()})}, []string{"api waits for DB_POOL_SIZE: spec.template.spec.containers[0].envFrom of Deployment api"}},
		"LateMap":      {"or the name of one", []Resource{pod(typeDeployment, node{"envFrom": including(Unknown())})}, []string{"api waits for DB_POOL_SIZE: spec.template.spec.containers[0].envFrom[0].configMapRef.name of Deployment api, not known yet"}},
		"LateData":     {"or what is in it", []Resource{pod(typeDeployment, node{"envFrom": including("late")}), late}, []string{"api waits for DB_POOL_SIZE: data of ConfigMap late"}},
		"LatePrefix":   {"or what it adds to the names", []Resource{pod(typeDeployment, node{"envFrom": []any{node{"prefix": Unknown(), "configMapRef": node{"name": "shared"}}}}), shared}, []string{"api waits for DB_POOL_SIZE: spec.template.spec.containers[0].envFrom[0].prefix of Deployment api"}},
		"LatePod":      {"or all containers", []Resource{declared(typeDeployment, "api", node{"metadata": node{"name": "api"}, "spec": node{"template": node{"spec": Unknown()}}})}, []string{"api waits for spec.template.spec.containers of Deployment api, not known yet; spec.template.spec.initContainers of Deployment api, not known yet"}},
		"Elsewhere":    {"a ConfigMap that is elsewhere is of no concern, like a Secret", []Resource{pod(typeDeployment, node{"envFrom": including("elsewhere")})}, nil},
		"Stateful":     {"a StatefulSet has one pod, too, unless it says more", []Resource{pod(typeStatefulSet, node{"env": []any{size, overflow}})}, []string{"api 1 × 1 × 7"}},
		"Job":          {"and so has a Job", []Resource{pod(typeJob, node{"env": []any{size, overflow}})}, []string{"api 1 × 1 × 7"}},
		"Daemon":       {"a DaemonSet has as many as there are nodes", []Resource{pod(typeDaemonSet, node{"env": []any{size, overflow}})}, []string{"api 0 × 1 × 7 waits for how many nodes run DaemonSet api, which has a pod on each"}},
		"ScaledPooler": {"PgBouncer is none either where it is scaled", []Resource{hpa("worker", "2", 9), pooler}, nil},
		"ScaledPatch":  {"unless only a part of it is here", []Resource{hpa("worker", "2", 9), poolerPatch}, []string{"worker waits for DB_POOL_SIZE: what the owner of DeploymentPatch worker sets"}},
		"Scaled":       {"an autoscaled one counts once, at its ceiling", []Resource{hpa("api", "2", 9), scaled}, []string{"api 9 × 1 × 7"}},
		"Containers":   {"each container with a pool counts", []Resource{hpa("api", "2", 9), scaledTwice}, []string{"api 9 × 1 × 7", "api 9 × 4 × 3"}},
		"NoOverflow":   {"SQLAlchemy adds 10 unless it is told", []Resource{fixed(node{"replicas": 2}, size)}, []string{"worker 2 × 1 × 15"}},
		"NoPool":       {"a service without a pool opens nothing", []Resource{hpa("api", "2", 9), pod(typeDeployment, node{})}, nil},
		"Engines":      {"the settings say how many engines a process has", []Resource{hpa("api", "2", 9), scaled, settings("2")}, []string{"api 9 × 1 × 14"}},
		"EnginesThere": {"or the ConfigMap that the pool is from, which is nearer", []Resource{hpa("api", "2", 9), both, shared, settings("2")}, []string{"api 9 × 1 × 21"}},
		"Unlimited":    {"a pool of 0 has no sum", []Resource{fixed(node{"replicas": 2}, literal(envPoolSize, "0"), overflow)}, []string{"worker 2 × 1 × 2 waits for DB_POOL_SIZE of worker to bound the pool"}},
		"Word":         {"a word has none either, for one reason", []Resource{fixed(node{"replicas": 2}, literal(envPoolSize, "many"), overflow)}, []string{"worker 2 × 1 × 2 waits for spec.template.spec.containers[0].env[0].value of Deployment worker to be a number"}},
		"Largest":      {"the largest pool that is believed", []Resource{fixed(node{"replicas": 2}, literal(envPoolSize, "10000"), overflow)}, []string{"worker 2 × 1 × 10002"}},
		"TooLarge":     {"one more is a mistake", []Resource{fixed(node{"replicas": 2}, literal(envPoolSize, "10001"), overflow)}, []string{"worker 2 × 1 × 2 waits for spec.template.spec.containers[0].env[0].value of Deployment worker = 10001 to be at most 10000"}},
	} {
		var got []string
		for _, one := range NewModel(c.stack).consumers() {
			for _, w := range one.workloads {
				text := fmt.Sprintf("%s %d × %d × %d", w.Name, w.MaxReplicas, w.Workers, w.PerWorker)
				if !one.base.complete() {
					text += " waits for " + strings.Join(one.base.waits, "; ")
				}
				got = append(got, text)
			}
			if len(one.workloads) == 0 && !one.base.complete() {
				got = append(got, one.name+" waits for "+strings.Join(one.base.waits, "; "))
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s\nconsumers (-want +got):\n%s", name, c.reason, diff)
		}
	}
}

// TestConsumersRollOut: pods that leave hold their connections until they are gone.
func TestConsumersRollOut(t *testing.T) {
	for name, c := range map[string]struct {
		reason      string
		spec        node
		grace       int
		surge, gone int
	}{
		"Paced":    {"each step of 5 waits for 60 s, and a pod that leaves lives as long", node{"minReadySeconds": 60}, 60, 5, 10},
		"Unpaced":  {"without minReadySeconds all may leave at once, even without any grace", node{}, 0, 5, 20},
		"Stateful": {"a pod of a StatefulSet is gone before the next of its name starts", node{"updateStrategy": node{"rollingUpdate": node{"maxUnavailable": 5}}}, 60, 0, 0},
		"Recreate": {"old pods are gone before new ones start, also without minReadySeconds", node{"strategy": node{"type": recreate}}, 60, 0, 0},
	} {
		if c.spec["strategy"] == nil {
			c.spec["strategy"] = node{"rollingUpdate": node{"maxSurge": "25%", "maxUnavailable": 0}}
		}
		c.spec["replicas"] = 20
		c.spec["template"] = node{"spec": node{"terminationGracePeriodSeconds": c.grace, "containers": []any{node{"name": "worker", "env": []any{literal(envPoolSize, "5")}}}}}
		kind := typeDeployment
		if c.spec["updateStrategy"] != nil {
			kind = typeStatefulSet
		}
		all := NewModel([]Resource{declared(kind, "worker", node{"metadata": node{"name": "worker"}, "spec": c.spec})}).consumers()
		if len(all) != 1 || len(all[0].workloads) != 1 {
			t.Fatalf("%s: consumers = %v, want one with one pool", name, all)
		}
		if w := all[0].workloads[0]; w.Surge() != c.surge || w.Terminating() != c.gone {
			t.Errorf("%s: %s\n%d more and %d terminating, want %d and %d", name, c.reason, w.Surge(), w.Terminating(), c.surge, c.gone)
		}
	}
}
