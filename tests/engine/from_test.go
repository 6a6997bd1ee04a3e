package engine_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/spec"
	"github.com/agencyos/headroom/cmd/preview/changes"
	"github.com/agencyos/headroom/cmd/preview/command"
)

// repository is a git repository with the production stack and a module of its
// own around the program. The first commit is what runs; in the second, tagged
// meant, the stack file lets the database go.
func repository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	module, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	gomod := regexp.MustCompile(`(?m)^module .*$`).ReplaceAllString(read(t, root, "go.mod"), "module shop.example/infrastructure") +
		"\nrequire github.com/agencyos/headroom v0.0.0\n\nreplace github.com/agencyos/headroom => " + module + "\n"
	files := map[string]string{"go.mod": gomod}
	for _, name := range []string{"go.sum", "main.go", "Pulumi.yaml", "Pulumi.prod.yaml", "baselines/prod.json"} {
		files[name] = read(t, root, name)
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "init", "-q", "-b", "trunk")
	commit(t, dir, "running")
	edit(t, filepath.Join(dir, "Pulumi.prod.yaml"), spec.Setting{Path: "policy.replacements", Value: "[{resource: prod-db, reason: another owner, until: 2999-12-31}]"})
	commit(t, dir, "meant")
	return dir
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=t", "-c", "user.email=t@shop.example", "-c", "commit.gpgsign=false"}, args...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func commit(t *testing.T, dir, tag string) {
	t.Helper()
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "-m", tag)
	git(t, dir, "tag", tag)
}

// TestFrom previews changes of a pull request on top of what runs.
func TestFrom(t *testing.T) {
	dir := repository(t)
	file := filepath.Join(dir, "Pulumi.prod.yaml")
	cases := map[string]struct {
		reason string
		from   string
		set    []spec.Setting
		code   int
		op     string
		want   string
		errs   string
	}{
		"Nothing": {"an entry that allows a replacement only lifts the protection", "running", nil, command.OK,
			"update", "deletionProtection: true → false update", ""},
		"Resize": {"another instance class changes the database in place", "running",
			[]spec.Setting{{Path: "database.instanceClass", Value: "db.m7g.xlarge"}, {Path: "policy.replacements", Value: "[]"},
				{Path: "budget", Value: "{monthly: 9000, emails: [platform@agencyos.example], prices: {db.m7g.xlarge.multiAz: 0.674}}"}},
			command.OK, "update", "instanceClass: db.m7g.large → db.m7g.xlarge restart", ""},
		"Replace": {"another owner is another database", "running",
			[]spec.Setting{{Path: "database.user", Value: "owner"}, {Path: "policy.replacements", Value: "[]"}},
			command.Violated, "replace", "username: headroom → owner replace",
			"and with it the database, but for the final snapshot; by username from headroom to owner"},
		"Meant": {"the stack file says so by name until a date", "meant", []spec.Setting{{Path: "database.user", Value: "owner"}},
			command.OK, "replace", "username: headroom → owner replace", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			git(t, dir, "checkout", "-q", "-f", "meant")
			edit(t, file, c.set...)
			code, out, errs := ofHeadroom(t, "--dir", dir, "--stack", "prod", "--from", c.from, "--json")
			var got struct {
				Changes []changes.Change `json:"changes"`
			}
			if err := json.Unmarshal([]byte(out), &got); err != nil || code != c.code || !strings.Contains(errs, c.errs) {
				t.Fatalf("%s: preview --from %s exits %d, %v, want %d with %q\n%s\n%s", c.reason, c.from, code, err, c.code, c.errs, out, errs)
			}
			if !strings.Contains(errs, "from:     "+c.from) {
				t.Errorf("the preview does not say what it compares with:\n%s", errs)
			}
			if diff := cmp.Diff([]string{c.op, c.want}, ofDatabase(got.Changes, c.want)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.reason, diff)
			}
		})
	}
}

// ofDatabase is the operation on the database, and among the differences the one
// that is looked for.
func ofDatabase(all []changes.Change, want string) []string {
	var out []string
	for _, c := range all {
		if c.Type != "aws:rds/instance:Instance" {
			continue
		}
		out = append(out, c.Op)
		for _, d := range c.Differences {
			if text := d.Field + ": " + changes.Show(d.Live) + " → " + changes.Show(d.Wanted) + " " + string(d.Effect); text == want || len(c.Differences) == 1 {
				out = append(out, text)
			}
		}
	}
	return out
}

// TestFromNowhere: what cannot be compared with is said before anything runs.
func TestFromNowhere(t *testing.T) {
	dir := t.TempDir()
	git(t, dir, "init", "-q", "-b", "trunk")
	if err := os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte("name: headroom\nruntime: go\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	commit(t, dir, "empty")
	for _, c := range []struct{ dir, from, want string }{
		{dir, "HEAD~1", `git knows no commit "HEAD~1"`},
		{dir, "empty", "preview without --from"},
		{t.TempDir(), "HEAD", "is in no git repository"},
	} {
		code, out, errs := ofHeadroom(t, "--dir", c.dir, "--stack", "prod", "--from", c.from)
		if code != command.Invalid || !strings.Contains(errs, c.want) || out != "" {
			t.Errorf("--from %s exits %d with %q and prints %q, want %d with %q and nothing printed", c.from, code, errs, out, command.Invalid, c.want)
		}
	}
}
