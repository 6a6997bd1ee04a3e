package stacks

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/cdn"
	"github.com/agencyos/headroom/capacity/plan"
	"github.com/agencyos/headroom/capacity/spec"
)

func TestFilesOfMonitoring(t *testing.T) {
	files, err := Files(project, "prod")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"monitoring/adapter.yaml": "as: headroom_backend_in_flight", "monitoring/rules.yaml": "alert: HeadroomReplicasAtMaximum",
		"monitoring/runbooks.md": "## HeadroomReplicasAtMaximum backend",
	}
	for _, page := range []string{"services", "autoscaling", "nodes", "database", "cache", "edge"} {
		want["monitoring/dashboards/"+page+".json"] = `"uid": "headroom-prod-` + page
	}
	for name, text := range want {
		if !strings.Contains(string(files[name]), text) {
			t.Errorf("%s of %d bytes does not hold %q", name, len(files[name]), text)
		}
	}
}

func TestFilesOfAStack(t *testing.T) {
	files, err := Files(project, "prod")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"apps/docs/vercel.json", "apps/marketing/vercel.json", "edge/media-upload.json", "edge/media-upload.sh", "edge/nginx-cache-control.conf",
		"loadtest/prod.js"}
	maps.DeleteFunc(files, func(name string, _ []byte) bool { return strings.HasPrefix(name, "monitoring/") })
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(files))); diff != "" {
		t.Errorf("Files(prod) (-want +got):\n%s", diff)
	}
	var docs cdn.Vercel
	if err := json.Unmarshal(files["apps/docs/vercel.json"], &docs); err != nil {
		t.Fatal(err)
	}
	var sources []string
	for _, h := range docs.Headers { // The second entry is for visitors with a session.
		sources = append(sources, h.Source)
	}
	if diff := cmp.Diff([]string{"/(.*)", "/(.*)", "/assets/(.*)"}, sources); diff != "" {
		t.Errorf("sources of docs, broad first (-want +got):\n%s", diff)
	}
}

func TestFilesOfAnUnknownStack(t *testing.T) {
	if files, err := Files(project, "nowhere"); err == nil || files != nil {
		t.Errorf("Files(nowhere) = %v, %v, want only an error", files, err)
	}
}

// A bucket of others needs a statement that only its owner can add.
func TestFilesForTheOwnerOfABucket(t *testing.T) {
	for name, tc := range map[string]struct{ sets, want string }{
		"Named":   {"edge.cloudfront.bucket={mode: external, name: files}", "distribution/DISTRIBUTION_ID"},
		"Adopted": {"edge.cloudfront={mode: adopt, id: E2QWRUHAPOMQZL, bucket: {name: files}}", "distribution/E2QWRUHAPOMQZL"},
	} {
		t.Run(name, func(t *testing.T) {
			src, err := fromFile(project, "prod")
			if err != nil {
				t.Fatal(err)
			}
			path, value, _ := strings.Cut(tc.sets, "=")
			if src.raw, err = spec.Set(src.raw, path, value); err != nil {
				t.Fatal(err)
			}
			in, err := src.load()
			if err != nil {
				t.Fatal(err)
			}
			distribution := cdn.NewDistribution(in.stack.Edge.CloudFront.Rules)
			files, err := mediaFiles(in.stack, plan.Edge{CloudFront: &distribution})
			if err != nil || !strings.Contains(string(files["edge/files-policy.json"]), tc.want) {
				t.Errorf("mediaFiles() = %v, %v, want a policy with %s", slices.Sorted(maps.Keys(files)), err, tc.want)
			}
		})
	}
}
