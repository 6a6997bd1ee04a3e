package provider

import (
	"context"
	"fmt"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Provider serves one definition. It is safe for use by many connections.
type Provider struct {
	plugin.UnimplementedProvider

	def   Definition
	types map[string]Type
	live  *world
}

// New makes a provider of a definition. It panics on a table that names a type
// twice or leaves out a source, which only a change of the table can cause.
func New(def Definition) *Provider {
	p := &Provider{def: def, types: map[string]Type{}, live: newWorld()}
	for _, t := range def.Types {
		if _, twice := p.types[t.Token]; twice || t.Source == "" {
			panic(fmt.Sprintf("%s: listed twice, or without a source", t.Token))
		}
		p.types[t.Token] = t
	}
	return p
}

// Name is the package name the engine asks for.
func (p *Provider) Name() string { return p.def.Name }

// Definition is the table the provider serves.
func (p *Provider) Definition() Definition { return p.def }

// row finds a type's row. A type without one is refused: guessing its
// behavior would make a preview that proves nothing.
func (p *Provider) row(token string) (Type, error) {
	t, ok := p.types[token]
	if !ok {
		return Type{}, fmt.Errorf("the stand-in %s provider has no row for resource type %s; "+
			"add one with its source to the table in internal/standin/%s", p.def.Name, token, p.def.Name)
	}
	return t, nil
}

// Handshake tells the engine what the server understands.
func (p *Provider) Handshake(
	context.Context, plugin.ProviderHandshakeRequest,
) (*plugin.ProviderHandshakeResponse, error) {
	return &plugin.ProviderHandshakeResponse{AcceptSecrets: true, AcceptResources: true}, nil
}

// GetPluginInfo answers the version of the SDK, so that the engine accepts the
// server as the plugin the program asked for.
func (p *Provider) GetPluginInfo(context.Context) (plugin.PluginInfo, error) {
	v, err := semver.ParseTolerant(p.def.Version)
	if err != nil {
		return plugin.PluginInfo{}, fmt.Errorf("version of the stand-in %s provider: %w", p.def.Name, err)
	}
	return plugin.PluginInfo{Version: &v}, nil
}

// Attach is the engine telling an already running provider its address. The
// stand-ins never call back.
func (p *Provider) Attach(string) error { return nil }

// SignalCancellation has nothing to interrupt: no call waits.
func (p *Provider) SignalCancellation(context.Context) error { return nil }

// Close keeps the live objects: they outlive one engine run.
func (p *Provider) Close() error { return nil }

// GetSchema answers an empty schema. Go programs carry their own types.
func (p *Provider) GetSchema(context.Context, plugin.GetSchemaRequest) (plugin.GetSchemaResponse, error) {
	schema := fmt.Sprintf(`{"name":%q,"version":%q}`, p.def.Name, p.def.Version)
	return plugin.GetSchemaResponse{Schema: []byte(schema)}, nil
}

// CheckConfig judges the settings of a provider resource.
func (p *Provider) CheckConfig(
	_ context.Context, req plugin.CheckConfigRequest,
) (plugin.CheckConfigResponse, error) {
	return plugin.CheckConfigResponse{
		Properties: req.News,
		Failures:   failures(p.def.ConfigRules, OnCheck, configValue(req.News), configValue(req.News)),
	}, nil
}

// DiffConfig reports changed settings as an update, never a replacement: a
// replaced provider would replace every resource it manages.
func (p *Provider) DiffConfig(
	_ context.Context, req plugin.DiffConfigRequest,
) (plugin.DiffConfigResponse, error) {
	return Type{}.diff(Value{}, req.OldInputs, req.NewInputs, false), nil
}

// Configure keeps the settings for the connection they came on.
func (p *Provider) Configure(
	ctx context.Context, req plugin.ConfigureRequest,
) (plugin.ConfigureResponse, error) {
	config := configValue(req.Inputs)
	if bad := failures(p.def.ConfigRules, OnCheck, config, config); len(bad) > 0 {
		return plugin.ConfigureResponse{}, fmt.Errorf("%s provider: %s", p.def.Name, bad[0].Reason)
	}
	remember(ctx, config)
	return plugin.ConfigureResponse{}, nil
}

// Invoke answers a function of the table.
func (p *Provider) Invoke(ctx context.Context, req plugin.InvokeRequest) (plugin.InvokeResponse, error) {
	answer, ok := p.def.Functions[string(req.Tok)]
	if !ok {
		return plugin.InvokeResponse{}, fmt.Errorf("the stand-in %s provider has no row for function %s; "+
			"add one to the table in internal/standin/%s", p.def.Name, req.Tok, p.def.Name)
	}
	result, err := answer(Call{Config: recall(ctx), Args: Of(req.Args), Find: p.find, List: p.list})
	if err != nil {
		return plugin.InvokeResponse{}, err
	}
	return plugin.InvokeResponse{Properties: resource.NewPropertyMapFromMap(result)}, nil
}
