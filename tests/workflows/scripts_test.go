package workflows

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// script runs a script of .ci and answers its exit code and all it says.
func script(t *testing.T, stdin, name string, args ...string) (int, string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(root, ".ci", name), args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// export is what pulumi stack export prints, in its order.
func export(version string) string {
	return "{\n    \"version\": 3,\n    \"deployment\": {\n        \"manifest\": {\n            \"time\": \"2026-11-25T10:00:00Z\",\n" +
		"            \"magic\": \"0\",\n            \"version\": \"" + version + "\"\n        },\n        \"resources\": [{\"version\": \"v9.9.9\"}]\n    }\n}\n"
}

func TestStateVersion(t *testing.T) {
	for name, row := range map[string]struct {
		reason, export string
		code           int
		says           string
	}{
		"older":  {"an older state is read", export("v3.99.0"), 0, "state written by Pulumi 3.99.0, pinned 3.259.0"},
		"equal":  {"the usual case", export("v3.259.0"), 0, "3.259.0"},
		"newer":  {"an older CLI may drop what it does not know", export("v3.1000.0"), 1, "which is newer than the pinned 3.259.0"},
		"major":  {"numbers, not text", export("v10.0.0"), 1, "raise tools/pulumi/go.mod"},
		"fresh":  {"a stack that nothing was written to", `{"version": 3, "deployment": {}}`, 0, "names no version"},
		"nobody": {"an export that failed must not pass for an empty state", "", 1, "no export on standard input"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out := script(t, row.export, "state-version", "3.259.0")
			if code != row.code || !strings.Contains(out, row.says) {
				t.Errorf("%s: exits %d and says %q, want %d and %q", row.reason, code, out, row.code, row.says)
			}
		})
	}
}

// TestVulnSaysWhatItDidNotCheck plays the tool: what it found decides, and a database
// that cannot be reached is no finding and no pass.
func TestVulnSaysWhatItDidNotCheck(t *testing.T) {
	for name, row := range map[string]struct {
		reason, prints string
		exits, code    int
		args           []string
		says           string
	}{
		"clean":   {"nothing is known", "No vulnerabilities found.", 0, 0, nil, "No vulnerabilities found."},
		"found":   {"a finding fails, offline or not", "Vulnerability #1: GO-2026-1", 3, 3, []string{"--offline-ok"}, "GO-2026-1"},
		"offline": {"not checked is a failure in CI", "govulncheck: fetching vulnerabilities: Get https://vuln.go.dev/index: dial tcp: no such host", 1, 1, nil, "NOT CHECKED"},
		"allowed": {"and is said where it is none", "govulncheck: fetching vulnerabilities: Get https://vuln.go.dev/index: dial tcp: no such host", 1, 0, []string{"--offline-ok"}, "NOT CHECKED"},
		"broken":  {"a tree that does not compile is no outage", "govulncheck: loading packages: errors", 1, 1, []string{"--offline-ok"}, "loading packages"},
	} {
		t.Run(name, func(t *testing.T) {
			tool := filepath.Join(t.TempDir(), "tool")
			text := "#!/bin/sh\necho '" + row.prints + "'\nexit " + string(rune('0'+row.exits)) + "\n"
			if err := os.WriteFile(tool, []byte(text), 0o700); err != nil {
				t.Fatal(err)
			}
			code, out := script(t, "", "vuln", append([]string{tool}, row.args...)...)
			if code != row.code || !strings.Contains(out, row.says) {
				t.Errorf("%s: exits %d and says %q, want %d and %q", row.reason, code, out, row.code, row.says)
			}
		})
	}
}
