package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// build compiles the tests of a package with every mutant inside. The files of
// the package stay as they are: the compiler reads the changed ones through an
// overlay.
func build(folder, pattern, work string) (string, []mutant, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", nil, err
	}
	m := newMutator()
	replace, err := m.overlay(folder, pattern, work)
	if err != nil {
		return "", nil, err
	}
	overlay := filepath.Join(work, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", nil, err
	}
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		return "", nil, err
	}
	binary := filepath.Join(work, "package.test")
	cmd := exec.Command("go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", binary, ".")
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("compiling the mutants of %s: %w\n%s", folder, err, out)
	}
	return binary, m.mutants, nil
}

// overlay writes the changed files and says what they stand for.
func (m *mutator) overlay(folder, pattern, work string) (map[string]string, error) {
	paths, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil {
		return nil, err
	}
	replace := map[string]string{}
	pkg := ""
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(m.fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		pkg = f.Name.Name
		m.file(f)
		replace[path] = filepath.Join(work, filepath.Base(path))
		if err := m.write(replace[path], f); err != nil {
			return nil, err
		}
	}
	if pkg == "" {
		return nil, fmt.Errorf("no Go file in %s is named like %s", folder, pattern)
	}
	board := filepath.Join(work, "zz_switchboard.go")
	replace[filepath.Join(folder, filepath.Base(board))] = board
	return replace, os.WriteFile(board, fmt.Appendf(nil, switchboard, pkg), 0o600)
}

func (m *mutator) write(path string, f *ast.File) error {
	var text bytes.Buffer
	if err := printer.Fprint(&text, m.fset, f); err != nil {
		return err
	}
	return os.WriteFile(path, text.Bytes(), 0o600)
}
