package render

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const vercel = `{"$schema":"https://openapi.vercel.sh/vercel.json","headers":[{"source":"/a","headers":[{"key":"Cache-Control","value":"max-age=0"}]}]}`

// repository has one project with a file, one without, and none else.
func repository(t *testing.T, existing string) string {
	t.Helper()
	repo := t.TempDir()
	for _, project := range []string{"docs", "marketing"} {
		if err := os.MkdirAll(filepath.Join(repo, "apps", project), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(repo, "apps/docs/vercel.json"), []byte(existing), 0o600); err != nil {
		t.Fatal(err)
	}
	return repo
}

func whatOf(repo string, changes []Change) map[string]string {
	out := map[string]string{}
	for _, c := range changes {
		out[strings.TrimPrefix(c.Path, repo+"/")] = c.What
	}
	return out
}

func TestInto(t *testing.T) {
	repo := repository(t, `{"cleanUrls":true}`)
	files := Files{"apps/docs/vercel.json": []byte(vercel), "apps/marketing/vercel.json": []byte(vercel), "env/backend.env": []byte("A=1")}
	changes, err := Into(repo, files)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"apps/docs/vercel.json": "changed", "apps/marketing/vercel.json": "created"}, whatOf(repo, changes)); diff != "" {
		t.Errorf("Into() (-want +got):\n%s", diff)
	}
	docs := filepath.Join(repo, "apps/docs/vercel.json")
	text, err := os.ReadFile(docs)
	if err != nil || !strings.HasPrefix(string(text), "{\n  \"cleanUrls\": true,\n  \"headers\": [") {
		t.Errorf("apps/docs/vercel.json = %s, %v, want its own key first and then ours", text, err)
	}
	if info, err := os.Stat(docs); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, %v, want it as it was", info.Mode(), err)
	}
	if _, err := os.Stat(filepath.Join(repo, "env")); err == nil {
		t.Error("what no one else edits is written into the repository")
	}
	if changes, err = Into(repo, files); err != nil || whatOf(repo, changes)["apps/docs/vercel.json"] != "unchanged" {
		t.Errorf("Into() again = %v, %v, want nothing changed", changes, err)
	}
	left, err := os.ReadDir(filepath.Dir(docs))
	if err != nil || len(left) != 1 {
		t.Errorf("beside the file lie %v, %v", left, err)
	}
}

// One file that cannot be merged leaves all as they are.
func TestIntoIsAllOrNothing(t *testing.T) {
	for name, tc := range map[string]struct{ existing, want string }{
		"NotJSON":   {"// mine", "apps/docs/vercel.json: not a vercel.json"},
		"NoProject": {`{}`, "apps/shop: no such project"},
	} {
		t.Run(name, func(t *testing.T) {
			repo := repository(t, tc.existing)
			files := Files{"apps/docs/vercel.json": []byte(vercel), "apps/marketing/vercel.json": []byte(vercel)}
			if name == "NoProject" {
				files["apps/shop/vercel.json"] = []byte(vercel)
			}
			if changes, err := Into(repo, files); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("Into() = %v, %v, want an error with %q", changes, err, tc.want)
			}
			text, err := os.ReadFile(filepath.Join(repo, "apps/docs/vercel.json"))
			if err != nil || string(text) != tc.existing {
				t.Errorf("apps/docs/vercel.json = %q, %v, want it untouched", text, err)
			}
			if _, err := os.Stat(filepath.Join(repo, "apps/marketing/vercel.json")); err == nil {
				t.Error("apps/marketing/vercel.json was written")
			}
		})
	}
}
