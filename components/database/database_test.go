package database

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/componenttest"
	"github.com/agencyos/headroom/components/internal/kube"
)

const (
	typeInstance   = "aws:rds/instance:Instance"
	typeParameters = "aws:rds/parameterGroup:ParameterGroup"
	typeSubnets    = "aws:rds/subnetGroup:SubnetGroup"
	typeGroup      = "aws:ec2/securityGroup:SecurityGroup"
	typeRule       = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	typeConfigMap  = "kubernetes:core/v1:ConfigMap"
	typeService    = "kubernetes:core/v1:Service"
	typeDeployment = "kubernetes:apps/v1:Deployment"
	typePDB        = "kubernetes:policy/v1:PodDisruptionBudget"
)

// base is a valid managed database behind PgBouncer; tests change one thing.
func base() Args {
	multi, limit, days := true, 200, 7
	bouncer := bouncerPlan()
	return Args{
		Protect: true,
		Cluster: spec.Cluster{
			Namespace: "shop", VpcID: "vpc-1", NodeSecurityGroupID: "sg-nodes",
			Subnets: []spec.Subnet{{ID: "subnet-a", Zone: "us-east-1a"}, {ID: "subnet-b", Zone: "us-east-1b"}},
		},
		Spec: spec.Database{
			Mode: spec.Managed, InstanceClass: "db.m7g.large", EngineVersion: "17", MultiAZ: &multi,
			MaxConnections: &limit, Storage: spec.Storage{GiB: 200, MaxGiB: 400, IOPS: 3000},
			Port: 5432, Name: "app", User: "headroom", BackupDays: &days,
			Pooler: spec.PgBouncerPooler,
			PgBouncer: spec.PgBouncer{
				Image: "example/pgbouncer:1.26.1", UserList: spec.SecretRef{Name: "pgbouncer", Key: "userlist.txt"},
				Resources: spec.Amounts{CPU: 250, Memory: 128},
			},
		},
		Plan: plan.Database{MaxConnections: 200, UsableConnections: 189, OtherConnections: 12, PgBouncer: &bouncer},
	}
}

func external() Args {
	args := base()
	args.Spec.Mode, args.Spec.Host = spec.External, "db.internal"
	args.Cluster.Subnets, args.Cluster.VpcID, args.Cluster.NodeSecurityGroupID = nil, "", ""
	return args
}

func declare(t *testing.T, args Args) *componenttest.Recorder {
	t.Helper()
	return declareAt(t, args, "app.abc.us-east-1.rds.amazonaws.com")
}

// declareAt gives the instance an address.
func declareAt(t *testing.T, args Args, address string) *componenttest.Recorder {
	t.Helper()
	r := &componenttest.Recorder{Outputs: map[string]resource.PropertyMap{typeInstance: {
		"address": resource.NewProperty(address),
		"masterUserSecrets": resource.NewProperty([]resource.PropertyValue{
			resource.NewProperty(resource.PropertyMap{"secretArn": resource.NewProperty("arn:secret")}),
		}),
	}}}
	if err := r.Run("test", func(ctx *pulumi.Context) error {
		_, err := New(ctx, "db", args)
		return err
	}); err != nil {
		t.Fatalf("New(db): %v", err)
	}
	return r
}

func TestModesDeclareWhatTheStackFileHandsOver(t *testing.T) {
	noPooler := func(a Args) Args { a.Spec.Pooler, a.Plan.PgBouncer = spec.NoPooler, nil; return a }
	cases := map[string]struct {
		reason string
		args   Args
		want   []string
	}{
		"External":       {"nothing at all", noPooler(external()), []string{typeToken}},
		"ExternalPooled": {"the pooler and nothing on AWS", external(), []string{typeToken, typeDeployment, typeConfigMap, typeService, typePDB}},
		"Managed":        {"AWS and no pooler", noPooler(base()), []string{typeGroup, typeInstance, typeParameters, typeSubnets, typeRule, typeToken}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, declare(t, c.args).Types()); diff != "" {
				t.Errorf("types of %s: %s (-want +got):\n%s", name, c.reason, diff)
			}
		})
	}
}

func TestManagedInstanceIsSafe(t *testing.T) {
	i := componenttest.Only(t, declare(t, base()), typeInstance)
	componenttest.Expect(t, i, map[string]any{
		"engineVersion": "17", "storageEncrypted": true, "publiclyAccessible": false, "multiAz": true,
		"deletionProtection": true, "skipFinalSnapshot": false, "finalSnapshotIdentifier": "db-final",
		"backupRetentionPeriod": 7.0, "manageMasterUserPassword": true, "password": nil, "copyTagsToSnapshot": true,
		"applyImmediately": false, "allowMajorVersionUpgrade": false, "storageType": "gp3", "maxAllocatedStorage": 400.0,
		"iops": nil, "engineLifecycleSupport": "open-source-rds-extended-support-disabled",
		"performanceInsightsEnabled": false, "monitoringInterval": 0.0, "identifier": nil,
		"enabledCloudwatchLogsExports.0": "postgresql", "blueGreenUpdate": nil, "vpcSecurityGroupIds.0": "db-id",
	})
	if !i.Protect {
		t.Error("the instance is not protected, want what Args say")
	}
}

func TestInstanceThatMayGoIsNotProtected(t *testing.T) {
	args := base()
	args.Protect = false
	i := componenttest.Only(t, declare(t, args), typeInstance)
	componenttest.Expect(t, i, map[string]any{"deletionProtection": false, "skipFinalSnapshot": false})
	if i.Protect {
		t.Error("the instance is protected, want what Args say")
	}
}

func TestStripedStorageStatesItsRate(t *testing.T) {
	args := base()
	args.Spec.Storage = spec.Storage{GiB: 400, MaxGiB: 800, IOPS: 16000}
	componenttest.Expect(t, componenttest.Only(t, declare(t, args), typeInstance), map[string]any{"iops": 16000.0})
}

func TestOnlyTheNodesReachTheDatabase(t *testing.T) {
	r := declare(t, base())
	componenttest.Expect(t, componenttest.Only(t, r, typeRule), map[string]any{
		"referencedSecurityGroupId": "sg-nodes", "securityGroupId": "db-id", "fromPort": 5432.0, "toPort": 5432.0,
		"ipProtocol": "tcp", "cidrIpv4": nil, "cidrIpv6": nil,
	})
	componenttest.Expect(t, componenttest.Only(t, r, typeGroup), map[string]any{"vpcId": "vpc-1", "ingress": nil, "egress": nil})
	componenttest.Expect(t, componenttest.Only(t, r, typeSubnets), map[string]any{"subnetIds": []any{"subnet-a", "subnet-b"}})
}

// EC2 refuses an apostrophe, late
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html, 2026-11).
func TestDescriptionsHoldOnlyWhatEC2Allows(t *testing.T) {
	allowed := regexp.MustCompile(`^[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}$`)
	r := declare(t, base())
	for _, token := range []string{typeGroup, typeRule} {
		if got := componenttest.Only(t, r, token).At("description"); !allowed.MatchString(got.(string)) {
			t.Errorf("description of %s = %q", token, got)
		}
	}
}

func TestParameterGroupSaysWhatPoliciesNeed(t *testing.T) {
	componenttest.Expect(t, componenttest.Only(t, declare(t, base()), typeParameters), map[string]any{
		"family": "postgres17", "name": nil, "tags.headroom:otherConnections": "12",
	})
}

func TestPgBouncer(t *testing.T) {
	r := declare(t, base())
	d := componenttest.Only(t, r, typeDeployment)
	const pod, box = "spec.template.spec.", "spec.template.spec.containers.0."
	componenttest.Expect(t, d, map[string]any{
		"metadata.labels.[app.kubernetes.io/name]": "pgbouncer",
		"spec.replicas":                                3.0,
		"spec.strategy.rollingUpdate.maxSurge":         0.0,
		"spec.strategy.rollingUpdate.maxUnavailable":   1.0,
		"spec.minReadySeconds":                         45.0,
		pod + "terminationGracePeriodSeconds":          45.0,
		pod + "securityContext.runAsUser":              65532.0,
		pod + "topologySpreadConstraints.0.maxSkew":    1.0,
		pod + "volumes.0.configMap.name":               "pgbouncer",
		pod + "volumes.1.secret.secretName":            "pgbouncer",
		box + "command.1":                              "/etc/pgbouncer/pgbouncer.ini",
		box + "resources.limits.memory":                "128Mi",
		box + "resources.limits.cpu":                   nil,
		box + "lifecycle.preStop.sleep":                nil,
		box + "readinessProbe.tcpSocket.port":          6432.0,
		box + "securityContext.readOnlyRootFilesystem": true,
	})
	componenttest.Expect(t, componenttest.Only(t, r, typePDB), map[string]any{"spec.maxUnavailable": 1.0, "spec.unhealthyPodEvictionPolicy": "AlwaysAllow"})
	componenttest.Expect(t, componenttest.Only(t, r, typeService), map[string]any{"metadata.name": "pgbouncer", "spec.ports.0.port": 6432.0})
	componenttest.Expect(t, componenttest.Only(t, r, typeConfigMap), map[string]any{
		"data.[pgbouncer.ini]": ini(bouncerPlan(), "userlist.txt", "require", "pgbouncer_stats"),
		"data.[databases.ini]": "[databases]\napp = host=app.abc.us-east-1.rds.amazonaws.com port=5432 dbname=app\n",
	})
}

// Two signals end PgBouncer at once, so the hook must cover the whole grace
// period: with a shorter one SIGTERM would follow SIGINT in mid-transaction.
func TestPgBouncerLeavesBetweenTransactions(t *testing.T) {
	args := base()
	args.Plan.PgBouncer.PreStopSeconds, args.Plan.PgBouncer.GraceSeconds = 20, 80
	componenttest.Expect(t, componenttest.Only(t, declare(t, args), typeDeployment), map[string]any{
		"spec.template.spec.terminationGracePeriodSeconds":               80.0,
		"spec.template.spec.containers.0.lifecycle.preStop.exec.command": []any{"sh", "-c", "sleep 20; kill -INT 1; sleep 60"},
		"spec.template.spec.containers.0.command":                        []any{"pgbouncer", "/etc/pgbouncer/pgbouncer.ini"},
		"spec.template.spec.shareProcessNamespace":                       nil,
	})
}

func TestPgBouncerRollsWhenItsSettingsChange(t *testing.T) {
	const path = "spec.template.metadata.annotations.[" + kube.NoteChecksum + "]"
	seen := map[any]string{}
	changes := map[string]func(*Args){
		"Base":  func(*Args) {},
		"Pool":  func(a *Args) { a.Plan.PgBouncer.PoolSize = 41 },
		"Host":  func(a *Args) { a.Spec.Host = "other.internal" },
		"Named": func(a *Args) { a.Spec.Name = "other" },
	}
	for name, change := range changes {
		args := external()
		change(&args)
		sum := componenttest.Only(t, declare(t, args), typeDeployment).At(path)
		if other, twice := seen[sum]; twice || sum == nil {
			t.Errorf("checksum of %s = %v, also that of %q", name, sum, other)
		}
		seen[sum] = name
	}
}

// The host of a managed instance is unknown until it exists; an annotation that
// depends on it cannot be rendered.
func TestChecksumIsKnownBeforeTheInstance(t *testing.T) {
	const path = "spec.template.metadata.annotations.[" + kube.NoteChecksum + "]"
	one, other := declareAt(t, base(), "one.internal"), declareAt(t, base(), "other.internal")
	if diff := cmp.Diff(componenttest.Only(t, one, typeDeployment).At(path), componenttest.Only(t, other, typeDeployment).At(path)); diff != "" {
		t.Errorf("checksum at two addresses of the instance (-one +other):\n%s", diff)
	}
}

func TestNewRefuses(t *testing.T) {
	zero := 0
	cases := map[string]struct {
		reason string
		mutate func(*Args)
		want   string
	}{
		"AdoptNothing": {"which instance?", func(a *Args) { a.Spec.Mode = spec.Adopt }, "database.id"},
		"OneZone":      {"RDS refuses the subnet group", func(a *Args) { a.Cluster.Subnets = a.Cluster.Subnets[:1] }, "two zones"},
		"NoNodes":      {"nobody could reach it", func(a *Args) { a.Cluster.NodeSecurityGroupID = "" }, "nodeSecurityGroupId"},
		"NoClass":      {"RDS needs one", func(a *Args) { a.Spec.InstanceClass = "" }, "instanceClass"},
		"NoBackups":    {"a protected instance without backups", func(a *Args) { a.Spec.BackupDays = &zero }, "backupDays"},
		"TinyDisk":     {"below gp3's least", func(a *Args) { a.Spec.Storage.GiB = 10 }, "storage.gib = 10"},
		"OtherPlan":    {"a plan of another stack file", func(a *Args) { a.Plan.MaxConnections = 100 }, "maxConnections"},
		"NoPlan":       {"a pooler without numbers", func(a *Args) { a.Plan.PgBouncer = nil }, "has no plan"},
		"OneBouncer":   {"a single point of failure", func(a *Args) { a.Plan.PgBouncer.Replicas = 1 }, "replicas = 1"},
		"NoDrain":      {"transactions need time to end", func(a *Args) { a.Plan.PgBouncer.GraceSeconds = 15 }, "grace = 15s"},
		"NoPool":       {"PgBouncer reads 0 as no limit", func(a *Args) { a.Plan.PgBouncer.PoolSize = 0 }, "poolSize = 0"},
		"NoWait":       {"PgBouncer reads 0 as no limit", func(a *Args) { a.Plan.PgBouncer.QueryWaitSeconds = 0 }, "queryWait"},
		"NoUsers":      {"nobody could log in", func(a *Args) { a.Spec.PgBouncer.UserList.Key = "" }, "userList"},
		"NoImage":      {"nothing to run", func(a *Args) { a.Spec.PgBouncer.Image = "" }, "pgbouncer.image"},
		"ExternalHost": {"nothing to connect to", func(a *Args) { a.Spec.Mode = spec.External }, "database.host"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			args := base()
			c.mutate(&args)
			r := &componenttest.Recorder{}
			err := r.Run("test", func(ctx *pulumi.Context) error {
				_, err := New(ctx, "db", args)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("New(%s) = %v, want an error with %q: %s", name, err, c.want, c.reason)
			}
			var problems spec.Problems
			if !errors.As(err, &problems) {
				t.Errorf("New(%s) = %T, want spec.Problems", name, err)
			}
			if n := len(r.Resources()); n != 0 {
				t.Errorf("New(%s) registered %d resources before it refused", name, n)
			}
		})
	}
}
