package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/agencyos/headroom/policies/rules"
)

// server is the SDK's analyzer server with the calls that it drops or
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

// GetAnalyzerInfo adds the schemas of the options, which the SDK's own server
// dies of: it hands a named map to a conversion that knows only plain ones.
func (s server) GetAnalyzerInfo(ctx context.Context, req *emptypb.Empty) (*pulumirpc.AnalyzerInfo, error) {
	info, err := s.AnalyzerServer.GetAnalyzerInfo(ctx, req)
	if err != nil {
		return nil, err
	}
	for _, policy := range info.GetPolicies() {
		i := slices.IndexFunc(s.pack.rules, func(r rules.Rule) bool { return r.ID == policy.GetName() })
		if i < 0 || len(s.pack.rules[i].Options) == 0 {
			continue
		}
		schemas := map[string]any{}
		for _, o := range s.pack.rules[i].Options {
			schemas[o.Name] = o.Schema()
		}
		properties, err := structpb.NewStruct(schemas)
		if err != nil {
			return nil, fmt.Errorf("options of %s: %w", policy.GetName(), err)
		}
		policy.ConfigSchema = &pulumirpc.PolicyConfigSchema{Properties: properties}
	}
	return info, nil
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
