// Command preview runs the real Pulumi engine on a stack without an account.
//
//	go run ./cmd/preview --stack prod [--live FILE] [--from REF] [--up] [--render DIR]
//
// It exits 0 when the engine, the policies and the plan accept the stack, 1
// when one of them refuses it, and 2 on wrong usage or unreadable input.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/agencyos/headroom/cmd/preview/command"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := command.Main(ctx, os.Args[1:], command.Headroom(),
		command.Streams{Out: os.Stdout, Err: os.Stderr, Color: terminal(os.Stdout)})
	stop()
	os.Exit(code)
}

// terminal tells whether color is wanted: on a terminal, unless NO_COLOR says
// otherwise.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == ""
}
