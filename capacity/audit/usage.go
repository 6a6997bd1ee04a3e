package audit

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/agencyos/headroom/capacity/workload"
)

// Measured is what containers were seen to use.
type Measured struct {
	// Source says where it comes from and over what time; empty where nothing was
	// measured.
	Source string
	// Momentary is what a few samples show: enough to see that a value is too
	// small, not that it is too large.
	Momentary bool
	// Containers by the workload and their name.
	Containers map[Container]Usage
}

// Container names a container of all pods of a workload.
type Container struct {
	workload.Ref
	Name string
}

// Usage of one container, at each time that of the pod which used most.
type Usage struct {
	// CPUMilli in thousandths of a core and MemoryMiB, the working set.
	CPUMilli, MemoryMiB *Use
	// Throttled is the share of CFS periods, from 0 to 1, in which the container
	// wanted CPU beyond its limit.
	Throttled *Use
	// Killed are the containers whose last end was OOMKilled.
	Killed int
}

// Use is how much was used over time.
type Use struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// NewUse of samples, by the nearest rank; what is no number, or negative, is left
// out. Nil without samples.
func NewUse(samples []float64) *Use {
	var sorted []float64
	for _, x := range samples {
		if x >= 0 && !math.IsInf(x, 0) {
			sorted = append(sorted, x)
		}
	}
	if len(sorted) == 0 {
		return nil
	}
	slices.Sort(sorted)
	at := func(p float64) float64 { return stat.Quantile(p, stat.Empirical, sorted, nil) }
	return &Use{P50: at(0.50), P95: at(0.95), P99: at(0.99), Max: sorted[len(sorted)-1]}
}
