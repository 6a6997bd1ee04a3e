package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/agencyos/headroom/capacity/compare"
	"github.com/agencyos/headroom/capacity/report"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/internal/revision"
)

// compare tells what moves from the other stack or revision to this one.
func (f planFlags) compare(ctx context.Context, out, messages io.Writer, today time.Time) error {
	to, err := f.source.side()
	if err != nil {
		return err
	}
	from, err := f.source.other(ctx, f.diff)
	if err != nil {
		return err
	}
	c, p, err := compare.Compare(from, to, today)
	if err != nil {
		return problems("the comparison", err)
	}
	switch {
	case f.json:
		err = printJSON(out, c)
	case f.markdown:
		_, err = io.WriteString(out, report.PlanMarkdown(p, &c))
	default:
		err = show(out, report.Comparison(c))
	}
	if err != nil {
		return err
	}
	return f.end(messages, p, &c)
}

// side is the source as it lies there, with what --set changes.
func (s source) side() (compare.Side, error) {
	s, err := s.resolve()
	if err != nil {
		return compare.Side{}, err
	}
	raw, err := s.raw()
	if err != nil {
		return compare.Side{}, err
	}
	facts, err := s.facts()
	if err != nil {
		return compare.Side{}, err
	}
	name := s.file
	if len(s.sets) > 0 {
		name += " with --set"
	}
	return compare.Side{Name: name, Stack: s.stack, Raw: raw, Baseline: facts}, nil
}

// other is another stack of the same folder, or else this one at a revision.
func (s source) other(ctx context.Context, name string) (compare.Side, error) {
	s, err := s.resolve()
	if err != nil {
		return compare.Side{}, err
	}
	dir := filepath.Dir(s.file)
	there := source{stack: name, dir: dir}
	if _, err := os.Stat(there.path()); err == nil {
		return there.side()
	}
	at, err := revision.Find(ctx, dir, name)
	if err != nil {
		return compare.Side{}, invalid(fmt.Sprintf("--diff = %s: is neither a stack nor a git revision", name), append(found(dir), err.Error())...)
	}
	return s.at(ctx, at, dir)
}

// at reads the source as it was at a revision.
func (s source) at(ctx context.Context, r revision.Revision, dir string) (compare.Side, error) {
	baseline, err := filepath.Rel(dir, s.baseline)
	if err != nil {
		return compare.Side{}, invalid(fmt.Sprintf("--baseline = %s: cannot be found from %s", s.baseline, dir))
	}
	file, fileErr := r.File(ctx, filepath.Base(s.file))
	facts, factsErr := r.File(ctx, baseline)
	if err := errors.Join(fileErr, factsErr); err != nil {
		return compare.Side{}, problems(r.String(), err)
	}
	raw, err := spec.Raw(file)
	if err != nil {
		return compare.Side{}, problems(r.String(), err)
	}
	return compare.Side{Name: r.String(), Stack: s.stack, Raw: raw, Baseline: facts}, nil
}
