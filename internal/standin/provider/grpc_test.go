package provider_test

import (
	"context"
	"fmt"
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

	"github.com/agencyos/headroom/internal/standin/provider"
)

const token = "test:index:Widget"

// definition is a small provider with one type that does everything a row can.
func definition() provider.Definition {
	return provider.Definition{
		Name: "test", Version: "1.2.3",
		Types: []provider.Type{{
			Token: token, Source: "made up for this test", ReplaceOn: provider.On("family"),
			Required: []string{"size"}, Secrets: []string{"password"}, Defaults: map[string]any{"color": "red"},
			Autoname: &provider.Autoname{Property: "name", Separator: "-", Random: 7, Max: 40},
			Identity: func(in provider.Value) string { return in.At("name").Text() },
			Rules: []provider.Rule{
				{ID: "size-limit", Source: "test", Test: func(_, in provider.Value) []provider.Problem {
					if n, ok := in.At("size").Number(); ok && n > 9 {
						return []provider.Problem{{Path: "size", Text: "must be at most 9"}}
					}
					return nil
				}},
				{ID: "keep", When: provider.OnDelete, Source: "test", Test: func(_, in provider.Value) []provider.Problem {
					if in.At("keep").True() {
						return []provider.Problem{{Path: "keep", Text: "is protected"}}
					}
					return nil
				}},
			},
			Mint: func(m provider.Minting) (string, map[string]any) {
				return m.Inputs.At("name").Text(), map[string]any{"arn": "arn:" + m.Config.At("region").Text()}
			},
		}},
		Functions: map[string]provider.Function{
			"test:index:region": func(c provider.Call) (map[string]any, error) {
				return map[string]any{"name": c.Config.At("region").Text()}, nil
			},
		},
		ConfigRules: []provider.Rule{{ID: "region", Source: "test", Test: func(config, _ provider.Value) []provider.Problem {
			if config.At("region").Text() == "nowhere" {
				return []provider.Problem{{Path: "region", Text: "does not exist"}}
			}
			return nil
		}}},
		Prepare:   provider.Fill,
		Autonamed: func(in provider.Value) bool { return provider.Filled(in, "name") },
	}
}

// client is one connection to a served provider, as the engine opens one per
// provider resource.
type client struct {
	t *testing.T
	pulumirpc.ResourceProviderClient
}

func dial(t *testing.T, s *provider.Server) client {
	t.Helper()
	conn, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", s.Port),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return client{t, pulumirpc.NewResourceProviderClient(conn)}
}

func serve(t *testing.T) (*provider.Provider, *provider.Server) {
	t.Helper()
	p := provider.New(definition())
	s, err := p.Serve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close(): %v", err)
		}
	})
	return p, s
}

var wire = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true}

func (c client) pack(m resource.PropertyMap) *structpb.Struct {
	c.t.Helper()
	s, err := plugin.MarshalProperties(m, wire)
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

func (c client) unpack(s *structpb.Struct) resource.PropertyMap {
	c.t.Helper()
	m, err := plugin.UnmarshalProperties(s, wire)
	if err != nil {
		c.t.Fatal(err)
	}
	return m
}

func (c client) configure(region string) error {
	_, err := c.Configure(c.t.Context(), &pulumirpc.ConfigureRequest{
		AcceptSecrets: true, AcceptResources: true,
		Args: c.pack(resource.PropertyMap{"region": resource.NewStringProperty(region)}),
	})
	return err
}

func urn(name string) string { return "urn:pulumi:s::p::" + token + "::" + name }

func (c client) check(name string, olds, news resource.PropertyMap) (resource.PropertyMap, []string) {
	c.t.Helper()
	r, err := c.Check(c.t.Context(), &pulumirpc.CheckRequest{
		Urn: urn(name), Olds: c.pack(olds), News: c.pack(news), RandomSeed: []byte("seed"),
	})
	if err != nil {
		c.t.Fatalf("Check(%s): %v", name, err)
	}
	var reasons []string
	for _, f := range r.GetFailures() {
		reasons = append(reasons, f.GetReason())
	}
	return c.unpack(r.GetInputs()), reasons
}

func num(n float64) resource.PropertyValue { return resource.NewNumberProperty(n) }
func str(s string) resource.PropertyValue  { return resource.NewStringProperty(s) }

var unknown = resource.MakeComputed(str(""))

func TestHandshakeAndInfo(t *testing.T) {
	_, s := serve(t)
	c := dial(t, s)
	h, err := c.Handshake(t.Context(), &pulumirpc.ProviderHandshakeRequest{EngineAddress: "x"})
	if err != nil || !h.GetAcceptSecrets() {
		t.Errorf("Handshake() = %v, %v; want one that accepts secrets", h, err)
	}
	info, err := c.GetPluginInfo(t.Context(), &emptypb.Empty{})
	if err != nil || info.GetVersion() != "1.2.3" {
		t.Errorf("GetPluginInfo() = %v, %v; want the version of the SDK, else the engine warns", info, err)
	}
	if _, err := c.Attach(t.Context(), &pulumirpc.PluginAttach{Address: "x"}); err != nil {
		t.Errorf("Attach(): %v", err)
	}
	schema, err := c.GetSchema(t.Context(), &pulumirpc.GetSchemaRequest{})
	if err != nil || !strings.Contains(schema.GetSchema(), `"test"`) {
		t.Errorf("GetSchema() = %v, %v; want one of package test", schema, err)
	}
	if _, err := c.Cancel(t.Context(), &emptypb.Empty{}); err != nil {
		t.Errorf("Cancel(): %v", err)
	}
}

func TestConfigIsPerConnection(t *testing.T) {
	_, s := serve(t)
	east, west := dial(t, s), dial(t, s)
	for _, err := range []error{east.configure("east"), west.configure("west")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for c, want := range map[client]string{east: "east", west: "west"} {
		r, err := c.Invoke(t.Context(), &pulumirpc.InvokeRequest{Tok: "test:index:region"})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.unpack(r.GetReturn())["name"].StringValue(); got != want {
			t.Errorf("Invoke(region) on the %s connection = %q: two providers of one program must not mix", want, got)
		}
	}
}

func TestConfigRules(t *testing.T) {
	_, s := serve(t)
	c := dial(t, s)
	if err := c.configure("nowhere"); err == nil {
		t.Error("Configure(nowhere) is accepted, want the rule's refusal")
	}
	news := c.pack(resource.PropertyMap{"region": str("nowhere")})
	r, err := c.CheckConfig(t.Context(), &pulumirpc.CheckRequest{Urn: "urn:pulumi:s::p::pulumi:providers:test::x", News: news})
	if err != nil || len(r.GetFailures()) != 1 {
		t.Errorf("CheckConfig(nowhere) = %v, %v; want one failure", r, err)
	}
	d, err := c.DiffConfig(t.Context(), &pulumirpc.DiffRequest{
		Urn: "urn:pulumi:s::p::pulumi:providers:test::x", OldInputs: c.pack(resource.PropertyMap{"region": str("a")}), News: news,
	})
	if err != nil || d.GetChanges() != pulumirpc.DiffResponse_DIFF_SOME || len(d.GetReplaces()) > 0 {
		t.Errorf("DiffConfig(a, nowhere) = %v, %v; want an update: a replaced provider replaces everything", d, err)
	}
}

func TestCheck(t *testing.T) {
	_, s := serve(t)
	c := dial(t, s)
	cases := map[string]struct {
		reason     string
		olds, news resource.PropertyMap
		want       []string
	}{
		"Fine":     {"valid inputs pass", nil, resource.PropertyMap{"size": num(3)}, nil},
		"Missing":  {"a required input is named", nil, resource.PropertyMap{}, []string{"size is required"}},
		"TooLarge": {"a rule names path, value and rule", nil, resource.PropertyMap{"size": num(12)}, []string{"size = 12: must be at most 9 (size-limit)"}},
		"Unknown":  {"an unknown input breaks no rule yet", nil, resource.PropertyMap{"size": unknown}, nil},
		"Secret":   {"a secret input is judged and not shown", nil, resource.PropertyMap{"size": resource.MakeSecret(num(12))}, []string{"size = [secret]: must be at most 9 (size-limit)"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, got := c.check("w", tc.olds, tc.news)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: Check(%v) failures (-want +got):\n%s", tc.reason, tc.news, diff)
			}
		})
	}
}

func TestCheckFills(t *testing.T) {
	_, s := serve(t)
	c := dial(t, s)
	first, _ := c.check("w", nil, resource.PropertyMap{"size": num(1), "password": str("x")})
	name := first["name"].StringValue()
	if !strings.HasPrefix(name, "w-") || len(name) != 9 || first["color"].StringValue() != "red" {
		t.Errorf("Check fills name %q and color %v, want w- and seven digits, red", name, first["color"])
	}
	if !first["password"].IsSecret() {
		t.Errorf("Check leaves the password plain: %v", first["password"])
	}
	second, _ := c.check("w", first, resource.PropertyMap{"size": num(2)})
	if got := second["name"].StringValue(); got != name {
		t.Errorf("Check renames %s to %s although nobody asked", name, got)
	}
	third, _ := c.check("w", first, resource.PropertyMap{"size": num(2), "name": str("mine")})
	if got := third["name"].StringValue(); got != "mine" {
		t.Errorf("Check overrides the program's name with %s", got)
	}
}

// create runs Check and Create as the engine does.
func (c client) create(name string, news resource.PropertyMap, preview bool) (string, resource.PropertyMap, error) {
	c.t.Helper()
	inputs, failures := c.check(name, nil, news)
	if len(failures) > 0 {
		c.t.Fatalf("Check(%s): %v", name, failures)
	}
	r, err := c.Create(c.t.Context(), &pulumirpc.CreateRequest{Urn: urn(name), Properties: c.pack(inputs), Preview: preview})
	if err != nil {
		return "", nil, err
	}
	return r.GetId(), c.unpack(r.GetProperties()), nil
}

func TestCreateInPreview(t *testing.T) {
	p, s := serve(t)
	c := dial(t, s)
	id, out, err := c.create("w", resource.PropertyMap{"size": num(1), "tag": unknown, "password": str("x")}, true)
	if err != nil || id != "" || len(p.Objects()) > 0 {
		t.Fatalf("Create(preview) = id %q, %v, objects %v; want nothing made", id, err, p.Objects())
	}
	if !out["arn"].IsComputed() || !out["tag"].IsComputed() {
		t.Errorf("Create(preview): arn %v and tag %v must stay unknown", out["arn"], out["tag"])
	}
	if !out["password"].IsSecret() || out["__defaults"].HasValue() && !out["__defaults"].IsNull() {
		t.Errorf("Create(preview): password %v must stay secret, and bookkeeping stay inside: %v", out["password"], out["__defaults"])
	}
}

func TestLifecycleOfOneObject(t *testing.T) {
	p, s := serve(t)
	c := dial(t, s)
	if err := c.configure("east"); err != nil {
		t.Fatal(err)
	}
	id, out, err := c.create("w", resource.PropertyMap{"size": num(1), "name": str("one"), "password": str("x")}, false)
	if err != nil || id != "one" || out["arn"].StringValue() != "arn:east" || !out["password"].IsSecret() {
		t.Fatalf("Create() = %q, %v, %v", id, out, err)
	}
	read, err := c.Read(t.Context(), &pulumirpc.ReadRequest{Id: id, Urn: urn("w")})
	if err != nil || !c.unpack(read.GetInputs())["password"].IsSecret() || c.unpack(read.GetProperties())["size"].NumberValue() != 1 {
		t.Errorf("Read(%s) = %v, %v", id, read, err)
	}
	news := resource.PropertyMap{"size": num(2), "name": str("one")}
	for _, preview := range []bool{true, false} {
		r, err := c.Update(t.Context(), &pulumirpc.UpdateRequest{
			Id: id, Urn: urn("w"), Olds: c.pack(out), News: c.pack(news), Preview: preview,
		})
		if got := c.unpack(r.GetProperties()); err != nil || got["size"].NumberValue() != 2 || got["arn"].StringValue() != "arn:east" {
			t.Errorf("Update(preview %t) = %v, %v; want the new size and the old arn", preview, got, err)
		}
	}
	if _, err := c.Delete(t.Context(), &pulumirpc.DeleteRequest{Id: id, Urn: urn("w")}); err != nil || len(p.Objects()) > 0 {
		t.Errorf("Delete(%s): %v, objects left %v", id, err, p.Objects())
	}
	gone, err := c.Read(t.Context(), &pulumirpc.ReadRequest{Id: id, Urn: urn("w")})
	if err != nil || gone.GetId() != "" {
		t.Errorf("Read(%s) after Delete = %v, %v; want an empty answer", id, gone, err)
	}
}

func TestDiffOverTheWire(t *testing.T) {
	_, s := serve(t)
	c := dial(t, s)
	old := resource.PropertyMap{"size": num(1), "name": str("a"), "family": str("x")}
	r, err := c.Diff(t.Context(), &pulumirpc.DiffRequest{
		Id: "a", Urn: urn("w"), OldInputs: c.pack(old),
		News: c.pack(resource.PropertyMap{"size": unknown, "name": str("a"), "family": str("y")}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"family"}, r.GetReplaces()); diff != "" || !r.GetDeleteBeforeReplace() {
		t.Errorf("Diff: replaces (-want +got):\n%s; delete first %t, want true under a fixed name", diff, r.GetDeleteBeforeReplace())
	}
}

func TestNamesAreUnique(t *testing.T) {
	p, s := serve(t)
	c := dial(t, s)
	same := resource.PropertyMap{"size": num(1), "name": str("taken")}
	if _, _, err := c.create("a", same, true); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.create("b", same, true); err == nil || !strings.Contains(err.Error(), "AlreadyExists") {
		t.Errorf("Create(preview) of a second object of one name: %v, want AlreadyExists in the preview already", err)
	}
	p.Begin()
	if _, _, err := c.create("b", same, true); err != nil {
		t.Errorf("Create(preview) in the next run: %v, want the promise of the last run forgotten", err)
	}
	if err := p.Seed(provider.Seed{Token: token, ID: "taken", Inputs: map[string]any{"size": 1.0, "name": "taken"}}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.create("c", same, false); err == nil || !strings.Contains(err.Error(), "there before") {
		t.Errorf("Create() over a live object: %v, want AlreadyExists", err)
	}
	read, err := c.Read(t.Context(), &pulumirpc.ReadRequest{Id: "taken", Urn: urn("c")})
	if err != nil || read.GetId() != "taken" {
		t.Errorf("Read() of a live object for an import = %v, %v", read, err)
	}
}

func TestDeleteRules(t *testing.T) {
	p, s := serve(t)
	c := dial(t, s)
	id, _, err := c.create("w", resource.PropertyMap{"size": num(1), "keep": resource.NewBoolProperty(true)}, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Delete(t.Context(), &pulumirpc.DeleteRequest{Id: id, Urn: urn("w")}); err == nil {
		t.Error("Delete() of a protected object is accepted")
	}
	lift := func(_ string, in resource.PropertyMap) bool {
		in["keep"] = resource.NewBoolProperty(false)
		return true
	}
	if n := p.Modify(lift); n != 1 {
		t.Errorf("Modify() changed %d objects, want 1", n)
	}
	if _, err := c.Delete(t.Context(), &pulumirpc.DeleteRequest{Id: id, Urn: urn("w")}); err != nil {
		t.Errorf("Delete() after the protection is lifted: %v", err)
	}
}

func TestUnlistedIsRefused(t *testing.T) {
	_, s := serve(t)
	c := dial(t, s)
	other := "urn:pulumi:s::p::test:index:Other::x"
	calls := map[string]func(context.Context) error{
		"Check": func(ctx context.Context) error {
			_, err := c.Check(ctx, &pulumirpc.CheckRequest{Urn: other})
			return err
		},
		"Diff": func(ctx context.Context) error { _, err := c.Diff(ctx, &pulumirpc.DiffRequest{Urn: other}); return err },
		"Create": func(ctx context.Context) error {
			_, err := c.Create(ctx, &pulumirpc.CreateRequest{Urn: other})
			return err
		},
		"Read": func(ctx context.Context) error { _, err := c.Read(ctx, &pulumirpc.ReadRequest{Urn: other}); return err },
		"Update": func(ctx context.Context) error {
			_, err := c.Update(ctx, &pulumirpc.UpdateRequest{Urn: other})
			return err
		},
		"Delete": func(ctx context.Context) error {
			_, err := c.Delete(ctx, &pulumirpc.DeleteRequest{Urn: other})
			return err
		},
		"Invoke": func(ctx context.Context) error {
			_, err := c.Invoke(ctx, &pulumirpc.InvokeRequest{Tok: "test:index:Other"})
			return err
		},
	}
	for name, call := range calls {
		if err := call(t.Context()); err == nil || !strings.Contains(err.Error(), "has no row") {
			t.Errorf("%s of something the table does not list: %v, want a refusal that says where to add it", name, err)
		}
	}
}
