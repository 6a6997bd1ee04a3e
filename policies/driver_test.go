package main

import (
	"bufio"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/agencyos/headroom/policies/rules"
)

// boot builds the pack, starts it as the engine does, and dials the port that
// it prints.
func boot(t *testing.T) pulumirpc.AnalyzerClient {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "pulumi-analyzer-policy-go")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	command := exec.Command(binary)
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := command.Process.Kill(); err != nil {
			t.Errorf("the pack was gone before the test ended: %v", err)
		}
		_ = command.Wait()
	})
	port, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	conn, err := grpc.NewClient("127.0.0.1:"+strings.TrimSpace(port), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return pulumirpc.NewAnalyzerClient(conn)
}

// properties marshals inputs as the engine does.
func properties(t testing.TB, m resource.PropertyMap) *structpb.Struct {
	t.Helper()
	s, err := plugin.MarshalProperties(m, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, SkipInternalKeys: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const instanceURN = "urn:pulumi:prod::shop::aws:rds/instance:Instance::main"

func database(changes resource.PropertyMap) resource.PropertyMap {
	m := resource.NewPropertyMapFromMap(map[string]any{
		"engine": "postgres", "instanceClass": "db.m7g.large", "storageEncrypted": true, "publiclyAccessible": false,
		"multiAz": true, "allocatedStorage": 100, "maxAllocatedStorage": 200,
		"deletionProtection": true, "skipFinalSnapshot": false, "backupRetentionPeriod": 7,
	})
	m["password"] = resource.MakeSecret(resource.NewStringProperty("hunter2"))
	for k, v := range changes {
		m[k] = v
	}
	return m
}

func analyze(t *testing.T, c pulumirpc.AnalyzerClient, m resource.PropertyMap) *pulumirpc.AnalyzeResponse {
	t.Helper()
	r, err := c.Analyze(t.Context(), &pulumirpc.AnalyzeRequest{
		Urn: instanceURN, Type: "aws:rds/instance:Instance", Name: "main", Properties: properties(t, m),
		Options: &pulumirpc.AnalyzerResourceOptions{Protect: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func analyzeStack(t *testing.T, c pulumirpc.AnalyzerClient, m resource.PropertyMap) *pulumirpc.AnalyzeResponse {
	t.Helper()
	r, err := c.AnalyzeStack(t.Context(), &pulumirpc.AnalyzeStackRequest{Resources: []*pulumirpc.AnalyzerResource{{
		Urn: instanceURN, Type: "aws:rds/instance:Instance", Name: "main", Properties: properties(t, m),
		Options: &pulumirpc.AnalyzerResourceOptions{Protect: true},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// policies are "name level" of the diagnostics.
func policies(r *pulumirpc.AnalyzeResponse) []string {
	names := []string{}
	for _, d := range r.GetDiagnostics() {
		names = append(names, d.GetPolicyName()+" "+strings.ToLower(d.GetEnforcementLevel().String()))
	}
	return names
}

func expect(t *testing.T, what string, r *pulumirpc.AnalyzeResponse, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), policies(r)); diff != "" {
		t.Errorf("%s (-want +got):\n%s\n%v", what, diff, r)
	}
	if strings.Contains(r.String(), "hunter2") {
		t.Errorf("%s: a secret is in the answer: %v", what, r)
	}
}

// TestDriver drives the built pack over its protocol, first in the order that
// kills a policyx pack, then as an engine does.
func TestDriver(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the pack")
	}
	c := boot(t)
	ctx := context.Background()
	computed := resource.MakeComputed(resource.NewStringProperty(""))
	plain := resource.PropertyMap{"storageEncrypted": resource.NewBoolProperty(false)}

	info, err := c.GetAnalyzerInfo(ctx, &emptypb.Empty{})
	if err != nil {
		t.Fatal("GetAnalyzerInfo before ConfigureStack:", err)
	}
	checkInfo(t, info)
	if v, err := c.GetPluginInfo(ctx, &emptypb.Empty{}); err != nil || v.GetVersion() != packVersion {
		t.Errorf("GetPluginInfo = %v, %v, want %s", v, err, packVersion)
	}
	expect(t, "Analyze before ConfigureStack", analyze(t, c, database(plain)), "rds-encrypted mandatory")
	expect(t, "AnalyzeStack says it no second time", analyzeStack(t, c, database(plain)))
	expect(t, "AnalyzeStack of a later run", analyzeStack(t, c, database(plain)), "rds-encrypted mandatory")
	if _, err := c.ConfigureStack(ctx, &pulumirpc.AnalyzerStackConfigureRequest{Stack: "prod"}); err != nil {
		t.Fatal("ConfigureStack before Handshake:", err)
	}
	if _, err := c.Handshake(ctx, &pulumirpc.AnalyzerHandshakeRequest{EngineAddress: "127.0.0.1:1"}); err != nil {
		t.Fatal("Handshake:", err)
	}

	if _, err := c.ConfigureStack(ctx, &pulumirpc.AnalyzerStackConfigureRequest{Stack: "prod", DryRun: true, Config: map[string]string{
		"headroom:policy": `{"suppressions":[{"rule":"rds-encrypted","resource":"main","reason":"migrating","expires":"2999-01-01"}]}`,
	}}); err != nil {
		t.Fatal("ConfigureStack:", err)
	}
	expect(t, "a suppressed violation", analyze(t, c, database(plain)))
	expect(t, "a suppression that holds is listed", analyzeStack(t, c, database(plain)), "exceptions advisory")

	configure(t, c, "")
	expect(t, "computed inputs", analyze(t, c, database(resource.PropertyMap{"storageEncrypted": computed})))
	stack := analyzeStack(t, c, database(resource.PropertyMap{"storageEncrypted": computed}))
	expect(t, "computed outputs", stack, "not-evaluated advisory")
	if m := stack.GetDiagnostics()[0].GetMessage(); !strings.Contains(m, "open judgements: 1, of rules: 1; an update knows more than a preview") || !strings.Contains(m, "storageEncrypted of Instance main") {
		t.Errorf("the doubt says %q", m)
	}
	expect(t, "computed everything", analyzeStack(t, c, everyKind(computed)), "not-evaluated advisory")

	configure(t, c, `not json`)
	expect(t, "a configuration that cannot be read silences nothing", analyzeStack(t, c, database(plain)), "rds-encrypted mandatory", "exceptions mandatory")

	if _, err := c.Configure(ctx, &pulumirpc.ConfigureAnalyzerRequest{PolicyConfig: map[string]*pulumirpc.PolicyConfig{
		"rds-encrypted": {EnforcementLevel: pulumirpc.EnforcementLevel_ADVISORY},
		"rds-private":   {EnforcementLevel: pulumirpc.EnforcementLevel_DISABLED},
		"exceptions":    {EnforcementLevel: pulumirpc.EnforcementLevel_DISABLED},
		"foreign":       {EnforcementLevel: pulumirpc.EnforcementLevel_REMEDIATE},
	}}); err != nil {
		t.Fatal("Configure:", err)
	}
	plain["publiclyAccessible"] = resource.NewBoolProperty(true)
	expect(t, "configured levels", analyze(t, c, database(plain)), "rds-encrypted advisory")
	if r, err := c.Remediate(ctx, &pulumirpc.AnalyzeRequest{Urn: instanceURN, Properties: properties(t, database(nil))}); err != nil || len(r.GetRemediations()) != 0 {
		t.Errorf("Remediate = %v, %v", r, err)
	}
	if _, err := c.Cancel(ctx, &emptypb.Empty{}); err != nil {
		t.Error("Cancel:", err)
	}
}

func configure(t *testing.T, c pulumirpc.AnalyzerClient, policy string) {
	t.Helper()
	if _, err := c.ConfigureStack(t.Context(), &pulumirpc.AnalyzerStackConfigureRequest{
		Stack: "prod", DryRun: true, Config: map[string]string{"headroom:policy": policy}}); err != nil {
		t.Fatal("ConfigureStack:", err)
	}
}

func checkInfo(t *testing.T, info *pulumirpc.AnalyzerInfo) {
	t.Helper()
	want := []string{}
	for _, rule := range rules.All() {
		want = append(want, rule.ID)
	}
	want = append(want, "not-evaluated", "exceptions")
	var got []string
	for _, p := range info.GetPolicies() {
		got = append(got, p.GetName())
		if p.GetDescription() == "" || p.GetPolicyType() == pulumirpc.PolicyType_POLICY_TYPE_UNKNOWN {
			t.Errorf("policy %s has no description or type", p.GetName())
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
}
