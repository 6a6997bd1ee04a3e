package report

import (
	"fmt"
	"math"
	"time"

	"github.com/agencyos/headroom/capacity/report/chart"
	"github.com/agencyos/headroom/capacity/sim"
)

// column is one figure of every service.
type column struct {
	name, unit string
	cell       func(s sim.Summary, service int) string
}

// columns of the table of services, in text and page.
var columns = []column{
	{"service", "", func(s sim.Summary, i int) string { return s.Limits.Services[i].Name }},
	{"requests", "", figure(func(r sim.ServiceResult) float64 { return r.Requests }, chart.Compact)},
	{"failed", "", figure(sim.ServiceResult.FailedPercent, percent)},
	{"p50", " ms", figure(func(r sim.ServiceResult) float64 { return r.P50Ms }, milliseconds)},
	{"p90", " ms", figure(func(r sim.ServiceResult) float64 { return r.P90Ms }, milliseconds)},
	{"p99", " ms", figure(p99Ms, milliseconds)},
	{"p99.9", " ms", figure(func(r sim.ServiceResult) float64 { return r.P999Ms }, milliseconds)},
	{"late", " s", figure(func(r sim.ServiceResult) float64 { return r.ViolationSeconds }, number)},
	{"trigger", " s", figure(func(r sim.ServiceResult) float64 { return r.TriggerSeconds }, elapsed)},
	{"capacity", " s", figure(capacityTime, elapsed)},
	{"replicas", "", replicas},
}

func figure(of func(sim.ServiceResult) float64, format func(float64) string) func(sim.Summary, int) string {
	return func(s sim.Summary, i int) string { return estimate(s.OverService(i, of), format) }
}

func replicas(s sim.Summary, i int) string {
	wanted := s.MostOfService(i, func(r sim.ServiceResult) float64 { return float64(r.PeakReplicas) })
	return fmt.Sprintf("%s of %d", number(wanted), s.Limits.Services[i].MaxReplicas)
}

// estimate is a mean with its interval where that shows.
func estimate(e sim.Estimate, format func(float64) string) string {
	text := format(e.Mean)
	if within := format(e.Within); e.Mean >= 0 && e.Within > 0 && within != format(0) {
		text += " ±" + within
	}
	return text
}

// number has at least two digits that count, and no more than needed.
func number(x float64) string {
	switch {
	case math.IsInf(x, 0) || math.IsNaN(x):
		return "∞"
	case x == math.Trunc(x) || math.Abs(x) >= 10:
		return fmt.Sprintf("%.0f", x)
	case math.Abs(x) >= 0.05:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}

func money(x float64) string { return fmt.Sprintf("%.2f", x) }

// percent keeps a small share apart from none.
func percent(x float64) string {
	if x > 0 && x < 0.001 {
		return "<0.001%"
	}
	if x > 0 && x < 1 {
		return fmt.Sprintf("%.2g%%", x)
	}
	return number(x) + "%"
}

// milliseconds of a quantile; -1 is one that so many requests failed at.
func milliseconds(x float64) string {
	if x < 0 {
		return "failed"
	}
	return number(x)
}

// elapsed is a time to something; 0 is that it had not to happen, -1 never.
func elapsed(x float64) string {
	switch {
	case x < 0:
		return "never"
	case x == 0:
		return "-"
	}
	return number(x)
}

// span is a duration as a person says it.
func span(d time.Duration) string {
	minutes := d.Round(time.Second)
	switch hours := minutes.Hours(); {
	case minutes < 2*time.Minute:
		return fmt.Sprintf("%.0f s", minutes.Seconds())
	case minutes < 2*time.Hour:
		return number(minutes.Minutes()) + " min"
	case hours < 72:
		return number(hours) + " h"
	default:
		return number(hours/24) + " days"
	}
}

func orInf(x float64) float64 {
	if x < 0 {
		return math.Inf(1)
	}
	return x
}
