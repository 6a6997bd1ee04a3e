package rules

// directStack has a service of fixed size, no pooler and no explicit limit.
func directStack() []Resource {
	worker := declared(typeDeployment, "worker", node{
		"metadata": node{"name": "worker", "namespace": "shop"},
		"spec": node{"replicas": 2, "template": node{
			"metadata": node{"labels": node{"app": "worker"}},
			"spec": node{"automountServiceAccountToken": false, "securityContext": node{"seccompProfile": node{"type": "RuntimeDefault"}}, "containers": []any{node{
				"name": "worker", "image": "example/worker:2", "securityContext": confined(), "resources": node{"requests": node{"cpu": "1", "memory": "1Gi"}},
				"env": []any{node{"name": "DB_POOL_SIZE", "value": "5"}, node{"name": "DB_MAX_OVERFLOW", "value": "0"}}}}},
		}},
	})
	db := instance()
	db.Inputs = set(db.Inputs, []string{"parameterGroupName"}, "default.postgres17")
	return []Resource{hpa("api", "4", 8), deployment(), goodStack()[2], pdb("api", node{"minAvailable": "50%"}), worker, db}
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
