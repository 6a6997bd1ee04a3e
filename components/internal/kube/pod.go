package kube

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/spec"
)

// Meta is the metadata of an object whose name others refer by.
func Meta(namespace, object, workload string, annotations map[string]string) metav1.ObjectMetaPtrInput {
	meta := metav1.ObjectMetaArgs{
		Name: pulumi.String(object), Namespace: pulumi.String(namespace),
		Labels: pulumi.ToStringMap(Labels(workload)),
	}
	if len(annotations) > 0 {
		meta.Annotations = pulumi.ToStringMap(annotations)
	}
	return meta
}

// Amounts are requests or limits; what is zero is left out.
func Amounts(a spec.Amounts) map[string]string {
	out := map[string]string{}
	if a.CPU > 0 {
		out["cpu"] = Milli(int64(a.CPU))
	}
	if a.Memory > 0 {
		out["memory"] = MiB(int64(a.Memory))
	}
	return out
}

// Identity is the user that a pod runs as; zero leaves it to the image.
type Identity int

// HardenedPod is the security context of a pod that needs no privilege.
func HardenedPod(user Identity) corev1.PodSecurityContextPtrInput {
	c := corev1.PodSecurityContextArgs{
		RunAsNonRoot:   pulumi.Bool(true),
		SeccompProfile: corev1.SeccompProfileArgs{Type: pulumi.String("RuntimeDefault")},
	}
	if user != 0 {
		c.RunAsUser, c.RunAsGroup = pulumi.Int(int(user)), pulumi.Int(int(user))
	}
	return c
}

// HardenedContainer is the security context of its containers.
func HardenedContainer() corev1.SecurityContextPtrInput {
	return corev1.SecurityContextArgs{
		RunAsNonRoot:             pulumi.Bool(true),
		AllowPrivilegeEscalation: pulumi.Bool(false),
		ReadOnlyRootFilesystem:   pulumi.Bool(true),
		Capabilities:             corev1.CapabilitiesArgs{Drop: pulumi.ToStringArray([]string{"ALL"})},
	}
}

// Spread puts pods on different zones, then on different nodes. ScheduleAnyway,
// because a hard zonal rule blocks scaling where a node group spans zones: the
// Cluster Autoscaler cannot promise it a node in the zone that is missing
// (https://github.com/kubernetes/autoscaler/issues/5489, 2026-11). Each
// ReplicaSet is spread on its own, so that a rollout does not skew the result.
func Spread(workload string) corev1.TopologySpreadConstraintArray {
	var out corev1.TopologySpreadConstraintArray
	for _, key := range []string{"topology.kubernetes.io/zone", "kubernetes.io/hostname"} {
		out = append(out, corev1.TopologySpreadConstraintArgs{
			MaxSkew: pulumi.Int(1), TopologyKey: pulumi.String(key), WhenUnsatisfiable: pulumi.String("ScheduleAnyway"),
			LabelSelector:  metav1.LabelSelectorArgs{MatchLabels: pulumi.ToStringMap(Selector(workload))},
			MatchLabelKeys: pulumi.ToStringArray([]string{"pod-template-hash"}),
		})
	}
	return out
}
