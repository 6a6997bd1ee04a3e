// Command policies is Headroom's Pulumi policy pack: the rules of
// policies/rules as policies that judge every resource of a preview or update.
//
// Policies exist although the components validate, because a program can bypass
// the components and a person can edit a resource; the pack sees what is
// declared in the end. It is only as strong as its use: `--policy-pack` can be
// left out, so the check has to be required where changes are merged.
//
// It serves the analyzer protocol itself instead of using policyx, which at the
// pinned version dies when it is asked what it is before it is configured, and
// when a rule reads a value that is not known yet (github.com/pulumi/pulumi
// #24646, #24654).
//
// Pass the built binary, or this folder, to `pulumi --policy-pack`.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
)

// engineCheck is how often the pack looks whether its engine still lives.
const engineCheck = 5 * time.Second

func main() {
	if err := serve(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "headroom policies:", err)
		os.Exit(1)
	}
}

// serve answers the engine until it is gone. The protocol wants the port as the
// one line on stdout.
func serve(args []string) error {
	stop := make(chan bool)
	handle, err := rpcutil.ServeWithOptions(serveOptions(newPack(time.Now), stop))
	if err != nil {
		return fmt.Errorf("cannot serve: %w", err)
	}
	if len(args) > 0 {
		if err := watchEngine(args[0], stop); err != nil {
			return fmt.Errorf("cannot watch the engine at %s: %w", args[0], err)
		}
	}
	if _, err := fmt.Println(handle.Port); err != nil {
		return fmt.Errorf("cannot tell the port: %w", err)
	}
	return <-handle.Done
}

// watchEngine stops the pack when the engine dies without a word, so that no
// process is left behind.
func watchEngine(address string, stop chan bool) error {
	ctx, cancel := context.WithCancel(context.Background())
	context.AfterFunc(ctx, func() { close(stop) })
	return rpcutil.Healthcheck(ctx, address, engineCheck, cancel)
}
