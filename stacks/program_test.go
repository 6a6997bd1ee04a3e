package stacks

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/components/componenttest"
)

// today is fixed, so that no waiver expires under a test.
var today = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// project is where the committed stacks are.
const project = ".."

func committed(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(stackFile(project, "*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("finding stack files: %v, %v", paths, err)
	}
	var names []string
	for _, path := range paths {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "Pulumi."), ".yaml"))
	}
	return names
}

// raw are the config values of a committed stack, as the engine hands them over.
func raw(t *testing.T, stack string) map[string]string {
	t.Helper()
	src, err := fromFile(project, stack)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for key, value := range src.raw {
		out[spec.Namespace+":"+key] = string(value)
	}
	return out
}

// play runs the program on mocks with a stack's config and the project in dir.
func play(stack, dir string, config map[string]string, opts ...pulumi.RunOption) (*componenttest.Recorder, error) {
	r := &componenttest.Recorder{
		Calls: map[string]resource.PropertyMap{
			"aws:eks/getCluster:getCluster": {
				"endpoint": resource.NewProperty("https://cluster.example"), "version": resource.NewProperty("1.35"),
				"vpcConfig": resource.NewProperty(resource.PropertyMap{"clusterSecurityGroupId": resource.NewProperty("sg-cluster")}),
				"certificateAuthorities": resource.NewProperty([]resource.PropertyValue{
					resource.NewProperty(resource.PropertyMap{"data": resource.NewProperty("Y2E=")}),
				}),
			},
			"aws:eks/getNodeGroups:getNodeGroups":      resource.NewPropertyMapFromMap(map[string]any{"names": []any{}}),
			"cloudflare:index/getZone:getZone":         resource.NewPropertyMapFromMap(map[string]any{"name": "agencyos.example", "plan": "Business Website"}),
			"cloudflare:index/getRulesets:getRulesets": resource.NewPropertyMapFromMap(map[string]any{"rulesets": []any{}}),
		},
		Outputs: map[string]resource.PropertyMap{
			"aws:rds/parameterGroup:ParameterGroup":         {"name": resource.NewProperty("the parameter group")},
			"aws:rds/subnetGroup:SubnetGroup":               {"name": resource.NewProperty("the subnet group")},
			"aws:elasticache/parameterGroup:ParameterGroup": {"name": resource.NewProperty("the cache parameter group")},
			"aws:elasticache/subnetGroup:SubnetGroup":       {"name": resource.NewProperty("the cache subnet group")},
			"aws:elasticache/replicationGroup:ReplicationGroup": {
				"primaryEndpointAddress": resource.NewProperty("cache.example"), "readerEndpointAddress": resource.NewProperty("readers.example"),
			},
			"aws:acm/certificate:Certificate": resource.NewPropertyMapFromMap(map[string]any{"domainValidationOptions": []any{map[string]any{
				"resourceRecordName": "_proof.media.agencyos.example.", "resourceRecordValue": "_x.acm-validations.aws.",
			}}}),
			"aws:ec2/launchTemplate:LaunchTemplate": {"latestVersion": resource.NewProperty(1.0)},
			"aws:iam/role:Role":                     resource.NewPropertyMapFromMap(map[string]any{"arn": "arn:aws:iam::111122223333:role/the-role", "name": "the-role"}),
			"aws:eks/nodeGroup:NodeGroup": resource.NewPropertyMapFromMap(map[string]any{"nodeGroupName": "the-group",
				"resources": []any{map[string]any{"autoscalingGroups": []any{map[string]any{"name": "eks-the-group"}}}}}),
			"aws:rds/instance:Instance": {
				"address": resource.NewProperty("db.example"), "identifier": resource.NewProperty("the instance"),
				"masterUserSecrets": resource.NewProperty([]resource.PropertyValue{
					resource.NewProperty(resource.PropertyMap{"secretArn": resource.NewProperty("arn:aws:secretsmanager:example")}),
				}),
			}},
	}
	config = maps.Clone(config)
	config["headroom:cloudflareToken"] = "a token"
	for _, key := range []string{"headroom:cachePassword", "headroom:localPassword"} {
		if _, set := config[key]; !set {
			config[key] = "a-password-of-enough-characters"
		}
	}
	secrets := pulumi.RunOption(func(info *pulumi.RunInfo) {
		info.ConfigSecretKeys = append(info.ConfigSecretKeys, "headroom:cachePassword", "headroom:localPassword")
	})
	set := func(info *pulumi.RunInfo) { info.RootDirectory, info.Config = dir, config }
	err := r.Run(stack, func(ctx *pulumi.Context) error { return run(ctx, today) }, append(append([]pulumi.RunOption{set}, opts...), secrets)...)
	return r, err
}

func TestCommittedStacks(t *testing.T) {
	for _, stack := range committed(t) {
		t.Run(stack, func(t *testing.T) {
			r, err := play(stack, project, raw(t, stack))
			if err != nil {
				t.Fatalf("program of %s: %v", stack, err)
			}
			text, err := r.Golden()
			if err != nil {
				t.Fatal(err)
			}
			golden.Text(t, "testdata/"+stack+".golden", text)
		})
	}
}

func TestNoResourceUsesAnAmbientProvider(t *testing.T) {
	for _, stack := range committed(t) {
		r, err := play(stack, project, raw(t, stack))
		if err != nil {
			t.Fatalf("program of %s: %v", stack, err)
		}
		for _, one := range r.Resources() {
			if one.Custom && !strings.HasPrefix(one.Type, "pulumi:providers:") && one.Provider == "" {
				t.Errorf("%s: %s %s has no explicit provider", stack, one.Type, one.Name)
			}
		}
	}
}

func TestRefusalComesBeforeAnyResource(t *testing.T) {
	cases := map[string]struct {
		reason string
		config func(map[string]string)
		want   []string
	}{
		"ViolatedCheck": {"the trigger cannot be met", func(c map[string]string) { c["headroom:slo"] = `{"trigger":"5s"}` },
			[]string{"refused", "trigger-time", "because", "fix:"}},
		"TwoViolatedChecks": {"all of them at once", func(c map[string]string) {
			c["headroom:slo"] = `{"trigger":"5s"}`
			c["headroom:budget"] = `{"monthly":1}`
		}, []string{"trigger-time", "cost-floor", "cost-ceiling"}},
		"UnknownKey": {"a misspelled key must not be ignored", func(c map[string]string) { c["headroom:servces"] = `{}` }, []string{"servces: unknown key", "services"}},
		"BadValue":   {"every problem with its path", func(c map[string]string) { c["headroom:traffic"] = `{"growth":0.5}` }, []string{"traffic.growth = 0.5"}},
		"Undeclarable": {"a part that nobody would create", func(c map[string]string) {
			c["headroom:nodes"] = `{"groups":[{"name":"web","mode":"managed","fixed":{"cpu":"4","memory":"16Gi","pods":58},"minSize":10,"maxSize":24}]}`
		}, []string{"nodes.groups[0].mode = managed", "use external"}},
		"NoConfiguration": {"an empty stack", func(c map[string]string) { clear(c) }, []string{"no headroom: configuration"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			config := raw(t, "prod")
			c.config(config)
			env, err := json.Marshal(config)
			if err != nil {
				t.Fatal(err)
			}
			t.Setenv(pulumi.EnvConfig, string(env))
			r, err := play("prod", project, config)
			if err == nil {
				t.Fatalf("program accepts %s: %s", name, c.reason)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("program(%s) = %v\nwant an error with %q: %s", name, err, want, c.reason)
				}
			}
			if n := len(r.Resources()) + len(r.Called()); n != 0 {
				t.Errorf("program(%s) made %d registrations and calls before it refused", name, n)
			}
		})
	}
}

func TestUnknownKeyInTheFileIsFoundWithoutTheEnvironment(t *testing.T) {
	dir := copyProject(t, "prod")
	path := stackFile(dir, "prod")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, "\n  headroom:cahce: {}\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := play("prod", dir, raw(t, "prod")); err == nil || !strings.Contains(err.Error(), "cahce: unknown key") {
		t.Errorf("program = %v, want the unknown key of the stack file", err)
	}
}

func TestSecretStructureIsRefused(t *testing.T) {
	secret := func(info *pulumi.RunInfo) { info.ConfigSecretKeys = []string{"headroom:database"} }
	r, err := play("prod", project, raw(t, "prod"), secret)
	if err == nil || !strings.Contains(err.Error(), "database: must not be a secret") {
		t.Errorf("program = %v, want it to refuse a secret that it would log", err)
	}
	if n := len(r.Resources()); n != 0 {
		t.Errorf("program made %d registrations before it refused", n)
	}
}

func TestKnownSecretKeysAreNoProblem(t *testing.T) {
	config := raw(t, "prod")
	config["headroom:cachePassword"] = "not-shown-anywhere"
	env, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(pulumi.EnvConfig, string(env))
	if _, err := play("prod", project, config); err != nil {
		t.Errorf("program with headroom:cachePassword: %v", err)
	}
}

func TestMissingBaselineSaysWhatToDo(t *testing.T) {
	dir := copyProject(t, "prod")
	if err := os.Remove(filepath.Join(dir, "baselines", "prod.json")); err != nil {
		t.Fatal(err)
	}
	r, err := play("prod", dir, raw(t, "prod"))
	if err == nil || !strings.Contains(err.Error(), "baselines/prod.json is missing") || !strings.Contains(err.Error(), "baselines/prod.json shows the form") {
		t.Errorf("program without a baseline = %v, want what to do", err)
	}
	if n := len(r.Resources()); n != 0 {
		t.Errorf("program made %d registrations before it refused", n)
	}
}

func TestActiveWaiverLetsTheStackThrough(t *testing.T) {
	config := raw(t, "prod")
	config["headroom:slo"] = `{"trigger":"5s"}`
	config["headroom:waivers"] = `[{"check":"trigger-time","reason":"test","until":"2026-11-23"}]`
	if _, err := play("prod", project, config); err != nil {
		t.Errorf("program with a waiver that ends today: %v", err)
	}
	config["headroom:waivers"] = `[{"check":"trigger-time","reason":"test","until":"2026-11-22"}]`
	if _, err := play("prod", project, config); err == nil || !strings.Contains(err.Error(), "trigger-time") {
		t.Errorf("program with a waiver that ended yesterday = %v, want the violation back", err)
	}
}

func TestReportOfCommittedStacks(t *testing.T) {
	for _, stack := range committed(t) {
		text, err := Report(t.Context(), project, stack, true)
		if err != nil || !strings.HasPrefix(text, stack+": headroom ") {
			t.Errorf("Report(%s) = %.80q, %v, want the headroom first and no violation", stack, text, err)
		}
	}
	if text, err := Report(t.Context(), project, "nowhere", true); err == nil || text != "" {
		t.Errorf("Report(nowhere) = %q, %v, want only an error", text, err)
	}
}

func TestReportOfARefusedStackHasBoth(t *testing.T) {
	dir := copyProject(t, "prod")
	path := stackFile(dir, "prod")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "trigger: 60s", "trigger: 5s", 1)
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := Report(t.Context(), dir, "prod", false)
	if err == nil || !strings.Contains(out, "REFUSED") {
		t.Errorf("Report = %.80q, %v, want a report and an error", out, err)
	}
}

func TestProjectFileRefreshesBeforeEveryOperation(t *testing.T) {
	p, err := workspace.LoadProject(filepath.Join(project, "Pulumi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if p.Options == nil || p.Options.Refresh != "always" {
		t.Errorf("options = %+v, want refresh: always: ignored fields are set to the recorded value", p.Options)
	}
	if p.Name != "headroom" || p.Runtime.Name() != "go" {
		t.Errorf("name and runtime = %s, %s, want headroom, go", p.Name, p.Runtime.Name())
	}
}

// copyProject copies what the program reads of one stack.
func copyProject(t *testing.T, stack string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "baselines"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"Pulumi." + stack + ".yaml", filepath.Join("baselines", stack+".json")} {
		data, err := os.ReadFile(filepath.Join(project, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
