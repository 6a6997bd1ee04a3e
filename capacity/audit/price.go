package audit

import (
	"fmt"

	"github.com/agencyos/headroom/capacity/plan"
)

// Price of what a request reserves, in USD per hour.
type Price struct {
	CPU float64 `json:"usdPerCpuHour"`
	GiB float64 `json:"usdPerGiBHour"`
	Why string  `json:"why"`
}

// cpuPerGiB is how many times as much as a GiB a CPU costs: the ratio of the default
// prices of OpenCost, 0.031611 and 0.004237 USD per hour
// (github.com/opencost/opencost configs/default.json, read 2026-11-26). A node has
// one price; only the ratio divides it.
const cpuPerGiB = 0.031611 / 0.004237

// PriceOf a plan's nodes: their hourly price divided over what pods can ask for. Of
// several groups, and of the types of each, it is the cheapest, so that no saving is
// overstated. Nil where no price is known.
func PriceOf(nodes plan.Nodes) *Price {
	var best *Price
	for _, g := range nodes.Groups {
		cores, gib := float64(g.FreeMilliCPU)/1000, float64(g.FreeMiB)/1024
		if !(g.LeastUSDPerHour > 0) || !(cores > 0) || !(gib > 0) {
			continue
		}
		perGiB := g.LeastUSDPerHour / (cpuPerGiB*cores + gib)
		if best == nil || perGiB < best.GiB {
			best = &Price{CPU: cpuPerGiB * perGiB, GiB: perGiB,
				Why: fmt.Sprintf("%s of group %s at $%.4f/h with its disk, over the %.2f CPUs and %.1f GiB that pods can ask for", g.InstanceType, g.Name, g.LeastUSDPerHour, cores, gib)}
		}
	}
	return best
}

// monthly is what an amount of requests costs.
func (p Price) monthly(cpuMilli, memoryMiB float64) float64 {
	return plan.HoursPerMonth * (p.CPU*cpuMilli/1000 + p.GiB*memoryMiB/1024)
}
