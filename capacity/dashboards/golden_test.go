package dashboards

import (
	"testing"

	"github.com/agencyos/headroom/capacity/golden"
	"github.com/agencyos/headroom/capacity/plan/plantest"
)

// The dashboards of a stack that has everything, as Grafana loads them.
func TestDashboardsAreWhatTheyWere(t *testing.T) {
	for _, d := range New(plantest.Everything(t)) {
		text, err := d.JSON("prod")
		if err != nil {
			t.Fatal(err)
		}
		golden.Text(t, "testdata/"+d.Name+".golden.json", string(text))
	}
}
