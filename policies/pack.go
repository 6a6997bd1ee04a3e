package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/policies/rules"
)

const (
	packName    = "headroom"
	packVersion = "0.1.0"
)

// pack is the analyzer. Every rule judges the stack as a whole; those that need
// one resource only also judge it before it is created, and are then not
// reported a second time.
type pack struct {
	rules []rules.Rule
	read  map[string]bool
	now   func() time.Time

	mu       sync.Mutex
	levels   map[string]apitype.EnforcementLevel
	chosen   rules.Config
	doubtful []string
	config   stackConfig
	preview  bool
	seen     map[string]rules.Resource
	reported map[violationKey]bool
}

// violationKey identifies a violation within one run.
type violationKey struct{ rule, urn string }

var _ plugin.Analyzer = (*pack)(nil)

func newPack(now func() time.Time) *pack {
	p := &pack{rules: rules.All(), now: now, read: map[string]bool{}}
	for _, t := range rules.Types() {
		p.read[t] = true
	}
	p.forget()
	return p
}

// forget starts a new run.
func (p *pack) forget() {
	p.seen = map[string]rules.Resource{}
	p.reported = map[violationKey]bool{}
}

func (p *pack) configureStack(config map[string]string, preview bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.config, p.preview = readConfig(config), preview
	p.forget()
}

// Configure sets the levels and options that a person chose. The engine has
// validated them by the schemas that GetAnalyzerInfo names; what a pack of
// another version was told all the same is said and left out.
func (p *pack) Configure(_ context.Context, config map[string]plugin.AnalyzerPolicyConfig) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.levels = map[string]apitype.EnforcementLevel{}
	entries := map[string]any{}
	for name, c := range config {
		if c.EnforcementLevel.IsValid() {
			p.levels[name] = c.EnforcementLevel
		}
		if name != noticeDoubts.name && name != noticeExceptions.name {
			entries[name] = entry(c)
		}
	}
	var err error
	p.chosen, err = rules.NewConfig(entries, p.rules)
	p.doubtful = nil
	if err != nil {
		p.doubtful = strings.Split(err.Error(), "\n")
	}
	return nil
}

func entry(c plugin.AnalyzerPolicyConfig) map[string]any {
	fields := map[string]any{}
	maps.Copy(fields, c.Properties)
	if c.EnforcementLevel.IsValid() {
		fields["enforcementLevel"] = string(c.EnforcementLevel)
	}
	return fields
}

// Analyze judges one resource on its own before it is touched, and keeps its
// inputs for the judgement of the stack.
func (p *pack) Analyze(_ context.Context, r plugin.AnalyzerResource) (plugin.AnalyzeResponse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var report rules.Report
	single := p.enabled(func(rule rules.Rule) bool { return rule.Single })
	if p.read[string(r.Type)] {
		one := fromResource(r)
		p.seen[one.URN] = one
		applies := p.enabled(func(rule rules.Rule) bool { return rule.Single && slices.Contains(rule.Types, one.Type) })
		report = rules.Run(rules.NewModel([]rules.Resource{one}), applies, p.options())
	}
	response := p.respond(single, report)
	for _, f := range report.Active() {
		p.reported[violationKey{f.Rule, f.URN}] = true
	}
	return response, nil
}

// AnalyzeStack judges all resources together, in one pass of all rules.
func (p *pack) AnalyzeStack(_ context.Context, resources []plugin.AnalyzerStackResource) (plugin.AnalyzeResponse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []rules.Resource
	for _, r := range resources {
		// What the program only reads is not what it declares.
		if p.read[string(r.Type)] && !strings.HasPrefix(r.Name, spec.LivePrefix) {
			all = append(all, fromStackResource(r, p.seen))
		}
	}
	enabled := p.enabled(func(rules.Rule) bool { return true })
	report := rules.Run(rules.NewModel(all), enabled, p.options())
	response := p.respond(enabled, report)
	response.Diagnostics = append(response.Diagnostics, p.notices(report)...)
	p.forget()
	return response, nil
}

// enabled are the rules of a kind that nobody disabled.
func (p *pack) enabled(kind func(rules.Rule) bool) []rules.Rule {
	var on []rules.Rule
	for _, rule := range p.rules {
		if kind(rule) && p.chosen.Level(rule) != rules.Disabled {
			on = append(on, rule)
		}
	}
	return on
}

func (p *pack) options() rules.RunOptions {
	policy := p.config.policy
	return rules.RunOptions{
		Today: p.now(), Config: p.chosen,
		Suppressions: policy.Suppressions, Waivers: p.config.waivers, Replacements: policy.Replacements,
	}
}

// level of a notice is the configured one, or its own.
func (p *pack) level(id string, own rules.Level) apitype.EnforcementLevel {
	if level, ok := p.levels[id]; ok {
		return level
	}
	return apitype.EnforcementLevel(own)
}

// Remediate changes nothing: a number that is wrong here is wrong in the plan.
func (p *pack) Remediate(context.Context, plugin.AnalyzerResource) (plugin.RemediateResponse, error) {
	return plugin.RemediateResponse{}, nil
}

// Name of the pack.
func (p *pack) Name() tokens.QName { return packName }

// Close has nothing to release.
func (p *pack) Close() error { return nil }

// Cancel has nothing to abort: a run takes milliseconds.
func (p *pack) Cancel(context.Context) error { return nil }

// GetPluginInfo is answered by the server.
func (p *pack) GetPluginInfo(context.Context) (plugin.PluginInfo, error) {
	return plugin.PluginInfo{}, errors.New("the server answers this")
}
