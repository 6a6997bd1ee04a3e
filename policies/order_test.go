package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
	"pgregory.net/rapid"

	"github.com/agencyos/headroom/policies/rules"
)

// dial serves a new pack in this process and returns a client of it.
func dial() (pulumirpc.AnalyzerClient, func(), error) {
	stop := make(chan bool)
	handle, err := rpcutil.ServeWithOptions(serveOptions(newPack(time.Now), stop))
	if err != nil {
		return nil, nil, err
	}
	conn, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", handle.Port), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallSendMsgSize(64<<20), grpc.MaxCallRecvMsgSize(64<<20)))
	return pulumirpc.NewAnalyzerClient(conn), func() { _ = conn.Close(); close(stop); <-handle.Done }, err
}

// engine is a pack with what it must remember.
type engine struct {
	pulumirpc.AnalyzerClient
	stack *structpb.Struct
	// level of rds-encrypted; suppressed accepts it; told says that it was
	// reported in this run.
	level            string
	suppressed, told bool
	err              error
}

// verdict is what the next judgement must say.
func (e *engine) verdict() []string {
	if e.suppressed || e.told {
		return []string{}
	}
	return []string{"rds-encrypted " + e.level}
}

// calls are everything an engine may ask, in the model's own terms.
var calls = map[string]func(context.Context, *engine) string{
	"GetAnalyzerInfo": func(ctx context.Context, e *engine) string {
		var info *pulumirpc.AnalyzerInfo
		info, e.err = e.GetAnalyzerInfo(ctx, &emptypb.Empty{})
		return cmp.Diff(len(rules.All())+2, len(info.GetPolicies()))
	},
	"GetPluginInfo": func(ctx context.Context, e *engine) string {
		_, e.err = e.GetPluginInfo(ctx, &emptypb.Empty{})
		return ""
	},
	"Handshake": func(ctx context.Context, e *engine) string {
		_, e.err = e.Handshake(ctx, &pulumirpc.AnalyzerHandshakeRequest{EngineAddress: "127.0.0.1:1"})
		return ""
	},
	"ConfigureStack": func(ctx context.Context, e *engine) string {
		_, e.err = e.ConfigureStack(ctx, &pulumirpc.AnalyzerStackConfigureRequest{Stack: "prod"})
		e.suppressed, e.told = false, false
		return ""
	},
	"Suppress": func(ctx context.Context, e *engine) string {
		_, e.err = e.ConfigureStack(ctx, &pulumirpc.AnalyzerStackConfigureRequest{Stack: "prod", Config: map[string]string{
			"headroom:policy": `{"suppressions":[{"rule":"rds-encrypted","resource":"main","reason":"r","expires":"2999-01-01"}]}`}})
		e.suppressed, e.told = true, false
		return ""
	},
	"Configure": func(ctx context.Context, e *engine) string {
		_, e.err = e.Configure(ctx, &pulumirpc.ConfigureAnalyzerRequest{PolicyConfig: map[string]*pulumirpc.PolicyConfig{
			"rds-encrypted": {EnforcementLevel: pulumirpc.EnforcementLevel_ADVISORY}}})
		e.level = "advisory"
		return ""
	},
	"Analyze": func(ctx context.Context, e *engine) string {
		var r *pulumirpc.AnalyzeResponse
		r, e.err = e.Analyze(ctx, &pulumirpc.AnalyzeRequest{Urn: instanceURN, Type: "aws:rds/instance:Instance", Name: "main",
			Properties: e.stack, Options: &pulumirpc.AnalyzerResourceOptions{Protect: true}})
		want := e.verdict()
		e.told = e.told || !e.suppressed
		return cmp.Diff(want, policies(r))
	},
	"AnalyzeStack": func(ctx context.Context, e *engine) string {
		var r *pulumirpc.AnalyzeResponse
		r, e.err = e.AnalyzeStack(ctx, &pulumirpc.AnalyzeStackRequest{Resources: []*pulumirpc.AnalyzerResource{{Urn: instanceURN, Type: "aws:rds/instance:Instance", Name: "main",
			Properties: e.stack, Options: &pulumirpc.AnalyzerResourceOptions{Protect: true}}}})
		want := e.verdict()
		if e.suppressed {
			want = append(want, "exceptions advisory")
		}
		e.told = false
		return cmp.Diff(want, policies(r))
	},
	"Remediate": func(ctx context.Context, e *engine) string {
		_, e.err = e.Remediate(ctx, &pulumirpc.AnalyzeRequest{Urn: instanceURN, Properties: e.stack})
		return ""
	},
	"Cancel": func(ctx context.Context, e *engine) string {
		_, e.err = e.Cancel(ctx, &emptypb.Empty{})
		return ""
	},
}

// TestEveryOrder asks in any order, any number of times: no call fails, and every
// verdict is the one that the calls before it lead to.
func TestEveryOrder(t *testing.T) {
	var names []string
	for name := range calls {
		names = append(names, name)
	}
	plain := properties(t, database(resource.PropertyMap{"storageEncrypted": resource.NewBoolProperty(false)}))
	rapid.Check(t, func(t *rapid.T) {
		c, end, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		defer end()
		e := &engine{AnalyzerClient: c, level: "mandatory", stack: plain}
		var asked []string
		for range rapid.IntRange(1, 12).Draw(t, "calls") {
			name := rapid.SampledFrom(names).Draw(t, "call")
			asked = append(asked, name)
			if diff := calls[name](context.Background(), e); diff != "" || e.err != nil {
				t.Fatalf("after %s: %v (-want +got):\n%s", strings.Join(asked, ", "), e.err, diff)
			}
		}
	})
}

// TestOptionsReachTheRules configures an option over the protocol, and one that
// there is not.
func TestOptionsReachTheRules(t *testing.T) {
	c, end, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	info, err := c.GetAnalyzerInfo(t.Context(), &emptypb.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range info.GetPolicies() {
		if p.GetName() == "rds-durable" && p.GetConfigSchema().GetProperties().GetFields()["backupDays"].GetStructValue().GetFields()["default"].GetNumberValue() != 7 {
			t.Errorf("the schema of rds-durable is %v", p.GetConfigSchema())
		}
	}
	configure := func(name string, value float64) {
		if _, err := c.Configure(t.Context(), &pulumirpc.ConfigureAnalyzerRequest{PolicyConfig: map[string]*pulumirpc.PolicyConfig{"rds-durable": {
			EnforcementLevel: pulumirpc.EnforcementLevel_MANDATORY, Properties: &structpb.Struct{Fields: map[string]*structpb.Value{name: structpb.NewNumberValue(value)}}}}}); err != nil {
			t.Fatal(err)
		}
	}
	configure("backupDays", 14)
	expect(t, "fourteen days are asked for, there are seven", analyzeStack(t, c, database(nil)), "rds-durable mandatory")
	configure("backupDay", 14)
	expect(t, "an option that there is not is said", analyzeStack(t, c, database(nil)), "exceptions mandatory")
}

// TestHostileShapes sends what no provider would, of every type: the pack answers
// every call, and no rule fails by itself.
func TestHostileShapes(t *testing.T) {
	c, end, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	deep := resource.NewStringProperty("end")
	for range 200 {
		deep = resource.NewObjectProperty(resource.PropertyMap{"spec": deep})
	}
	for name, one := range map[string]resource.PropertyValue{
		"Null": resource.NewNullProperty(), "Text": resource.NewStringProperty("x"), "Number": resource.NewNumberProperty(-1e308), "List": resource.NewArrayProperty(nil),
		"Computed": resource.MakeComputed(resource.NewStringProperty("")), "Secret": resource.MakeSecret(resource.NewNullProperty()), "Deep": deep,
		"Large": resource.NewStringProperty(strings.Repeat("x", 10<<20)),
	} {
		t.Run(name, func(t *testing.T) {
			inputs := resource.PropertyMap{}
			for _, key := range []string{"metadata", "spec", "data", "policy", "parameters", "ingress", "scalingConfig", "settings", "rules", "origins", "values", "chart"} {
				inputs[resource.PropertyKey(key)] = one
				if name == "Large" || name == "Deep" {
					break
				}
			}
			request := &pulumirpc.AnalyzeStackRequest{}
			sent := properties(t, inputs)
			types := rules.Types()
			if name == "Large" {
				types = types[:2]
			}
			for i, typ := range types {
				urn := fmt.Sprintf("urn:pulumi:prod::shop::%s::%d", typ, i)
				if _, err := c.Analyze(t.Context(), &pulumirpc.AnalyzeRequest{Urn: urn, Type: typ, Name: "x", Properties: sent}); err != nil {
					t.Errorf("Analyze of %s: %v", typ, err)
				}
				request.Resources = append(request.Resources, &pulumirpc.AnalyzerResource{Urn: urn, Type: typ, Name: "x", Properties: sent})
			}
			r, err := c.AnalyzeStack(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range r.GetDiagnostics() {
				if strings.Contains(d.GetMessage(), "the rule itself failed") {
					t.Errorf("%s: %s", d.GetPolicyName(), d.GetMessage())
				}
			}
		})
	}
}
