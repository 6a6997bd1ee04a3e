// Package standin runs the real Pulumi engine on a program without an account
// or a cluster.
//
// The engine, the program and the policy pack are the real ones. Only the
// providers are stand-ins: gRPC servers in this process, made of tables of
// what the real providers and their APIs do (packages aws and kubernetes). A
// [Session] keeps them, a throwaway state backend and a copy of the project,
// so that preview, up, a changed up and destroy follow one another as they
// would on a real stack. The user's own files are never written to.
package standin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Options say what to run.
type Options struct {
	// Dir holds Pulumi.yaml, Pulumi.<stack>.yaml and baselines/.
	Dir string
	// Stack is the stack's name, such as "prod".
	Stack string
	// Program is the Pulumi program. It runs in this process.
	Program pulumi.RunFunc
	// Binary is a program that was built, in place of Program.
	Binary string
	// PolicyPack is a policy pack's binary; empty runs without policies.
	PolicyPack string
	// CLI is the engine; nil finds or builds one.
	CLI *CLI
	// Out receives the engine's own output, Progress what takes long. Nil
	// discards.
	Out, Progress io.Writer
	// Color allows color in Out.
	Color bool
	// Account is the AWS account of the credentials; by default the one that the
	// stack says it belongs to.
	Account string
	// Secrets replaces made-up secrets by known ones, by full key.
	Secrets map[string]string
}

// Session is one throwaway stack. It is not safe for concurrent operations.
type Session struct {
	// Providers are the stand-ins by package name, for seeding and changing
	// what is live.
	Providers map[string]*provider.Provider

	opts    Options
	host    *host
	stack   auto.Stack
	secrets map[string]string // what was made up, by full key
	closers []func() error
}

// Open starts the stand-ins and prepares the stack. The session must be closed.
func Open(ctx context.Context, opts Options) (_ *Session, err error) {
	opts = opts.withDefaults()
	project, err := readProject(opts.Dir, opts.Stack)
	if err != nil {
		return nil, err
	}
	s := &Session{opts: opts, Providers: map[string]*provider.Provider{}, secrets: map[string]string{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.opts.CLI == nil {
		if s.opts.CLI, err = FindCLI(ctx, opts.Progress); err != nil {
			return nil, err
		}
	}
	ports, err := s.serve(project)
	if err != nil {
		return nil, err
	}
	return s, s.prepare(ctx, project, ports)
}

func (o Options) withDefaults() Options {
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	return o
}

func (o Options) runner() runner {
	if o.Binary != "" {
		return binary{o.Binary}
	}
	return function(o.Program)
}

// prepare lays out the work directory and creates the stack in it.
func (s *Session) prepare(ctx context.Context, project project, ports string) error {
	root, err := os.MkdirTemp("", "headroom-preview-")
	if err != nil {
		return fmt.Errorf("making a work directory: %w", err)
	}
	s.onClose(func() error { return os.RemoveAll(root) })
	work := filepath.Join(root, "project")
	if err := project.copyTo(work); err != nil {
		return err
	}
	if s.host, err = startHost(work, s.opts.runner()); err != nil {
		return err
	}
	s.onClose(s.host.Close)
	env, err := environment(root, ports)
	if err != nil {
		return err
	}
	s.stack, err = auto.NewStackLocalSource(ctx, s.opts.Stack, work,
		auto.Pulumi(hosted{PulumiCommand: s.opts.CLI.command, host: s.host}),
		auto.PulumiHome(filepath.Join(root, "home")), auto.EnvVars(env))
	if err != nil {
		return fmt.Errorf("creating stack %s: %w", s.opts.Stack, summarize(err))
	}
	return s.setSecrets(ctx, project)
}

// environment cuts the engine off from the user's backend, passphrase and
// plugins, and points it at the stand-ins.
func environment(root, ports string) (map[string]string, error) {
	passphrase, err := made()
	if err != nil {
		return nil, err
	}
	state := filepath.Join(root, "state")
	if err := os.MkdirAll(state, 0o700); err != nil {
		return nil, fmt.Errorf("making the state directory: %w", err)
	}
	return map[string]string{
		"PULUMI_BACKEND_URL":                          "file://" + filepath.ToSlash(state),
		"PULUMI_CONFIG_PASSPHRASE":                    passphrase,
		"PULUMI_CONFIG_PASSPHRASE_FILE":               "",
		"PULUMI_DEBUG_PROVIDERS":                      ports,
		"PULUMI_SKIP_UPDATE_CHECK":                    "true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
		"PULUMI_ACCESS_TOKEN":                         "",
		"PULUMI_ORGANIZATION":                         "",
		"PULUMI_STACK":                                "",
	}, nil
}

// SetProgram exchanges the program for the operations that follow, as a
// commit would.
func (s *Session) SetProgram(program pulumi.RunFunc) { s.host.set(function(program)) }

// WorkDir is the copy of the project the engine works in. A changed file there
// shows in the next operation.
func (s *Session) WorkDir() string { return s.host.dir }

func (s *Session) onClose(f func() error) { s.closers = append(s.closers, f) }

// Close ends the session and leaves nothing behind.
func (s *Session) Close() error {
	var all []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		all = append(all, s.closers[i]())
	}
	s.closers = nil
	return errors.Join(all...)
}
