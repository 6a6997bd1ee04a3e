package baseline

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// measured checks the list of what was measured of an example.
func (c *checker) measured(b Baseline) {
	if len(b.Measured) > 0 && !b.Example {
		c.add("measured", fmt.Sprintf("%d paths", len(b.Measured)), "must be absent where example is false", "remove it: every figure counts as measured")
		return
	}
	known := b.places()
	for i, path := range b.Measured {
		if !known[path] {
			c.add(fmt.Sprintf("measured[%d]", i), quote(path), "must be the path of a figure of this file", `such as "services.api.kneeRps"; remove it`)
		}
	}
}

// fit checks what a measurement says of itself.
func (c *checker) fit(at string, f Fit) {
	const fix = "measure again with headroom baseline, or remove the fit"
	if strings.TrimSpace(f.Source) == "" {
		c.add(at+".source", quote(f.Source), "must say what was read", fix)
	}
	if _, err := time.Parse(time.DateOnly, f.Date); err != nil {
		c.add(at+".date", quote(f.Date), "must be the day of the measurement", "write it as YYYY-MM-DD")
	}
	if len(f.Steps) == 0 {
		c.add(at+".steps", "[]", "must have the steps that were measured", fix)
	}
	for i, s := range f.Steps {
		path := fmt.Sprintf("%s.steps[%d]", at, i)
		c.positive(path+".offeredRps", s.OfferedRPS, fix)
		c.amounts(path, map[string]float64{
			"achievedRps": s.AchievedRPS, "requests": float64(s.Requests), "meanMillis": s.MeanMillis, "p50Millis": s.P50Millis,
			"p99Millis": s.P99Millis, "p99LowMillis": s.P99LowMillis, "p99HighMillis": s.P99HighMillis, "cpuMilli": s.CPUMilli,
		})
	}
	c.positive(at+".knee.lowRps", f.Knee.LowRPS, fix)
	c.amounts(at, map[string]float64{"knee.highRps": f.Knee.HighRPS, "cpuAtKneeMilli": f.CPUAtKneeMilli})
	c.amounts(at+".stdErr", f.StdErr)
	for i, h := range f.HeldOut {
		path := fmt.Sprintf("%s.heldOut[%d]", at, i)
		c.positive(path+".rps", h.RPS, fix)
		c.positive(path+".p99Millis", h.P99Millis, fix)
		c.amounts(path, map[string]float64{"predictedP99Millis": h.PredictedP99Millis, "cpuMilli": h.CPUMilli, "predictedCpuMilli": h.PredictedCPUMilli})
	}
	if u := f.USL; u != nil {
		c.positive(at+".usl.lambdaRps", u.LambdaRPS, fix)
		c.amounts(at+".usl", map[string]float64{"sigma": u.Sigma, "kappa": u.Kappa, "peakInFlight": u.PeakInFlight, "peakRps": u.PeakRPS, "errorPercent": u.ErrorPercent})
	}
}

// amounts are figures of 0 or more.
func (c *checker) amounts(at string, figures map[string]float64) {
	for _, name := range slices.Sorted(maps.Keys(figures)) {
		c.atLeastZero(at+"."+name, figures[name])
	}
}
