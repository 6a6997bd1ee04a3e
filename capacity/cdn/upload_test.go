package cdn

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestScriptUploadsEveryFileOnce runs the script with a shell, and an aws that
// writes down what it is asked.
func TestScriptUploadsEveryFileOnce(t *testing.T) {
	dir := t.TempDir()
	write := func(path, text string, mode os.FileMode) {
		t.Helper()
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("bin/aws", "#!/bin/sh\nfor a; do printf '%s|' \"$a\"; done >> \""+dir+"/calls\"\necho >> \""+dir+"/calls\"\n", 0o755)
	write("upload.sh", NewDistribution(unzoned()).Script(), 0o644)
	for _, file := range []string{"files/assets/a.js", "files/images/b.png", "files/robots.txt", "files/index.html"} {
		write(file, "x", 0o644)
	}
	run := func(env ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "sh", filepath.Join(dir, "upload.sh"), filepath.Join(dir, "files"))
		cmd.Env = append([]string{"PATH=" + filepath.Join(dir, "bin") + ":/usr/bin:/bin"}, env...)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run(); err == nil || !strings.Contains(out, "name the bucket") {
		t.Errorf("without a bucket the script ends with %v and says %q", err, out)
	}
	if out, err := run("BUCKET=media"); err != nil {
		t.Fatalf("the script: %v\n%s", err, out)
	}
	calls, err := os.ReadFile(filepath.Join(dir, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	from := filepath.Join(dir, "files")
	want := []string{
		"s3|cp|" + from + "/robots.txt|s3://media/robots.txt|--cache-control|max-age=3600, s-maxage=3600, stale-while-revalidate=86400, stale-if-error=86400|",
		"s3|sync|" + from + "/images/|s3://media/images/|--cache-control|max-age=3600, s-maxage=2592000, stale-while-revalidate=86400, stale-if-error=86400|",
		"s3|sync|" + from + "/assets/|s3://media/assets/|--cache-control|max-age=31536000, immutable|",
		"s3|sync|" + from + "/|s3://media/|--cache-control|max-age=0, s-maxage=60, stale-while-revalidate=300, stale-if-error=86400|" +
			"--exclude|account/*|--exclude|robots.txt|--exclude|images/*|--exclude|assets/*|--exclude|api/items/*|",
	}
	if diff := cmp.Diff(want, strings.Split(strings.TrimSpace(string(calls)), "\n")); diff != "" {
		t.Errorf("uploads (-want +got):\n%s", diff)
	}
}

func TestReadPolicy(t *testing.T) {
	text, err := ReadPolicy("files", "arn:aws:cloudfront::111122223333:distribution/E1")
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Statement []map[string]any }
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{{
		"Sid": "ReadByDistribution", "Effect": "Allow", "Principal": map[string]any{"Service": "cloudfront.amazonaws.com"},
		"Action": "s3:GetObject", "Resource": "arn:aws:s3:::files/*",
		"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceArn": "arn:aws:cloudfront::111122223333:distribution/E1"}},
	}}
	if diff := cmp.Diff(want, got.Statement); diff != "" {
		t.Errorf("ReadPolicy() (-want +got):\n%s", diff)
	}
}

func TestShieldRegion(t *testing.T) {
	for region, want := range map[string]string{"us-east-1": "us-east-1", "eu-north-1": "eu-west-2", "il-central-1": "", "": ""} {
		if got := ShieldRegion(region); got != want {
			t.Errorf("ShieldRegion(%q) = %q, want %q", region, got, want)
		}
	}
}
