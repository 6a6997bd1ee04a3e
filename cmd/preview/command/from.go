package command

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/agencyos/headroom/internal/revision"
	"github.com/agencyos/headroom/internal/standin"
)

// base is the revision that is up before the preview.
type base struct {
	revision.Revision
	root string // of all that was written
}

// findBase resolves --from while that is still cheap; nil without it.
func findBase(ctx context.Context, f flags) (*base, error) {
	if f.from == "" {
		return nil, nil
	}
	found, err := revision.Find(ctx, f.dir, f.from)
	if err != nil {
		return nil, &standin.Hinted{Err: err, Hints: []string{"name a commit, branch or tag of the repository that holds --dir, such as --from HEAD~1"}}
	}
	if _, err := found.File(ctx, "Pulumi."+f.stack+".yaml"); err != nil {
		return nil, &standin.Hinted{Err: err, Hints: []string{"at that revision there is no such stack, so nothing of it is up: preview without --from"}}
	}
	return &base{Revision: found}, nil
}

// options are those of a session in which the revision comes up: its own project
// and program, in silence and without the policies of today. Without a revision
// they are those of now.
func (b *base) options(ctx context.Context, now standin.Options) (standin.Options, error) {
	if b == nil {
		return now, nil
	}
	var err error
	if b.root, err = os.MkdirTemp("", "headroom-from-"); err != nil {
		return now, fmt.Errorf("making a directory for %s: %w", b.Ref, err)
	}
	first := now
	first.Out, first.Program, first.PolicyPack = nil, nil, ""
	if first.Dir, err = b.Extract(ctx, b.root); err != nil {
		return now, err
	}
	first.Binary, err = standin.BuildProgram(ctx, first.Dir, b.root, "the program of "+b.Ref, now.Progress)
	return first, err
}

func (b *base) close() error {
	if b == nil || b.root == "" {
		return nil
	}
	return os.RemoveAll(b.root)
}

// bringUp deploys the revision to the stand-ins and turns the session to the
// project as it is now.
func (b *base) bringUp(ctx context.Context, session *standin.Session, now standin.Options) error {
	if b == nil {
		return nil
	}
	result, err := session.Up(ctx)
	if err != nil {
		var hinted *standin.Hinted
		hints := []string{err.Error()}
		if errors.As(err, &hinted) {
			hints = hinted.Hints
		}
		return &standin.Hinted{Err: fmt.Errorf("%s cannot be brought up, so nothing can be compared with it", b), Hints: hints}
	}
	if err := session.Turn(ctx, now); err != nil {
		return err
	}
	fmt.Fprintf(now.Out, "from:     %s, whose %d resources are up on the stand-ins\n\n", b, len(result.Resources))
	return nil
}
