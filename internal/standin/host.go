package standin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// host runs the program when the engine asks for it.
//
// The automation API has an inline host of its own, but that one leaves
// Context.RootDirectory empty, and the program reads its baselines relative to
// it. This host answers the project's directory, as `pulumi up` does.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	dir    string
	port   int
	cancel chan bool
	done   <-chan error

	mu      sync.Mutex
	program runner
	ignores map[string][]string // type and name -> ignored inputs of the last run
}

func startHost(dir string, program runner) (*host, error) {
	h := &host{dir: dir, program: program, cancel: make(chan bool)}
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: h.cancel,
		Init: func(srv *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(srv, h)
			return nil
		},
	})
	if err != nil {
		return nil, fmt.Errorf("starting the program host: %w", err)
	}
	h.port, h.done = handle.Port, handle.Done
	return h, nil
}

func (h *host) set(program runner) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.program = program
}

// Close stops the host and waits for it.
func (h *host) Close() error {
	close(h.cancel)
	return <-h.done
}

// Run is the engine asking for one evaluation of the program.
func (h *host) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	engine := ""
	if args := req.GetArgs(); len(args) > 0 {
		engine = args[0]
	}
	h.mu.Lock()
	program := h.program
	h.ignores = map[string][]string{}
	h.mu.Unlock()
	if inline, ok := program.(function); ok {
		program = inline.noting(h)
	}
	return answer(program.run(ctx, pulumi.RunInfo{
		EngineAddr: engine, MonitorAddr: req.GetMonitorAddress(), RootDirectory: h.dir,
		Config: req.GetConfig(), ConfigSecretKeys: req.GetConfigSecretKeys(),
		Project: req.GetProject(), Stack: req.GetStack(), Organization: req.GetOrganization(),
		Parallel: req.GetParallel(), DryRun: req.GetDryRun(),
	})), nil
}

// answer tells the engine how a program ended.
func answer(err error) *pulumirpc.RunResponse {
	switch {
	case errors.Is(err, errLogged):
		return &pulumirpc.RunResponse{Bail: true}
	case err != nil:
		return &pulumirpc.RunResponse{Error: err.Error()}
	}
	return &pulumirpc.RunResponse{}
}

// function is a program in this process.
type function pulumi.RunFunc

// noting tells the host what every resource of the program ignores.
func (f function) noting(h *host) function {
	return func(ctx *pulumi.Context) error {
		if err := ctx.RegisterStackTransformation(h.note); err != nil {
			return err
		}
		return f(ctx)
	}
}

// run turns a panic of the program into an error of the run: the session
// outlives the program.
func (f function) run(ctx context.Context, info pulumi.RunInfo) (err error) {
	run, err := pulumi.NewContext(ctx, info)
	if err != nil {
		return fmt.Errorf("connecting the program to the engine: %w", err)
	}
	defer run.Close() //nolint:errcheck // The engine has gone by then; there is nobody left to tell.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the program panicked: %v", r)
		}
	}()
	return pulumi.RunWithContext(run, pulumi.RunFunc(f))
}

// note keeps what a resource ignores: the engine's events do not tell.
func (h *host) note(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
	opts, err := pulumi.NewResourceOptions(args.Opts...)
	if err == nil && len(opts.IgnoreChanges) > 0 {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.ignores[args.Type+"::"+args.Name] = opts.IgnoreChanges
	}
	return nil
}

// ignored are the inputs that a resource of the last run ignores.
func (h *host) ignored(r Resource) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ignores[r.Type+"::"+r.Name]
}

// GetRequiredPlugins answers none: the stand-ins are already running.
func (h *host) GetRequiredPlugins(
	context.Context, *pulumirpc.GetRequiredPluginsRequest,
) (*pulumirpc.GetRequiredPluginsResponse, error) {
	return &pulumirpc.GetRequiredPluginsResponse{}, nil
}

// GetPluginInfo answers a version the engine does not look at.
func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "1.0.0"}, nil
}

// hosted adds the program host to the CLI commands that run a program.
type hosted struct {
	auto.PulumiCommand
	host *host
}

// Run runs one CLI command.
func (c hosted) Run(ctx context.Context, dir string, in io.Reader, out, errs []io.Writer, env []string, args ...string,
) (string, string, int, error) {
	if len(args) > 0 && slices.Contains([]string{"preview", "up", "destroy", "refresh"}, args[0]) {
		args = append(args, fmt.Sprintf("--client=127.0.0.1:%d", c.host.port))
	}
	return c.PulumiCommand.Run(ctx, dir, in, out, errs, env, args...)
}
