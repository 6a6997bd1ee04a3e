package monitoring

import (
	"fmt"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apiextensions"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"sigs.k8s.io/yaml"

	"github.com/agencyos/headroom/capacity/adapter"
	"github.com/agencyos/headroom/capacity/dashboards"
	"github.com/agencyos/headroom/capacity/monitors"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/components/internal/kube"
)

// objects declares monitors, probes, rules and receivers. Their names are fixed,
// because runbooks name them.
func (w watcher) objects(ctx *pulumi.Context, parent pulumi.Resource, crds []pulumi.Resource) error {
	for _, o := range monitors.Of(w.Spec, w.Plan) {
		content, err := kube.Untyped(o.Spec)
		if err != nil {
			return err
		}
		_, err = apiextensions.NewCustomResource(ctx, o.Name, &apiextensions.CustomResourceArgs{
			ApiVersion: pulumi.String(o.APIVersion), Kind: pulumi.String(o.Kind),
			Metadata:    metav1.ObjectMetaArgs{Name: pulumi.String(o.Name), Namespace: pulumi.String(o.Namespace), Labels: pulumi.ToStringMap(labeled(o.Name, o.Labels))},
			OtherFields: kubernetes.UntypedArgs{"spec": content},
		}, pulumi.Parent(parent), pulumi.DependsOn(crds))
		if err != nil {
			return fmt.Errorf("%s %s: %w", o.Kind, o.Name, err)
		}
	}
	return nil
}

// labeled adds the labels that somebody selects by to those of every object.
func labeled(name string, selected map[string]string) map[string]string {
	out := kube.Labels(name)
	for key, value := range selected {
		out[key] = value
	}
	return out
}

// dashboardPrefix begins the names of the ConfigMaps that Grafana loads.
const dashboardPrefix = "headroom-dashboard-"

// pages declares the dashboards, one ConfigMap each: a ConfigMap holds a mebibyte.
func (w watcher) pages(ctx *pulumi.Context, parent pulumi.Resource, namespace []pulumi.Resource) error {
	for _, d := range dashboards.New(w.Spec, w.Plan) {
		text, err := d.JSON(w.Plan.Stack)
		if err != nil {
			return err
		}
		name := dashboardPrefix + w.Plan.Stack + "-" + d.Name
		_, err = corev1.NewConfigMap(ctx, name, &corev1.ConfigMapArgs{
			Metadata: metav1.ObjectMetaArgs{Name: pulumi.String(name), Namespace: pulumi.String(w.Spec.Monitoring.Namespace),
				Labels: pulumi.ToStringMap(labeled(name, w.Spec.Monitoring.DashboardLabels))},
			Data: pulumi.StringMap{"headroom-" + w.Plan.Stack + "-" + d.Name + ".json": pulumi.String(text)},
		}, pulumi.Parent(parent), pulumi.DependsOn(namespace))
		if err != nil {
			return fmt.Errorf("dashboard %s: %w", d.Name, err)
		}
	}
	return nil
}

// handOver writes the rules for whoever runs the adapter.
func (w watcher) handOver(ctx *pulumi.Context, parent pulumi.Resource, namespace []pulumi.Resource) error {
	text, err := yaml.Marshal(adapter.Of(w.Spec, w.Plan))
	if err != nil {
		return fmt.Errorf("rules of the adapter: %w", err)
	}
	_, err = corev1.NewConfigMap(ctx, plan.AdapterRules, &corev1.ConfigMapArgs{
		Metadata: kube.Meta(w.Spec.Monitoring.Namespace, plan.AdapterRules, plan.AdapterRules, nil),
		Data:     pulumi.StringMap{"config.yaml": pulumi.String(text)},
	}, pulumi.Parent(parent), pulumi.DependsOn(namespace))
	if err != nil {
		return fmt.Errorf("rules of the adapter: %w", err)
	}
	return nil
}
