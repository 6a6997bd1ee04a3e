package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/text"
	"github.com/agencyos/headroom/cmd/preview/render"
	"github.com/agencyos/headroom/internal/standin"
	"github.com/agencyos/headroom/internal/standin/seeds"
)

// introduce says what is real and what is not, before anything else is shown.
func introduce(w io.Writer, stack string, cli *standin.CLI, session *standin.Session, policies bool) {
	pack := "the policy pack is real"
	if !policies {
		pack = "no policy pack is run"
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(session.Providers)) {
		names = append(names, name+" "+session.Providers[name].Definition().Version)
	}
	fmt.Fprintf(w, "preview of stack %s\n", stack)
	fmt.Fprintf(w, "  real:     engine Pulumi %s (%s) and the program; %s\n", cli.Version, cli.Source, pack)
	fmt.Fprintf(w, "  stand-in: providers %s; no account, no cluster, nothing real is read or changed\n\n",
		strings.Join(names, ", "))
}

// tellLive says what of the product was read.
func tellLive(w io.Writer, f flags, live seeds.Seeds) {
	if len(f.live) == 0 {
		return
	}
	fmt.Fprintf(w, "live: %d objects", len(live.Objects))
	var left []string
	for _, kind := range slices.Sorted(maps.Keys(live.Left)) {
		left = append(left, fmt.Sprintf("%d %s", live.Left[kind], kind))
	}
	if len(left) > 0 {
		fmt.Fprintf(w, "; left out, since no stack declares such: %s", strings.Join(left, ", "))
	}
	fmt.Fprint(w, "\n\n")
}

// preview does the operations the flags ask for.
func preview(ctx context.Context, session *standin.Session, program Program, f flags, pack string, s Streams) error {
	planned, err := session.Preview(ctx)
	policies(s.Out, planned, pack)
	v, judged := judge(f, program, planned)
	if err := errors.Join(judged, v.tell(f, planned, s)); err != nil {
		return err
	}
	if refused := v.refusal(f); refused != nil {
		return refused
	}
	if err != nil {
		return missing(f, planned, err)
	}
	if err := write(f, program, planned, s); err != nil {
		return err
	}
	if !f.up {
		return nil
	}
	return lifecycle(ctx, session, s)
}

// missing explains a preview that imports what nobody said to be live.
func missing(f flags, planned standin.Result, err error) error {
	if len(f.live) > 0 || !slices.ContainsFunc(planned.Diagnostics, func(d string) bool {
		return strings.Contains(d, "does not exist") || strings.Contains(d, "couldn't find resource")
	}) {
		return err
	}
	var hinted *standin.Hinted
	if !errors.As(err, &hinted) {
		return err
	}
	return &standin.Hinted{Err: hinted.Err, Hints: append(hinted.Hints,
		"the stack adopts live objects: name files that hold them with --live")}
}

// policies prints the verdict of the pack. The engine has already shown each
// violation in full; this names them once more where the eye ends up.
func policies(w io.Writer, r standin.Result, pack string) {
	switch {
	case pack == "":
		fmt.Fprintln(w, "policies: not run")
	case len(r.Violations) == 0:
		fmt.Fprintln(w, "policies: no violations")
	default:
		mandatory := len(slices.DeleteFunc(slices.Clone(r.Violations), func(v standin.Violation) bool { return !v.Mandatory() }))
		fmt.Fprintf(w, "policies: %s, %s, explained above\n", text.Count(mandatory, "violation", "violations"), text.Count(len(r.Violations)-mandatory, "advisory", "advisories"))
	}
	for _, v := range r.Violations {
		where := v.URN[strings.LastIndex(v.URN, "::")+1:]
		fmt.Fprintf(w, "  [%s] %s: %s\n", v.Level, v.Policy, strings.TrimPrefix(where, ":"))
	}
}

func write(f flags, program Program, planned standin.Result, s Streams) error {
	if f.render == "" {
		return nil
	}
	files, notes, err := render.Render(planned.Resources)
	if err != nil {
		return fmt.Errorf("rendering: %w", err)
	}
	if program.Files != nil {
		more, err := program.Files(f.dir, f.stack)
		if err != nil {
			return fmt.Errorf("rendering: %w", err)
		}
		maps.Copy(files, more)
	}
	if err := render.Write(f.render, files, f.force); err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "rendered %d files into %s\n", len(files), f.render)
	for _, path := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(s.Out, "  %s\n", path)
	}
	for _, n := range notes {
		fmt.Fprintf(s.Out, "  note: %s\n", n)
	}
	return merge(f.into, files, s.Out)
}

// merge puts what others edit too into their repository.
func merge(repo string, files render.Files, w io.Writer) error {
	if repo == "" {
		return nil
	}
	changes, err := render.Into(repo, files)
	if err != nil {
		return fmt.Errorf("merging into %s: %w", repo, err)
	}
	for _, c := range changes {
		fmt.Fprintf(w, "  %s %s\n", c.What, c.Path)
	}
	return nil
}

// lifecycle deploys to the stand-ins, proves that the program is stable, and
// takes everything down again.
func lifecycle(ctx context.Context, session *standin.Session, s Streams) error {
	fmt.Fprintln(s.Out, "up, to the stand-ins:")
	if _, err := session.Up(ctx); err != nil {
		return err
	}
	fmt.Fprintln(s.Out, "second preview, which must change nothing:")
	again, err := session.Preview(ctx)
	if err != nil {
		return err
	}
	if !again.NoChanges() {
		return unstable(again)
	}
	fmt.Fprintln(s.Out, "second preview: no changes")
	lifted, err := session.Unprotect(ctx)
	if err != nil {
		return err
	}
	if lifted > 0 {
		fmt.Fprintf(s.Out, "lifted the deletion protection of %d objects, as an operator must before a destroy\n", lifted)
	}
	if _, err := session.Destroy(ctx); err != nil {
		return err
	}
	fmt.Fprintln(s.Out, "destroyed: preview, up, empty second preview and destroy all succeeded")
	return nil
}

// unstable names what a second preview would change, and by which inputs.
func unstable(again standin.Result) error {
	var changes []string
	for _, step := range again.Steps {
		changes = append(changes, fmt.Sprintf("%s %s: %s", step.Op, step.URN, strings.Join(step.Diffs, ", ")))
	}
	return &standin.Hinted{
		Err:   fmt.Errorf("%w: a second preview changes %d resources", errViolated, len(again.Steps)),
		Hints: append(changes, "a program must declare the same inputs each time it runs"),
	}
}

func list(names []string) string {
	if len(names) == 0 {
		return "there are no stack files here"
	}
	return strings.Join(names, ", ")
}
