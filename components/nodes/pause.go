package nodes

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	schedulingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/scheduling/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/components/internal/kube"
)

const (
	// expendableCutoff is the priority below which Cluster Autoscaler adds no node
	// for a pod: its default
	// (github.com/kubernetes/autoscaler cluster-autoscaler/FAQ.md, 2026-11).
	expendableCutoff = -10
	// pausePriority is below that of every pod that states none (0), so that pause
	// pods give way to it, and above the cutoff, so that a node is added for them.
	pausePriority = -5
	// pauseImage does nothing, forever
	// (github.com/kubernetes/kubernetes build/pause/CHANGELOG.md, 2026-11).
	pauseImage = "registry.k8s.io/pause:3.10"
	// pauseUser is that of the image.
	pauseUser kube.Identity = 65535
	// noteSkipAwait keeps Pulumi from waiting for pods: at the node cap some stay
	// pending for good, and that is no failure
	// (https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/, 2026-11).
	noteSkipAwait = "pulumi.com/skipAwait"
	// noteEvictable lets Cluster Autoscaler move them.
	noteEvictable = "cluster-autoscaler.kubernetes.io/safe-to-evict"
)

// pause declares the pods that keep room for the first pods of a ramp.
func (f fleet) pause(ctx *pulumi.Context, parent pulumi.Resource, groups []*eks.NodeGroup) error {
	services := f.paused()
	if len(services) == 0 {
		return nil
	}
	// Objects of a cluster have no namespace, and stacks may share one.
	class := "headroom-pause-" + f.Stack
	priority, err := schedulingv1.NewPriorityClass(ctx, f.name+"-pause", f.renderPriority(class), pulumi.Parent(parent))
	if err != nil {
		return fmt.Errorf("priority of the pause pods of %s: %w", f.name, err)
	}
	after := []pulumi.Resource{priority}
	for _, g := range groups {
		after = append(after, g)
	}
	for _, service := range services {
		_, err := appsv1.NewDeployment(ctx, service+"-pause", f.renderPause(service, class), pulumi.Parent(parent), pulumi.DependsOn(after))
		if err != nil {
			return fmt.Errorf("pause pods of service %s: %w", service, err)
		}
	}
	return nil
}

func (f fleet) renderPriority(class string) *schedulingv1.PriorityClassArgs {
	return &schedulingv1.PriorityClassArgs{
		Metadata: metav1.ObjectMetaArgs{Name: pulumi.String(class), Labels: pulumi.ToStringMap(kube.Labels(class))},
		Value:    pulumi.Int(pausePriority), GlobalDefault: pulumi.Bool(false),
		// They wait for room; they make none.
		PreemptionPolicy: pulumi.String("Never"),
		Description:      pulumi.String("Pods that keep room on the nodes and give way to any other"),
	}
}

// renderPause is as many pods as the plan counts, each of the size of one of the
// service's. They roll without a surge, for which there would be no room.
func (f fleet) renderPause(service, class string) *appsv1.DeploymentArgs {
	name, p := service+"-pause", f.Pauses[service]
	return &appsv1.DeploymentArgs{
		Metadata: kube.Meta(f.Cluster.Namespace, name, name, map[string]string{noteSkipAwait: "true"}),
		Spec: appsv1.DeploymentSpecArgs{
			Replicas: pulumi.Int(p.Pods), RevisionHistoryLimit: pulumi.Int(1),
			Selector: metav1.LabelSelectorArgs{MatchLabels: pulumi.ToStringMap(kube.Selector(name))},
			Strategy: appsv1.DeploymentStrategyArgs{
				Type:          pulumi.String("RollingUpdate"),
				RollingUpdate: appsv1.RollingUpdateDeploymentArgs{MaxSurge: pulumi.String("0%"), MaxUnavailable: pulumi.String("100%")},
			},
			Template: corev1.PodTemplateSpecArgs{
				Metadata: metav1.ObjectMetaArgs{
					Labels: pulumi.ToStringMap(kube.Labels(name)), Annotations: pulumi.ToStringMap(map[string]string{noteEvictable: "true"}),
				},
				Spec: corev1.PodSpecArgs{
					PriorityClassName: pulumi.String(class), TerminationGracePeriodSeconds: pulumi.Int(0),
					AutomountServiceAccountToken: pulumi.Bool(false), EnableServiceLinks: pulumi.Bool(false),
					SecurityContext: kube.HardenedPod(pauseUser), TopologySpreadConstraints: kube.Spread(name),
					Containers: corev1.ContainerArray{corev1.ContainerArgs{
						Name: pulumi.String("pause"), Image: pulumi.String(pauseImage),
						Resources:       corev1.ResourceRequirementsArgs{Requests: pulumi.ToStringMap(kube.Amounts(p.Each))},
						SecurityContext: kube.HardenedContainer(),
					}},
				},
			},
		},
	}
}
