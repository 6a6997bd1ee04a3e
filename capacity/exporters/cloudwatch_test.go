package exporters

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCloudWatchFile(t *testing.T) {
	for name, c := range map[string]struct {
		database, distribution string
		burstable              bool
		jobs                   []string
		metrics                int
	}{
		"Both":      {"db-1", "E1", false, []string{"AWS/RDS DBInstanceIdentifier=db-1", "AWS/CloudFront DistributionId=E1 Region=Global"}, 7},
		"Burstable": {"db-1", "", true, []string{"AWS/RDS DBInstanceIdentifier=db-1"}, 6},
		"Media":     {"", "E1", false, []string{"AWS/CloudFront DistributionId=E1 Region=Global"}, 2},
		"Nothing":   {"", "", false, nil, 0},
	} {
		f := NewCloudWatchFile("eu-west-1", c.database, c.burstable, c.distribution)
		var jobs []string
		metrics := 0
		for _, job := range f.Static {
			text := job.Namespace
			for _, d := range job.Dimensions {
				text += " " + d.Name + "=" + d.Value
			}
			jobs = append(jobs, text)
			metrics += len(job.Metrics)
		}
		if diff := cmp.Diff(c.jobs, jobs); diff != "" || metrics != c.metrics {
			t.Errorf("%s: %d metrics, want %d; jobs (-want +got):\n%s", name, metrics, c.metrics, diff)
		}
	}
	if n := len(rdsMetrics); n != 5 {
		t.Errorf("asking for a burstable class changed the list of all: %d", n)
	}
}
