package cache

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/componenttest"
	"github.com/agencyos/headroom/components/internal/kube"
)

const (
	typeGroup      = "aws:elasticache/replicationGroup:ReplicationGroup"
	typeParameters = "aws:elasticache/parameterGroup:ParameterGroup"
	typeSubnets    = "aws:elasticache/subnetGroup:SubnetGroup"
	typeUser       = "aws:elasticache/user:User"
	typeUsers      = "aws:elasticache/userGroup:UserGroup"
	typeLog        = "aws:cloudwatch/logGroup:LogGroup"
	typeSecurity   = "aws:ec2/securityGroup:SecurityGroup"
	typeRule       = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	typeConfigMap  = "kubernetes:core/v1:ConfigMap"
	typeSecret     = "kubernetes:core/v1:Secret"
	typeService    = "kubernetes:core/v1:Service"
	typeDeployment = "kubernetes:apps/v1:Deployment"

	getGroup = "aws:elasticache/getReplicationGroup:getReplicationGroup"
	password = "a-password-of-enough-characters"
)

// base is a valid managed cache; tests change one thing.
func base() Args {
	one, days, reserved := 1, 1, spec.Percent(25)
	return Args{
		Protect: true, Password: pulumi.String(password),
		Cluster: spec.Cluster{
			Namespace: "shop", VpcID: "vpc-1", NodeSecurityGroupID: "sg-nodes",
			Subnets: []spec.Subnet{{ID: "subnet-a", Zone: "us-east-1a"}, {ID: "subnet-b", Zone: "us-east-1b"}},
		},
		Spec: spec.Cache{
			Mode: spec.Managed, Engine: spec.Valkey, EngineVersion: "8.0", NodeType: "cache.m7g.large", Replicas: &one, MaxClients: 65000,
			ReservedMemory: &reserved, Policy: spec.AllKeysLFU, User: "app", Port: 6379, SnapshotDays: &days, MaintenanceWindow: "sun:05:00-sun:06:00",
		},
		Plan: plan.Cache{Policy: "allkeys-lfu", MaxClients: 65000},
	}
}

func local() Args {
	args, none := base(), 0
	args.Cluster = spec.Cluster{Context: "kind", Namespace: "default"}
	args.Spec.NodeType, args.Spec.Image, args.Spec.MaxMemory, args.Spec.Replicas = "", "redis:7.4.7", 256, &none
	args.Protect = false
	return args
}

func external() Args {
	return Args{Spec: spec.Cache{Mode: spec.External, Host: "cache.internal", Port: 6379}}
}

// adopted is a group that a team made.
func adopted() Args {
	args := base()
	args.Password = nil
	args.Spec.Mode, args.Spec.ID, args.Spec.Adopt = spec.Adopt, "shop", spec.AdoptCache{ParameterGroup: "shop-valkey"}
	return args
}

func try(args Args, live map[string]any) (*componenttest.Recorder, error) {
	r := &componenttest.Recorder{
		Calls: map[string]resource.PropertyMap{getGroup: resource.NewPropertyMapFromMap(live)},
		Outputs: map[string]resource.PropertyMap{
			typeGroup:      {"primaryEndpointAddress": resource.NewProperty("primary"), "readerEndpointAddress": resource.NewProperty("reader")},
			typeParameters: {"name": resource.NewProperty("parameters")},
			typeSubnets:    {"name": resource.NewProperty("subnets")},
		},
	}
	return r, r.Run("test", func(ctx *pulumi.Context) error {
		_, err := New(ctx, "test-cache", args)
		return err
	})
}

func declare(t *testing.T, args Args) *componenttest.Recorder {
	t.Helper()
	r, err := try(args, map[string]any{"replicationGroupId": "shop", "port": 6379.0, "numNodeGroups": 1.0, "clusterMode": "disabled"})
	if err != nil {
		t.Fatalf("New(cache): %v", err)
	}
	return r
}

func TestModesDeclareWhatTheStackFileHandsOver(t *testing.T) {
	cases := map[string]struct {
		reason string
		args   Args
		want   []string
	}{
		"External": {"nothing at all", external(), []string{typeToken}},
		"Managed": {"everything on AWS", base(), []string{typeLog, typeLog, typeSecurity, typeParameters, typeGroup, typeSubnets,
			typeUser, typeUser, typeUsers, typeRule, typeToken}},
		"Adopted": {"only what is named", adopted(), []string{typeParameters, typeGroup, typeToken}},
		"Local":   {"a pod and nothing on AWS", local(), []string{typeToken, typeDeployment, typeConfigMap, typeSecret, typeService}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, declare(t, c.args).Types()); diff != "" {
				t.Errorf("types of %s: %s (-want +got):\n%s", name, c.reason, diff)
			}
		})
	}
}

func TestManagedGroupIsSafe(t *testing.T) {
	g := componenttest.Only(t, declare(t, base()), typeGroup)
	componenttest.Expect(t, g, map[string]any{
		"engine": "valkey", "engineVersion": "8.0", "numCacheClusters": 2.0, "automaticFailoverEnabled": true, "multiAzEnabled": true,
		"atRestEncryptionEnabled": true, "transitEncryptionEnabled": true, "transitEncryptionMode": "required", "authToken": nil,
		"userGroupIds": []any{"test-cache"}, "parameterGroupName": "parameters", "subnetGroupName": "subnets", "securityGroupIds": []any{"test-cache-id"},
		"applyImmediately": false, "snapshotRetentionLimit": 1.0, "maintenanceWindow": "sun:05:00-sun:06:00", "replicationGroupId": nil,
		"logDeliveryConfigurations.0.logType": "slow-log", "logDeliveryConfigurations.1.logType": "engine-log",
		"logDeliveryConfigurations.1.destination": "/aws/vendedlogs/elasticache/test-cache/engine-log",
	})
	if !g.Protect {
		t.Error("the replication group is not protected, want what Args say")
	}
}

func TestOneNodeHasNobodyToFailOverTo(t *testing.T) {
	args, none := base(), 0
	args.Spec.Replicas = &none
	componenttest.Expect(t, componenttest.Only(t, declare(t, args), typeGroup), map[string]any{"numCacheClusters": 1.0, "automaticFailoverEnabled": false, "multiAzEnabled": false})
}

func TestParametersStateEvictionAndReserve(t *testing.T) {
	families := map[string]struct {
		engine  spec.CacheEngine
		version string
	}{"valkey8": {spec.Valkey, "8.0"}, "valkey7": {spec.Valkey, "7.2"}, "redis7": {spec.Redis, "7.1"}, "redis6.x": {spec.Redis, "6.2"}}
	for want, c := range families {
		args := base()
		args.Spec.Engine, args.Spec.EngineVersion = c.engine, c.version
		componenttest.Expect(t, componenttest.Only(t, declare(t, args), typeParameters), map[string]any{
			"family": want, "name": nil,
			"parameters": []any{
				map[string]any{"name": "maxmemory-policy", "value": "allkeys-lfu"},
				map[string]any{"name": "reserved-memory-percent", "value": "25"},
			},
		})
	}
}

func TestUsersFromTheStart(t *testing.T) {
	r := declare(t, base())
	seen := map[any]componenttest.Resource{}
	for _, one := range r.Resources() {
		if one.Type == typeUser {
			seen[one.At("userName")] = one
			componenttest.Expect(t, one, map[string]any{"passwords": "[secret]", "engine": "valkey", "noPasswordRequired": nil})
		}
	}
	componenttest.Expect(t, seen["app"], map[string]any{"userId": "test-cache-app", "accessString": accessOfServices})
	componenttest.Expect(t, seen["default"], map[string]any{"userId": "test-cache-default", "accessString": "off -@all"})
	componenttest.Expect(t, componenttest.Only(t, r, typeUsers), map[string]any{"userIds": []any{"test-cache-app", "test-cache-default"}})
}

func TestThePasswordIsInNoState(t *testing.T) {
	for name, args := range map[string]Args{"AWS": base(), "Local": local()} {
		text, err := declare(t, args).Golden()
		if err != nil || strings.Contains(text, password) {
			t.Errorf("%s: the inputs of some resource hold the password in plain text (%v)", name, err)
		}
	}
}

func TestOnlyTheNodesReachTheCache(t *testing.T) {
	r := declare(t, base())
	componenttest.Expect(t, componenttest.Only(t, r, typeRule), map[string]any{
		"referencedSecurityGroupId": "sg-nodes", "securityGroupId": "test-cache-id", "fromPort": 6379.0, "toPort": 6379.0,
		"ipProtocol": "tcp", "cidrIpv4": nil, "cidrIpv6": nil,
	})
	componenttest.Expect(t, componenttest.Only(t, r, typeSecurity), map[string]any{"vpcId": "vpc-1", "ingress": nil, "egress": nil})
	componenttest.Expect(t, componenttest.Only(t, r, typeSubnets), map[string]any{"subnetIds": []any{"subnet-a", "subnet-b"}})
	// EC2 refuses other signs, late
	// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html, 2026-11).
	allowed := regexp.MustCompile(`^[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}$`)
	for _, token := range []string{typeSecurity, typeRule} {
		if got := componenttest.Only(t, r, token).At("description"); !allowed.MatchString(got.(string)) {
			t.Errorf("description of %s = %q", token, got)
		}
	}
}

func TestAdoptedGroupStaysWhatItIs(t *testing.T) {
	r := declare(t, adopted())
	g := componenttest.Only(t, r, typeGroup)
	componenttest.Expect(t, g, map[string]any{"replicationGroupId": "shop", "nodeType": "cache.m7g.large", "userGroupIds": nil, "subnetGroupName": nil})
	if g.Import != "shop" || !g.Protect || !cmp.Equal(g.IgnoreChanges, keptOfGroup) {
		t.Errorf("import %q, protect %v, ignores %v", g.Import, g.Protect, g.IgnoreChanges)
	}
	if p := componenttest.Only(t, r, typeParameters); p.Import != "shop-valkey" || p.At("name") != "shop-valkey" {
		t.Errorf("parameter group: import %q, name %v", p.Import, p.At("name"))
	}
	args := adopted()
	args.Spec.Adopt = spec.AdoptCache{ParameterGroup: "default.valkey8", SubnetGroup: "shop-subnets", SecurityGroup: "sg-1", IngressRule: "sgr-1"}
	r = declare(t, args)
	for token, want := range map[string]string{typeParameters: "", typeSubnets: "shop-subnets", typeSecurity: "sg-1", typeRule: "sgr-1"} {
		if got := componenttest.Only(t, r, token).Import; got != want {
			t.Errorf("%s: import %q, want %q", token, got, want)
		}
	}
}

func TestAdoptRefuses(t *testing.T) {
	cases := map[string]struct {
		reason string
		live   map[string]any
		want   string
	}{
		"Sharded":   {"its clients follow slots", map[string]any{"clusterMode": "enabled", "numNodeGroups": 3.0}, "cache.id"},
		"OtherPort": {"a port is for life", map[string]any{"port": 6380.0}, "cache.port"},
	}
	for name, c := range cases {
		r, err := try(adopted(), c.live)
		var problems spec.Problems
		if !errors.As(err, &problems) || len(problems) != 1 || problems[0].Path != c.want || problems[0].Fix == "" {
			t.Errorf("%s: New = %v, want one problem of %s: %s", name, err, c.want, c.reason)
		}
		if got := r.Types(); len(got) != 1 {
			t.Errorf("%s: declared %v before it refused", name, got)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	cases := map[string]struct {
		reason string
		args   func() Args
		mutate func(*Args)
		want   string
	}{
		"NoNode":     {"ElastiCache needs one", base, func(a *Args) { a.Spec.NodeType = "" }, "nodeType"},
		"NoPassword": {"nobody could log in", base, func(a *Args) { a.Password = nil }, "cachePassword"},
		"NoNodes":    {"nobody could reach it", base, func(a *Args) { a.Cluster.NodeSecurityGroupID = "" }, "nodeSecurityGroupId"},
		"OneZone":    {"a replica in the same zone goes with it", base, func(a *Args) { a.Cluster.Subnets = a.Cluster.Subnets[:1] }, "two zones"},
		"OtherPlan":  {"a plan of another stack file", base, func(a *Args) { a.Plan.Policy = "noeviction" }, "cache.policy"},
		"AdoptNone":  {"which one?", adopted, func(a *Args) { a.Spec.ID = "" }, "cache.id"},
		"NoHost":     {"nothing to connect to", external, func(a *Args) { a.Spec.Host = "" }, "cache.host"},
		"NoImage":    {"nothing to run", local, func(a *Args) { a.Spec.Image = "" }, "cache.image"},
		"NoMemory":   {"no limit", local, func(a *Args) { a.Spec.MaxMemory = 0 }, "cache.maxMemory"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			args := c.args()
			c.mutate(&args)
			r, err := try(args, nil)
			var problems spec.Problems
			if !errors.As(err, &problems) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("New(%s) = %v, want spec.Problems with %q: %s", name, err, c.want, c.reason)
			}
			if n := len(r.Resources()); n != 0 {
				t.Errorf("New(%s) registered %d resources before it refused", name, n)
			}
		})
	}
}

func TestAcceptablePasswords(t *testing.T) {
	cases := map[string]struct {
		password string
		want     bool
	}{
		"Shortest": {strings.Repeat("a", 16), true}, "TooShort": {strings.Repeat("a", 15), false},
		"Longest": {strings.Repeat("a", 128), true}, "TooLong": {strings.Repeat("a", 129), false},
		"Space": {"a password of many words", false}, "Accents": {"pässword-of-many-letters", false},
		"Signs": {"!&#$^<>-aaaaaaaaaa", true},
	}
	for name, c := range cases {
		_, err := acceptable(c.password)
		if (err == nil) != c.want {
			t.Errorf("%s: acceptable = %v, want %v", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), c.password) {
			t.Errorf("%s: the error repeats the password", name)
		}
	}
	args := base()
	args.Password = pulumi.String("short")
	if _, err := try(args, nil); err == nil || !strings.Contains(err.Error(), "16 to 128") {
		t.Errorf("New with a short password = %v, want it refused in the preview", err)
	}
}

func TestPodOfALocalStack(t *testing.T) {
	r := declare(t, local())
	d := componenttest.Only(t, r, typeDeployment)
	const pod, box = "spec.template.spec.", "spec.template.spec.containers.0."
	componenttest.Expect(t, d, map[string]any{
		"spec.replicas": 1.0, "spec.strategy.type": "Recreate", pod + "securityContext.runAsUser": 65532.0,
		box + "resources.limits.memory": "256Mi", box + "resources.limits.cpu": nil, box + "command.1": "/etc/redis/redis.conf",
		box + "securityContext.readOnlyRootFilesystem": true, box + "readinessProbe.tcpSocket.port": "redis",
	})
	componenttest.Expect(t, componenttest.Only(t, r, typeService), map[string]any{"metadata.name": "redis", "spec.ports.0.port": 6379.0})
	componenttest.Expect(t, componenttest.Only(t, r, typeSecret), map[string]any{"stringData": "[secret]"})
	if d.Protect {
		t.Error("the pod of a local stack is protected")
	}
	other := local()
	other.Spec.MaxMemory = 512
	const sum = "spec.template.metadata.annotations.[" + kube.NoteChecksum + "]"
	if before, after := d.At(sum), componenttest.Only(t, declare(t, other), typeDeployment).At(sum); before == after || before == nil {
		t.Errorf("the checksum of other settings is %v as well: the pod would not roll", after)
	}
}

func TestConfGolden(t *testing.T) {
	args := local()
	golden.Text(t, "testdata/redis.conf", conf(args.Spec, args.Plan.Policy, secretDir+"/"+usersFile))
	golden.Text(t, "testdata/users.acl", acl("app", password))
}
