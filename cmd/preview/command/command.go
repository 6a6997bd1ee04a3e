// Package command is the preview command: flags, order and output. The work is
// done by package standin and package render.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/spf13/cobra"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/cmd/preview/render"
	"github.com/agencyos/headroom/internal/standin"
	"github.com/agencyos/headroom/internal/standin/seeds"
)

// Exit codes.
const (
	OK       = 0
	Violated = 1 // the engine, a policy or the plan refuses the stack
	Invalid  = 2 // wrong usage or unreadable input
)

// Program is the Pulumi program to preview and its plan report.
type Program struct {
	Run pulumi.RunFunc
	// Report is the plan in words, on demand confirmed by replays.
	Report func(ctx context.Context, dir, stack string, simulate bool) (string, error)
	// Files are further files for --render, by path.
	Files func(dir, stack string) (map[string][]byte, error)
	// Policy of a stack.
	Policy func(dir, stack string) (spec.Policy, error)
	// Adoption are the settings that adopt a live object in place of a declared
	// resource, Pointer the one by which the resource finds the object it is for.
	Adoption func(urn, parent, id string) []spec.Setting
	Pointer  func(urn, parent string) string
	// Setting is the one that decides an input of a resource.
	Setting func(urn, parent, field string) string
}

func (p Program) policy(f flags) (spec.Policy, error) {
	if p.Policy == nil {
		return spec.Policy{}, nil
	}
	return p.Policy(f.dir, f.stack)
}

func (p Program) adoption(urn, parent, id string) []spec.Setting {
	if p.Adoption == nil {
		return nil
	}
	return p.Adoption(urn, parent, id)
}

func (p Program) pointer(urn, parent string) string {
	if p.Pointer == nil {
		return ""
	}
	return p.Pointer(urn, parent)
}

// Streams are where output goes: data on Out, messages on Err.
type Streams struct {
	Out, Err io.Writer
	Color    bool
	// data is where JSON goes; nil without it.
	data io.Writer
}

// split keeps the output for JSON alone.
func (s Streams) split(json bool) Streams {
	if json {
		s.data, s.Out, s.Color = s.Out, s.Err, false
	}
	return s
}

type flags struct {
	stack, dir          string
	render, into, from  string
	live                []string
	up, policies, force bool
	simulate, json      bool
}

// errInvalid marks errors of usage or input.
var errInvalid = errors.New("invalid input")

// Main runs the command and answers the exit code.
func Main(ctx context.Context, args []string, program Program, streams Streams) int {
	var f flags
	root := &cobra.Command{
		Use:   "preview",
		Short: "Preview a stack with the real Pulumi engine, without an account",
		Long: "Runs the real Pulumi engine, the real program and the real policy pack.\n" +
			"Only the providers are stand-ins, so no account, cluster or network is needed.",
		Args: cobra.NoArgs, SilenceErrors: true, SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return run(cmd.Context(), f, program, streams.split(f.json))
		},
	}
	root.Flags().StringVarP(&f.stack, "stack", "s", "", "the stack to preview, such as prod (required)")
	root.Flags().StringVar(&f.dir, "dir", ".", "the directory that holds Pulumi.yaml")
	root.Flags().BoolVar(&f.up, "up", false, "also deploy to the stand-ins, prove that a second preview is empty, and destroy")
	root.Flags().StringArrayVar(&f.live, "live", nil, "a file or folder with what is live, repeatable: manifests from kubectl, answers of the AWS CLI")
	root.Flags().StringVar(&f.from, "from", "", "a git revision to bring up first, such as HEAD~1, so that the preview shows what this one changes")
	root.Flags().StringVar(&f.render, "render", "", "write the Kubernetes objects and settings as files into this directory")
	root.Flags().StringVar(&f.into, "into", "", "with --render: also merge the caching headers into the vercel.json files of this repository")
	root.Flags().BoolVar(&f.force, "force", false, "let --render write into a directory that holds other files")
	root.Flags().BoolVar(&f.policies, "policies", true, "judge the resources by the policy pack")
	root.Flags().BoolVar(&f.simulate, "simulate", true, "confirm the plan by replaying it, request by request")
	root.Flags().BoolVar(&f.json, "json", false, "print what changes as JSON, and everything else as messages")
	root.MarkFlagsMutuallyExclusive("json", "up")
	root.SetArgs(args)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return errors.Join(errInvalid, err) })
	return exitCode(streams.Err, root.ExecuteContext(ctx))
}

// exitCode prints an error, its hints, and tells the kind of failure.
func exitCode(w io.Writer, err error) int {
	if err == nil {
		return OK
	}
	text := err
	if joined, ok := err.(interface{ Unwrap() []error }); ok && errors.Is(err, errInvalid) && len(joined.Unwrap()) > 1 {
		text = joined.Unwrap()[1]
	}
	fmt.Fprintf(w, "error: %v\n", text)
	var hinted *standin.Hinted
	if errors.As(err, &hinted) {
		for _, h := range hinted.Hints {
			fmt.Fprintf(w, "  %s\n", h)
		}
	}
	if errors.Is(err, errViolated) || errors.Is(err, standin.ErrFailed) {
		return Violated
	}
	return Invalid
}

var errViolated = errors.New("the stack is refused")

// violated is an error of a refused stack, in its own words.
type violated struct{ error }

func (violated) Is(target error) bool { return target == errViolated }

// run does everything in order: what can be refused cheaply comes first.
func run(ctx context.Context, f flags, program Program, s Streams) (err error) {
	if f.stack == "" {
		return &standin.Hinted{
			Err: errors.New("no stack named"), Hints: []string{"name one with --stack: " + list(standin.Stacks(f.dir))},
		}
	}
	if f.into != "" && f.render == "" {
		return &standin.Hinted{Err: errors.New("--into merges what --render writes"), Hints: []string{"name a directory with --render"}}
	}
	if f.render != "" {
		if err := render.Check(f.render, f.force); err != nil {
			return &standin.Hinted{Err: err, Hints: []string{"choose an empty directory, or add --force"}}
		}
	}
	live, err := seeds.Read(f.live...)
	if err != nil {
		return fmt.Errorf("reading what is live:\n%w", err)
	}
	from, err := findBase(ctx, f)
	if err != nil {
		return err
	}
	if err := report(ctx, f, program, s.Out); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.close()) }()
	now, err := options(ctx, f, program, s)
	if err != nil {
		return err
	}
	first, err := from.options(ctx, now)
	if err != nil {
		return err
	}
	session, err := standin.Open(ctx, first)
	if err != nil {
		return err
	}
	introduce(s.Out, f.stack, now.CLI, session, now.PolicyPack != "")
	return errors.Join(within(ctx, session, from, now, live, f, program, s), session.Close())
}

// within does everything that happens in one session.
func within(ctx context.Context, session *standin.Session, from *base, now standin.Options, live seeds.Seeds, f flags, program Program, s Streams) error {
	if err := session.Seed(live.Objects); err != nil {
		return fmt.Errorf("what is live does not fit:\n%w", err)
	}
	tellLive(s.Out, f, live)
	if err := from.bringUp(ctx, session, now); err != nil {
		return err
	}
	return preview(ctx, session, program, f, now.PolicyPack, s)
}

// report prints the plan before the engine runs: the numbers first, then what
// they become. A violated plan still has a report, an unreadable stack has none.
func report(ctx context.Context, f flags, program Program, w io.Writer) error {
	if program.Report == nil {
		return nil
	}
	text, err := program.Report(ctx, f.dir, f.stack, f.simulate)
	if text != "" {
		fmt.Fprintln(w, text)
	}
	switch {
	case err == nil:
		return nil
	case text != "":
		return violated{err}
	default:
		return fmt.Errorf("stack %s: %w", f.stack, err)
	}
}

// options of a session on the project as it is now.
func options(ctx context.Context, f flags, program Program, s Streams) (standin.Options, error) {
	cli, err := standin.FindCLI(ctx, s.Err)
	if err != nil {
		return standin.Options{}, err
	}
	pack := ""
	if f.policies {
		if pack, err = policyPack(ctx, s.Err); err != nil {
			return standin.Options{}, err
		}
	}
	return standin.Options{
		Dir: f.dir, Stack: f.stack, Program: program.Run, PolicyPack: pack, CLI: cli,
		Out: s.Out, Progress: s.Err, Color: s.Color,
	}, nil
}

func policyPack(ctx context.Context, progress io.Writer) (string, error) {
	dir, err := standin.PolicyPackDir()
	if err != nil {
		return "", err
	}
	return standin.BuildPolicyPack(ctx, dir, progress)
}
