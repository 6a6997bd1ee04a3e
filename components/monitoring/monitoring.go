// Package monitoring declares what watches a stack: Prometheus with its adapter
// and Grafana where they are Headroom's, and in any case what they are to scrape,
// alert on, serve to the autoscalers and show.
package monitoring

import (
	"fmt"

	helmv3 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/helm/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/internal/kube"
	"github.com/agencyos/headroom/components/monitoring/charts"
)

const typeToken = "headroom:monitoring:Monitoring"

// Args are what the monitoring of a stack is made of. It takes the plan and never
// a service, which waits for it.
type Args struct {
	// Spec is the whole stack file, Plan the whole plan: every part is watched.
	Spec spec.Stack
	Plan plan.Plan
	// DatabaseHost and CacheHost are the servers that exporters read; nil where
	// the stack has none.
	DatabaseHost, CacheHost pulumi.StringInput
	// DatabaseID and DistributionID are how CloudWatch knows the RDS instance and
	// the CloudFront distribution; nil where there is none.
	DatabaseID, DistributionID pulumi.StringInput
}

// Monitoring is what watches the stack.
type Monitoring struct {
	pulumi.ResourceState

	// PrometheusURL inside the cluster.
	PrometheusURL pulumi.StringOutput `pulumi:"prometheusUrl"`

	// Adapter serves the metrics of the autoscalers, which wait for it; empty when
	// it is external.
	Adapter []pulumi.Resource
}

// New declares the monitoring of a stack.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Monitoring, error) {
	w := watcher{name: name, Args: args}
	if err := w.validate(); err != nil {
		return nil, err
	}
	m := &Monitoring{}
	if err := ctx.RegisterComponentResourceV2(typeToken, name, w.recorded(), m, opts...); err != nil {
		return nil, fmt.Errorf("monitoring %s: %w", name, err)
	}
	crds, err := w.charts(ctx, m)
	if err != nil {
		return nil, err
	}
	if err := w.exporters(ctx, m); err != nil {
		return nil, err
	}
	if err := w.objects(ctx, m, crds); err != nil {
		return nil, err
	}
	if err := w.pages(ctx, m, crds); err != nil {
		return nil, err
	}
	if err := w.budget(ctx, m); err != nil {
		return nil, err
	}
	m.PrometheusURL = pulumi.String(args.Spec.Monitoring.PrometheusURL).ToStringOutput()
	return m, ctx.RegisterResourceOutputs(m, pulumi.Map{"prometheusUrl": m.PrometheusURL})
}

// watcher is the monitoring with its name.
type watcher struct {
	Args
	name string
}

// recorded are the decisions that the state keeps for policies and audits.
func (w watcher) recorded() pulumi.Map {
	return pulumi.Map{
		"prometheus": pulumi.String(w.Spec.Addons.Prometheus), "prometheusAdapter": pulumi.String(w.Spec.Addons.PrometheusAdapter),
		"namespace": pulumi.String(w.Spec.Monitoring.Namespace), "receivers": pulumi.Int(len(w.Spec.Monitoring.Receivers)),
	}
}

// charts declares Prometheus with its CRDs, then the adapter that asks it. Custom
// resources wait for the first.
func (w watcher) charts(ctx *pulumi.Context, m *Monitoring) ([]pulumi.Resource, error) {
	var crds []pulumi.Resource
	if w.Spec.Addons.Prometheus == spec.Managed {
		stack, err := w.release(ctx, m, charts.KubePrometheusStack, w.Spec.Monitoring.ReleaseLabel, charts.NewStack(w.Spec, w.Plan))
		if err != nil {
			return nil, err
		}
		crds = append(crds, stack)
	}
	if w.Spec.Addons.PrometheusAdapter != spec.Managed {
		return crds, w.handOver(ctx, m, crds)
	}
	values, err := charts.NewAdapter(w.Spec, w.Plan)
	if err != nil {
		return nil, err
	}
	adapter, err := w.release(ctx, m, charts.PrometheusAdapter, charts.PrometheusAdapter.Name, values, pulumi.DependsOn(crds))
	if err != nil {
		return nil, err
	}
	m.Adapter = append(m.Adapter, adapter)
	return crds, nil
}

// releaseSeconds that the pods of a chart may take: images, volumes and a new node.
const releaseSeconds = 900

// release declares a chart. It is named, because its name is the label by which
// Prometheus selects, and autoscalers and runbooks name what it contains.
func (w watcher) release(ctx *pulumi.Context, parent pulumi.Resource, chart charts.Chart, name string, values any, opts ...pulumi.ResourceOption) (*helmv3.Release, error) {
	tree, err := kube.Untyped(values)
	if err != nil {
		return nil, err
	}
	out, err := helmv3.NewRelease(ctx, chart.Name, &helmv3.ReleaseArgs{
		Name: pulumi.String(name), Chart: pulumi.String(chart.Name), Version: pulumi.String(chart.Version),
		RepositoryOpts:  helmv3.RepositoryOptsArgs{Repo: pulumi.String(chart.Repository)},
		Namespace:       pulumi.String(w.Spec.Monitoring.Namespace),
		CreateNamespace: pulumi.Bool(true), Timeout: pulumi.Int(releaseSeconds), Values: tree,
	}, append(opts, pulumi.Parent(parent))...)
	if err != nil {
		return nil, fmt.Errorf("chart %s: %w", chart.Name, err)
	}
	return out, nil
}
