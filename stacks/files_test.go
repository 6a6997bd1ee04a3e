package stacks

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/cdn"
)

func TestFilesAreTheVercelProjects(t *testing.T) {
	files, err := Files(project, "prod")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"apps/docs/vercel.json", "apps/marketing/vercel.json"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(files))); diff != "" {
		t.Errorf("Files(prod) (-want +got):\n%s", diff)
	}
	var docs cdn.Vercel
	if err := json.Unmarshal(files["apps/docs/vercel.json"], &docs); err != nil {
		t.Fatal(err)
	}
	var sources []string
	for _, h := range docs.Headers {
		sources = append(sources, h.Source)
	}
	if diff := cmp.Diff([]string{"/(.*)", "/assets/(.*)"}, sources); diff != "" {
		t.Errorf("sources of docs, broad first (-want +got):\n%s", diff)
	}
}

func TestFilesOfAnUnknownStack(t *testing.T) {
	if files, err := Files(project, "nowhere"); err == nil || files != nil {
		t.Errorf("Files(nowhere) = %v, %v, want only an error", files, err)
	}
}
