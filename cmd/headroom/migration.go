package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/agencyos/headroom/capacity/queries"
)

// migrate writes a migration for each missing index, all of them or none, and
// never over what is there.
func (f slowFlags) migrate(messages io.Writer, r queries.Report) error {
	if f.migration == "" {
		return nil
	}
	files := r.Migrations()
	var rules []string
	for _, file := range files {
		there, _ := filepath.Glob(filepath.Join(escapeGlob(f.migration), file.Pending()))
		for _, path := range there {
			rules = append(rules, path+" is there already: apply it, or delete it")
		}
	}
	if len(rules) > 0 {
		return problems("--migration", errors.New(strings.Join(rules, "\n")))
	}
	for i, file := range files {
		path := filepath.Join(f.migration, file.Name)
		if err := create(path, file.Text); err != nil {
			for _, written := range files[:i] {
				err = errors.Join(err, os.Remove(filepath.Join(f.migration, written.Name)))
			}
			return problems("--migration", err)
		}
	}
	for _, file := range files {
		fmt.Fprintf(messages, "headroom: wrote %s\n", filepath.Join(f.migration, file.Name))
	}
	if len(files) == 0 {
		fmt.Fprintln(messages, "headroom: no index is missing, so no migration was written")
	}
	return nil
}

// create writes a file that must not be there.
func create(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, text)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// escapeGlob takes a folder's name literally.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
