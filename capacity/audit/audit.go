package audit

import (
	"fmt"
	"math"
	"slices"

	"github.com/agencyos/headroom/capacity/workload"
)

// New judges every container. The price may be nil.
func New(set workload.Set, m Measured, price *Price) Report {
	r := Report{Measured: m.Source, Momentary: m.Momentary, Price: price,
		Containers: []Row{}, Findings: []Finding{}, Needs: []string{}}
	set = set.Sorted()
	for _, w := range set.Workloads {
		j := judge{workload: w, scaler: set.Scaler(w.Ref), measured: m, price: price, report: &r}
		first := len(r.Containers)
		for _, c := range w.Containers {
			r.Containers = append(r.Containers, j.container(c))
		}
		j.autoscaled(r.Containers[first:])
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return slices.Index(levels, a.Level) - slices.Index(levels, b.Level)
	})
	r.OK = !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Level == Breaks })
	r.total()
	r.needs(m)
	return r
}

func (r *Report) total() {
	sum, known := 0.0, false
	for _, row := range r.Containers {
		if row.SavingUSDPerMonth != nil {
			sum, known = sum+*row.SavingUSDPerMonth, true
		}
	}
	if sum = math.Round(100*sum) / 100; known {
		r.SavingUSDPerMonth = &sum
	}
}

// needs are what would let more be judged.
func (r *Report) needs(m Measured) {
	without := 0
	for _, row := range r.Containers {
		if row.CPU.Use == nil || row.Memory.Use == nil {
			without++
		}
	}
	need := func(is bool, format string, args ...any) {
		if is {
			r.Needs = append(r.Needs, fmt.Sprintf(format, args...))
		}
	}
	need(m.Source == "", "measured use, to judge sizes, throttling and kills: --prometheus URL --days N, or a live cluster with metrics-server")
	need(m.Source != "" && without > 0, "use of %d of %d containers, which nothing measured", without, len(r.Containers))
	need(m.Momentary, "days of history, to lower a request: --prometheus URL --days 14")
	need(r.Price == nil && m.Source != "", "a node price, to say what it saves: --stack")
	need(slices.ContainsFunc(r.Containers, func(row Row) bool { return row.Replicas == nil && row.Kind != "CronJob" && row.Kind != "Job" }), "the number of replicas of what a manifest leaves open, to say what it saves: a live cluster")
}
