package provider

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"
)

// Server is a provider listening for the engine.
type Server struct {
	Port   int
	cancel chan bool
	done   <-chan error
}

// Serve starts a gRPC server on a free local port.
func (p *Provider) Serve() (*Server, error) {
	s := &Server{cancel: make(chan bool)}
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: s.cancel,
		Init: func(srv *grpc.Server) error {
			pulumirpc.RegisterResourceProviderServer(srv, plugin.NewProviderServer(p))
			return nil
		},
		Options: []grpc.ServerOption{grpc.StatsHandler(tagger{}), grpc.MaxRecvMsgSize(maxMessage)},
	})
	if err != nil {
		return nil, fmt.Errorf("starting the stand-in %s provider: %w", p.def.Name, err)
	}
	s.Port, s.done = handle.Port, handle.Done
	return s, nil
}

// maxMessage is the engine's own limit, well above any stack of ours.
const maxMessage = 400 << 20

// Close stops the server and waits for it.
func (s *Server) Close() error {
	close(s.cancel)
	return <-s.done
}

// The engine opens one connection per provider resource, and the program may
// configure several (two AWS regions, say). Settings therefore belong to the
// connection, not to the server.
type tagger struct{}

type connection struct{}

func (tagger) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	return context.WithValue(ctx, connection{}, &atomic.Pointer[Value]{})
}

func (tagger) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }
func (tagger) HandleRPC(context.Context, stats.RPCStats)                       {}
func (tagger) HandleConn(context.Context, stats.ConnStats)                     {}

// NewConnection starts the settings of a caller that reaches the provider
// without gRPC.
func NewConnection(ctx context.Context) context.Context { return tagger{}.TagConn(ctx, nil) }

func remember(ctx context.Context, config Value) {
	if slot, ok := ctx.Value(connection{}).(*atomic.Pointer[Value]); ok {
		slot.Store(&config)
	}
}

func recall(ctx context.Context) Value {
	if slot, ok := ctx.Value(connection{}).(*atomic.Pointer[Value]); ok {
		if config := slot.Load(); config != nil {
			return *config
		}
	}
	return Value{}
}
