package dashboards

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agencyos/headroom/capacity/plan/plantest"
)

var update = flag.Bool("update", false, "write the golden files; the test still fails, so that nobody commits them unread")

// The dashboards of a stack that has everything, as Grafana loads them.
func TestDashboardsAreWhatTheyWere(t *testing.T) {
	for _, d := range New(plantest.Everything(t)) {
		text, err := d.JSON("prod")
		if err != nil {
			t.Fatal(err)
		}
		path := "testdata/" + d.Name + ".golden.json"
		was, err := os.ReadFile(path)
		if err != nil && !*update {
			t.Fatalf("reading %s: %v; run the test with -update", path, err)
		}
		diff := cmp.Diff(string(was), string(text))
		if diff == "" {
			continue
		}
		t.Errorf("%s (-want +got):\n%s", path, diff)
		if *update {
			if err := os.WriteFile(path, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
