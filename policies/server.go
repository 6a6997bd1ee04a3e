package main

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// server is the SDK's analyzer server with the two calls that it drops or
// cannot answer for this pack.
type server struct {
	pulumirpc.AnalyzerServer
	pack *pack
}

// ConfigureStack hands over the stack's configuration; the SDK's own server
// ignores it (github.com/pulumi/pulumi#23946).
func (s server) ConfigureStack(
	_ context.Context, req *pulumirpc.AnalyzerStackConfigureRequest,
) (*pulumirpc.AnalyzerStackConfigureResponse, error) {
	s.pack.configureStack(req.GetConfig(), req.GetDryRun())
	return &pulumirpc.AnalyzerStackConfigureResponse{}, nil
}

// GetPluginInfo answers the version.
func (server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: packVersion}, nil
}

func serveOptions(p *pack, stop chan bool) rpcutil.ServeOptions {
	return rpcutil.ServeOptions{
		Cancel: stop,
		Init: func(s *grpc.Server) error {
			pulumirpc.RegisterAnalyzerServer(s, server{AnalyzerServer: plugin.NewAnalyzerServer(p), pack: p})
			return nil
		},
		Options: []grpc.ServerOption{grpc.UnaryInterceptor(recovered)},
	}
}

// recovered turns a panic into an error of the one call. Rules recover on their
// own; this is for what lies around them.
func recovered(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (resp any, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = status.Error(codes.Internal, fmt.Sprintf("%s failed: %v", info.FullMethod, reason))
		}
	}()
	return handle(ctx, req)
}
