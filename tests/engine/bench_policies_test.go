package engine_test

import (
	"fmt"
	"path/filepath"
	"testing"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	autoscalingv2 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/autoscaling/v2"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	policyv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/policy/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/internal/standin"
	"github.com/agencyos/headroom/stacks"
)

// BenchmarkPolicies tells what every rule costs a preview of more than 200 resources
// through the real engine: beside a pack of one policy that looks at next to nothing,
// and beside no pack. What such a pack costs is the engine's own: it starts a process
// and hands it every resource twice.
func BenchmarkPolicies(b *testing.B) {
	pack := func(dir string) standin.Options {
		binary, err := standin.BuildPolicyPack(b.Context(), dir, b.Output())
		if err != nil {
			b.Fatal(err)
		}
		return standin.Options{Dir: root, Stack: "prod", Program: crowded, PolicyPack: binary}
	}
	all, one := pack(filepath.Join(root, "policies")), pack("testdata/pack")
	none := all
	none.PolicyPack = ""
	times := inTurns(b, all, one, none)
	b.ReportMetric(times[0]-times[1], "ms/rules")
	b.ReportMetric(times[1]-times[2], "ms/engine")
	b.ReportMetric(times[2], "ms/without")
}

// crowded is the production stack beside seventeen more services.
func crowded(ctx *pulumi.Context) error {
	if err := stacks.Program(ctx); err != nil {
		return err
	}
	for i := range 17 {
		if err := plainService(ctx, fmt.Sprintf("more-%d", i)); err != nil {
			return err
		}
	}
	return nil
}

// plainService is the least that scales and that no rule refuses: settings, a
// Deployment, its autoscaler and its budget.
func plainService(ctx *pulumi.Context, name string) error {
	labels := pulumi.StringMap{"app": pulumi.String(name)}
	selector := &metav1.LabelSelectorArgs{MatchLabels: labels}
	meta := &metav1.ObjectMetaArgs{Name: pulumi.String(name), Namespace: pulumi.String("more")}
	if _, err := corev1.NewConfigMap(ctx, name, &corev1.ConfigMapArgs{Metadata: meta, Data: pulumi.StringMap{"A": pulumi.String("1")}}); err != nil {
		return err
	}
	if _, err := appsv1.NewDeployment(ctx, name, &appsv1.DeploymentArgs{Metadata: meta, Spec: &appsv1.DeploymentSpecArgs{
		Selector: selector, Template: &corev1.PodTemplateSpecArgs{Metadata: &metav1.ObjectMetaArgs{Labels: labels}, Spec: plainPod(name, selector)},
	}}); err != nil {
		return err
	}
	if _, err := autoscalingv2.NewHorizontalPodAutoscaler(ctx, name, &autoscalingv2.HorizontalPodAutoscalerArgs{
		Metadata: meta,
		Spec: &autoscalingv2.HorizontalPodAutoscalerSpecArgs{
			MinReplicas: pulumi.Int(2), MaxReplicas: pulumi.Int(3),
			ScaleTargetRef: &autoscalingv2.CrossVersionObjectReferenceArgs{
				ApiVersion: pulumi.String("apps/v1"), Kind: pulumi.String("Deployment"), Name: pulumi.String(name),
			},
		},
	}); err != nil {
		return err
	}
	_, err := policyv1.NewPodDisruptionBudget(ctx, name, &policyv1.PodDisruptionBudgetArgs{
		Metadata: meta, Spec: &policyv1.PodDisruptionBudgetSpecArgs{
			MaxUnavailable: pulumi.Int(1), Selector: selector, UnhealthyPodEvictionPolicy: pulumi.String("AlwaysAllow"),
		},
	})
	return err
}

func plainPod(name string, selector *metav1.LabelSelectorArgs) *corev1.PodSpecArgs {
	amounts := pulumi.StringMap{"cpu": pulumi.String("50m"), "memory": pulumi.String("64Mi")}
	return &corev1.PodSpecArgs{
		AutomountServiceAccountToken: pulumi.Bool(false),
		SecurityContext: &corev1.PodSecurityContextArgs{
			RunAsNonRoot: pulumi.Bool(true), SeccompProfile: &corev1.SeccompProfileArgs{Type: pulumi.String("RuntimeDefault")},
		},
		TopologySpreadConstraints: corev1.TopologySpreadConstraintArray{&corev1.TopologySpreadConstraintArgs{
			MaxSkew: pulumi.Int(1), TopologyKey: pulumi.String("kubernetes.io/hostname"),
			WhenUnsatisfiable: pulumi.String("ScheduleAnyway"), LabelSelector: selector,
			MatchLabelKeys: pulumi.ToStringArray([]string{"pod-template-hash"}),
		}},
		Containers: corev1.ContainerArray{&corev1.ContainerArgs{
			Name: pulumi.String(name), Image: pulumi.String("example/app:1"),
			Resources: &corev1.ResourceRequirementsArgs{Requests: amounts, Limits: amounts},
			SecurityContext: &corev1.SecurityContextArgs{
				AllowPrivilegeEscalation: pulumi.Bool(false), ReadOnlyRootFilesystem: pulumi.Bool(true),
				Capabilities: &corev1.CapabilitiesArgs{Drop: pulumi.ToStringArray([]string{"ALL"})},
			},
		}},
	}
}
