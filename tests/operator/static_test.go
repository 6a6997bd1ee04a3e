package operator

import (
	"testing"

	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
)

// staticTarget is the one static target of a job with its labels.
func staticTarget(t *testing.T, job *config.ScrapeConfig) map[string]string {
	t.Helper()
	for _, d := range job.ServiceDiscoveryConfigs {
		groups, ok := d.(discovery.StaticConfig)
		if !ok {
			continue
		}
		out := map[string]string{"job": job.JobName}
		for _, group := range groups {
			for name, value := range group.Labels {
				out[string(name)] = string(value)
			}
			for _, target := range group.Targets {
				for name, value := range target {
					out[string(name)] = string(value)
				}
			}
		}
		return out
	}
	t.Fatal("the job has no static target")
	return nil
}
