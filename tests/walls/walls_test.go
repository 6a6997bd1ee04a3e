// Package walls keeps the import walls of the design: who may import whom, and what
// must never be linked. It reads the import graph of the tree as it is; nothing
// is compiled.
package walls

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module = "github.com/agencyos/headroom"
	root   = "../.."
)

// area is a part of the tree and what it may import of the rest.
type area struct {
	// under are path prefixes relative to the module; the first area that fits a
	// package is its own.
	under []string
	may   []string
	// never are prefixes of packages that must not be reached, not even through
	// others.
	never []string
}

var (
	pulumi  = "github.com/pulumi/"
	cluster = []string{pulumi, "k8s.io/client-go", "github.com/aws/aws-sdk-go", "github.com/jackc/pgx"}
)

// areas in the order in which a package is matched. A part of the tree that no
// area names is a mistake of this table.
var areas = map[string]area{
	"main":           {under: []string{"."}, may: []string{"stacks"}},
	"stacks":         {under: []string{"stacks"}, may: []string{"components", "capacity"}},
	"components":     {under: []string{"components"}, may: []string{"capacity"}},
	"capacity":       {under: []string{"capacity"}, never: cluster},
	"policies/rules": {under: []string{"policies/rules"}, may: []string{"capacity"}, never: cluster},
	"policies":       {under: []string{"policies"}, may: []string{"policies/rules", "capacity"}},
	"live":           {under: []string{"live"}, may: []string{"capacity"}, never: []string{pulumi}},
	"cmd/headroom":   {under: []string{"cmd/headroom"}, may: []string{"capacity", "policies/rules", "live", "schema", "internal/revision"}, never: []string{pulumi}},
	// The preview explains changes by the same tables the stand-ins plan by.
	"cmd/preview":        {under: []string{"cmd/preview"}, may: []string{"stacks", "internal", "internal/revision", "capacity"}},
	"internal":           {under: []string{"internal"}, may: []string{"capacity"}},
	"internal/revision":  {under: []string{"internal/revision"}, never: cluster},
	"schema":             {under: []string{"schema"}, never: cluster},
	"tests and examples": {under: []string{"tests", "examples", "tools"}, may: []string{"*"}},
}

// of is the area of a package, by the longest prefix.
func of(path string) string {
	best, length := "", -1
	for name, a := range areas {
		for _, prefix := range a.under {
			if (path == prefix || strings.HasPrefix(path, prefix+"/")) && len(prefix) > length {
				best, length = name, len(prefix)
			}
		}
	}
	return best
}

// pkg is what go list says of a package.
type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
	Error      *struct{ Err string }
}

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,Deps,Error", "./...")
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for decoder := json.NewDecoder(strings.NewReader(string(out))); decoder.More(); {
		var p pkg
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// within is a package's path inside the module, "." for the module's own.
func within(path string) (string, bool) {
	if path == module {
		return ".", true
	}
	return strings.CutPrefix(path, module+"/")
}

// breaches are all arrows that the areas do not allow.
func breaches(packages []pkg) []string {
	var out []string
	for _, p := range packages {
		path, ok := within(p.ImportPath)
		if !ok {
			continue
		}
		name := of(path)
		if name == "" {
			out = append(out, fmt.Sprintf("%s: belongs to no area; add it to the table of this test", path))
			continue
		}
		out = append(out, arrows(path, name, p)...)
	}
	slices.Sort(out)
	return out
}

func arrows(path, name string, p pkg) []string {
	var out []string
	a := areas[name]
	for _, to := range p.Imports {
		inside, ok := within(to)
		if !ok {
			continue
		}
		if target := of(inside); target != name && !slices.Contains(a.may, target) && !slices.Contains(a.may, "*") {
			out = append(out, fmt.Sprintf("%s → %s: %s may import only %s", path, inside, name, strings.Join(a.may, ", ")))
		}
	}
	for _, dep := range p.Deps {
		for _, prefix := range a.never {
			if strings.HasPrefix(dep, prefix) {
				out = append(out, fmt.Sprintf("%s ⇒ %s: %s must not reach %s…", path, dep, name, prefix))
			}
		}
	}
	return out
}

func TestImportWalls(t *testing.T) {
	packages := list(t)
	if len(packages) < 10 {
		t.Fatalf("go list found only %d packages", len(packages))
	}
	for _, breach := range breaches(packages) {
		t.Error(breach)
	}
}

// A wall that lets everything through would pass, too.
func TestWallsStand(t *testing.T) {
	cases := map[string]struct {
		reason string
		in     pkg
		want   string
	}{
		"Up":         {"the core knows no component", pkg{ImportPath: module + "/capacity/plan", Imports: []string{module + "/components/edge"}}, "capacity/plan → components/edge: capacity may import only "},
		"Side":       {"a rule recomputes, it does not ask a component", pkg{ImportPath: module + "/policies/rules", Imports: []string{module + "/stacks"}}, "policies/rules → stacks: policies/rules may import only capacity"},
		"Main":       {"main only runs the program", pkg{ImportPath: module, Imports: []string{module + "/components/edge"}}, ". → components/edge: main may import only stacks"},
		"Pulumi":     {"not even through others", pkg{ImportPath: module + "/cmd/headroom", Deps: []string{"github.com/pulumi/pulumi/sdk/v3/go/pulumi"}}, "cmd/headroom ⇒ github.com/pulumi/pulumi/sdk/v3/go/pulumi: cmd/headroom must not reach github.com/pulumi/…"},
		"ClientGo":   {"the core reads no cluster", pkg{ImportPath: module + "/capacity/plan", Deps: []string{"k8s.io/client-go/rest"}}, "capacity/plan ⇒ k8s.io/client-go/rest: capacity must not reach k8s.io/client-go…"},
		"AWS":        {"nor a cloud", pkg{ImportPath: module + "/policies/rules", Deps: []string{"github.com/aws/aws-sdk-go-v2/aws"}}, "policies/rules ⇒ github.com/aws/aws-sdk-go-v2/aws: policies/rules must not reach github.com/aws/aws-sdk-go…"},
		"NewFolder":  {"a new folder takes its place in the table", pkg{ImportPath: module + "/util"}, "util: belongs to no area; add it to the table of this test"},
		"Postgres":   {"nor a database", pkg{ImportPath: module + "/capacity/queries", Deps: []string{"github.com/jackc/pgx/v5"}}, "capacity/queries ⇒ github.com/jackc/pgx/v5: capacity must not reach github.com/jackc/pgx…"},
		"Live":       {"the core is asked, it does not ask", pkg{ImportPath: module + "/capacity/queries", Imports: []string{module + "/live/postgres"}}, "capacity/queries → live/postgres: capacity may import only "},
		"LiveDown":   {"what reads a running system speaks the core's words", pkg{ImportPath: module + "/live/postgres", Imports: []string{module + "/capacity/queries"}}, ""},
		"Own":        {"within an area all is free", pkg{ImportPath: module + "/capacity/plan", Imports: []string{module + "/capacity/budget", "fmt"}}, ""},
		"Down":       {"the arrows of the design", pkg{ImportPath: module + "/components/edge", Imports: []string{module + "/capacity/plan"}, Deps: []string{pulumi + "x"}}, ""},
		"LongPrefix": {"policies/rules is not policies", pkg{ImportPath: module + "/policies", Imports: []string{module + "/policies/rules"}}, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(breaches([]pkg{tc.in}), "\n"); got != tc.want {
				t.Errorf("%s\nbreaches = %q, want %q", tc.reason, got, tc.want)
			}
		})
	}
}

// longest is the size beyond which a file does more than one thing.
const longest = 600

func TestNoFileIsTooLong(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && len(entry.Name()) > 2 {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		seen++
		if lines := strings.Count(string(text), "\n"); lines > longest {
			t.Errorf("%s has %d lines, more than %d", path, lines, longest)
		}
		return nil
	})
	if err != nil || seen < 50 {
		t.Errorf("read %d files: %v", seen, err)
	}
}
