// Package seeds reads from files what is live, so that a preview can meet it:
// what kubectl and the AWS CLI print, and objects by their Pulumi type.
package seeds

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/agencyos/headroom/internal/standin/provider"
)

// Seeds are live objects.
type Seeds struct {
	// Objects in the order of the files.
	Objects []provider.Seed
	// Left counts the objects of kinds that no stack declares, by kind.
	Left map[string]int
}

// maxFile bounds a file; what a namespace holds is some megabytes.
const maxFile = 64 << 20

// Read reads files and folders. Every problem is reported at once, each with
// its file and document.
func Read(paths ...string) (Seeds, error) {
	r := reader{seeds: Seeds{Left: map[string]int{}}}
	for _, path := range paths {
		files, err := expand(path)
		if err != nil {
			return Seeds{}, err
		}
		for _, file := range files {
			r.file(file)
		}
	}
	r.settle()
	return r.seeds, errors.Join(r.problems...)
}

// expand lists the YAML and JSON files of a folder.
func expand(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("live objects: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(file)) {
			files = append(files, file)
		}
		return err
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("live objects: %s holds no .yaml or .json file", path)
	}
	return files, err
}

// reader gathers objects and what is wrong with them.
type reader struct {
	seeds      Seeds
	parameters []parameters
	groups     []group
	nodes      []map[string]any
	problems   []error
}

func (r *reader) problem(file string, n int, format string, args ...any) {
	at := file
	if n > 0 {
		at = fmt.Sprintf("%s (document %d)", file, n)
	}
	r.problems = append(r.problems, fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...)))
}

func (r *reader) file(path string) {
	data, err := os.ReadFile(path)
	switch {
	case err != nil:
		r.problem(path, 0, "%v", err)
		return
	case len(data) > maxFile:
		r.problem(path, 0, "has %d bytes, more than %d", len(data), maxFile)
		return
	}
	documents, err := split(data)
	if err != nil {
		r.problem(path, 0, "is not valid YAML or JSON: %s", strings.Join(strings.Fields(err.Error()), " "))
		return
	}
	if len(documents) == 0 {
		r.problem(path, 0, "is empty")
	}
	for i, document := range documents {
		r.document(path, i+1, document)
	}
}

// document tells what a document is by its keys.
func (r *reader) document(file string, n int, document any) {
	object, ok := document.(map[string]any)
	if !ok {
		r.problem(file, n, "must be an object, not %T", document)
		return
	}
	switch {
	case object["kind"] != nil || object["apiVersion"] != nil:
		r.kubernetes(file, n, object)
	case object["type"] != nil:
		r.typed(file, n, object)
	default:
		r.aws(file, n, object)
	}
}

// typed is an object by its Pulumi type.
func (r *reader) typed(file string, n int, object map[string]any) {
	token, id := text(object, "type"), text(object, "id")
	inputs, ok := object["inputs"].(map[string]any)
	if token == "" || id == "" || !ok {
		r.problem(file, n, "must have type, id and inputs, such as type: aws:rds/subnetGroup:SubnetGroup")
		return
	}
	computed, _ := object["computed"].(map[string]any)
	r.seeds.Objects = append(r.seeds.Objects, provider.Seed{Token: token, ID: id, Inputs: inputs, Computed: computed})
}

// settle joins what AWS answers apart, and refuses an object that stands twice.
func (r *reader) settle() {
	r.joinParameters()
	r.joinNodes()
	seen := map[string]bool{}
	for _, o := range r.seeds.Objects {
		key := o.Token + " " + o.ID
		if seen[key] {
			r.problems = append(r.problems, fmt.Errorf("%s stands twice", key))
		}
		seen[key] = true
	}
}

// text is a text of an object, "" without one.
func text(object map[string]any, path ...string) string {
	s, _ := at(object, path...).(string)
	return s
}

func at(object map[string]any, path ...string) any {
	var v any = object
	for _, key := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

// items are the objects of a list.
func items(v any) []map[string]any {
	list, _ := v.([]any)
	out := make([]map[string]any, 0, len(list))
	for _, item := range list {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}
