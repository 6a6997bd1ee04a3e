package standin

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
)

// Turn takes the session to another revision of its project: the stack file,
// baselines, program, policy pack and output of the options hold from the next
// operation on. What is live and what is recorded stays, secrets included.
func (s *Session) Turn(ctx context.Context, to Options) error {
	to = to.withDefaults()
	project, err := readProject(to.Dir, s.opts.Stack)
	if err != nil {
		return err
	}
	work := s.WorkDir()
	if project.file.EncryptionSalt, err = salt(work, s.opts.Stack); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(work, "baselines")); err != nil {
		return fmt.Errorf("clearing the work directory: %w", err)
	}
	if err := project.copyTo(work); err != nil {
		return err
	}
	s.opts.Dir, s.opts.Program, s.opts.Binary = to.Dir, to.Program, to.Binary
	s.opts.PolicyPack, s.opts.Out, s.opts.Color = to.PolicyPack, to.Out, to.Color
	s.host.set(to.runner())
	return s.setSecrets(ctx, project)
}

// salt of the session's own secrets.
func salt(work, stack string) (string, error) {
	settings, err := workspace.LoadProject(filepath.Join(work, "Pulumi.yaml"))
	if err != nil {
		return "", fmt.Errorf("reading the work directory: %w", err)
	}
	quiet := diag.DefaultSink(os.Stderr, os.Stderr, diag.FormatOptions{Color: colors.Never})
	file, err := workspace.LoadProjectStack(quiet, settings, filepath.Join(work, "Pulumi."+stack+".yaml"))
	if err != nil {
		return "", fmt.Errorf("reading the work directory: %w", err)
	}
	return file.EncryptionSalt, nil
}
