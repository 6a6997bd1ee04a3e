package engine_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/cmd/preview/command"
	"github.com/agencyos/headroom/internal/standin"
	"github.com/agencyos/headroom/stacks"
)

// runCommand runs the preview command as its main does.
func runCommand(t *testing.T, program sample, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = command.Main(t.Context(), args,
		command.Program{Run: program.run, Report: func(_ context.Context, _, stack string, _ bool) (string, error) {
			return "plan of " + stack, nil
		}},
		command.Streams{Out: &stdout, Err: &stderr})
	return code, stdout.String(), stderr.String()
}

func TestCommandUp(t *testing.T) {
	program := base()
	program.protect = true
	code, out, errs := runCommand(t, program, "--dir", "testdata/project", "--stack", "test", "--policies=false", "--up")
	if code != command.OK {
		t.Fatalf("preview --up exits %d, want %d\n%s\n%s", code, command.OK, out, errs)
	}
	for _, want := range []string{
		"plan of test", "real:     engine Pulumi v3", "stand-in: providers aws 6.83.2, cloudflare 5.49.1, kubernetes 4.30.0", "policies: not run",
		"second preview: no changes", "lifted the deletion protection of 1 objects", "destroyed:",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("preview --up does not say %q:\n%s", want, out)
		}
	}
}

func TestCommandRefusals(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wrong := base()
	wrong.account = "999999999999"
	cases := map[string]struct {
		reason  string
		program sample
		args    []string
		code    int
		errs    string
	}{
		"NoStack":      {"a stack must be named", base(), nil, command.Invalid, "stacks"},
		"UnknownStack": {"the stacks there are are listed", base(), []string{"--stack", "prod"}, command.Invalid, "stacks here: test"},
		"UnknownFlag":  {"an unknown flag is a usage error", base(), []string{"--nope"}, command.Invalid, "unknown flag"},
		"ForeignDir":   {"a directory of others is not written to", base(), []string{"--stack", "test", "--render", full}, command.Invalid, "--force"},
		"OtherAccount": {"the provider must admit the stack's account", wrong, []string{"--stack", "test"}, command.Violated, "AWS account ID not allowed"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"--dir", "testdata/project", "--policies=false"}, tc.args...)
			if name == "NoStack" {
				tc.errs = "test"
			}
			code, out, errs := runCommand(t, tc.program, args...)
			if code != tc.code || !strings.Contains(errs, tc.errs) {
				t.Errorf("%s: preview %v exits %d with %q, want %d with %q\n%s", tc.reason, args, code, errs, tc.code, tc.errs, out)
			}
		})
	}
}

func TestCommandRender(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	args := []string{"--dir", "testdata/project", "--stack", "test", "--policies=false", "--render", dir}
	for range 2 { // the second render replaces the first
		if code, out, errs := runCommand(t, base(), args...); code != command.OK {
			t.Fatalf("preview --render exits %d\n%s\n%s", code, out, errs)
		}
	}
	var got []string
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !strings.Contains(path, "unnamed-") {
			rel, _ := filepath.Rel(dir, path)
			got = append(got, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		".headroom-render", "backend/core/headroom_settings.py", "env/backend.env",
		"kubernetes/backend-deployment.yaml", "kubernetes/backend-headroom-configmap.yaml", "kubernetes/backend-hpa.yaml",
		"kubernetes/backend-networkpolicy.yaml", "kubernetes/backend-poddisruptionbudget.yaml", "kubernetes/backend-service.yaml",
		"kubernetes/backend-serviceaccount.yaml", "kubernetes/frontend-deployment-patch.yaml", "kubernetes/kustomization.yaml",
		"kubernetes/other-configmap.yaml",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("preview --render writes (-want +got):\n%s", diff)
	}
	wantHPA := `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  labels:
    app: backend
  name: backend
  namespace: web
spec:
  behavior:
    scaleDown:
      stabilizationWindowSeconds: 300
  maxReplicas: 10
  minReplicas: 2
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: backend
`
	if diff := cmp.Diff(wantHPA, read(t, dir, "kubernetes/backend-hpa.yaml")); diff != "" {
		t.Errorf("rendered HPA (-want +got):\n%s", diff)
	}
	if text := read(t, dir, "kubernetes/backend-deployment.yaml"); strings.Contains(text, "replicas") {
		t.Errorf("the rendered Deployment holds replicas although an autoscaler owns them:\n%s", text)
	}
	if diff := cmp.Diff("DB_POOL_SIZE=5\n", read(t, dir, "env/backend.env")); diff != "" {
		t.Errorf("rendered env (-want +got):\n%s", diff)
	}
	checkPython(t, filepath.Join(dir, "backend", "core"))
}

// TestCommandRendersEveryStack keeps every committed stack fit for delivery
// without Pulumi. A stack file that is added is tested without a further line.
func TestCommandRendersEveryStack(t *testing.T) {
	for _, name := range standin.Stacks(root) {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "out")
			var stdout, stderr bytes.Buffer
			code := command.Main(t.Context(), []string{"--dir", root, "--stack", name, "--policies=false", "--render", dir},
				command.Program{Run: stacks.Program, Report: func(_ context.Context, _, stack string, _ bool) (string, error) { return stack, nil }},
				command.Streams{Out: &stdout, Err: &stderr})
			if code != command.OK {
				t.Fatalf("preview --stack %s --render exits %d\n%s\n%s", name, code, &stdout, &stderr)
			}
			if list := read(t, dir, "kubernetes/kustomization.yaml"); !strings.Contains(list, "-hpa.yaml") {
				t.Errorf("rendering %s lists no autoscaler:\n%s", name, list)
			}
		})
	}
}

func read(t *testing.T, dir, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// checkPython runs the rendered module where there is a Python.
func checkPython(t *testing.T, dir string) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Log("no python3 here: the rendered module is not run")
		return
	}
	script := `
import headroom_settings as h
assert h.settings.db_pool_size == 5, h.settings
assert h.load({"DB_POOL_SIZE": "7"}).engine_options() == {"pool_size": 7}
try:
    h.load({"DB_POOL_SIZE": "many"})
except ValueError as e:
    assert "DB_POOL_SIZE" in str(e), e
else:
    raise AssertionError("a wrong value is accepted")
`
	cmd := exec.CommandContext(t.Context(), python, "-c", script)
	cmd.Dir, cmd.Env = dir, []string{"PYTHONDONTWRITEBYTECODE=1"}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("the rendered settings module: %v\n%s", err, out)
	}
}
