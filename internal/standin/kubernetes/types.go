package kubernetes

import (
	"fmt"

	"github.com/agencyos/headroom/internal/standin/provider"
)

func types() []provider.Type {
	all := []provider.Type{
		{Token: "kubernetes:core/v1:ConfigMap", Rules: rules(dataRules()), Mint: mint(nil)},
		{
			Token: "kubernetes:core/v1:Secret", Secrets: []string{"data", "stringData"},
			Rules: rules(dataRules()), Mint: mint(nil),
		},
		{Token: "kubernetes:core/v1:Service", Rules: rules(serviceRules()), Mint: mint(serviceStatus)},
		{Token: "kubernetes:core/v1:ServiceAccount", Rules: rules(nil), Mint: mint(nil)},
		{
			Token: deployment, Required: []string{"spec", "spec.selector", "spec.template"},
			Rules: rules(deploymentRules()), Mint: mint(deploymentStatus),
		},
		{
			Token: statefulSet, Required: []string{"spec", "spec.selector", "spec.serviceName", "spec.template"},
			Rules: rules(deploymentRules()), Mint: mint(deploymentStatus),
		},
		{
			Token: autoscaler, Required: []string{"spec", "spec.maxReplicas", "spec.scaleTargetRef"},
			Rules: rules(autoscalerRules()), Mint: mint(autoscalerStatus), Rivals: rivalAutoscalers,
		},
		{
			Token: budget, Required: []string{"spec"},
			Rules: rules(budgetRules()), Mint: mint(budgetStatus), Rivals: rivalBudgets,
		},
		{
			Token: "kubernetes:networking.k8s.io/v1:NetworkPolicy", Required: []string{"spec"},
			Rules: rules(networkRules()), Mint: mint(nil),
		},
		{Token: priorityClass, Required: []string{"value"}, Rules: rules(priorityRules()), Mint: mint(nil)},
	}
	for i, t := range all {
		t.Identity, t.Sharing = identity, sharing()
		all[i] = provider.Known(t)
	}
	// A patch owns fields of an object somebody else made: the team's
	// Deployment, which the stand-in cluster takes for granted.
	return append(all, releaseType(), provider.Known(provider.Type{
		Token: "kubernetes:apps/v1:DeploymentPatch", Required: []string{"metadata.name"},
		Rules: append(rules(podRules()), patchRules()...), Mint: mint(nil),
	}))
}

// Tokens that more than one table names.
const (
	deployment  = "kubernetes:apps/v1:Deployment"
	statefulSet = "kubernetes:apps/v1:StatefulSet"
	autoscaler  = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
	budget      = "kubernetes:policy/v1:PodDisruptionBudget"
)

// mint adds what the API server adds to every object, and a status.
func mint(status func(provider.Minting) map[string]any) func(provider.Minting) (string, map[string]any) {
	return func(m provider.Minting) (string, map[string]any) {
		computed := map[string]any{"metadata": map[string]any{
			"uid":        fmt.Sprintf("%s-%s-%s-%s-%s", m.Hex(8), m.Hex(4), m.Hex(4), m.Hex(4), m.Hex(12)),
			"generation": 1.0, "resourceVersion": "1000", "creationTimestamp": "2026-01-01T00:00:00Z",
		}}
		if !clusterWide(m.Inputs) {
			computed["metadata"].(map[string]any)["namespace"] = "default"
		}
		if status != nil {
			for k, v := range status(m) {
				computed[k] = v
			}
		}
		return objectID(m.Inputs), computed
	}
}

func deploymentStatus(m provider.Minting) map[string]any {
	replicas, ok := m.Inputs.At("spec.replicas").Number()
	if !ok {
		replicas = 1 // apps/v1 default
	}
	return map[string]any{"status": map[string]any{
		"observedGeneration": 1.0, "replicas": replicas, "readyReplicas": replicas,
		"availableReplicas": replicas, "updatedReplicas": replicas,
	}}
}

func autoscalerStatus(m provider.Minting) map[string]any {
	replicas, ok := m.Inputs.At("spec.minReplicas").Number()
	if !ok {
		replicas = 1 // autoscaling/v2 default
	}
	return map[string]any{"status": map[string]any{
		"observedGeneration": 1.0, "currentReplicas": replicas, "desiredReplicas": replicas,
	}}
}

func budgetStatus(provider.Minting) map[string]any {
	return map[string]any{"status": map[string]any{
		"observedGeneration": 1.0, "currentHealthy": 0.0, "desiredHealthy": 0.0,
		"disruptionsAllowed": 0.0, "expectedPods": 0.0,
	}}
}

func serviceStatus(m provider.Minting) map[string]any {
	out := map[string]any{"status": map[string]any{"loadBalancer": map[string]any{}}}
	switch m.Inputs.At("spec.type").Text() {
	case "ExternalName":
		return out
	case "LoadBalancer":
		host := fmt.Sprintf("k8s-%s.elb.us-east-1.amazonaws.com", m.Hex(10))
		out["status"] = map[string]any{"loadBalancer": map[string]any{"ingress": []any{map[string]any{"hostname": host}}}}
	}
	ip := "172.20." + octet(m.Hex(2)) + "." + octet(m.Hex(2))
	out["spec"] = map[string]any{"clusterIP": ip, "clusterIPs": []any{ip}, "type": "ClusterIP"}
	return out
}

func octet(hex string) string {
	var n int
	fmt.Sscanf(hex, "%x", &n) //nolint:errcheck // Hex answers two hexadecimal digits.
	return fmt.Sprint(1 + n%254)
}
