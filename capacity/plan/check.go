package plan

import (
	"fmt"
	"math"
)

// The checks. IDs are stable.
const (
	DBConnections       = "db-connections"
	DBLoad              = "db-load"
	DBPoolWait          = "db-pool-wait"
	NodeCapacity        = "node-capacity"
	SubnetIPs           = "subnet-ips"
	TriggerTime         = "trigger-time"
	CapacityTime        = "capacity-time"
	HPAReachable        = "hpa-reachable"
	LatencyPeak         = "latency-peak"
	CacheMemory         = "cache-memory"
	CacheConnections    = "cache-connections"
	OriginLoad          = "origin-load"
	CostFloor           = "cost-floor"
	CostCeiling         = "cost-ceiling"
	EdgeLimits          = "edge-limits"
	AlertsRouted        = "alerts-routed"
	RolloutAvailability = "rollout-availability"

	// SimulationAgrees is made by replaying the plan, not by New.
	SimulationAgrees = "simulation-agrees"
)

// Check is one proven or refuted statement. Have, Limit, Unit and Why are those
// of its tightest part.
type Check struct {
	ID string `json:"id"`
	OK bool   `json:"ok"`
	// Waived is true when the check is violated and a waiver accepts it.
	Waived bool   `json:"waived,omitempty"`
	Have   Amount `json:"have"`
	Limit  Amount `json:"limit"`
	Unit   string `json:"unit"`
	// Subject is what the tightest part is about, such as a service.
	Subject string `json:"subject,omitempty"`
	Why     string `json:"why"`
	// Fix names the smallest change that makes a violated check hold.
	Fix   string `json:"fix"`
	Parts []Part `json:"parts"`
}

// Part is one inequality of a check: have is at most limit.
type Part struct {
	Subject string `json:"subject"`
	OK      bool   `json:"ok"`
	Have    Amount `json:"have"`
	Limit   Amount `json:"limit"`
	Unit    string `json:"unit"`
	Why     string `json:"why"`
}

// Slack is how far the part is from its limit, as a share of the limit;
// negative when violated, without bound when what there is has none.
func (p Part) Slack() float64 {
	switch {
	case !p.Limit.Bounded():
		return 1
	case p.Limit != 0:
		return float64(p.Limit-p.Have) / math.Abs(float64(p.Limit))
	case p.Have > 0:
		return -1
	default:
		return 1 // nothing where nothing may be
	}
}

// Slack is that of the tightest part.
func (c Check) Slack() float64 { return Part{Have: c.Have, Limit: c.Limit}.Slack() }

// Passes says whether the check holds or is waived.
func (c Check) Passes() bool { return c.OK || c.Waived }

// AtMost is the part "have is at most limit".
func AtMost(subject string, have, limit float64, unit, why string, args ...any) Part {
	return Part{Subject: subject, OK: have <= limit*(1+1e-9), Have: amount(have), Limit: amount(limit), Unit: unit, Why: fmt.Sprintf(why, args...)}
}

// NewCheck folds parts; no part at all holds trivially and says so.
func NewCheck(id string, parts []Part) Check {
	check := Check{ID: id, OK: true, Parts: parts, Why: "nothing in this stack needs it"}
	for i, p := range parts {
		check.OK = check.OK && p.OK
		if i == 0 || tighter(p, check) {
			check.Have, check.Limit, check.Unit, check.Subject, check.Why = p.Have, p.Limit, p.Unit, p.Subject, p.Why
		}
	}
	return check
}

// tighter prefers violated parts, then the one with the least slack.
func tighter(p Part, c Check) bool {
	current := Part{Have: c.Have, Limit: c.Limit}
	if currentOK := c.Have <= c.Limit*(1+1e-9); p.OK != currentOK {
		return !p.OK
	}
	return p.Slack() < current.Slack()
}
