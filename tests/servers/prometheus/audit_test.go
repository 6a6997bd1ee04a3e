package prometheus

import (
	"math"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat"

	"github.com/agencyos/headroom/capacity/audit"
	"github.com/agencyos/headroom/capacity/workload"
)

// audited: what an audit is told of the containers is what the pods did. The pods of
// the Deployment backend-admin, which use three times as much, are not among them.
func audited(t *testing.T, address string, end time.Time) {
	backend := workload.Workload{Ref: workload.Ref{Namespace: "agencyos", Kind: "Deployment", Name: "backend"}}
	m, err := client(t, address, "").Containers(t.Context(), []workload.Workload{backend}, 3, end, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, found := m.Containers[audit.Container{Ref: backend.Ref, Name: "api"}]
	if !found || len(m.Containers) != 1 || got.CPUMilli == nil || got.MemoryMiB == nil || got.Throttled == nil {
		t.Fatalf("%+v", m)
	}
	t.Logf("%s: CPU %+v, memory %+v, throttled %+v, killed %d", m.Source, *got.CPUMilli, *got.MemoryMiB, *got.Throttled, got.Killed)
	var cores []float64
	for at := end.Add(-length); at.Before(end); at = at.Add(5 * time.Minute) {
		cores = append(cores, truth.rate(at.Sub(end.Add(-length)), 0)*truth.cpuMillis+truth.idleMilli)
	}
	slices.Sort(cores)
	for name, figure := range map[string][3]float64{
		"CPU p50":       {got.CPUMilli.P50, stat.Quantile(0.5, stat.Empirical, cores, nil), 0.1},
		"CPU p95":       {got.CPUMilli.P95, stat.Quantile(0.95, stat.Empirical, cores, nil), 0.1},
		"CPU max":       {got.CPUMilli.Max, slices.Max(cores), 0.2},
		"memory max":    {got.MemoryMiB.Max, 300, 0.001},
		"throttled p95": {got.Throttled.P95, truth.throttled, 0.01},
		"killed":        {float64(got.Killed), 1, 0},
	} {
		if math.Abs(figure[0]/figure[1]-1) > figure[2] {
			t.Errorf("%s = %g, in truth %g", name, figure[0], figure[1])
		}
	}
}
