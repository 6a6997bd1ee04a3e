package stacks

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/cache"
	"github.com/agencyos/headroom/components/database"
	"github.com/agencyos/headroom/components/edge"
	"github.com/agencyos/headroom/components/monitoring"
	"github.com/agencyos/headroom/components/nodes"
	"github.com/agencyos/headroom/components/service"
)

// Program is the Pulumi program of every stack.
func Program(ctx *pulumi.Context) error { return run(ctx, time.Now()) }

// run proves the stack and then declares it. Nothing is registered before every
// check holds, not even a provider. The date decides whether a waiver expired.
func run(ctx *pulumi.Context, today time.Time) error {
	src, err := fromPulumi(ctx)
	if err != nil {
		return fmt.Errorf("stack file Pulumi.%s.yaml:\n%w", ctx.Stack(), err)
	}
	in, err := src.load()
	if err != nil {
		return err
	}
	in.today = today
	p, err := plan.New(in.stack, in.base, plan.Options{Today: today})
	if err != nil {
		return fmt.Errorf("stack %s:\n%w", in.stack.Name, err)
	}
	if err := announce(ctx, p); err != nil {
		return err
	}
	if err := refusal(p); err != nil {
		return err
	}
	out, err := compose(ctx, in, p)
	if err != nil {
		return err
	}
	for name, value := range outputs(out) {
		ctx.Export(name, value)
	}
	return nil
}

// compose declares the stack's components.
func compose(ctx *pulumi.Context, in inputs, p plan.Plan) (results, error) {
	providers, err := newProviders(ctx, in.stack)
	if err != nil {
		return results{}, err
	}
	out := results{
		headroomFactor: pulumi.Float64(p.Headroom.Factor), firstLimit: pulumi.String(p.Headroom.FirstLimit),
		namespace: pulumi.String(in.stack.Cluster.Namespace),
		settings:  pulumi.StringMap{}, autoscalers: pulumi.StringMap{},
	}
	if err := composeNodes(ctx, in, p, providers.all); err != nil {
		return results{}, err
	}
	if p.Database != nil {
		if out.database, err = composeDatabase(ctx, in, p, providers.all); err != nil {
			return results{}, err
		}
	}
	if p.Cache != nil {
		if out.cache, err = composeCache(ctx, in, *p.Cache, providers.all); err != nil {
			return results{}, err
		}
	}
	if out.media, err = composeEdge(ctx, in, p.Edge, providers); err != nil {
		return results{}, err
	}
	metrics, err := composeMonitoring(ctx, in, p, out, providers.all)
	if err != nil {
		return results{}, err
	}
	for _, name := range slices.Sorted(maps.Keys(in.stack.Services)) {
		s, err := service.New(ctx, name, service.Args{
			Namespace: in.stack.Cluster.Namespace, Spec: in.stack.Services[name], Plan: p.Services[name],
			StartupSeconds: in.base.Services[name].StartupSeconds, NodeBootSeconds: p.Nodes.BootSeconds, Metrics: metrics,
		}, providers.all)
		if err != nil {
			return results{}, err
		}
		out.settings[name], out.autoscalers[name] = s.Settings, s.Autoscaler
	}
	return out, nil
}

// composeNodes declares nothing where nodes, add-ons and all room on them are others'.
func composeNodes(ctx *pulumi.Context, in inputs, p plan.Plan, providers pulumi.ResourceOption) error {
	args := nodes.Args{
		Stack: in.stack.Name, Cluster: in.stack.Cluster, Spec: in.stack.Nodes, Plan: p.Nodes, Addons: in.stack.Addons,
		MetricsResolution: in.stack.Monitoring.MetricsResolution, Pauses: map[string]nodes.Pause{},
	}
	for name, v := range p.Services {
		args.Pauses[name] = nodes.Pause{Pods: v.PausePods, Each: in.stack.Services[name].Resources.Requests}
	}
	if !args.Needed() {
		return nil
	}
	_, err := nodes.New(ctx, in.stack.Name+"-nodes", args, providers)
	return err
}

// localPassword is the one of everything that a local stack runs in the cluster.
func localPassword(ctx *pulumi.Context) (pulumi.StringOutput, error) {
	return secret(ctx, "localPassword", "the password of database and cache in the cluster")
}

func cachePassword(ctx *pulumi.Context, local bool) (pulumi.StringOutput, error) {
	if local {
		return localPassword(ctx)
	}
	return secret(ctx, "cachePassword", "the password of the cache's user, 16 to 128 characters")
}

// composeCache takes the password from the stack's secrets where it makes users.
func composeCache(ctx *pulumi.Context, in inputs, p plan.Cache, providers pulumi.ResourceOption) (*cacheResults, error) {
	name := in.stack.Name + "-cache"
	args := cache.Args{
		Cluster: in.stack.Cluster, Spec: in.stack.Cache, Plan: p,
		Protect: protected(ctx, in, cacheComponent, cacheGroup, name),
	}
	if in.stack.Cache.Mode == spec.Managed {
		password, err := cachePassword(ctx, in.stack.Local())
		if err != nil {
			return nil, err
		}
		args.Password = password
	}
	c, err := cache.New(ctx, name, args, providers)
	if err != nil {
		return nil, err
	}
	return &cacheResults{host: c.Host, readerHost: c.ReaderHost, port: c.Port}, nil
}

// composeEdge declares nothing where everything at the edge is others'.
func composeEdge(ctx *pulumi.Context, in inputs, p plan.Edge, providers providers) (*mediaResults, error) {
	if !in.stack.Edge.ChangesCloudflare() && !in.stack.Edge.ChangesCloudFront() {
		return nil, nil
	}
	e, err := edge.New(ctx, in.stack.Name+"-edge", edge.Args{
		Stack: in.stack.Name, Cluster: in.stack.Cluster, Spec: in.stack.Edge, Plan: p, Global: providers.global,
		Protect: func(resource, leaf string) bool { return protected(ctx, in, edgeComponent, resource, leaf) },
	}, providers.all)
	if err != nil || !in.stack.Edge.ChangesCloudFront() {
		return nil, err
	}
	return &mediaResults{domain: e.MediaDomain, bucket: e.MediaBucket, distribution: e.DistributionID}, nil
}

// protected holds for what keeps data in a stack that others depend on, unless
// the stack file means that very resource to go.
func protected(ctx *pulumi.Context, in inputs, component, resource, name string) bool {
	leaf := urn.New(tokens.QName(ctx.Stack()), tokens.PackageName(ctx.Project()), tokens.Type(component), tokens.Type(resource), name)
	return !in.stack.Local() && !in.stack.Policy.Replaceable(string(leaf), in.today)
}

// composeDatabase takes the password from the stack's secrets where no RDS makes one.
func composeDatabase(ctx *pulumi.Context, in inputs, p plan.Plan, providers pulumi.ResourceOption) (*databaseResults, error) {
	name := in.stack.Name + "-db"
	args := database.Args{
		Cluster: in.stack.Cluster, Spec: in.stack.Database, Plan: *p.Database,
		Protect: protected(ctx, in, databaseComponent, databaseInstance, name),
	}
	if in.stack.Local() && in.stack.Database.Mode == spec.Managed {
		password, err := localPassword(ctx)
		if err != nil {
			return nil, err
		}
		args.Password = password
	}
	if workload, ok := p.Watcher(plan.PgBouncerExporter); ok {
		args.Exporter, args.Beside = in.stack.Monitoring.Exporters.PgBouncer, workload
	}
	d, err := database.New(ctx, name, args, providers)
	if err != nil {
		return nil, err
	}
	return &databaseResults{host: d.Host, port: d.Port, serverHost: d.ServerHost, secretARN: d.SecretARN, id: d.ID}, nil
}

// composeMonitoring declares what watches the stack, and answers what its
// autoscalers wait for. A local cluster whose Prometheus is others' need not run
// its operator, and there is nobody to tell.
func composeMonitoring(ctx *pulumi.Context, in inputs, p plan.Plan, made results, providers pulumi.ResourceOption) ([]pulumi.Resource, error) {
	addons := in.stack.Addons
	if in.stack.Local() && addons.Prometheus != spec.Managed && addons.PrometheusAdapter != spec.Managed {
		return nil, nil
	}
	args := monitoring.Args{Spec: in.stack, Plan: p}
	if db := made.database; db != nil {
		args.DatabaseHost, args.DatabaseID = db.serverHost, db.id
	}
	if made.cache != nil {
		args.CacheHost = made.cache.host
	}
	if made.media != nil {
		args.DistributionID = made.media.distribution
	} else if c := in.stack.Edge.CloudFront; c != nil {
		args.DistributionID = pulumi.String(c.ID)
	}
	m, err := monitoring.New(ctx, in.stack.Name+"-monitoring", args, providers)
	if err != nil {
		return nil, err
	}
	return m.Adapter, nil
}
