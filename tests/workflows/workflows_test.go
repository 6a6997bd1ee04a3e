// Package workflows holds what CI runs to the rules of safe workflows: actions by
// commit, no more rights than a job needs, and no step that nobody can run locally.
package workflows

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

const root = "../.."

// pins are the actions that may run, by the commit whose tag is the version; read
// at the actions' own repositories, 2026-11. A newer one is a new row.
var pins = map[string]string{
	"actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1":                       "v7.0.1",
	"actions/setup-go@b7ad1dad31e06c5925ef5d2fc7ad053ef454303e":                       "v7.0.0",
	"actions/cache@55cc8345863c7cc4c66a329aec7e433d2d1c52a9":                          "v6.1.0",
	"actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a":                "v7.0.1",
	"actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c":              "v8.0.1",
	"aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c":  "v6.2.3",
	"pulumi/actions@8e5e406f4007fca908480587cb9893c07090f58d":                         "v7.0.0",
	"github/codeql-action/upload-sarif@8aad20d150bbac5944a9f9d289da16a4b0d87c1e":      "v4.36.2",
	"marocchino/sticky-pull-request-comment@5770ad5eb8f42dd2c4f34da00c94c5381e49af88": "v3.0.5",
}

type workflow struct {
	On          any            `json:"on"`
	Permissions any            `json:"permissions"`
	Jobs        map[string]job `json:"jobs"`
	// Runs are the steps of a composite action.
	Runs struct {
		Steps []step `json:"steps"`
	} `json:"runs"`
}

type job struct {
	If          string            `json:"if"`
	Permissions map[string]string `json:"permissions"`
	Timeout     int               `json:"timeout-minutes"`
	Environment string            `json:"environment"`
	Concurrency any               `json:"concurrency"`
	Strategy    struct {
		Matrix map[string][]string `json:"matrix"`
	} `json:"strategy"`
	Steps []step `json:"steps"`
}

type step struct {
	Uses string         `json:"uses"`
	Run  string         `json:"run"`
	With map[string]any `json:"with"`
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// all are the workflows and composite actions, by path.
func all(t *testing.T) map[string]workflow {
	t.Helper()
	out := map[string]workflow{}
	for _, pattern := range []string{".github/workflows/*.yml", ".github/actions/*/action.yml"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no %s (%v)", pattern, err)
		}
		for _, file := range files {
			path, _ := filepath.Rel(root, file)
			text := strings.Replace(read(t, path), "\non:", "\n\"on\":", 1) // YAML 1.1 reads on as true
			var w workflow
			if err := yaml.Unmarshal([]byte(text), &w); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			out[path] = w
		}
	}
	return out
}

func (w workflow) steps() []step {
	out := w.Runs.Steps
	for _, name := range slices.Sorted(maps.Keys(w.Jobs)) {
		out = append(out, w.Jobs[name].Steps...)
	}
	return out
}

func TestActionsArePinned(t *testing.T) {
	used := map[string]bool{}
	for path, w := range all(t) {
		for _, s := range w.steps() {
			if s.Uses == "" || strings.HasPrefix(s.Uses, "./") {
				continue
			}
			used[s.Uses] = true
			version, known := pins[s.Uses]
			if !known {
				t.Errorf("%s: %s is no pinned action of this test", path, s.Uses)
			} else if !strings.Contains(read(t, path), s.Uses+" # "+version+"\n") {
				t.Errorf("%s: %s must be followed by # %s", path, s.Uses, version)
			}
			if strings.HasPrefix(s.Uses, "actions/checkout@") && s.With["persist-credentials"] != false {
				t.Errorf("%s: a checkout leaves its token behind: persist-credentials: false", path)
			}
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(pins)), slices.Sorted(maps.Keys(used))); diff != "" {
		t.Errorf("pins that nothing uses (-pins +used):\n%s", diff)
	}
}

// TestStepsRunLocally: a step is a make target, or the script that installs make, so
// that whoever breaks it can run it.
func TestStepsRunLocally(t *testing.T) {
	makefile := read(t, "Makefile")
	target := regexp.MustCompile(`^make ([a-z0-9-]+|\$\{\{ matrix\.target \}\})$`)
	for path, w := range all(t) {
		for _, s := range w.steps() {
			if s.Run != "" && s.Run != ".ci/debian" && !target.MatchString(s.Run) {
				t.Errorf("%s: %q is no make target", path, s.Run)
			}
		}
		var names []string
		for _, j := range w.Jobs {
			names = append(names, j.Strategy.Matrix["target"]...)
			for _, s := range j.Steps {
				if m := target.FindStringSubmatch(s.Run); m != nil && !strings.HasPrefix(m[1], "$") {
					names = append(names, m[1])
				}
			}
		}
		for _, name := range names {
			if !regexp.MustCompile(`(?m)^` + name + `:`).MatchString(makefile) {
				t.Errorf("%s: make %s is not a target", path, name)
			}
		}
	}
}

// TestLeastRights: nothing by default, and a token that writes only where the head
// is of this repository, a role only where an environment or a condition guards it.
func TestLeastRights(t *testing.T) {
	const own = "github.event.pull_request.head.repo.full_name == github.repository"
	for path, w := range all(t) {
		if len(w.Jobs) == 0 {
			continue // a composite action has the rights of its job
		}
		text := read(t, path)
		if !strings.Contains(text, "\npermissions: {}\n") {
			t.Errorf("%s: must grant nothing by default", path)
		}
		for _, bad := range []string{"pull_request_target", "workflow_run", "secrets."} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: must not use %s", path, bad)
			}
		}
		_, onPull := w.On.(map[string]any)["pull_request"]
		for name, j := range w.Jobs {
			if j.Timeout == 0 || j.Permissions == nil {
				t.Errorf("%s: job %s must state its rights and a time limit", path, name)
			}
			for scope, access := range j.Permissions {
				if access != "write" {
					continue
				}
				if onPull && !strings.Contains(j.If, own) {
					t.Errorf("%s: job %s may write %s for any fork", path, name, scope)
				}
				if scope == "id-token" && j.Environment == "" && !strings.Contains(j.If, "vars.AWS_PREVIEW_ROLE != ''") {
					t.Errorf("%s: job %s takes a role without an environment", path, name)
				}
			}
			if j.Environment != "" && j.Concurrency == nil {
				t.Errorf("%s: job %s deploys and may run twice at once", path, name)
			}
		}
	}
}

// TestOnePulumi: the workflows install the version that the tests run.
func TestOnePulumi(t *testing.T) {
	pinned := regexp.MustCompile(`pulumi/pkg/v3 v([0-9.]+)`).FindStringSubmatch(read(t, "tools/pulumi/go.mod"))
	installed := regexp.MustCompile(`pulumi-version: ([0-9.]+)`).FindStringSubmatch(read(t, ".github/actions/stack/action.yml"))
	if pinned == nil || installed == nil || pinned[1] != installed[1] {
		t.Errorf("tools/pulumi pins %v, the workflows install %v", pinned, installed)
	}
}
