package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

const repository = "../.."

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"headroom": func() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }})
}

// Every script runs in a folder of its own with the frozen stack of capacity/plan
// as stack "base", and the committed stacks under $REPOSITORY.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("REPOSITORY", root)
			for to, from := range map[string]string{"Pulumi.base.yaml": "base.yaml", "baselines/base.json": "base.json"} {
				text, err := os.ReadFile(filepath.Join(root, "capacity/plan/testdata", from))
				if err != nil {
					return err
				}
				to = filepath.Join(env.WorkDir, to)
				if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
					return err
				}
				if err := os.WriteFile(to, text, 0o600); err != nil {
					return err
				}
			}
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits, "files": files, "keys": keys, "holds": holds, "serves": serves},
	})
}

// exits CODE COMMAND…: the exact exit code; testscript itself knows only zero
// and others.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code command…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("%s exits with %s, want %s", strings.Join(args[1:], " "), got, args[0])
	}
}

// files NAME…: exactly these files are in the folder of the script.
func files(ts *testscript.TestScript, _ bool, args []string) {
	var got []string
	ts.Check(filepath.WalkDir(ts.Getenv("WORK"), func(path string, entry os.DirEntry, err error) error {
		if entry == nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(ts.Getenv("WORK"), path)
		got = append(got, filepath.ToSlash(name))
		return err
	}))
	if diff := cmp.Diff(args, got); diff != "" {
		ts.Fatalf("files (-want +got):\n%s", diff)
	}
}

// keys PATH KEY…: the JSON on stdout has at least these keys at the path, where *
// stands for every element.
func keys(ts *testscript.TestScript, _ bool, args []string) {
	var tree any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &tree))
	nodes := follow([]any{tree}, strings.Split(args[0], "."))
	if len(nodes) == 0 {
		ts.Fatalf("nothing at %s", args[0])
	}
	for _, node := range nodes {
		object, ok := node.(map[string]any)
		if !ok {
			ts.Fatalf("%s is %T, want an object", args[0], node)
		}
		for _, key := range args[1:] {
			if _, ok := object[key]; !ok {
				ts.Fatalf("%s has no %s", args[0], key)
			}
		}
	}
}

func follow(nodes []any, steps []string) []any {
	for _, step := range steps {
		var next []any
		for _, node := range nodes {
			switch node := node.(type) {
			case map[string]any:
				for key, value := range node {
					if key == step || step == "*" {
						next = append(next, value)
					}
				}
			case []any:
				next = append(next, node...)
			}
		}
		if step != "." && step != "" {
			nodes = next
		}
	}
	return nodes
}

// holds applies the first fix on stdout, "set X to V", and wants exit code 0.
func holds(ts *testscript.TestScript, _ bool, args []string) {
	_, fix, found := strings.Cut(ts.ReadFile("stdout"), "fix: set ")
	words := strings.Fields(fix)
	if !found || len(words) < 3 || !strings.Contains(fix, "at which every check holds") {
		ts.Fatalf("no fix after which every check holds")
	}
	ts.Check(ts.Exec("headroom", append(args, "--set", words[0]+"="+words[2])...))
}
