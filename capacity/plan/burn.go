package plan

import (
	"fmt"
	"time"

	"github.com/agencyos/headroom/capacity/series"
	"github.com/agencyos/headroom/capacity/spec"
)

// Burn is one speed at which an error budget is spent, and how it is noticed: by
// a long window, which has proof, and a short one, which ends the alert soon
// after the trouble
// (https://sre.google/workbook/alerting-on-slos/, recommended parameters, 2026-11).
type Burn struct {
	// Factor of the speed that would spend the budget exactly in a month.
	Factor float64
	// Long and Short are the windows.
	Long, Short time.Duration
	Severity    spec.Severity
}

// month of an error budget.
const month = 30 * 24 * time.Hour

// Burns from the fastest to the slowest.
func Burns() []Burn {
	return []Burn{
		{14.4, time.Hour, 5 * time.Minute, spec.Critical},
		{6, 6 * time.Hour, 30 * time.Minute, spec.Critical},
		{1, 3 * 24 * time.Hour, 6 * time.Hour, spec.Warning},
	}
}

// SpentPercent of the month's budget when the alert begins.
func (b Burn) SpentPercent() float64 {
	return round(100*b.Factor*float64(b.Long)/float64(month), 1)
}

// ErrorBudget is the share of bad requests that a promise allows: 1 % may be slower
// than a p99, and as many fail as the availability leaves.
func (c Ceiling) ErrorBudget(o spec.SLO) float64 {
	if c == CeilingSlowRequests {
		return round(1-quantile, 6)
	}
	return round(1-float64(o.Availability)/100, 6)
}

// Recorded is the series that keeps the share of bad requests over a window.
func (c Ceiling) Recorded(window time.Duration) string {
	bad := map[Ceiling]string{CeilingSlowRequests: "slow", CeilingFailedRequests: "failed"}[c]
	return fmt.Sprintf("headroom:%s_requests:ratio_rate%s", bad, series.Window(window))
}
