// Package policies holds the rules and the components to one another.
package policies

import (
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/componenttest"
	"github.com/agencyos/headroom/components/database"
	"github.com/agencyos/headroom/components/service"
	"github.com/agencyos/headroom/policies/rules"
)

// TestComponentsPass holds the rules and the components to one another: what
// the real builders declare is judged, and nothing in it is refused or unclear.
func TestComponentsPass(t *testing.T) {
	recorder := &componenttest.Recorder{Outputs: map[string]resource.PropertyMap{"aws:rds/instance:Instance": {
		"address": resource.NewProperty("app.example"),
		"masterUserSecrets": resource.NewProperty([]resource.PropertyValue{
			resource.NewProperty(resource.PropertyMap{"secretArn": resource.NewProperty("arn:secret")})}),
	}, "aws:rds/parameterGroup:ParameterGroup": {"name": resource.NewProperty("db-17")}}}
	if err := recorder.Run("test", func(ctx *pulumi.Context) error {
		for name, args := range map[string]service.Args{"api": managed(), "web": external(true), "shop": external(false)} {
			if _, err := service.New(ctx, name, args); err != nil {
				return err
			}
		}
		_, err := database.New(ctx, "db", pooled())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var stack []rules.Resource
	for _, r := range recorder.Resources() {
		if r.Type == "aws:rds/parameterGroup:ParameterGroup" {
			r.Inputs["name"] = "db-17" // the provider makes it up
		}
		stack = append(stack, rules.Resource{URN: "urn::" + r.Type + "::" + r.Name, Type: r.Type, Name: r.Name, Inputs: rules.From(r.Inputs),
			Options: rules.Options{Known: true, Protect: r.Protect, IgnoreChanges: r.IgnoreChanges}})
	}
	judged := map[string]bool{}
	for _, f := range rules.Run(rules.NewModel(stack), rules.All(), rules.RunOptions{Today: time.Now()}).Findings {
		judged[f.Rule] = judged[f.Rule] || f.State == rules.Pass
		// The containers of an external Deployment are nowhere to be seen.
		hidden := f.Resource == "HorizontalPodAutoscaler shop" && (f.Rule == "hpa-cpu-request" || f.Rule == "hpa-cpu-limit")
		if f.State == rules.Violation || (f.State == rules.CannotKnow && !hidden) {
			t.Errorf("%s on %s = %s: %s", f.Rule, f.Resource, f.State, f.Message)
		}
	}
	declared := map[string]bool{}
	for _, r := range stack {
		declared[r.Type] = true
	}
	for _, rule := range rules.All() {
		// The first type of a rule is what it judges; no service steers by memory.
		if declared[rule.Types[0]] && rule.ID != "hpa-memory" && !judged[rule.ID] {
			t.Errorf("%s found nothing to judge in what the components declare", rule.ID)
		}
	}
}

func managed() service.Args {
	return service.Args{
		Namespace: "shop", StartupSeconds: 12, NodeBootSeconds: 75,
		Spec: spec.Service{
			Mode: spec.Managed, Image: "example/api:1.2.3", Port: 8000, Workers: 2,
			EnvFrom:   []spec.EnvFrom{{Secret: "api-secrets"}},
			Resources: spec.Resources{Requests: spec.Amounts{CPU: 1500, Memory: 1024}, Limits: spec.Amounts{Memory: 1536}},
			Probes:    spec.Probes{Readiness: "/health/ready", Liveness: "/health/live"},
			Rollout:   spec.Rollout{Drain: spec.Duration(20 * time.Second)},
		},
		Plan: plan.Service{
			MinReplicas: 6, MaxReplicas: 24, CPUTargetPercent: 71, DisruptionBudget: 1,
			Behavior: plan.Behavior{
				ScaleUp:   plan.Scaling{Policies: []plan.Policy{{Type: "Percent", Value: 400, PeriodSeconds: 15}}},
				ScaleDown: plan.Scaling{StabilizationSeconds: 300, Policies: []plan.Policy{{Type: "Percent", Value: 10, PeriodSeconds: 60}}},
			},
			Pool:    &plan.Pool{Size: 4, MaxOverflow: 1, Engines: 2},
			Rollout: plan.Rollout{MaxSurgePercent: 25, MinReadySeconds: 55, GraceSeconds: 55, PreStopSeconds: 30, DeregistrationSeconds: 30},
			Env:     map[string]string{plan.EnvWorkers: "2", plan.EnvPoolSize: "4", plan.EnvMaxOverflow: "1"},
		},
	}
}

func external(patch bool) service.Args {
	args := managed()
	args.Spec.Mode, args.Spec.Patch = spec.External, patch
	args.Spec.Image, args.Spec.EnvFrom = "", nil
	return args
}

func pooled() database.Args {
	multi, limit, days := true, 200, 7
	return database.Args{
		Protect: true,
		Cluster: spec.Cluster{Namespace: "shop", VpcID: "vpc-1", NodeSecurityGroupID: "sg-nodes",
			Subnets: []spec.Subnet{{ID: "subnet-a", Zone: "us-east-1a"}, {ID: "subnet-b", Zone: "us-east-1b"}}},
		Spec: spec.Database{
			Mode: spec.Managed, InstanceClass: "db.m7g.large", EngineVersion: "17", MultiAZ: &multi, MaxConnections: &limit,
			Storage: spec.Storage{GiB: 200, MaxGiB: 400, IOPS: 3000}, Port: 5432, Name: "app", User: "headroom", BackupDays: &days,
			Pooler: spec.PgBouncerPooler,
			PgBouncer: spec.PgBouncer{Image: "example/pgbouncer:1.26.1", UserList: spec.SecretRef{Name: "pgbouncer", Key: "userlist.txt"},
				Resources: spec.Amounts{CPU: 250, Memory: 128}},
		},
		Plan: plan.Database{MaxConnections: 200, UsableConnections: 189, OtherConnections: 12,
			PgBouncer: &plan.PgBouncer{PreStopSeconds: 15, GraceSeconds: 45, MinReadySeconds: 45, Replicas: 3, MaxClientConn: 1500, PoolSize: 35, QueryWaitSeconds: 4}},
	}
}
