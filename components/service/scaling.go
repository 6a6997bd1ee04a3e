package service

import (
	autoscalingv2 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/autoscaling/v2"
	policyv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/policy/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/components/internal/kube"
)

func (w workload) renderAutoscaler() *autoscalingv2.HorizontalPodAutoscalerArgs {
	return &autoscalingv2.HorizontalPodAutoscalerArgs{
		Metadata: kube.Meta(w.Namespace, w.Spec.Adopt.Autoscaler.Name(w.name), w.name, nil),
		Spec: autoscalingv2.HorizontalPodAutoscalerSpecArgs{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReferenceArgs{
				ApiVersion: pulumi.String("apps/v1"), Kind: pulumi.String("Deployment"),
				Name: pulumi.String(w.Spec.Target(w.name)),
			},
			MinReplicas: pulumi.Int(w.Plan.MinReplicas),
			MaxReplicas: pulumi.Int(w.Plan.MaxReplicas),
			Metrics:     metrics(w.Plan),
			Behavior: autoscalingv2.HorizontalPodAutoscalerBehaviorArgs{
				ScaleUp:   direction(w.Plan.Behavior.ScaleUp),
				ScaleDown: direction(w.Plan.Behavior.ScaleDown),
			},
		},
	}
}

// metrics are the plan's own, each the service's total divided by its replicas,
// and CPU behind them.
func metrics(p plan.Service) autoscalingv2.MetricSpecArray {
	var out autoscalingv2.MetricSpecArray
	for _, m := range p.Metrics {
		out = append(out, autoscalingv2.MetricSpecArgs{
			Type: pulumi.String("External"),
			External: autoscalingv2.ExternalMetricSourceArgs{
				Metric: autoscalingv2.MetricIdentifierArgs{Name: pulumi.String(m.Name)},
				Target: autoscalingv2.MetricTargetArgs{
					Type: pulumi.String("AverageValue"), AverageValue: pulumi.String(kube.Value(m.TargetAverageValue)),
				},
			},
		})
	}
	if p.CPUTargetPercent == 0 {
		return out
	}
	return append(out, autoscalingv2.MetricSpecArgs{
		Type: pulumi.String("Resource"),
		Resource: autoscalingv2.ResourceMetricSourceArgs{
			Name: pulumi.String("cpu"),
			Target: autoscalingv2.MetricTargetArgs{
				Type: pulumi.String("Utilization"), AverageUtilization: pulumi.Int(p.CPUTargetPercent),
			},
		},
	})
}

func direction(s plan.Scaling) autoscalingv2.HPAScalingRulesPtrInput {
	var policies autoscalingv2.HPAScalingPolicyArray
	for _, p := range s.Policies {
		policies = append(policies, autoscalingv2.HPAScalingPolicyArgs{
			Type: pulumi.String(p.Type), Value: pulumi.Int(p.Value), PeriodSeconds: pulumi.Int(p.PeriodSeconds),
		})
	}
	rules := autoscalingv2.HPAScalingRulesArgs{
		StabilizationWindowSeconds: pulumi.Int(s.StabilizationSeconds),
		SelectPolicy:               pulumi.String("Max"),
		Policies:                   policies,
	}
	if s.Tolerance != nil {
		rules.Tolerance = pulumi.String(kube.Value(*s.Tolerance))
	}
	return rules
}

// renderBudget bounds voluntary evictions. maxUnavailable, because minAvailable
// lets everything above it go at once when the service is scaled out; pods that
// are not Ready may always go, or one broken pod would block every node drain.
func (w workload) renderBudget(before live) *policyv1.PodDisruptionBudgetArgs {
	return &policyv1.PodDisruptionBudgetArgs{
		Metadata: kube.Meta(w.Namespace, w.Spec.Adopt.DisruptionBudget.Name(w.name), w.name, nil),
		Spec: policyv1.PodDisruptionBudgetSpecArgs{
			MaxUnavailable:             pulumi.Int(w.Plan.DisruptionBudget),
			UnhealthyPodEvictionPolicy: pulumi.String("AlwaysAllow"),
			Selector:                   w.selector(before),
		},
	}
}
