package tune

import (
	"cmp"
	"math"

	"github.com/agencyos/headroom/capacity/plan"
)

// Score is what a configuration came to.
type Score struct {
	// Violated are the checks of the plan that it breaks; it is not replayed then,
	// and the rest is zero.
	Violated []plan.Check `json:"violated,omitempty"`
	// USDPerMonth that the traces cost, for a whole month of them.
	USDPerMonth float64 `json:"usdPerMonth"`
	// BrokenShare is the larger of the share of the time in which a service broke
	// its promise and the share of its requests that failed, of the worst service;
	// Budget is what the SLO allows of it.
	BrokenShare float64 `json:"brokenShare"`
	Budget      float64 `json:"brokenBudget"`
	// Services by name.
	Services map[string]ServiceScore `json:"services,omitempty"`
	// PeakNodes at once, NodeHours of all traces.
	PeakNodes int     `json:"peakNodes"`
	NodeHours float64 `json:"nodeHours"`
	// Hours of all traces.
	Hours float64 `json:"hours"`

	// depth is how far the violated checks are from holding, all together.
	depth float64
	// partial is true when only the peak was replayed: the cost is not that of the
	// traces, and more may break.
	partial bool
}

// ServiceScore is what one service came to.
type ServiceScore struct {
	// ViolationSeconds in which more than one in a hundred requests of a promised
	// route broke its promise.
	ViolationSeconds float64 `json:"violationSeconds"`
	// FailedShare of its requests.
	FailedShare float64 `json:"failedShare"`
	// P99Ms of the worst trace; -1 when more than one in a hundred failed.
	P99Ms float64 `json:"p99Ms"`
	// PeakReplicas that its autoscaler wanted.
	PeakReplicas int `json:"peakReplicas"`

	requests, failed float64
}

// Feasible says whether every check holds.
func (s Score) Feasible() bool { return len(s.Violated) == 0 }

// Holds says whether every check holds and so does the SLO.
func (s Score) Holds() bool { return s.Feasible() && !s.partial && s.BrokenShare <= s.Budget }

// ViolationSeconds of all services.
func (s Score) ViolationSeconds() float64 {
	sum := 0.0
	for _, name := range names(s.Services) {
		sum += s.Services[name].ViolationSeconds
	}
	return sum
}

// P99Ms is that of the slowest service; -1 when more than one in a hundred
// requests of a service failed.
func (s Score) P99Ms() float64 {
	worst := 0.0
	for _, v := range s.Services {
		worst = worse(worst, v.P99Ms)
	}
	return worst
}

// worse is the larger of two times in which -1 is infinite.
func worse(a, b float64) float64 {
	if a < 0 || b < 0 {
		return -1
	}
	return math.Max(a, b)
}

// better orders scores: what holds the SLO by cost, then what breaks it by how
// much, then what breaks checks by how far.
func better(a, b Score) int {
	if c := cmp.Compare(class(a), class(b)); c != 0 {
		return c
	}
	switch class(a) {
	case holding:
		return cmp.Or(cmp.Compare(a.USDPerMonth, b.USDPerMonth), cmp.Compare(a.BrokenShare, b.BrokenShare))
	case breaking:
		return cmp.Or(cmp.Compare(a.BrokenShare, b.BrokenShare), cmp.Compare(a.USDPerMonth, b.USDPerMonth))
	}
	return cmp.Compare(a.depth, b.depth)
}

// The classes of scores, the best first. A configuration of which only the peak
// was replayed is behind those that were replayed whole.
const (
	holding = iota
	breaking
	unfinished
	infeasible
)

func class(s Score) int {
	switch {
	case !s.Feasible():
		return infeasible
	case s.partial:
		return unfinished
	case s.Holds():
		return holding
	}
	return breaking
}

// depthOf is how far checks are from holding: 1 for each, and up to 1 more by its
// slack.
func depthOf(checks []plan.Check) float64 {
	sum := 0.0
	for _, c := range checks {
		sum += 1 + math.Min(1, math.Max(0, -c.Slack()))
	}
	return sum
}
