package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/agencyos/headroom/capacity/text"
	"github.com/agencyos/headroom/policies/rules"
	resources "github.com/agencyos/headroom/policies/rules/source"
)

// declared is what all paths hold together.
type declared struct {
	resources []rules.Resource
	// files of the resources whose URN names none.
	files   map[string]string
	skipped int
}

// readAll reads every path for a command, and says all that is wrong with them at
// once, and what was passed over.
func readAll(command string, messages io.Writer, in io.Reader, paths []string) (declared, error) {
	d := declared{files: map[string]string{}}
	var wrong []error
	for _, path := range paths {
		wrong = append(wrong, d.path(in, path))
	}
	if err := errors.Join(wrong...); err != nil {
		return d, problems(command, err)
	}
	if len(d.resources) == 0 {
		return d, invalid("nothing to judge in "+strings.Join(paths, ", "),
			"headroom "+command+" takes Kubernetes manifests, pulumi preview --json, or pulumi stack export")
	}
	if d.skipped > 0 {
		fmt.Fprintf(messages, "headroom: skipped %s without Kubernetes objects\n", text.Count(d.skipped, "file", "files"))
	}
	return d, nil
}

func (d *declared) path(in io.Reader, path string) error {
	if path == "-" {
		return d.read("stdin", in)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New(path + " does not exist")
	case err != nil:
		return err
	case info.IsDir():
		return d.folder(path)
	}
	return d.file(path)
}

func (d *declared) file(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	return d.read(filepath.ToSlash(path), file)
}

// read adds what an input holds; it stops soon after the most that is read.
func (d *declared) read(name string, in io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(in, resources.MaxBytes+1))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	found, err := resources.Read(name, data)
	if err != nil {
		return fmt.Errorf("%s %w", name, err)
	}
	for _, r := range found {
		if !strings.HasPrefix(r.URN, name+":") {
			d.files[r.URN] = name
		}
	}
	d.resources = append(d.resources, found...)
	return nil
}

// manifests are the names that may hold one.
var manifests = []string{".yaml", ".yml", ".json"}

// folder reads the manifests below a folder. What stands beside them, such as
// the values of a chart, is passed over.
func (d *declared) folder(root string) error {
	var wrong []error
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || !slices.Contains(manifests, strings.ToLower(filepath.Ext(path))) {
			return err
		}
		switch err := d.file(path); {
		case errors.Is(err, resources.ErrNothing):
			d.skipped++
		case err != nil:
			wrong = append(wrong, err)
		}
		return nil
	})
	return errors.Join(append(wrong, err)...)
}

// wellFormed refuses workloads and autoscalers of manifests that no API server
// takes: no rule could ever know what they mean. Of a preview or a state the provider
// has the say.
func (d declared) wellFormed() error {
	own := d
	own.resources = slices.DeleteFunc(slices.Clone(d.resources), func(r rules.Resource) bool { return d.files[r.URN] != "" })
	if _, err := own.workloads(); err != nil {
		return problems("check", err)
	}
	return nil
}
