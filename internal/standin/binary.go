package standin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/constant"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// runner is a Pulumi program, one evaluation at a time.
type runner interface {
	run(ctx context.Context, info pulumi.RunInfo) error
}

// binary is a program that was built: another revision of one, which cannot run
// in this process.
type binary struct{ path string }

// errLogged is a failure that the program has told the engine already.
var errLogged = errors.New("the program failed")

// run starts the binary as the engine's own Go host does.
func (b binary) run(ctx context.Context, info pulumi.RunInfo) error {
	config, err := json.Marshal(info.Config)
	if err != nil {
		return fmt.Errorf("passing the config to %s: %w", b.path, err)
	}
	secrets, err := json.Marshal(info.ConfigSecretKeys)
	if err != nil {
		return fmt.Errorf("passing the config to %s: %w", b.path, err)
	}
	cmd := exec.CommandContext(ctx, b.path)
	cmd.Dir = info.RootDirectory
	cmd.Env = append(os.Environ(),
		pulumi.EnvPulumiRootDirectory+"="+info.RootDirectory,
		pulumi.EnvOrganization+"="+info.Organization, pulumi.EnvProject+"="+info.Project, pulumi.EnvStack+"="+info.Stack,
		pulumi.EnvConfig+"="+string(config), pulumi.EnvConfigSecretKeys+"="+string(secrets),
		pulumi.EnvParallel+"="+strconv.FormatInt(int64(info.Parallel), 10), pulumi.EnvDryRun+"="+strconv.FormatBool(info.DryRun),
		pulumi.EnvMonitor+"="+info.MonitorAddr, pulumi.EnvEngine+"="+info.EngineAddr,
	)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == constant.ExitStatusLoggedError:
		return errLogged
	case err != nil:
		return fmt.Errorf("the program ended with %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// BuildProgram builds the Pulumi program at or above a directory of a Go module,
// up to the module's root, and answers its binary, which lies in into.
func BuildProgram(ctx context.Context, dir, into, what string, progress io.Writer) (string, error) {
	module, err := moduleRoot(dir)
	if err != nil {
		return "", err
	}
	build := goBuild{
		dir: module, pkg: ".", target: filepath.Join(into, "program"), flags: []string{"-buildvcs=false"},
		what: what, note: "half a minute",
	}
	return build.target, build.run(ctx, progress)
}

func moduleRoot(dir string) (string, error) {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%s is in no Go module", dir)
		}
	}
}
