// Command program is somebody else's Pulumi program. It imports the plan and two
// components of Headroom and declares the rest by itself.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/report"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/cache"
	"github.com/agencyos/headroom/components/service"
)

func main() { pulumi.Run(program) }

// program proves the stack, and declares its services and its cache. A stack that
// does not hold is refused before anything is registered.
func program(ctx *pulumi.Context) error {
	stack, base, err := inputs(ctx.Stack())
	if err != nil {
		return err
	}
	p, err := plan.New(stack, base, plan.Options{Today: time.Now()})
	if err != nil {
		return err
	}
	if violated := p.Violations(); len(violated) > 0 {
		return fmt.Errorf("%s\n%s", report.Headline(p), report.Violation(violated[0]))
	}
	for name, v := range p.Services {
		if _, err := service.New(ctx, name, service.Args{
			Namespace: stack.Cluster.Namespace, Spec: stack.Services[name], Plan: v,
			StartupSeconds: base.Services[name].StartupSeconds, NodeBootSeconds: base.Nodes.BootSeconds,
		}); err != nil {
			return err
		}
	}
	shared, err := cache.New(ctx, stack.Name, cache.Args{
		Cluster: stack.Cluster, Spec: stack.Cache, Plan: *p.Cache, Password: config.RequireSecret(ctx, "cachePassword"),
	})
	if err != nil {
		return err
	}
	ctx.Export("headroom", pulumi.Float64(p.Headroom.Factor))
	ctx.Export("cacheHost", shared.Host)
	return nil
}

// inputs are the stack file and the baseline, as headroom init writes them.
func inputs(name string) (spec.Stack, baseline.Baseline, error) {
	file, err := os.ReadFile("Pulumi." + name + ".yaml")
	if err != nil {
		return spec.Stack{}, baseline.Baseline{}, err
	}
	stack, err := spec.DecodeFile(name, file)
	if err != nil {
		return stack, baseline.Baseline{}, err
	}
	facts, err := os.ReadFile(filepath.Join("baselines", name+".json"))
	if err != nil {
		return stack, baseline.Baseline{}, err
	}
	base, err := baseline.Decode(facts)
	return stack, base, err
}
