// Package service declares what keeps one workload standing: its autoscaler,
// its disruption budget, its settings, and as much of its Deployment as the
// stack file hands over.
package service

import (
	"fmt"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	autoscalingv2 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/autoscaling/v2"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	policyv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/policy/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/adopt"
)

const typeToken = "headroom:service:Service"

// Args are what a service is made of.
type Args struct {
	// Namespace of the workload.
	Namespace string
	// Spec is the service of the stack file, Plan what the plan derived for it.
	Spec spec.Service
	Plan plan.Service
	// StartupSeconds that a pod needs from its start to Ready, as measured.
	StartupSeconds float64
	// NodeBootSeconds that a new node needs.
	NodeBootSeconds float64
	// Metrics serve what the autoscaler follows; it waits for them.
	Metrics []pulumi.Resource
}

// Service is one autoscaled workload.
type Service struct {
	pulumi.ResourceState

	// Settings is the name of the ConfigMap with the app environment.
	Settings pulumi.StringOutput `pulumi:"settings"`
	// Autoscaler is the name of the HorizontalPodAutoscaler.
	Autoscaler pulumi.StringOutput `pulumi:"autoscaler"`
}

// New declares a service. The name is that of the Deployment.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Service, error) {
	w := workload{name: name, Args: args}
	if err := w.validate(); err != nil {
		return nil, err
	}
	s := &Service{}
	if err := ctx.RegisterComponentResourceV2(typeToken, name, w.recorded(), s, opts...); err != nil {
		return nil, fmt.Errorf("service %s: %w", name, err)
	}
	before, err := w.read(ctx, s)
	if err != nil {
		return nil, err
	}
	settings, err := w.settings(ctx, s, before)
	if err != nil {
		return nil, err
	}
	pods, err := w.pods(ctx, s, settings, before)
	if err != nil {
		return nil, err
	}
	scaler, err := w.scaling(ctx, s, pods, before)
	if err != nil {
		return nil, err
	}
	s.Settings = settings.Metadata.Name().Elem()
	s.Autoscaler = scaler.Metadata.Name().Elem()
	return s, ctx.RegisterResourceOutputs(s, s.outputs())
}

func (s *Service) outputs() pulumi.Map {
	return pulumi.Map{"settings": s.Settings, "autoscaler": s.Autoscaler}
}

// workload is a service with its name.
type workload struct {
	Args
	name string
}

// recorded are the decisions that the state keeps for policies and audits.
func (w workload) recorded() pulumi.Map {
	return pulumi.Map{
		"mode": pulumi.String(w.Spec.Mode), "patch": pulumi.Bool(w.Spec.Patch),
		"minReplicas": pulumi.Int(w.Plan.MinReplicas), "maxReplicas": pulumi.Int(w.Plan.MaxReplicas),
		"workers": pulumi.Int(w.Spec.Workers), "targetRps": pulumi.Float64(w.Plan.TargetRPS),
	}
}

// settings writes the app environment that every mode shares.
func (w workload) settings(ctx *pulumi.Context, parent pulumi.Resource, before live) (*corev1.ConfigMap, error) {
	object, err := corev1.NewConfigMap(ctx, w.name+settingsSuffix, w.renderSettings(before), pulumi.Parent(parent),
		adopt.Object(w.Spec.Adopt.Settings, "binaryData"))
	if err != nil {
		return nil, fmt.Errorf("settings of service %s: %w", w.name, err)
	}
	return object, nil
}

// pods declares as much of the Deployment as is Headroom's; none of it for an
// external Deployment without a patch.
func (w workload) pods(ctx *pulumi.Context, parent, settings pulumi.Resource, before live) ([]pulumi.Resource, error) {
	opts := pulumi.Composite(pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{settings}), w.timeouts())
	var object pulumi.Resource
	var err error
	switch {
	case w.Spec.Mode == spec.Managed:
		if object, err = appsv1.NewDeployment(ctx, w.name, w.renderDeployment(), opts, pulumi.IgnoreChanges(liveFields())); err != nil {
			break
		}
		_, err = corev1.NewService(ctx, w.name, w.renderService(), pulumi.Parent(parent))
	case w.Spec.Mode == spec.Adopt:
		object, err = appsv1.NewDeployment(ctx, w.name, w.renderAdopted(before), opts,
			adopt.Object(w.Spec.ID, append([]string{replicasPath}, adopt.Metadata...)...))
	case w.Spec.Patch:
		object, err = appsv1.NewDeploymentPatch(ctx, w.name, w.renderPatch(), opts)
	default:
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("pods of service %s: %w", w.name, err)
	}
	return []pulumi.Resource{object}, nil
}

// scaling declares the autoscaler and the disruption budget.
func (w workload) scaling(ctx *pulumi.Context, parent pulumi.Resource, pods []pulumi.Resource, before live) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	_, err := policyv1.NewPodDisruptionBudget(ctx, w.name, w.renderBudget(before), pulumi.Parent(parent),
		adopt.Object(w.Spec.Adopt.DisruptionBudget, adopt.Metadata...))
	if err != nil {
		return nil, fmt.Errorf("disruption budget of service %s: %w", w.name, err)
	}
	scaler, err := autoscalingv2.NewHorizontalPodAutoscaler(ctx, w.name, w.renderAutoscaler(), pulumi.Parent(parent), pulumi.DependsOn(append(pods, w.Metrics...)),
		adopt.Object(w.Spec.Adopt.Autoscaler, adopt.Metadata...))
	if err != nil {
		return nil, fmt.Errorf("autoscaler of service %s: %w", w.name, err)
	}
	return scaler, nil
}
