package standin

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"

	"github.com/blang/semver"
)

// CLI is the Pulumi engine to run.
type CLI struct {
	command auto.PulumiCommand
	// Version is the engine's version, Source where it came from.
	Version, Source string
}

const (
	cliModule  = "github.com/pulumi/pulumi/pkg/v3"
	cliPackage = cliModule + "/cmd/pulumi"
	cliLinkVar = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
)

// FindCLI answers the `pulumi` on PATH when it is at least the pinned version,
// else one built from tools/pulumi, once per version.
func FindCLI(ctx context.Context, progress io.Writer) (*CLI, error) {
	tools, err := findUp(filepath.Join("tools", "pulumi", "go.mod"))
	if err != nil {
		return nil, err
	}
	want, err := pinned(tools)
	if err != nil {
		return nil, err
	}
	opts := &auto.PulumiCommandOptions{Version: semver.MustParse(strings.TrimPrefix(want, "v"))}
	if _, err := exec.LookPath("pulumi"); err == nil {
		if command, err := auto.NewPulumiCommand(opts); err == nil {
			return &CLI{command: command, Version: "v" + command.Version().String(), Source: "PATH"}, nil
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, hint(fmt.Errorf("no place for the Pulumi CLI: %w", err), "set HOME or XDG_CACHE_HOME")
	}
	opts.Root = filepath.Join(cache, "headroom", "pulumi-"+want)
	if err := buildCLI(ctx, filepath.Dir(tools), opts.Root, want, progress); err != nil {
		return nil, err
	}
	command, err := auto.NewPulumiCommand(opts)
	if err != nil {
		return nil, hint(fmt.Errorf("the built Pulumi CLI does not run: %w", err), "remove "+opts.Root+" and try again")
	}
	return &CLI{command: command, Version: want, Source: "built from tools/pulumi"}, nil
}

// buildCLI builds the engine unless the cache holds it.
func buildCLI(ctx context.Context, module, root, version string, progress io.Writer) error {
	target := filepath.Join(root, "bin", "pulumi")
	if runtime.GOOS == "windows" {
		target += ".exe"
	}
	if _, err := os.Stat(target); err == nil {
		return nil
	}
	build := goBuild{
		dir: module, pkg: cliPackage, target: target,
		flags: []string{"-ldflags", "-X " + cliLinkVar + "=" + version},
		what:  "the Pulumi CLI " + version, note: "2–4 minutes the first time, then cached",
	}
	return build.run(ctx, progress)
}

// pinned reads the CLI's version from the tool's go.mod.
func pinned(gomod string) (string, error) {
	f, err := os.Open(gomod)
	if err != nil {
		return "", fmt.Errorf("reading the pinned Pulumi version: %w", err)
	}
	defer f.Close() //nolint:errcheck // Only read from.
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) >= 2 && fields[0] == cliModule {
			return fields[1], nil
		}
	}
	return "", fmt.Errorf("%s requires no %s", gomod, cliModule)
}

// findUp finds a file in the current directory or above: tests and commands
// run in different places of the checkout.
func findUp(name string) (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", name, err)
	}
	for {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", hint(fmt.Errorf("%s is in no directory above this one", name), "run inside the Headroom checkout")
		}
		dir = parent
	}
}

// goBuild is one binary to build, with signs of life on the way.
type goBuild struct {
	dir, pkg, target string
	flags            []string
	what, note       string
}

const tick = 15 * time.Second

// run builds next to the target and moves the binary there when it is whole.
func (b goBuild) run(ctx context.Context, progress io.Writer) error {
	if err := os.MkdirAll(filepath.Dir(b.target), 0o755); err != nil {
		return fmt.Errorf("making %s: %w", filepath.Dir(b.target), err)
	}
	half := fmt.Sprintf("%s.%d", b.target, os.Getpid())
	defer os.Remove(half) //nolint:errcheck // Gone after a successful build.
	args := append(append([]string{"build"}, b.flags...), "-o", half, b.pkg)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = b.dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	stop := b.announce(progress)
	out, err := cmd.CombinedOutput()
	stop()
	if err != nil {
		return hint(fmt.Errorf("building %s: %w", b.what, errors.Join(err, ctx.Err())), strings.TrimSpace(string(out)))
	}
	if err := os.Rename(half, b.target); err != nil {
		return fmt.Errorf("placing %s: %w", b.what, err)
	}
	return nil
}

// announce says what takes so long, at once if it takes more than a moment,
// and how long it has taken every tick. It answers the function that ends it.
func (b goBuild) announce(progress io.Writer) func() {
	done, ended, start := make(chan struct{}), make(chan struct{}), time.Now()
	go func() {
		defer close(ended)
		timer := time.NewTimer(2 * time.Second)
		defer timer.Stop()
		for said := false; ; said = true {
			select {
			case <-done:
				return
			case <-timer.C:
			}
			if !said {
				fmt.Fprintf(progress, "building %s from source, %s …\n", b.what, b.note)
			} else {
				fmt.Fprintf(progress, "building %s, %s so far …\n", b.what, time.Since(start).Round(time.Second))
			}
			timer.Reset(tick)
		}
	}()
	return func() { close(done); <-ended }
}
