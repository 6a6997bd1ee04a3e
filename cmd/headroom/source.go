package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/agencyos/headroom/capacity/baseline"
	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/capacity/text"
)

// source is where a stack and its baseline are read from, and what is changed in
// the stack before it is used.
type source struct {
	stack, file, baseline, dir string
	sets                       []string
}

// bind declares the flags of a source.
func (s *source) bind(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&s.stack, "stack", "s", "", "stack name: reads Pulumi.<stack>.yaml and baselines/<stack>.json")
	flags.StringVarP(&s.file, "file", "f", "", "stack file, instead of --stack")
	flags.StringVar(&s.baseline, "baseline", "", "baseline file (default: baselines/<stack>.json beside the stack file)")
	flags.StringVarP(&s.dir, "dir", "C", ".", "folder of the stack files")
	flags.StringArrayVar(&s.sets, "set", nil, "what if: path=value, repeatable; the file stays as it is")
	cmd.MarkFlagsMutuallyExclusive("stack", "file")
	completes(cmd, "stack", func() []string { return s.stacks() })
}

// completes lets the shell offer values for a flag.
func completes(cmd *cobra.Command, flag string, values func() []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return values(), cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // a flag that is not declared: a mistake of this program
	}
}

// named says that a stack was asked for.
func (s source) named() bool { return s.stack != "" || s.file != "" }

// flag names the stack again, in a command to paste.
func (s source) flag() string {
	if s.file != "" {
		return "--file " + text.Word(s.file)
	}
	return "--stack " + text.Word(s.stack)
}

// path of the file of the stack that is named.
func (s source) path() string { return filepath.Join(s.dir, "Pulumi."+s.stack+".yaml") }

// resolve fills in what follows from the rest.
func (s source) resolve() (source, error) {
	switch {
	case s.file != "":
		name := filepath.Base(s.file)
		s.stack = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(name, ".yml"), "Pulumi."), ".yaml")
	case s.stack != "":
		s.file = s.path()
	default:
		return s, invalid("name a stack", append([]string{"--stack NAME, or --file PATH"}, found(s.dir)...)...)
	}
	if s.baseline == "" {
		s.baseline = filepath.Join(filepath.Dir(s.file), "baselines", s.stack+".json")
	}
	return s, nil
}

// found hints at the stacks that there are.
func found(dir string) []string {
	names := source{dir: dir}.stacks()
	if len(names) == 0 {
		return nil
	}
	return []string{"stacks here: " + strings.Join(names, ", ")}
}

// stacks of the folder.
func (s source) stacks() []string {
	files, _ := filepath.Glob(filepath.Join(s.dir, "Pulumi.*.yaml")) // the pattern is a valid one, or finds nothing
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "Pulumi."), ".yaml"))
	}
	return names
}

// load reads, changes and decodes.
func (s source) load() (spec.Stack, baseline.Baseline, error) {
	s, err := s.resolve()
	if err != nil {
		return spec.Stack{}, baseline.Baseline{}, err
	}
	stack, err := s.loadStack()
	if err != nil {
		return spec.Stack{}, baseline.Baseline{}, err
	}
	data, err := s.facts()
	if err != nil {
		return spec.Stack{}, baseline.Baseline{}, err
	}
	base, err := baseline.Decode(data)
	if err != nil {
		return spec.Stack{}, baseline.Baseline{}, problems(s.baseline, err)
	}
	return stack, base, nil
}

// facts is the text of the baseline.
func (s source) facts() ([]byte, error) {
	return s.read(s.baseline, "measure the stack and write it, or point --baseline at another file; baselines/prod.json shows the form")
}

func (s source) loadStack() (spec.Stack, error) {
	raw, err := s.raw()
	if err != nil {
		return spec.Stack{}, err
	}
	stack, err := spec.Decode(s.stack, raw)
	if err != nil {
		return spec.Stack{}, problems(s.file, err)
	}
	return stack, nil
}

// raw is the configuration of the stack file with what --set changes.
func (s source) raw() (map[string]json.RawMessage, error) {
	data, err := s.read(s.file, found(filepath.Dir(s.file))...)
	if err != nil {
		return nil, err
	}
	raw, err := spec.Raw(data)
	if err != nil {
		return nil, problems(s.file, err)
	}
	changes, err := s.changes()
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		if raw, err = spec.Change(raw, c.Path, c.Value); err != nil {
			return nil, problems("--set", err)
		}
	}
	return raw, nil
}

// changes are what --set says.
func (s source) changes() ([]spec.Setting, error) {
	var out []spec.Setting
	for _, set := range s.sets {
		path, value, ok := strings.Cut(set, "=")
		if !ok {
			return nil, invalid(fmt.Sprintf("--set = %s: must be path=value", set), "such as services.backend.workers=3")
		}
		out = append(out, spec.Setting{Path: path, Value: value})
	}
	return out, nil
}

// store writes settings into the stack file and keeps the rest of its text.
func (s source) store(settings []spec.Setting, messages io.Writer) error {
	s, err := s.resolve()
	if err != nil {
		return err
	}
	file, err := s.read(s.file)
	if err != nil {
		return err
	}
	edited, err := spec.Edit(file, settings)
	if err != nil {
		return problems(s.file, err)
	}
	if _, err := spec.DecodeFile(s.stack, edited); err != nil {
		return problems(s.file+" with the changes", err)
	}
	if err := writeWhole(s.file, func(w io.Writer) error { _, err := w.Write(edited); return err }); err != nil {
		return err
	}
	noun := "changes"
	if len(settings) == 1 {
		noun = "change"
	}
	fmt.Fprintf(messages, "headroom: wrote %d %s to %s\n", len(settings), noun, s.file)
	return nil
}

// read reads a file and says what to do when it is not there.
func (s source) read(path string, hints ...string) ([]byte, error) {
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, invalid(path+" does not exist", hints...)
	case err != nil:
		return nil, invalid(err.Error())
	}
	return data, nil
}
