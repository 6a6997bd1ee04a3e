package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Check fills in what the real provider fills in and reports every input the
// provider or its API refuses, all at once.
func (p *Provider) Check(ctx context.Context, req plugin.CheckRequest) (plugin.CheckResponse, error) {
	t, err := p.row(string(req.Type))
	if err != nil {
		return plugin.CheckResponse{}, err
	}
	checking := Checking{
		Type: t, Name: req.Name, Olds: req.Olds, News: clone(req.News), Seed: req.RandomSeed, Config: recall(ctx),
	}
	news, err := p.prepare(checking)
	if err != nil {
		return plugin.CheckResponse{}, err
	}
	news = withSecrets(t, news)
	bad := append(missing(t, Of(news)), failures(t.Rules, OnCheck, checking.Config, Of(news))...)
	return plugin.CheckResponse{Properties: news, Failures: bad}, nil
}

func (p *Provider) prepare(c Checking) (resource.PropertyMap, error) {
	if p.def.Prepare == nil {
		return c.News, nil
	}
	return p.def.Prepare(c)
}

// Diff compares old and new inputs by the type's table.
func (p *Provider) Diff(ctx context.Context, req plugin.DiffRequest) (plugin.DiffResponse, error) {
	t, err := p.row(string(req.Type))
	if err != nil {
		return plugin.DiffResponse{}, err
	}
	autonamed := p.def.Autonamed != nil && p.def.Autonamed(Of(req.NewInputs))
	return t.diff(recall(ctx), req.OldInputs, req.NewInputs, autonamed), nil
}

// Create makes the object. In a preview nothing is made, and what only the
// real service can tell stays unknown.
func (p *Provider) Create(ctx context.Context, req plugin.CreateRequest) (plugin.CreateResponse, error) {
	t, err := p.row(string(req.Type))
	if err != nil {
		return plugin.CreateResponse{}, err
	}
	if bad := failures(t.Rules, OnCreate, recall(ctx), Of(req.Properties)); len(bad) > 0 {
		return plugin.CreateResponse{}, fmt.Errorf("creating %s: %s", req.Type, reasons(bad))
	}
	name := t.identity(req.Properties)
	if err := p.live.claim(t, req.URN, name, req.Preview); err != nil {
		return plugin.CreateResponse{}, err
	}
	id, computed := p.mint(recall(ctx), t, req.URN, req.Properties)
	if req.Preview {
		p.live.plan(t, req.URN, req.Properties)
		return plugin.CreateResponse{Properties: p.preview(t, req.Properties, computed), Status: resource.StatusOK}, nil
	}
	made := &object{urn: req.URN, name: name, inputs: req.Properties, owned: req.Properties, computed: computed}
	if err := p.live.put(t, id, made); err != nil {
		return plugin.CreateResponse{}, err
	}
	return plugin.CreateResponse{ID: resource.ID(id), Properties: made.outputs(t), Status: resource.StatusOK}, nil
}

// Read answers the live object, for a refresh or an import. No object is an
// empty answer, which the engine reports as deleted or as missing.
func (p *Provider) Read(_ context.Context, req plugin.ReadRequest) (plugin.ReadResponse, error) {
	t, err := p.row(string(req.Type))
	if err != nil {
		return plugin.ReadResponse{}, err
	}
	key, found, ok := p.live.get(t, string(req.ID))
	if !ok {
		return plugin.ReadResponse{}, nil
	}
	p.live.adopt(key, req.URN)
	_, id := split(key)
	return plugin.ReadResponse{
		ReadResult: plugin.ReadResult{ID: resource.ID(id), Inputs: t.shape(found, req.Inputs), Outputs: found.outputs(t)},
		Status:     resource.StatusOK,
	}, nil
}

// Update changes the object in place.
func (p *Provider) Update(_ context.Context, req plugin.UpdateRequest) (plugin.UpdateResponse, error) {
	t, err := p.row(string(req.Type))
	if err != nil {
		return plugin.UpdateResponse{}, err
	}
	key, old, ok := p.live.get(t, string(req.ID))
	if !ok {
		return plugin.UpdateResponse{}, fmt.Errorf("%s %q: not found", req.Type, req.ID)
	}
	inputs, err := t.settle(old, req.NewInputs)
	if err != nil {
		return plugin.UpdateResponse{}, fmt.Errorf("updating %s %q: %w", req.Type, req.ID, err)
	}
	if bad := moves(t.Rules, Of(old.inputs), Of(inputs)); len(bad) > 0 {
		return plugin.UpdateResponse{}, fmt.Errorf("updating %s %q: %s", req.Type, req.ID, reasons(bad))
	}
	changed := &object{
		urn: req.URN, name: t.identity(inputs), inputs: inputs, owned: req.NewInputs, others: old.others, computed: old.computed,
	}
	changed.computed = t.renewed(old, req.Preview)
	if req.Preview {
		p.live.plan(t, req.URN, inputs)
	} else {
		p.live.replace(key, changed)
	}
	return plugin.UpdateResponse{Properties: changed.outputs(t), Status: resource.StatusOK}, nil
}

// renewed are the computed outputs after an update; a preview cannot know those
// that change.
func (t Type) renewed(old *object, preview bool) resource.PropertyMap {
	if t.Renews == nil {
		return old.computed
	}
	out := clone(old.computed)
	for name, value := range t.Renews(Of(old.outputs(t))) {
		out[resource.PropertyKey(name)] = resource.NewPropertyValue(value)
		if preview {
			out[resource.PropertyKey(name)] = resource.MakeComputed(resource.NewStringProperty(""))
		}
	}
	return out
}

// Delete removes the object, unless a rule protects it.
func (p *Provider) Delete(ctx context.Context, req plugin.DeleteRequest) (plugin.DeleteResponse, error) {
	t, err := p.row(string(req.Type))
	if err != nil {
		return plugin.DeleteResponse{}, err
	}
	key, found, ok := p.live.get(t, string(req.ID))
	if !ok {
		return plugin.DeleteResponse{}, nil
	}
	if bad := failures(t.Rules, OnDelete, recall(ctx), Of(found.inputs)); len(bad) > 0 {
		return plugin.DeleteResponse{}, fmt.Errorf("deleting %s %q: %s", req.Type, req.ID, reasons(bad))
	}
	p.live.remove(key)
	return plugin.DeleteResponse{}, nil
}

// preview is what a preview can tell of a new object: the inputs, and the
// computed outputs as unknown.
func (p *Provider) preview(t Type, inputs, computed resource.PropertyMap) resource.PropertyMap {
	out := clone(inputs)
	delete(out, internalKey)
	for _, k := range slices.Collect(maps.Keys(computed)) {
		if _, set := out[k]; !set && !p.def.OmitComputed {
			out[k] = resource.MakeComputed(resource.NewStringProperty(""))
		}
	}
	return withSecrets(t, out)
}
