package effects

import "slices"

// Sources of the Kubernetes rows. pulumi-kubernetes was read in September 2026.
const (
	pkDiff    = "pulumi-kubernetes provider/pkg/provider/diff.go @ cafe8c4a (forceNewProperties)"
	pkPatch   = "pulumi-kubernetes provider/pkg/provider/provider.go @ 997c0a88 (Diff: patches replace on identity only)"
	pkRelease = "pulumi-kubernetes provider/pkg/provider/helm_release.go @ 01799d56 (Diff: forceNewFields)"
	k8sRoll   = "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#updating-a-deployment, 2026-11"
	k8sEnv    = "https://kubernetes.io/docs/concepts/configuration/configmap/, 2026-11"
	k8sHPA    = "https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/, 2026-11"
)

var (
	// identity of an object: whatever changes it makes another object.
	identity = on(Replace, "", "metadata.name", "metadata.namespace")
	// rollout replaces the pods, a step at a time.
	rollout = []Row{{Path: "spec.template", Effect: Restart, Note: "rolls the pods", Source: k8sRoll}}
)

var kubernetesTypes = []Type{
	{
		Token: "kubernetes:core/v1:ConfigMap", Source: pkDiff,
		Rows: slices.Concat(identity, []Row{
			{Path: "data", Effect: Replace, Unless: "enableConfigMapMutable"},
			{Path: "binaryData", Effect: Replace, Unless: "enableConfigMapMutable"},
			{Path: "data", Effect: Update, Note: "pods that read it by envFrom see it when they start", Source: k8sEnv},
		}),
	},
	{
		Token: "kubernetes:core/v1:Secret", Source: pkDiff, Holds: "the secret in it",
		Rows: slices.Concat(identity, on(Replace, "", "type"), []Row{
			{Path: "data", Effect: Replace, Unless: "enableSecretMutable"},
			{Path: "stringData", Effect: Replace, Unless: "enableSecretMutable"},
		}),
	},
	{
		Token: "kubernetes:core/v1:Service", Source: pkDiff, Rows: slices.Concat(identity, on(Replace, "", "spec.clusterIP")),
	},
	{Token: "kubernetes:core/v1:ServiceAccount", Source: pkDiff, Rows: identity},
	{
		Token: "kubernetes:apps/v1:Deployment", Source: pkDiff, Rows: slices.Concat(identity, on(Replace, "", "spec.selector"), rollout),
	},
	{
		Token: "kubernetes:apps/v1:StatefulSet", Source: pkDiff, Holds: "the volumes of its pods, unless they are kept",
		Rows: slices.Concat(identity, on(Replace, "", "spec.podManagementPolicy", "spec.revisionHistoryLimit", "spec.selector", "spec.serviceName",
			"spec.volumeClaimTemplates"), rollout),
	},
	{Token: "kubernetes:apps/v1:DeploymentPatch", Source: pkPatch, Rows: slices.Concat(identity, rollout)},
	{
		Token: "kubernetes:autoscaling/v2:HorizontalPodAutoscaler", Source: pkDiff,
		Rows: slices.Concat(identity, []Row{
			{Path: "spec.minReplicas", Effect: Update, Note: "the autoscaler acts on it within 15 s", Source: k8sHPA},
			{Path: "spec.maxReplicas", Effect: Update, Note: "the autoscaler acts on it within 15 s", Source: k8sHPA},
		}),
	},
	{Token: "kubernetes:policy/v1:PodDisruptionBudget", Source: pkDiff + "; only policy/v1beta1 replaces on spec", Rows: identity},
	{Token: "kubernetes:networking.k8s.io/v1:NetworkPolicy", Source: pkDiff, Rows: identity},
	{Token: "kubernetes:scheduling.k8s.io/v1:PriorityClass", Source: pkDiff, Rows: identity},
	{
		Token: "kubernetes:helm.sh/v3:Release", Source: pkRelease,
		Rows: append(on(Replace, "", "name", "namespace"),
			Row{Path: "version", Effect: Restart, Note: "upgrades the chart; its pods roll", Source: pkRelease},
			Row{Path: "values", Effect: Restart, Note: "pods whose settings change roll", Source: pkRelease}),
	},
}
