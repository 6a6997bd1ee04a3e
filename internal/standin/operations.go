package standin

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Preview plans the program against the recorded state.
func (s *Session) Preview(ctx context.Context) (Result, error) { return s.preview(ctx) }

// Refreshed plans the program against what is live, as `refresh: always` does.
func (s *Session) Refreshed(ctx context.Context) (Result, error) {
	return s.preview(ctx, optpreview.Refresh())
}

func (s *Session) preview(ctx context.Context, more ...optpreview.Option) (Result, error) {
	r, err := s.run(ctx, "preview", func(c *collector) error {
		opts := append([]optpreview.Option{optpreview.ProgressStreams(s.opts.Out), optpreview.EventStreams(c.events),
			optpreview.Color(s.color()), optpreview.SuppressProgress()}, more...)
		if s.opts.PolicyPack != "" {
			opts = append(opts, optpreview.PolicyPacks(s.opts.PolicyPack))
		}
		_, err := s.stack.Preview(ctx, opts...)
		return err
	})
	r.Collisions = s.collisions()
	if err == nil && len(r.Collisions) > 0 {
		return r, collided(r.Collisions)
	}
	return r, err
}

// collisions are what the program's resources met of live objects.
func (s *Session) collisions() []provider.Collision {
	var all []provider.Collision
	for _, name := range slices.Sorted(maps.Keys(s.Providers)) {
		all = append(all, s.Providers[name].Collisions()...)
	}
	return all
}

// Up brings the state to what the program declares.
func (s *Session) Up(ctx context.Context) (Result, error) {
	r, err := s.run(ctx, "up", func(c *collector) error {
		opts := []optup.Option{
			optup.ProgressStreams(s.opts.Out), optup.EventStreams(c.events),
			optup.Color(s.color()), optup.SuppressProgress(),
		}
		if s.opts.PolicyPack != "" {
			opts = append(opts, optup.PolicyPacks(s.opts.PolicyPack))
		}
		_, err := s.stack.Up(ctx, opts...)
		return err
	})
	for _, p := range s.Providers {
		p.Commit()
	}
	return r, err
}

// Destroy deletes every resource. Protected ones are refused, as they would be
// on a real stack; call [Session.Unprotect] first to take them down too.
func (s *Session) Destroy(ctx context.Context) (Result, error) {
	return s.run(ctx, "destroy", func(c *collector) error {
		_, err := s.stack.Destroy(ctx,
			optdestroy.ProgressStreams(s.opts.Out), optdestroy.EventStreams(c.events),
			optdestroy.Color(s.color()), optdestroy.SuppressProgress())
		return err
	})
}

// Unprotect does what an operator must do before a protected stack can go:
// it lifts the engine's protection and the databases' own. It answers how many
// live objects it changed.
func (s *Session) Unprotect(ctx context.Context) (int, error) {
	ws := s.stack.Workspace()
	env := []string{"PULUMI_HOME=" + ws.PulumiHome()}
	for k, v := range ws.GetEnvVars() {
		env = append(env, k+"="+v)
	}
	_, _, _, err := s.opts.CLI.command.Run(ctx, ws.WorkDir(), nil, nil, nil, env,
		"state", "unprotect", "--all", "--yes", "--stack", s.stack.Name())
	if err != nil {
		return 0, fmt.Errorf("lifting the protection of stack %s: %w", s.opts.Stack, summarize(err))
	}
	changed := 0
	for _, p := range s.Providers {
		changed += p.Modify(func(_ string, inputs resource.PropertyMap) bool {
			v, ok := inputs["deletionProtection"]
			if !ok || !v.IsBool() || !v.BoolValue() {
				return false
			}
			inputs["deletionProtection"] = resource.NewBoolProperty(false)
			return true
		})
	}
	return changed, nil
}

// run does one operation and gathers what the engine says about it.
func (s *Session) run(ctx context.Context, name string, do func(*collector) error) (Result, error) {
	for _, p := range s.Providers {
		p.Begin()
	}
	c := newCollector()
	err := do(c)
	result := c.finish(ctx)
	for i, r := range result.Resources {
		result.Resources[i].Ignores = s.host.ignored(r)
	}
	if ctx.Err() != nil {
		return result, fmt.Errorf("%s interrupted: %w", name, ctx.Err())
	}
	if err != nil {
		return result, failed(name, result, err)
	}
	return result, nil
}

func (s *Session) color() string {
	if s.opts.Color {
		return "always"
	}
	return "never"
}
