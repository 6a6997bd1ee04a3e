package rules

// directStack has a service of fixed size, no pooler and no explicit limit.
func directStack() []Resource {
	worker := declared(typeDeployment, "worker", node{
		"metadata": node{"name": "worker", "namespace": "shop"}, "spec": node{"replicas": 2, "template": poolPod("worker")}})
	db := instance()
	db.Inputs = set(db.Inputs, []string{"parameterGroupName"}, "default.postgres17")
	return []Resource{hpa("api", "4", 8), deployment(), goodStack()[2], pdb("api", node{"minAvailable": "50%"}), worker, db}
}

// poolPod is the template of a pod with a pool of 5 connections.
func poolPod(name string) node {
	return node{
		"metadata": node{"labels": node{"app": name}},
		"spec": node{"automountServiceAccountToken": false, "securityContext": node{"seccompProfile": node{"type": "RuntimeDefault"}}, "containers": []any{node{
			"name": name, "image": "example/worker:2", "securityContext": confined(), "resources": node{"requests": node{"cpu": "1", "memory": "1Gi"}},
			"env": []any{literal(envPoolSize, "5"), literal(envMaxOverflow, "0")}}}},
	}
}

// workersStack is directStack with every other kind of workload beside: a pool in
// each, but for the DaemonSet.
func workersStack() []Resource {
	agent := poolPod("agent")
	agent["spec"].(node)["containers"].([]any)[0].(node)["env"] = []any{literal("LEVEL", "info")}
	meta := func(name string) node { return node{"name": name, "namespace": "shop"} }
	return append(directStack(),
		declared(typeStatefulSet, "queue", node{"metadata": meta("queue"), "spec": node{"replicas": 3, "template": poolPod("queue")}}),
		declared(typeDaemonSet, "agent", node{"metadata": meta("agent"), "spec": node{"template": agent}}),
		declared(typeJob, "fill", node{"metadata": meta("fill"), "spec": node{"parallelism": 4, "template": poolPod("fill")}}),
		declared(typeCronJob, "report", node{"metadata": meta("report"), "spec": node{"concurrencyPolicy": "Forbid",
			"jobTemplate": node{"spec": node{"parallelism": 2, "completions": 2, "template": poolPod("report")}}}}))
}

// externalStack has only what Headroom writes for a Deployment that the team's
// delivery owns.
func externalStack() []Resource {
	scaler := hpa("shop", "2", 10)
	scaler.Inputs = set(scaler.Inputs, []string{"spec", "metrics"}, []any{
		node{"type": "External", "external": node{"target": node{"averageValue": "8"}}}})
	return []Resource{
		scaler,
		configMap("shop-headroom", node{"WEB_CONCURRENCY": "1", "DB_POOL_SIZE": "5", "DB_MAX_OVERFLOW": "2"}, node{
			"headroom.dev/max-surge-percent": "25", "headroom.dev/max-unavailable-percent": "0",
			"headroom.dev/grace-seconds": "60", "headroom.dev/min-ready-seconds": "10",
			"headroom.dev/pre-stop-seconds": "30", "headroom.dev/deregistration-seconds": "30"}),
		pdb("shop", node{"maxUnavailable": 1}),
		instance(), parameterGroup(),
	}
}
